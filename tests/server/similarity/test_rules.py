"""What is compared and what is kept, as properties."""

from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from server.similarity import rules
from server.similarity.rules import Attempt

NOON = datetime(2026, 3, 22, 12, tzinfo=UTC)


@st.composite
def attempts(draw: st.DrawFn) -> list[Attempt]:
    made = draw(st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 100)), min_size=1, max_size=30))
    return [Attempt(number, 1, number, NOON, str(content), score) for number, (content, score) in enumerate(made, start=1)]


@given(attempts(), st.integers(1, 8), st.booleans())
def test_those_that_count_and_the_ends_are_always_compared(found: list[Attempt], most: int, best_counts: bool) -> None:
    chosen = rules.chosen_attempts(found, most=most, best_counts=best_counts)
    contents = [each.content for each in chosen]
    distinct = list(dict.fromkeys(each.content for each in found))
    assert len(chosen) == min(most, len(distinct)) == len(set(contents))
    assert [each.id for each in chosen] == sorted(each.id for each in chosen)
    if most >= 3:
        assert {distinct[0], distinct[-1]} <= set(contents)


@given(attempts())
def test_what_counts_is_the_best_or_the_last(found: list[Attempt]) -> None:
    best = rules.counting(found, best_counts=True)
    assert best.score == max((each.score for each in found if each.score is not None), default=None)
    assert rules.counting(found, best_counts=False) is found[-1]


@dataclass(frozen=True)
class Ranked:
    left: str
    right: str
    similarity: float


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.floats(0, 1)), max_size=300))
def test_the_first_pairs_of_everybody_are_kept(made: list[tuple[int, int, float]]) -> None:
    ranked = sorted((Ranked(str(a), str(b), value) for a, b, value in made), key=lambda pair: -pair.similarity)
    kept = rules.kept(ranked)
    for student in {pair.left for pair in ranked} | {pair.right for pair in ranked}:
        theirs = [pair for pair in ranked if student in (pair.left, pair.right) and pair.similarity >= rules.WORTH_KEEPING]
        first = theirs[: rules.OF_ONE_STUDENT]
        assert [pair for pair in kept if pair in first] == first or len(theirs) > rules.OF_ONE_STUDENT
    assert kept == sorted(kept, key=lambda pair: -pair.similarity)


def test_a_large_class_has_fewer_attempts_of_each() -> None:
    assert [rules.most_attempts(students) for students in (1, 300, 500, 2000, 9000)] == [8, 8, 8, 2, 1]
