"""A list that is thinned keeps its first cases, and CI runs all of it."""

import pytest

from tests import thorough
from tests.thorough import examples, one_in


def left_to_ci(case: object) -> bool:
    return any(mark.name == "thorough" for mark in getattr(case, "marks", ()))


def test_one_case_in_three_runs_everywhere() -> None:
    assert [left_to_ci(case) for case in one_in(3, range(7))] == [False, True, True, False, True, True, False]


def test_a_case_keeps_its_values_its_name_and_its_marks() -> None:
    _, pair, named = one_in(3, [0, (1, 2), pytest.param(3, id="three", marks=pytest.mark.sandbox)])
    assert (pair.values, named.values, named.id) == ((1, 2), (3,), "three")
    assert {mark.name for mark in named.marks} == {"sandbox", "thorough"}


@pytest.mark.parametrize(("is_thorough", "tried"), [(True, [100, 20]), (False, [25, 10])])
def test_examples_are_fewer_here(monkeypatch: pytest.MonkeyPatch, is_thorough: bool, tried: list) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", is_thorough)
    assert [examples(number) for number in (100, 20)] == tried
