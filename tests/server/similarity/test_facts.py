"""Each fact alone: when it is told, and when it would say nothing."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.similarity import facts
from server.similarity.facts import Class, Record, Side

NOON = datetime(2026, 3, 22, 12, tzinfo=UTC)
CURVE = ("learns", "loss", "d1")


def record(student: str, **values: object) -> Record:
    return Record(student, **values)


def sides(left: Record, right: Record) -> tuple[Side, Side]:
    return Side(left.student, record=left), Side(right.student, record=right)


FIELDS = {
    facts.same_mistakes: {"mistakes": frozenset({("affine", "no_bias")})},
    facts.same_failed_checks: {"failed": frozenset({"affine", "adam"})},
    facts.same_wrong_outputs: {"errors": frozenset({("xor", "d7")})},
    facts.same_curves: {"curves": {CURVE: 40}},
}


@pytest.mark.parametrize("fact", FIELDS, ids=lambda fact: fact.__name__)
def test_what_few_others_have_is_told_and_what_many_have_is_not(fact) -> None:
    left, right = record("a", **FIELDS[fact]), record("b", **FIELDS[fact])
    few = [left, right, *(record(f"few{n}", **FIELDS[fact]) for n in range(2)), *(record(f"none{n}") for n in range(16))]
    many = [left, right, *(record(f"many{n}", **FIELDS[fact]) for n in range(3)), *(record(f"none{n}") for n in range(15))]
    told = fact(*sides(left, right), Class(few))
    assert told["kind"] == fact.__name__
    assert told.get("others", 2) == 2
    assert fact(*sides(left, right), Class(many)) is None
    assert fact(*sides(left, record("b")), Class(few)) is None


def test_attempts_of_one_student_are_one_student() -> None:
    one, other = (record(name, failed=frozenset({"adam"})) for name in "ab")
    again = [record("c", failed=frozenset({"adam"}))] * 9
    assert facts.same_failed_checks(*sides(one, other), Class([one, other, *again]))["others"] == 1


@given(st.integers(0, 200), st.booleans())
def test_within_the_hour_is_close_whoever_was_first(minutes: int, left_first: bool) -> None:
    late = NOON + timedelta(minutes=minutes)
    left, right = (NOON, late) if left_first else (late, NOON)
    told = facts.close_in_time(Side("a", received_at=left), Side("b", received_at=right))
    assert (told is not None) == (minutes <= 60)
    if told:
        assert (told["minutes"], told["first"]) == (minutes, "left" if left_first or not minutes else "right")


def test_wrong_on_the_same_items_is_told_where_it_is_nearly_all() -> None:
    wrong = np.zeros(100, np.uint32)
    wrong[:20] = 1
    other = wrong.copy()
    other[19] = 0
    assert facts.same_predictions(Side("a", items=wrong), Side("b", items=other)) == {
        "kind": "same_predictions", "items": 100, "wrong": 20, "wrong_alike": 19,
    }  # fmt: skip
    other[10:19] = 0
    assert facts.same_predictions(Side("a", items=wrong), Side("b", items=other)) is None
    assert facts.same_predictions(Side("a", items=wrong), Side("b")) is None


def test_a_declaration_that_names_the_other_comes_first() -> None:
    book, friend = ({"kind": "link", "what": "d2l.ai"}, {"kind": "person", "what": "talked it over with BOB"})
    left = Side("a", names=("ada", "Ada L."), declared=(book, friend))
    told = list(facts.declared(left, Side("b", names=("bob", "Robert"))))
    assert [fact["source"] for fact in told] == [friend, book]


@pytest.mark.parametrize(
    ("best", "last", "is_told"), [(0.9, 0.2, True), (0.9, 0.85, False), (0.2, 0.0, False), (0.9, 0.9, False)]
)
def test_more_alike_before_is_told_where_it_is_a_story(best: float, last: float, is_told: bool) -> None:
    told = facts.alike_earlier(best, last, Side("a", attempt=1), Side("b", attempt=2))
    assert (told is not None) == is_told
