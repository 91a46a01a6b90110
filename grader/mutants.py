"""Small mechanical changes to a reference: each makes a file that a good set of checks takes points from.

The usual operators of mutation testing (arithmetic, comparisons, constants, dropped terms and calls, swapped names), chosen for
tensor code: axes, slices, `keepdim`, transposes and reductions are among what they change.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grader.reading.trees import parse

ARITHMETIC: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Mod,), ast.Mod: (ast.FloorDiv,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
TERMS = {ast.Add: ("left", "right"), ast.Sub: ("left",), ast.Mult: ("left", "right"), ast.Div: ("left",), ast.Pow: ("left",)}
TWINS = [
    ("sum", "mean"), ("max", "min"), ("argmax", "argmin"), ("amax", "amin"), ("maximum", "minimum"), ("zeros", "ones"),
    ("zeros_like", "ones_like"), ("sin", "cos"), ("triu", "tril"), ("floor", "ceil"), ("append", "extend"), ("rand", "randn"),
]  # fmt: skip
RENAMED = {name: other for pair in TWINS for name, other in (pair, pair[::-1])}
DROPPED = {
    "abs", "clamp", "clone", "contiguous", "cumsum", "detach", "exp", "flip", "log", "permute", "relu", "round", "sigmoid",
    "sqrt", "square", "t", "tanh", "transpose",
}  # fmt: skip
NOT_CODE = {"annotation", "returns", "decorator_list", "bases"}
SHOWN = 80


@dataclass(frozen=True)
class Mutant:
    """A changed reference. `id` names the change by its function and its text, so it outlives a shifted line."""

    id: str
    line: int
    source: str


@dataclass(frozen=True)
class Site:
    """A place in the tree: where a node hangs, in which function, and that function's parameters."""

    parent: ast.AST
    field: str
    index: int | None
    function: str
    parameters: tuple[str, ...]

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a module's source, in the order of its text; no two are alike and none is the original."""
    tree = parse(source)
    found, seen, sources = [], Counter(), {ast.unparse(tree)}
    for node, site in list(_sites(tree, "", ())):
        for changed in _changes(node, site):
            site.put(ast.fix_missing_locations(ast.copy_location(changed, node)))
            text = ast.unparse(tree)
            site.put(node)
            if text in sources:
                continue
            sources.add(text)
            name = f"{site.function or 'module'}: {_shown(node)} -> {_shown(changed)}"
            seen[name] += 1
            found.append(Mutant(name if seen[name] == 1 else f"{name} ({seen[name]})", node.lineno, text))
    return found


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _sites(node: ast.AST, function: str, parameters: tuple[str, ...]) -> Iterator[tuple[ast.AST, Site]]:
    """Each node below, with its place; texts for people, annotations and imports are no code."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}".lstrip(".")
    if isinstance(node, ast.FunctionDef):
        parameters = tuple(argument.arg for argument in node.args.args if argument.arg != "self")
    for field, value in ast.iter_fields(node):
        if field in NOT_CODE:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _is_no_code(child):
                site = Site(node, field, index, function, parameters)
                if hasattr(child, "lineno"):
                    yield child, site
                yield from _sites(child, function, parameters)


def _is_no_code(node: ast.AST) -> bool:
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    refusal = isinstance(node, ast.If) and all(isinstance(statement, ast.Raise) for statement in node.body)
    return text or refusal or isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.JoinedStr)


def _changes(node: ast.AST, site: Site) -> Iterator[ast.AST]:
    """What may stand in a node's place; statements become statements, expressions expressions."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, other(), right) for other in ARITHMETIC.get(type(op), ()))
            yield from (getattr(node, side) for side in TERMS.get(type(op), ()))
            if isinstance(op, ast.MatMult | ast.Sub):
                yield ast.BinOp(right, op, left)
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield operand
        case ast.Compare(left, [op], rest):
            yield from (ast.Compare(left, [other()], rest) for other in COMPARISONS.get(type(op), ()))
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.Constant(value):
            yield from map(ast.Constant, _other_values(value))
        case ast.IfExp(test, body, other):
            yield from (body, other)
        case ast.Call():
            yield from _changed_calls(node)
        case ast.Attribute(value, "T" | "mT"):
            yield value
        case ast.Name(name, ast.Load()) if name in site.parameters and len(site.parameters) > 1 and site.field != "func":
            others = site.parameters
            yield ast.Name(others[(others.index(name) + 1) % len(others)], ast.Load())
        case ast.AugAssign(target, op, value):
            yield from (ast.AugAssign(target, other(), value) for other in ARITHMETIC.get(type(op), ()))
            yield ast.Pass()
        case ast.Expr(ast.Call()):
            yield ast.Pass()
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Assign([ast.Subscript() | ast.Attribute()], _):
            yield ast.Pass()


def _other_values(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield value * 2 if value else 1.0


def _changed_calls(node: ast.Call) -> Iterator[ast.AST]:
    """A twin's name, one keyword less, two arguments swapped, or only what the method was called on."""
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in RENAMED:
            renamed = copy.copy(node.func)
            renamed.attr = RENAMED[node.func.attr]
            yield ast.Call(renamed, node.args, node.keywords)
        is_library = isinstance(node.func.value, ast.Name) and node.func.value.id == "torch"
        if node.func.attr in DROPPED:
            inner = node.args[:1] if is_library else [node.func.value]
            yield from inner
    for place, keyword in enumerate(node.keywords):
        if keyword.arg:
            yield ast.Call(node.func, node.args, node.keywords[:place] + node.keywords[place + 1 :])
    if len(node.args) > 1 and not any(isinstance(argument, ast.Starred) for argument in node.args[:2]):
        first, second, *others = node.args
        yield ast.Call(node.func, [second, first, *others], node.keywords)
