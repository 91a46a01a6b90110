"""A list that is thinned keeps its first cases, and CI runs all of it."""

import pytest

from tests import thorough
from tests.thorough import examples, is_left_out, one_in


def left_to_ci(case: object) -> bool:
    return any(mark.name == "thorough" for mark in getattr(case, "marks", ()))


def test_one_case_in_three_runs_everywhere() -> None:
    assert [left_to_ci(case) for case in one_in(3, range(7))] == [False, True, True, False, True, True, False]


def test_the_others_may_be_marked_otherwise() -> None:
    first, second = one_in(2, ["a", "b"], pytest.mark.long)
    assert first == "a" and [mark.name for mark in second.marks] == ["long"]


def test_a_case_keeps_its_values_its_name_and_its_marks() -> None:
    _, pair, named = one_in(3, [0, (1, 2), pytest.param(3, id="three", marks=pytest.mark.sandbox)])
    assert (pair.values, named.values, named.id) == ((1, 2), (3,), "three")
    assert {mark.name for mark in named.marks} == {"sandbox", "thorough"}


@pytest.mark.parametrize(("is_thorough", "tried"), [(True, [100, 20]), (False, [25, 10])])
def test_examples_are_fewer_here(monkeypatch: pytest.MonkeyPatch, is_thorough: bool, tried: list) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", is_thorough)
    assert [examples(number) for number in (100, 20)] == tried


def test_parts_make_up_the_whole_and_overlap_nowhere() -> None:
    names = [f"tests/test_a.py::test_{number}" for number in range(200)]
    parts = [{name for name in names if not is_left_out(name, f"{part}/4")} for part in (1, 2, 3, 4)]
    assert set.union(*parts) == set(names) and sum(map(len, parts)) == len(names)
    assert min(map(len, parts)) > 25
    assert not any(is_left_out(name, "1") for name in names) and all(is_left_out(name, "") for name in names)
