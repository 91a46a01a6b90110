"""How much of a long list runs here (docs/decisions/0011-once-here-a-quarter-of-the-rest-in-ci.md)."""

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


def one_in(number: int, cases: Iterable[object]) -> list[object]:
    """For `parametrize`: of so many cases in a row the first runs everywhere, the others are marked `thorough`."""
    return [case if place % number == 0 else only_in_ci(case) for place, case in enumerate(cases)]


def only_in_ci(case: object) -> object:
    """The same parameters, marked `thorough`."""
    if hasattr(case, "marks"):  # made by pytest.param
        return case._replace(marks=(*case.marks, pytest.mark.thorough))
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.thorough)


def examples(number: int) -> int:
    """How many examples Hypothesis tries: all of them where nothing is left out, a quarter elsewhere."""
    return number if THOROUGH else max(10, number // 4)
