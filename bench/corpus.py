"""A class made of an assignment's own solutions, each function as somebody might have written it, and some of them copied."""

import ast
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
COPIED = 0.1  # of the works, from one of the others
SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ha", "ki", "lo", "mu", "ne", "po", "ra", "si", "tu", "ve"]


def make_class(assignment: Path, count: int, folder: Path, seed: int = 0) -> None:
    """`count` students with one file each; the same seed makes the same class."""
    chance = random.Random(seed)
    known = _versions(assignment)
    reference = ast.parse((assignment / "reference.py").read_text(encoding="utf-8"))
    texts: list[str] = []
    for number in range(count):
        is_copy = texts and chance.random() < COPIED
        tree = ast.parse(chance.choice(texts)) if is_copy else _composed(reference, known, chance)
        texts.append(disguised(tree, chance))
        place = folder / f"student-{number:04d}"
        place.mkdir(parents=True)
        (place / "solution.py").write_text(texts[-1], encoding="utf-8")


def _versions(assignment: Path) -> dict[str, list[str]]:
    """Every way in which the reference, the accepted solutions and the known mistakes write a function."""
    found: dict[str, list[str]] = {}
    for path in [
        assignment / "reference.py",
        *sorted(assignment.glob("accepted/*.py")),
        *sorted(assignment.glob("mistakes/*.py")),
    ]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, FUNCTIONS):
                found.setdefault(node.name, []).append(ast.unparse(node))
    return found


def _composed(reference: ast.Module, known: dict[str, list[str]], chance: random.Random) -> ast.Module:
    parts = [chance.choice(known[node.name]) if isinstance(node, FUNCTIONS) else ast.unparse(node) for node in reference.body]
    return ast.parse("\n\n".join(parts))


def disguised(tree: ast.Module, chance: random.Random) -> str:
    """Other names for what is local, functions in another order, and lines that do nothing."""
    first = [node for node in tree.body if not isinstance(node, FUNCTIONS)]
    functions = [node for node in tree.body if isinstance(node, FUNCTIONS)]
    chance.shuffle(functions)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            _rename(node, chance)
            if chance.random() < 0.3:
                node.body.insert(_after_docstring(node.body), ast.parse(f"{_word(chance)} = {chance.randrange(1000)}").body[0])
    return ast.unparse(ast.Module([*first, *functions], [])) + "\n"


def _rename(function: ast.FunctionDef, chance: random.Random) -> None:
    named = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    kept = {name for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    local = sorted({node.id for node in named if isinstance(node.ctx, ast.Store)} - kept - set(_arguments(function)))
    new = {name: _word(chance) for name in local}
    for node in named:
        node.id = new.get(node.id, node.id)


def _arguments(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg


def _after_docstring(body: Sequence[ast.stmt]) -> int:
    return int(isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant))


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) + str(chance.randrange(100))
