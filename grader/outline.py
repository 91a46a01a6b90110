"""What a Python file defines at its top level, and what uses what. Reads the source, runs nothing."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what ast.parse raises on a hostile file


@dataclass
class Definition:
    """Everything that binds one name: the lines it takes and the names it mentions."""

    line: int = 0  # of the last binding: that is the one that counts
    lines: set[int] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    is_empty: bool = False  # nothing but `raise NotImplementedError`, as in the starter


class Outline:
    """The top-level definitions of one source; empty where it cannot be parsed."""

    def __init__(self, source: str) -> None:
        self.definitions: dict[str, Definition] = {}
        try:
            for node in ast.parse(source).body:
                self._add(node)
        except UNREADABLE:
            self.definitions.clear()

    def reached(self, names: Iterable[str]) -> set[str]:
        """These names and every top-level name that their bodies mention, and so on."""
        seen, waiting = set(), list(names)
        while waiting:
            name = waiting.pop()
            if name not in seen and name in self.definitions:
                seen.add(name)
                waiting += self.definitions[name].mentions
        return seen

    def lines(self, names: Iterable[str]) -> set[int]:
        """The line numbers of everything that `reached` finds."""
        return {line for name in self.reached(names) for line in self.definitions[name].lines}

    def is_empty(self, name: str) -> bool:
        return name in self.definitions and self.definitions[name].is_empty

    def line_of(self, name: str) -> int | None:
        return self.definitions[name].line if name in self.definitions else None

    def _add(self, node: ast.stmt) -> None:
        mentions = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        for name in _bound(node):
            definition = self.definitions.setdefault(name, Definition())
            definition.line = node.lineno
            definition.lines |= set(range(first, (node.end_lineno or node.lineno) + 1))
            definition.mentions |= mentions - {name}
            definition.is_empty = _is_empty(node)


def _bound(node: ast.stmt) -> list[str]:
    """The names that a definition or an assignment makes. Imports are left out: importing is not using."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return []
    return [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)]


def _is_empty(node: ast.stmt) -> bool:
    """Whether a function, or every method of a class, only raises NotImplementedError."""
    if isinstance(node, ast.ClassDef):
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
        return bool(methods) and all(map(_is_empty, methods))
    if not isinstance(node, ast.FunctionDef):
        return False
    body = [item for item in node.body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.dump(body[0])
