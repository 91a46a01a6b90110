"""Which dotted names a submission uses, as far as reading tells: `F.relu` is torch.nn.functional.relu. Runs none of it."""

import ast
import builtins
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from types import ModuleType
from typing import Any

from grader.reading.meanings import (
    Function,
    Getter,
    Items,
    Made,
    Method,
    Name,
    Own,
    Partial,
    Space,
    applied,
    canonical,
    public_names,
    sliced,
)
from grader.reading.scopes import COMPREHENSIONS, FUNCTIONS, Binding, Scope, Source, imports_of
from grader.reading.trees import parse

DEEPEST = 40  # steps from a name to what it stands for
MOST_VALUES = 8
LONGEST_TEXT = 4096
LONGEST_JOIN = 128
NESTED_SOURCES = 3  # exec of exec of exec
GETATTR = {"builtins.getattr", "inspect.getattr_static"}
IMPORTERS = {"importlib.import_module", "importlib.__import__", "pydoc.locate", "pkgutil.resolve_name", "sys.modules.get"}
RUNNERS = {"builtins.eval", "builtins.exec", "builtins.compile"}
PASS_ON = {"builtins.next", "builtins.iter", "builtins.list", "builtins.tuple", "builtins.reversed", "builtins.set"}
TEXT_METHODS = {"join", "lower", "upper", "replace", "strip", "lstrip", "rstrip", "format", "decode", "encode", "swapcase"}
SPACE_METHODS = {"get", "__getitem__", "pop", "setdefault"}


Values = tuple[Any, ...]
Use = tuple[int, str]  # line, dotted name


