"""Loops that count are `for` loops, however they are written; and what a loop may change."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from grader.similarity.names import statements_of


@dataclass(frozen=True)
class Counter:
    """`while name < end: … name += 1`, or `while name + 1 < end: name += 1 …`, which counts before it looks."""

    name: str
    end: ast.expr
    step: ast.stmt
    is_early: bool


def counter_of(node: ast.While) -> Counter | None:
    match node.test:
        case ast.Compare(left=counted, ops=[ast.Lt() | ast.NotEq()], comparators=[end]):
            pass
        case ast.Compare(left=end, ops=[ast.Gt()], comparators=[counted]):
            pass
        case _:
            return None
    name, is_early = _counted(counted)
    steps = [line for line in node.body if _is_step(line, name)]
    if len(steps) != 1 or sum(name in assigned([line]) for line in node.body) != 1:
        return None
    return Counter(name, end, steps[0], is_early) if not is_early or steps[0] is node.body[0] else None


def _counted(node: ast.expr) -> tuple[str, bool]:
    """(name, whether one is added to it)"""
    match node:
        case ast.Name(id=name):
            return name, False
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=ast.Constant(value=1)):
            return name, True
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Add(), right=ast.Name(id=name)):
            return name, True
    return "", False


def _is_step(line: ast.stmt, name: str) -> bool:
    match line:
        case ast.AugAssign(target=ast.Name(id=target), op=ast.Add(), value=ast.Constant(value=1)):
            return target == name
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            return target == name and _counted(value) == (name, True)
    return False


def assigned(body: Sequence[ast.stmt]) -> set[str]:
    """The names, and attributes of self, that statements may change."""
    found: set[str] = set()
    for node in statements_of(body):
        match node:
            case ast.Assign():
                targets = list(node.targets)
            case ast.AugAssign() | ast.AnnAssign() | ast.For() | ast.AsyncFor():
                targets = [node.target]
            case ast.With() | ast.AsyncWith():
                targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                targets = []
                found.add(node.name)
            case _:
                continue
        while targets:
            match targets.pop():
                case ast.Name(id=name):
                    found.add(name)
                case ast.Tuple(elts=parts) | ast.List(elts=parts):
                    targets += parts
                case ast.Starred(value=part):
                    targets.append(part)
                case ast.Attribute(value=ast.Name(id="self"), attr=name):
                    found.add(f"self.{name}")
    return found
