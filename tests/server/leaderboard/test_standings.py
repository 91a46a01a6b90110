"""Boards as properties: total, stable, independent of the order in which results arrive; and nobody gains by a worse one."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.leaderboard.standings import Board, Entrant, Entry, Rules, shown, standing_of
from tests.server.leaderboard.conftest import START

VALUES = st.sampled_from([0.1, 0.5, 0.50001, 0.9, None]) | st.floats(0, 1)
RULES = st.builds(
    Rules,
    direction=st.sampled_from(["max", "min"]),
    counts=st.sampled_from(["best", "chosen"]),
    half=st.sampled_from(["public", "private"]),
    sees=st.sampled_from([float, lambda value: round(value, 2)]),
    beats=st.sampled_from([None, lambda one, other: one.value > other.value + 0.05]),
)


def person(number: int) -> Entrant:
    return Entrant("person", number)


@st.composite
def entries(draw: st.DrawFn) -> list[tuple[Entrant, Entry]]:
    """Up to 30 runs of up to 12 submissions by up to 4 people."""
    made = []
    for run_id in range(1, draw(st.integers(1, 30)) + 1):
        submission = draw(st.integers(1, 12))
        value = draw(VALUES)
        entry = Entry(
            submission_id=submission, attempt=submission, received_at=START + timedelta(minutes=submission // 2), run_id=run_id,
            value=value, private=None if value is None else draw(st.floats(0, 1)), chosen_at=None if submission % 3 else START,
        )  # fmt: skip
        made.append((person(submission % 4), entry))
    return made


def board_of(found: list[tuple[Entrant, Entry]], rules: Rules) -> Board:
    board = Board(rules)
    for each in found:
        board.put([each])
    return board


@given(entries(), RULES, st.randoms())
def test_the_order_of_arrival_changes_nothing(found: list[tuple[Entrant, Entry]], rules: Rules, rng: random.Random) -> None:
    shuffled = [*found, *rng.sample(found, len(found) // 2)]
    rng.shuffle(shuffled)
    at_once = Board(rules)
    at_once.put(found)
    assert list(board_of(shuffled, rules).order) == list(board_of(found, rules).order) == list(at_once.order)


@given(entries(), RULES)
def test_the_order_is_total_and_ranks_are_places_in_it(found: list[tuple[Entrant, Entry]], rules: Rules) -> None:
    board = board_of(found, rules)
    keys = [standing.key for standing in board.order]
    assert keys == sorted(set(keys))
    assert [board.rank(standing.entrant) for standing in board.order] == list(range(1, len(board) + 1))
    assert board.page(1, 2) == list(board.order)[1:3]


@given(entries(), RULES, st.floats(0, 1), st.floats(0, 1))
def test_nobodys_rank_improves_by_submitting_something_worse(
    found: list[tuple[Entrant, Entry]], rules: Rules, value: float, private: float
) -> None:
    """Worse on both halves than what stands there: nothing about anybody's place changes for the better."""
    board = board_of(found, rules)
    me = person(1)
    if (before := board.standings.get(me)) is None:
        return
    stands = before.entry
    worst = [min, max][rules.direction == "min"]
    new = Entry(
        submission_id=99, attempt=99, received_at=START + timedelta(days=9), run_id=1000,
        value=worst(value, stands.value), private=worst(private, stands.private),
    )  # fmt: skip
    rank = board.rank(me)
    board.put([(me, new)])
    assert board.rank(me) == rank


@given(entries(), RULES)
def test_only_finite_and_complete_scores_rank(found: list[tuple[Entrant, Entry]], rules: Rules) -> None:
    newest: dict[int, tuple[Entrant, Entry]] = {}
    for entrant, entry in found:
        newest[entry.submission_id] = entrant, entry
    scored = {entrant for entrant, entry in newest.values() if entry.value is not None}
    assert set(board_of(found, rules).standings) == scored


def test_equal_values_rank_by_time_and_what_shows_as_equal_is_equal(make_entry: Callable[..., Entry]) -> None:
    rules = Rules(sees=lambda value: round(value, 2))
    board = board_of(
        [(person(1), make_entry(2, 0.801)), (person(2), make_entry(1, 0.799)), (person(3), make_entry(3, 0.9))], rules
    )
    assert [standing.entrant.id for standing in board.order] == [3, 2, 1]


def test_a_newer_run_of_the_same_submission_replaces_it_even_by_nothing(make_entry: Callable[..., Entry]) -> None:
    board = board_of([(person(1), make_entry(1, 0.8)), (person(1), make_entry(2, 0.5))], Rules())
    assert board.standings[person(1)].value == 0.8
    board.put([(person(1), make_entry(1, None, run_id=10))])
    assert board.standings[person(1)].value == 0.5
    board.put([(person(1), make_entry(1, 0.8, run_id=1))])
    assert board.standings[person(1)].value == 0.5


