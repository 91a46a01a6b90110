"""What an expression may stand for, and what can be told of constants without running anything."""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from grader.reading.scopes import Scope


@dataclass(frozen=True)
class Name:
    """Something that an import or a builtin gives, by its dotted name."""

    dotted: str


@dataclass(frozen=True)
class Made:
    """What calling an imported name gave; of a library other than torch it is certainly no tensor."""

    dotted: str


@dataclass(frozen=True)
class Own:
    """A class of the submission or an object of it, or one of its files."""

    scope: Scope


@dataclass(frozen=True)
class Function:
    scope: Scope


@dataclass(frozen=True)
class Space:
    """The dictionary of a module: `vars(torch)`, `torch.__dict__`, `sys.modules`, `globals()`."""

    owner: Any  # a Name, an Own, or None for the table of all modules


@dataclass(frozen=True)
class Items:
    nodes: tuple[ast.expr, ...]
    scope: Scope


@dataclass(frozen=True)
class Method:
    """A method of a text or of a module's dictionary, not called yet."""

    owner: Any
    name: str


@dataclass(frozen=True)
class Getter:
    """operator.attrgetter or itemgetter with constants."""

    paths: tuple[str, ...]


@dataclass(frozen=True)
class Partial:
    function: Any
    arguments: tuple[tuple[Any, ...], ...]


def canonical(dotted: str) -> str:
    """The name under which torch itself knows a module: `torch.functional.F` is torch.nn.functional. Looks, never imports."""
    steps = dotted.split(".")
    if steps[0] != "torch" or not isinstance(module := sys.modules.get("torch"), ModuleType):
        return dotted
    for done, step in enumerate(steps[1:], start=1):
        found = vars(module).get(step)
        if not isinstance(found, ModuleType):
            return ".".join([module.__name__, *steps[done:]])
        module = found
    return module.__name__


def public_names(module: ModuleType) -> Iterable[str]:
    return getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]


def sliced(text: str, key: ast.expr) -> Iterator[str]:
    """A part of a constant text: `"nn"[0]`, `"lanoitcnuf"[::-1]`."""
    try:
        index = ast.literal_eval(key) if not isinstance(key, ast.Slice) else slice(*map(number, (key.lower, key.upper, key.step)))
        yield text[index]
    except (ValueError, TypeError, IndexError):
        return


def number(node: ast.expr | None) -> int | None:
    return None if node is None else ast.literal_eval(node)


def applied(text: str, method: str, arguments: Sequence[str]) -> str:
    if method in ("decode", "encode"):  # bytes are kept as text here
        return text
    try:
        return getattr(text, method)(*arguments)
    except (TypeError, ValueError, IndexError):
        return ""
