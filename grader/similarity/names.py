"""What the names of a file stand for: modules, the student's own functions, and what an object is given to hold."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Names:
    """Of all files of one student together."""

    imported: frozenset[str]
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]  # at the top of a file; methods are reached by attribute
    own: frozenset[str]  # every function, method and class
    held: dict[str, ast.expr | None] = field(default_factory=dict)  # of an object's own attributes, by the first assignment


def names_of(trees: Iterable[ast.Module]) -> Names:
    imported: set[str] = set()
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    own: set[str] = set()
    held: dict[str, ast.expr | None] = {}
    for tree in trees:
        functions.update({node.name: node for node in tree.body if isinstance(node, FUNCTIONS)})
        for node in statements_of(tree.body):
            match node:
                case ast.Import() | ast.ImportFrom():
                    imported.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    own.add(node.name)
                case ast.Assign():
                    for target in node.targets:
                        _hold(held, target, node.value)
                case ast.AnnAssign() if node.value is not None:
                    _hold(held, node.target, node.value)
    return Names(frozenset(imported), functions, frozenset(own), held)


def statements_of(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, those inside of others too; without a look at expressions, which are nearly all of a tree."""
    stack = list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        inner = [*getattr(node, "body", ()), *getattr(node, "orelse", ()), *getattr(node, "finalbody", ())]
        for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            inner += holder.body
        stack += inner[::-1]


def _hold(held: dict[str, ast.expr | None], target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        held.setdefault(target.attr, value)
    elif isinstance(target, ast.Tuple | ast.List):
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts) else None
        for place, one in enumerate(target.elts):
            if isinstance(one, ast.Attribute):
                _hold(held, one, parts[place] if parts else value)