def test_with_the_ladder_only_what_beats_the_best_that_showed_shows(make_entry: Callable[..., Entry]) -> None:
    rules = Rules(beats=lambda one, other: one.value > other.value + 0.05)
    mine = [make_entry(1, 0.70), make_entry(2, 0.74), make_entry(3, 0.78), make_entry(4, 0.80)]
    assert [shows for _, shows in shown(mine, rules)] == [True, False, True, False]
    standing = standing_of(person(1), mine, rules)
    assert (standing.value, standing.entry.submission_id, standing.attempts) == (0.78, 3, 4)
    assert [value for _, value in standing.history] == [0.70, 0.78]


@pytest.mark.parametrize(("counts", "expected"), [("best", 0.6), ("chosen", 0.7)])
def test_the_private_score_is_that_of_the_public_best_or_of_the_best_choice(
    make_entry: Callable[..., Entry], counts: str, expected: float
) -> None:
    mine = [
        make_entry(1, 0.9, private=0.6), make_entry(2, 0.8, private=0.7, chosen_at=START),
        make_entry(3, 0.7, private=0.5, chosen_at=START), make_entry(4, 0.6, private=0.95),
    ]  # fmt: skip
    assert standing_of(person(1), mine, Rules(counts=counts, half="private")).value == expected
    assert standing_of(person(1), mine, Rules(counts=counts)).value == 0.9


def test_of_too_many_choices_those_count_that_were_made_first(make_entry: Callable[..., Entry]) -> None:
    """Two people who each marked two and then stand together must not have the best of four."""
    marked = [
        make_entry(n, 0.9, private=private, chosen_at=START + timedelta(minutes=minute))
        for n, private, minute in ((1, 0.95, 4), (2, 0.6, 1), (3, 0.7, 2), (4, 0.8, 3))
    ]
    rules = Rules(counts="chosen", half="private", most_chosen=2)
    assert standing_of(person(1), marked, rules).value == 0.7


def test_a_frozen_board_does_not_know_what_came_later(make_entry: Callable[..., Entry]) -> None:
    found = [
        (person(1), make_entry(1, 0.5, minute=1)),
        (person(1), make_entry(2, 0.9, minute=60)),
        (person(2), make_entry(3, 0.7, minute=61)),
    ]
    board = board_of(found, Rules(until=START + timedelta(minutes=60)))
    assert [(standing.entrant.id, standing.value) for standing in board.order] == [(1, 0.5)]


def test_ranks_of_the_past_and_the_progress_of_all(make_entry: Callable[..., Entry]) -> None:
    found = [
        (person(1), make_entry(1, 0.5, minute=1)), (person(2), make_entry(2, 0.6, minute=2)),
        (person(1), make_entry(3, 0.7, minute=30)), (person(2), make_entry(4, 0.65, minute=40)),
    ]  # fmt: skip
    board = board_of(found, Rules())
    assert board.ranks_at(START + timedelta(minutes=10)) == {person(2): 1, person(1): 2}
    assert board.ranks_at(START) == {}
    assert [value for _, value in board.progress] == [0.5, 0.6, 0.7]
    assert (board.rank(person(1)), board.better_than(0.65), board.better_than(0.7), board.better_than(0.8)) == (1, 2, 1, 0)


def test_where_less_is_better_the_smallest_is_first(make_entry: Callable[..., Entry]) -> None:
    board = board_of([(person(n), make_entry(n, value)) for n, value in ((1, 0.4), (2, 0.2), (3, 0.3))], Rules(direction="min"))
    assert [standing.entrant.id for standing in board.order] == [2, 3, 1]
    assert [value for _, value in board.progress] == [0.4, 0.2]
    assert board.better_than(0.25) == 1


@given(entries(), st.sampled_from(["max", "min"]), st.randoms())
def test_the_progress_is_that_of_all_steps_in_time(
    found: list[tuple[Entrant, Entry]], direction: str, rng: random.Random
) -> None:
    rng.shuffle(found)
    board, best = board_of(found, Rules(direction=direction)), None
    expected = []
    for at, value in sorted(step for standing in board.order for step in standing.history):
        if best is None or board.rules.sign * value > board.rules.sign * best:
            best = value
            expected.append((at, value))
    at_one_moment = dict(expected)  # two at the same moment are one dot
    assert dict(board.progress) == at_one_moment
