"""How much of a long list runs here, and how much in CI alone (docs/decisions/0011-once-here-everywhere-in-ci.md)."""

import os
from collections.abc import Iterable

import pytest

THOROUGH = os.environ.get("GRADUS_THOROUGH") == "1"


def one_in(number: int, cases: Iterable[object]) -> list[object]:
    """For `parametrize`: of so many cases in a row the first runs everywhere, the others in CI alone."""
    return [case if place % number == 0 else only_in_ci(case) for place, case in enumerate(cases)]


def only_in_ci(case: object) -> object:
    """The same parameters, marked `thorough`."""
    if hasattr(case, "marks"):  # made by pytest.param
        return case._replace(marks=(*case.marks, pytest.mark.thorough))
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.thorough)


def examples(number: int) -> int:
    """How many examples Hypothesis tries: all of them in CI, a quarter elsewhere."""
    return number if THOROUGH else max(10, number // 4)
