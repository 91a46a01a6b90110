"""What a Python file defines at its top level, and what uses what. Reads the source, runs nothing."""

import ast
import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.reading.trees import collector_at_rest, parse, walk

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what ast.parse raises on a hostile file


def lines_of(text: str) -> list[str]:
    """As Python counts them: str.splitlines also breaks at form feeds and other characters that a line may hold."""
    return io.StringIO(text, newline=None).read().split("\n")


@dataclass(eq=False)
class Statement:
    """One at the top level: its lines, decorators included, and the names in it."""

    lines: range
    mentions: set[str]


@dataclass
class Definition:
    """Everything that binds one name."""

    line: int = 0  # of the last binding: that is the one that counts
    statements: list[Statement] = field(default_factory=list)  # shared with the other names that they bind
    is_empty: bool = False  # nothing but `raise NotImplementedError`, as in the starter


class Outline:
    """The top-level definitions of one source; empty where it cannot be parsed.

    Bytes are read as Python reads a file, by the encoding that it declares.
    """

    @collector_at_rest()
    def __init__(self, source: str | bytes) -> None:
        self.definitions: dict[str, Definition] = {}
        try:
            for node in parse(source).body:
                self._add(node)
        except UNREADABLE:
            self.definitions.clear()

    def reached(self, names: Iterable[str]) -> set[str]:
        """These names and every top-level name that their bodies mention, and so on."""
        return self._reached(names)[0]

    def lines(self, names: Iterable[str]) -> set[int]:
        """The line numbers of everything that `reached` finds."""
        return {line for statement in self._reached(names)[1] for line in statement.lines}

    def is_empty(self, name: str) -> bool:
        return name in self.definitions and self.definitions[name].is_empty

    def line_of(self, name: str) -> int | None:
        return self.definitions[name].line if name in self.definitions else None

    def _reached(self, names: Iterable[str]) -> tuple[set[str], set[Statement]]:
        """Each name and each statement once: a file may bind thousands of names in one statement."""
        seen, statements, waiting = set(), set(), list(names)
        while waiting:
            name = waiting.pop()
            if name not in seen and name in self.definitions:
                seen.add(name)
                new = [statement for statement in self.definitions[name].statements if statement not in statements]
                statements.update(new)
                waiting += (mentioned for statement in new for mentioned in statement.mentions)
        return seen, statements

    def _add(self, node: ast.stmt) -> None:
        names = [inner for inner in walk(node) if isinstance(inner, ast.Name)]
        if not (bound := _bound(node, names)):
            return
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        statement = Statement(range(first, (node.end_lineno or node.lineno) + 1), {name.id for name in names})
        is_empty = _is_empty(node)
        for name in bound:
            definition = self.definitions.setdefault(name, Definition())
            definition.line, definition.is_empty = node.lineno, is_empty
            definition.statements.append(statement)


def _bound(node: ast.stmt, names: Iterable[ast.Name]) -> set[str]:
    """The names that a definition or an assignment makes. Imports are left out: importing is not using."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Import() | ast.ImportFrom():
            return set()
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _is_empty(node: ast.stmt) -> bool:
    """Whether a function, or every method of a class, only raises NotImplementedError."""
    if isinstance(node, ast.ClassDef):
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
        return bool(methods) and all(map(_is_empty, methods))
    if not isinstance(node, ast.FunctionDef):
        return False
    body = [item for item in node.body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.dump(body[0])
