"""Draws the variant of a seed: an author's `variant.py` with `draw(draw) -> Variant`."""

from functools import lru_cache
from pathlib import Path

from grader.authored import NotImportable, author_module
from grader.questions.draw import Draw
from grader.variants.variant import Variant

VARIANT = "variant.py"
NOTHING = Variant()


class BrokenVariant(Exception):
    """variant.py is at fault; `grader.variants.binding` tells staff which file."""


def has_variant(folder: Path) -> bool:
    return (folder / VARIANT).is_file()


def draw_variant(folder: Path, seed: str) -> Variant:
    """The same seed gives the same constants as long as variant.py stays as it is; none where there is no such file.

    seed: hex digits. Raises BrokenVariant.
    """
    state = state_of(folder)
    return NOTHING if state is None else _drawn(folder / VARIANT, state, seed)


def state_of(folder: Path) -> tuple[int, int] | None:
    """Another one after each change of variant.py; None where there is none."""
    try:
        seen = (folder / VARIANT).stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size


@lru_cache(maxsize=512)
def _drawn(path: Path, _state: tuple[int, int], seed: str) -> Variant:
    try:
        draw = getattr(author_module(path), "draw", None)
    except NotImportable as problem:
        raise BrokenVariant(str(problem)) from problem
    if not callable(draw):
        raise BrokenVariant("there is no function draw(draw) that gives a Variant")
    try:
        variant = draw(Draw(seed, VARIANT))
    except Exception as error:
        raise BrokenVariant(f"draw: {type(error).__name__}: {error} (seed {seed[:8]})") from error
    if not isinstance(variant, Variant):
        raise BrokenVariant(f"draw: gives {variant!r:.80}, which is no Variant")
    return variant
