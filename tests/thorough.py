"""How much of a long list runs here (docs/decisions/0011-ten-minutes-here-and-a-quarter-of-the-rest-in-ci.md)."""

import os
from collections.abc import Iterable
from zlib import crc32

import pytest

WANTED = os.environ.get("GRADUS_THOROUGH", "")  # "1": all of what is marked; "2/4": the second quarter of it
THOROUGH = WANTED == "1"


def is_left_out(test: str, wanted: str = WANTED) -> bool:
    """Whether a test of this id, marked `thorough`, does not run here."""
    if wanted in ("", "1"):
        return not wanted
    part, _, parts = wanted.partition("/")
    return crc32(test.encode()) % int(parts) != int(part) - 1


def one_in(number: int, cases: Iterable[object], mark: pytest.MarkDecorator = pytest.mark.thorough) -> list[object]:
    """For `parametrize`: of so many cases in a row the first runs everywhere, the others are marked."""
    return [case if place % number == 0 else marked(case, mark) for place, case in enumerate(cases)]


def marked(case: object, mark: pytest.MarkDecorator) -> object:
    """The same parameters with this mark."""
    if hasattr(case, "marks"):  # made by pytest.param
        return case._replace(marks=(*case.marks, mark))
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=mark)


def examples(number: int) -> int:
    """How many examples Hypothesis tries: all of them where nothing is left out, a quarter elsewhere."""
    return number if THOROUGH else max(10, number // 4)
