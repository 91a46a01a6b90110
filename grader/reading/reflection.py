"""Ways of reaching things around their names: walks over classes and frames, names and programs made at run time."""

import ast
from collections.abc import Iterator, Sequence

from grader.reading.meanings import Made, Name, Space
from grader.reading.names import GETATTR, IMPORTERS, Reader, Use
from grader.reading.scopes import Scope

WALKS = {
    *("__subclasses__", "__base__", "__bases__", "__mro__", "__globals__", "__builtins__", "__code__", "__closure__"),
    *("f_globals", "f_locals", "f_builtins", "f_back", "tb_frame", "gi_frame", "cr_frame", "ag_frame", "gi_code", "cr_code"),
}
TOOLS = {
    *(
        "gc.get_objects",
        "gc.get_referrers",
        "gc.get_referents",
        "ctypes",
        "marshal.loads",
        "types.CodeType",
        "types.FunctionType",
    ),
    *("sys._getframe", "sys._current_frames", "sys.settrace", "sys.setprofile"),
    *("inspect.getmembers", "inspect.getmembers_static", "inspect.currentframe", "inspect.stack", "inspect.trace"),
}
LISTINGS = {"values", "items", "keys", "copy"}
COMPUTED = (ast.BinOp, ast.Call, ast.Subscript, ast.JoinedStr)


def reflections(reader: Reader, file: str, forbidden: Sequence[str]) -> Iterator[Use]:
    """(line, what is used) of each. A name that is a function's parameter is ordinary: only a computed one counts."""
    source = reader.sources[file]
    for node, scope in source.sites:
        match node:
            case ast.Attribute(attr=name) if name in WALKS:
                yield node.lineno, name
            case ast.Attribute(value=owner, attr=name) if name in LISTINGS:
                spaces = [value for value in reader.values(owner, scope) if isinstance(value, Space)]
                yield from ((node.lineno, f"{_shown(space)}.{name}") for space in spaces if _leads(space.owner, forbidden))
            case ast.Name() | ast.Attribute() | ast.ImportFrom() | ast.Import():
                yield from ((node.lineno, used) for used in reader.names_at(node, scope) if used in TOOLS)
            case ast.Call(args=[_, *_]):
                yield from ((node.lineno, what) for what in _called(reader, node, scope, forbidden))
    for call, _, tree in reader.texts_run(source):
        if tree is None:
            yield call.lineno, ast.unparse(call.func)[:40]


def _called(reader: Reader, node: ast.Call, scope: Scope, forbidden: Sequence[str]) -> Iterator[str]:
    """getattr and imports whose name is computed, or is that of a walk."""
    functions = {value.dotted for value in reader.values(node.func, scope) if isinstance(value, Name)}
    if functions & GETATTR and len(node.args) > 1:
        texts = reader.texts(node.args[1], scope)
        yield from (text for text in texts if text in WALKS)
        owners = reader.values(node.args[0], scope)
        if not texts and _is_computed(node.args[1], scope) and any(_leads(owner, forbidden) for owner in owners):
            yield "getattr"
    elif functions & (IMPORTERS | {"builtins.__import__"}) and _is_computed(node.args[0], scope):
        yield from [] if reader.texts(node.args[0], scope) else [ast.unparse(node.func)[:40]]


def _is_computed(node: ast.expr, scope: Scope) -> bool:
    """Directly or through one name."""
    if isinstance(node, ast.Name) and (holder := scope.find(node.id)):
        bindings = holder.bindings[node.id]
        return any(isinstance(binding.node, COMPUTED) or binding.element is not None for binding in bindings)
    return isinstance(node, COMPUTED)


def _leads(owner: object, forbidden: Sequence[str]) -> bool:
    """Whether something forbidden lies below this, or this below it."""
    if not isinstance(owner, Name | Made):
        return owner is None  # the table of all modules
    return any(name.startswith(f"{owner.dotted}.") or owner.dotted == name for name in forbidden)


def _shown(space: Space) -> str:
    return f"{space.owner.dotted}.__dict__" if isinstance(space.owner, Name) else "sys.modules"