class Reader:
    """Reads all files of a submission together: one may take its names from another."""

    def __init__(self, trees: Mapping[str, ast.AST]) -> None:
        self.sources = {file: Source(tree) for file, tree in trees.items()}
        self.modules = {file.removesuffix(".py"): source.scope for file, source in self.sources.items()}
        self.inner = {node: scope for source in self.sources.values() for node, scope in source.inner.items()}
        self._attributes: dict[str, list[Binding]] = {}
        self._memory: dict[Any, Values] = {}
        self._parsed: dict[str, ast.AST | None] = {}
        for source in self.sources.values():
            self._learn(source)

    def uses(self, file: str) -> Iterator[Use]:
        source = self.sources[file]
        for node, scope in source.sites:
            yield from ((node.lineno, name) for name in self.names_at(node, scope))
        yield from self._uses_in_texts(source, depth=1)

    def names_at(self, node: ast.AST, scope: Scope) -> Iterator[str]:
        """What this one place uses."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (full for _, full in imports_of(node))
        elif isinstance(node, ast.Name):
            yield from self._name_stands_for(node, scope) if isinstance(node.ctx, ast.Load) else ()
        else:
            values = self.values(node, scope)
            yield from (value.dotted for value in values if isinstance(value, Name))
            if not values and isinstance(node, ast.Attribute) and self._may_be_tensor(node.value, node.attr, scope):
                yield f"torch.Tensor.{node.attr}"  # x.backward() may be a tensor's
            elif isinstance(node, ast.Call) and not values and len(node.args) > 1:
                yield from self._methods_by_name(node, scope)

    def _name_stands_for(self, node: ast.Name, scope: Scope) -> Values:
        """The same wherever it stands in its scope, so a name that is used a thousand times is looked up once."""
        key = (scope, node.id, "stands for")
        if key not in self._memory:
            self._memory[key] = tuple(value.dotted for value in self.values(node, scope) if isinstance(value, Name))
        return self._memory[key]

    def values(self, node: ast.AST, scope: Scope, depth: int = 0) -> Values:
        """What an expression may stand for; nothing where that cannot be read."""
        if node not in self._memory:
            self._memory[node] = ()  # while it is being found out: `x = x.y` ends here
            if depth < DEEPEST:
                self._memory[node] = _few(self._read(node, scope, depth + 1))
        return self._memory[node]

    def texts(self, node: ast.AST, scope: Scope, depth: int = 0) -> list[str]:
        return [value for value in self.values(node, scope, depth) if isinstance(value, str)]

    def texts_run(self, source: Source) -> Iterator[tuple[ast.Call, Scope, ast.AST | None]]:
        """Calls of eval, exec and compile with the tree of their text; None where the text cannot be read."""
        for call, scope in source.calls:
            functions = {value.dotted for value in self.values(call.func, scope) if isinstance(value, Name)}
            if call.args and functions & RUNNERS:
                texts = self.texts(call.args[0], scope)
                known = texts or Made("builtins.compile") in self.values(call.args[0], scope)
                yield from ((call, scope, self._parse(text)) for text in texts)
                if not known:
                    yield call, scope, None

    def _learn(self, source: Source) -> None:
        """What is stored in attributes, and which arguments the submission's own functions are called with."""
        for name, bindings in source.attributes.items():
            self._attributes.setdefault(name, []).extend(bindings)
        for call, scope in source.calls:
            for inner in self._called_directly(call, scope):
                names = [argument.arg for argument in (*inner.node.args.posonlyargs, *inner.node.args.args)]
                for name, value in zip(names, call.args, strict=False):
                    inner.add(name, Binding(scope, value))
                for keyword in call.keywords:
                    if keyword.arg in names:
                        inner.add(keyword.arg, Binding(scope, keyword.value))

    def _called_directly(self, call: ast.Call, scope: Scope) -> Iterator[Scope]:
        if isinstance(call.func, ast.Lambda):
            yield self.inner[call.func]
        elif isinstance(call.func, ast.Name) and (holder := scope.find(call.func.id)):
            nodes = [binding.node for binding in holder.bindings[call.func.id][-MOST_VALUES:]]
            yield from (self.inner[node] for node in nodes if isinstance(node, FUNCTIONS))

    def _uses_in_texts(self, source: Source, depth: int) -> Iterator[Use]:
        """A text that is run is read like the file, in the scope of the call; its lines are the call's."""
        for call, scope, tree in list(self.texts_run(source)):
            if tree is None or depth > NESTED_SOURCES:
                continue
            inner = Source(tree, Scope(tree, scope))
            self.inner |= inner.inner
            self._learn(inner)
            for node, place in inner.sites:
                yield from ((call.lineno, name) for name in self.names_at(node, place))
            yield from ((call.lineno, name) for _, name in self._uses_in_texts(inner, depth + 1))

    def _parse(self, text: str) -> ast.AST | None:
        if text not in self._parsed:
            try:
                self._parsed[text] = parse(text.strip())
            except (SyntaxError, ValueError):
                self._parsed[text] = ast.Module(body=[], type_ignores=[])
        return self._parsed[text]

    def _methods_by_name(self, node: ast.Call, scope: Scope) -> Iterator[str]:
        """`getattr(loss, "backward")`"""
        if any(isinstance(value, Name) and value.dotted in GETATTR for value in self.values(node.func, scope)):
            names = [name for name in self.texts(node.args[1], scope) if self._may_be_tensor(node.args[0], name, scope)]
            yield from (f"torch.Tensor.{name}" for name in names)

    def _may_be_tensor(self, owner: ast.expr, name: str, scope: Scope) -> bool:
        """Not if the submission has a method or attribute of that name, nor if the object is known to be something else."""
        owners = self.values(owner, scope)
        others = [value for value in owners if not (isinstance(value, Made) and value.dotted.startswith("torch."))]
        return not others and name not in self._own_names()

    def _own_names(self) -> set[str]:
        if "own names" not in self._memory:
            classes = [scope for scope in self.inner.values() if scope.is_class]
            self._memory["own names"] = (set(self._attributes).union(*(scope.bindings for scope in classes)),)
        return self._memory["own names"][0]

    def _read(self, node: ast.AST, scope: Scope, depth: int) -> Iterable[Any]:
        match node:
            case ast.Constant(value=str(text)):
                return (text[: LONGEST_TEXT + 1],)
            case ast.Constant(value=bytes(data)):
                return (data.decode("latin-1"),)
            case ast.Constant(value=int(number)):
                return (number,)
            case ast.Name(id=name):
                return self._look_up(name, scope, depth)
            case ast.Attribute(value=owner, attr=name):
                return self._attributes_of(self.values(owner, scope, depth), name, depth)
            case ast.Subscript(value=owner, slice=key):
                return self._elements_of(self.values(owner, scope, depth), key, scope, depth)
            case ast.Call():
                return self._results_of(node, scope, depth)
            case ast.Lambda():
                return (Function(self.inner[node]),)
            case ast.ClassDef():
                return (Own(self.inner[node]),)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return (Function(self.inner[node]),)
            case ast.List(elts=nodes) | ast.Tuple(elts=nodes) | ast.Set(elts=nodes):
                return (Items(tuple(nodes), scope),)
            case ast.Dict(values=nodes):
                return (Items(tuple(nodes), scope),)
            case ast.ListComp(elt=inner) | ast.SetComp(elt=inner) | ast.GeneratorExp(elt=inner) | ast.DictComp(value=inner):
                return (Items((inner,), self.inner[node]),)
            case _:
                return self._combined(node, scope, depth)

    def _combined(self, node: ast.AST, scope: Scope, depth: int) -> Iterable[Any]:
        """Expressions that pass on one of their parts, and texts put together from constants."""
        match node:
            case ast.IfExp(body=left, orelse=right):
                return (*self.values(left, scope, depth), *self.values(right, scope, depth))
            case ast.BoolOp(values=nodes):
                return (value for inner in nodes for value in self.values(inner, scope, depth))
            case ast.NamedExpr(value=inner) | ast.Starred(value=inner) | ast.Await(value=inner) | ast.Expression(body=inner):
                return self.values(inner, scope, depth)
            case ast.FormattedValue(value=inner, format_spec=None):
                return self.texts(inner, scope, depth)
            case ast.JoinedStr(values=nodes):
                return self._joined(nodes, scope, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined([left, right], scope, depth)
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return self._formatted(left, right, scope, depth)
        return ()

    def _joined(self, nodes: Sequence[ast.expr], scope: Scope, depth: int) -> Iterator[str]:
        return map("".join, islice(product(*(self.texts(node, scope, depth) for node in nodes)), MOST_VALUES))

    def _formatted(self, left: ast.expr, right: ast.expr, scope: Scope, depth: int) -> Iterator[str]:
        parts = right.elts if isinstance(right, ast.Tuple) else [right]
        for template in self.texts(left, scope, depth):
            for values in islice(product(*(self.texts(part, scope, depth) for part in parts)), MOST_VALUES):
                if template.count("%") == template.count("%s") == len(values):  # no width: `%999999999s` fills memory
                    yield template % values

    def _look_up(self, name: str, scope: Scope, depth: int) -> Values:
        holder = scope.find(name)
        if holder is None:
            return self._from_star(name, scope.top(), depth) or self._builtin(name)
        key = (holder, name)
        if key not in self._memory:
            self._memory[key] = ()
            bindings = holder.bindings[name]
            self._memory[key] = _few(value for binding in bindings for value in self._bound(binding, depth))
        return self._memory[key]

    def _from_star(self, name: str, top: Scope, depth: int) -> Values:
        """A name that is bound nowhere may come from a module of which everything was imported."""
        for module in top.stars:
            if module in self.modules and name in self.modules[module].bindings:
                return self._look_up(name, self.modules[module], depth + 1) if depth < DEEPEST else ()
            if isinstance(loaded := sys.modules.get(module), ModuleType) and name in public_names(loaded):
                return (Name(canonical(f"{module}.{name}")),)
        return ()

    @staticmethod
    def _builtin(name: str) -> Values:
        return (Name(f"builtins.{name}"),) if hasattr(builtins, name) else ()

    def _bound(self, binding: Binding, depth: int) -> Iterable[Any]:
        if binding.imported is not None:
            return self._imported(binding.imported, depth)
        if binding.node is None or depth >= DEEPEST:
            return ()
        values = self.values(binding.node, binding.scope, depth + 1)
        if binding.element is None:
            return values
        return (value for found in values for value in self._element(found, binding.element, depth + 1))

    def _imported(self, dotted: str, depth: int) -> Iterable[Any]:
        head, _, rest = dotted.partition(".")
        if head not in self.modules:
            return (Name(canonical(dotted)),)
        owners: Iterable[Any] = (Own(self.modules[head]),)
        return self._attributes_of(owners, rest, depth) if rest else owners

    def _element(self, value: Any, index: int, depth: int) -> Iterable[Any]:
        if not isinstance(value, Items) or depth >= DEEPEST:
            return ()
        nodes = value.nodes[index : index + 1] if 0 <= index < len(value.nodes) else value.nodes
        return (found for node in nodes for found in self.values(node, value.scope, depth + 1))

    def _attributes_of(self, owners: Iterable[Any], name: str, depth: int) -> Iterator[Any]:
        owners = tuple(owners)
        for owner in owners:
            yield from self._attribute(owner, name, depth)
        if not any(isinstance(owner, Name | str) for owner in owners) and name in self._attributes:
            yield from (value for binding in self._attributes[name] for value in self._bound(binding, depth))

    def _attribute(self, owner: Any, name: str, depth: int) -> Iterable[Any]:
        match owner:
            case Name(dotted=dotted) if name == "__dict__":
                return (Space(None if dotted == "sys.modules" else owner),)
            case Name(dotted="sys.modules"):
                return (Method(Space(None), name),)
            case Name(dotted=dotted):
                return (Name(canonical(f"{dotted}.{name}")),)
            case Made(dotted=dotted) if not dotted.startswith("torch."):
                return (owner,)
            case Own(scope=scope) if name in scope.bindings:
                return self._look_up(name, scope, depth)
            case Own(scope=scope) if name == "__dict__":
                return (Space(owner),)
            case Own(scope=scope) if scope.is_class:
                return self._inherited(scope, name, depth)
            case Space() if name in SPACE_METHODS:
                return (Method(owner, name),)
            case str() if name in TEXT_METHODS:
                return (Method(owner, name),)
        return ()

    def _inherited(self, scope: Scope, name: str, depth: int) -> Iterator[Any]:
        for base in scope.node.bases:
            for value in self.values(base, scope.parent, depth):
                if isinstance(value, Own):
                    yield from self._attribute(value, name, depth + 1) if depth < DEEPEST else ()

    def _elements_of(self, owners: Values, key: ast.expr, scope: Scope, depth: int) -> Iterator[Any]:
        for owner in owners:
            if isinstance(owner, Items):
                indices = [value for value in self.values(key, scope, depth) if type(value) is int]
                yield from self._element(owner, indices[0] if len(indices) == 1 else -1, depth)
            elif isinstance(owner, str):
                yield from sliced(owner, key)
            elif isinstance(owner, Space) or owner == Name("sys.modules"):
                for text in self.texts(key, scope, depth):
                    yield from self._member(owner, text, depth)

    def _member(self, owner: Any, text: str, depth: int) -> Iterable[Any]:
        """`getattr(owner, text)`, or `owner[text]` for a module's dictionary."""
        match owner:
            case Space(owner=None) | Name(dotted="sys.modules"):
                return self._imported(text, depth)
            case Space(owner=Name() as module):
                return self._attribute(module, text, depth)
            case Space(owner=Own(scope=scope)):
                return self._look_up(text, scope, depth)
        return self._attributes_of((owner,), text, depth)

    def _path(self, owner: Any, dotted: str, depth: int) -> Values:
        values: Values = (owner,)
        for step in dotted.split("."):
            values = _few(found for value in values for found in self._member(value, step, depth))
        return values

    def _results_of(self, node: ast.Call, scope: Scope, depth: int) -> Iterator[Any]:
        if depth >= DEEPEST:
            return
        arguments = tuple(self.values(argument, scope, depth) for argument in node.args)
        for keyword in node.keywords:
            if keyword.arg == "package":
                arguments = (*arguments, self.values(keyword.value, scope, depth))
        for function in self.values(node.func, scope, depth):
            yield from self._call(function, arguments, scope, depth)

    def _call(self, function: Any, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterable[Any]:
        match function:
            case Name(dotted=dotted):
                return self._call_known(dotted, arguments, scope, depth)
            case Function(scope=inner):
                return (value for node in inner.returns for value in self.values(node, inner, depth))
            case Own(scope=inner) if inner.is_class:
                return (function,)
            case Made():
                return (function,)
            case Getter(paths=paths):
                return (found for owner in _first(arguments) for path in paths for found in self._path(owner, path, depth))
            case Partial(function=inner, arguments=given) if depth < DEEPEST:
                return self._call(inner, (*given, *arguments), scope, depth + 1)
            case Method(owner=Space() as space):
                return (found for text in _texts(_first(arguments)) for found in self._member(space, text, depth))
            case Method(owner=str(text), name=name):
                return self._text_made(text, name, arguments, depth)
        return ()

    def _call_known(self, dotted: str, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterable[Any]:
        """Calls whose result can be read. Any other call of a library gives something made by it."""
        first, second = _first(arguments), _first(arguments[1:])
        if dotted in GETATTR or dotted.endswith("__getattribute__"):
            bound = len(arguments) == 1  # torch.__getattribute__("nn"), not object.__getattribute__(torch, "nn")
            owners, names = ((Name(dotted.rpartition(".")[0]),), _texts(first)) if bound else (first, _texts(second))
            return (found for owner in owners for name in names for found in self._member(owner, name, depth))
        if dotted in IMPORTERS or dotted == "builtins.__import__":
            return self._import_call(dotted, _texts(first), _texts(second), depth)
        if dotted == "functools.reduce" and len(arguments) > 2:
            return self._reduced(arguments, depth)
        if dotted == "builtins.eval":
            return (found for text in _texts(first) for found in self._evaluated(text, scope, depth))
        return READ_CALLS[dotted](self, arguments, scope, depth) if dotted in READ_CALLS else (Made(dotted),)

    def _import_call(self, dotted: str, names: list[str], packages: list[str], depth: int) -> Iterator[Any]:
        for name in names:
            if name.startswith(".") and packages:
                name = packages[0] + name
            name = name.replace(":", ".")
            yield from self._imported(name.split(".")[0] if dotted == "builtins.__import__" else name, depth)

    def _reduced(self, arguments: tuple[Values, ...], depth: int) -> Iterator[Any]:
        """`functools.reduce(getattr, ["nn", "functional"], torch)`"""
        for names, start in product(arguments[1], arguments[2]):
            if Name("builtins.getattr") in arguments[0] and isinstance(names, Items):
                texts = [_texts(self.values(node, names.scope, depth)) for node in names.nodes]
                yield from self._path(start, ".".join(text[0] for text in texts if text), depth)

    def _evaluated(self, text: str, scope: Scope, depth: int) -> Values:
        tree = self._parse(text)
        body = tree.body[0] if isinstance(tree, ast.Module) and len(tree.body) == 1 else None
        if not isinstance(body, ast.Expr) or any(isinstance(inner, (*FUNCTIONS, *COMPREHENSIONS)) for inner in ast.walk(body)):
            return ()
        return self.values(body.value, scope, depth)

    def _space(self, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterable[Any]:
        return (Space(owner) for owner in _first(arguments) if isinstance(owner, Name | Own))

    def _own_space(self, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterable[Any]:
        return (Space(Own(scope.top())),)

    def _getter(self, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterable[Any]:
        return (Getter(tuple(text for values in arguments for text in _texts(values))),)

    def _partial(self, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterable[Any]:
        return (Partial(function, arguments[1:]) for function in _first(arguments))

    def _passed_on(self, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterator[Any]:
        for value in _first(arguments):
            yield value
            yield from self._element(value, -1, depth)

    def _character(self, arguments: tuple[Values, ...], scope: Scope, depth: int) -> Iterable[Any]:
        return (chr(value) for value in _first(arguments) if type(value) is int and 0 <= value < 128)

    def _text_made(self, text: str, method: str, arguments: tuple[Values, ...], depth: int) -> Iterator[str]:
        """What a method of a constant text gives for constants."""
        if method == "join":
            for items in _first(arguments):
                parts = items.nodes[:LONGEST_JOIN] if isinstance(items, Items) else ()
                texts = [_texts(self.values(node, items.scope, depth)) for node in parts]
                yield from map(text.join, islice(product(*texts), MOST_VALUES)) if parts else ()
            return
        given = [_texts(values) for values in arguments]
        for chosen in islice(product(*given), MOST_VALUES):
            if method != "format" or text.count("{") == text.count("{}"):
                yield applied(text, method, chosen)


ReadCall = Callable[[Reader, tuple[Values, ...], Scope, int], Iterable[Any]]
READ_CALLS: dict[str, ReadCall] = {
    "builtins.vars": Reader._space,
    "builtins.globals": Reader._own_space,
    "builtins.locals": Reader._own_space,
    "builtins.chr": Reader._character,
    "operator.attrgetter": Reader._getter,
    "operator.itemgetter": Reader._getter,
    "functools.partial": Reader._partial,
} | dict.fromkeys(PASS_ON, Reader._passed_on)


def _few(values: Iterable[Any]) -> Values:
    kept = [value for value in values if not (isinstance(value, str) and len(value) > LONGEST_TEXT)]
    return tuple(islice(dict.fromkeys(kept), MOST_VALUES))


def _first(arguments: tuple[Values, ...]) -> Values:
    return arguments[0] if arguments else ()


def _texts(values: Values) -> list[str]:
    return [value for value in values if isinstance(value, str)]
