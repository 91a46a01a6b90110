"""Points of marks and sections, dealing works out, and reading what was typed, as properties."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.marking import refusals, rules
from server.marking.models import Scale
from server.marking.rules import Given, Share, Worth

POINTS = st.decimals(-30, 30, places=2)
ITEMS = {number: Decimal(number - 5) for number in range(10)}
WORTHS = (
    Worth(1, Decimal(20), Scale.subtractive),
    Worth(2, Decimal(10), Scale.additive, "essay", 2),
    Worth(3, Decimal(10), Scale.additive, "essay", 2),
    Worth(4, Decimal(10), Scale.subtractive, "essay", 2),
)
MARKS = st.builds(
    Given,
    question=st.sampled_from([each.id for each in WORTHS]),
    number=st.integers(1, 6),
    items=st.lists(st.sampled_from(sorted(ITEMS)), unique=True, max_size=4).map(tuple),
    adjustment=POINTS,
)
HISTORY = st.lists(MARKS, unique_by=lambda each: (each.question, each.number), max_size=20)


@given(MARKS)
def test_a_mark_never_leaves_what_the_question_is_worth(mark: Given) -> None:
    worth = next(each for each in WORTHS if each.id == mark.question)
    assert 0 <= rules.points_of(mark, worth, ITEMS) <= worth.points


def test_an_additive_mark_begins_at_nothing_and_a_subtractive_one_at_the_top() -> None:
    additive, subtractive = Worth(1, Decimal(10)), Worth(1, Decimal(10), Scale.subtractive)
    mark = Given(1, 1, (1, 8))  # -4 and 3
    assert rules.points_of(Given(1, 1), additive, ITEMS) == 0
    assert rules.points_of(Given(1, 1), subtractive, ITEMS) == 10
    assert rules.points_of(mark, subtractive, ITEMS) == 9
    assert rules.points_of(Given(1, 1, (8,), Decimal("0.5")), additive, ITEMS) == Decimal("3.5")


@given(HISTORY)
def test_a_total_stays_within_nothing_and_the_most(history: list[Given]) -> None:
    assert 0 <= rules.total_of(history, WORTHS, ITEMS) <= rules.most_of(WORTHS) == 40


@given(HISTORY, st.randoms())
def test_folding_the_rows_in_any_order_gives_the_same_points(history: list[Given], random: object) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)
    assert rules.total_of(shuffled, WORTHS, ITEMS) == rules.total_of(history, WORTHS, ITEMS)
    alone = list(rules.newest(history).values())
    assert rules.total_of(alone, WORTHS, ITEMS) == rules.total_of(history, WORTHS, ITEMS)


@given(HISTORY, st.sampled_from(sorted(ITEMS)), st.decimals(0, 5, places=2))
def test_an_item_that_gives_more_never_takes_from_a_total(history: list[Given], item: int, more: Decimal) -> None:
    dearer = ITEMS | {item: ITEMS[item] + more}
    assert rules.total_of(history, WORTHS, dearer) >= rules.total_of(history, WORTHS, ITEMS)


@given(st.dictionaries(st.sampled_from([2, 3, 4]), st.decimals(0, 10, places=1)))
def test_of_a_section_the_best_count(points: dict[int, Decimal]) -> None:
    counted = rules.counted(points, WORTHS)
    assert sum(counted.values()) == sum(sorted(points.values(), reverse=True)[:2])
    assert len(counted) == min(2, len(points))


def test_a_rubric_that_only_takes_begins_at_the_top() -> None:
    assert rules.scale_of([Decimal(-2), Decimal(0)]) is Scale.subtractive
    assert rules.scale_of([Decimal(-2), Decimal(3)]) is rules.scale_of([]) is rules.scale_of([Decimal(0)]) is Scale.additive


@given(st.sets(st.integers(1, 200), max_size=40), st.sets(st.integers(1, 5), min_size=1), st.text(max_size=5))
def test_works_are_dealt_evenly_and_the_same_again(works: set[int], markers: set[int], seed: str) -> None:
    staff = sorted(markers)
    dealt = rules.deal(works, staff, held={}, seed=seed)
    load = Counter(dealt.values())
    assert set(dealt) == works and max(load.values(), default=0) - min(load[each] for each in staff) <= 1 * bool(works)
    assert dealt == rules.deal(sorted(works, reverse=True), staff, held={}, seed=seed)


@given(st.sets(st.integers(1, 60), max_size=30), st.sets(st.integers(61, 90), max_size=20))
def test_who_has_a_work_keeps_it_when_others_come(early: set[int], late: set[int]) -> None:
    first = rules.deal(early, [1, 2], held={}, seed="a")
    second = rules.deal(early | late, [1, 2, 3], held=first, seed="b")
    assert {work: second[work] for work in early} == first
    assert set(second) == early | late


@given(st.sets(st.integers(1, 999), max_size=40), st.integers(1, 999))
def test_another_work_leaves_the_order_of_the_others(works: set[int], another: int) -> None:
    before, after = rules.order_of(works, seed="7:3"), rules.order_of(works | {another}, seed="7:3")
    assert [each for each in after if each in works] == before


def test_two_markers_read_in_different_orders() -> None:
    assert rules.order_of(range(30), seed="7:3") != rules.order_of(range(30), seed="7:4")


def test_what_is_said_of_a_student_goes_before_the_question_and_that_before_the_section() -> None:
    shares = [Share(1, section=5), Share(2, question=9), Share(3, student=7)]
    assert rules.marker_of(shares, question=9, section=5, student=7) == 3
    assert rules.marker_of(shares, question=9, section=5, student=8) == 2
    assert rules.marker_of(shares, question=8, section=5, student=8) == 1
    assert rules.marker_of(shares, question=8, section=6, student=8) is None
    assert rules.marker_of([Share(2, question=9)], question=8, section=None, student=8) is None


@pytest.mark.parametrize(("typed", "value"), [("", 0), (" 1.5 ", "1.5"), ("−2", -2), ("+3", 3), ("-0.25", "-0.25")])
def test_points_are_read_as_people_write_them(typed: str, value: object) -> None:
    assert rules.read_points(typed) == Decimal(str(value))


@pytest.mark.parametrize("typed", ["x", "1.234", "NaN", "Infinity", "101", "1,5", "--1"])
def test_what_is_no_number_of_points_is_refused(typed: str) -> None:
    with pytest.raises(refusals.BadPoints):
        rules.read_points(typed)


def test_a_spread_has_mean_and_counts() -> None:
    spread = rules.spread_of([Decimal(1), Decimal(2), Decimal(2)])
    assert (spread.count, spread.mean, spread.counts[Decimal(2)]) == (3, Decimal("1.67"), 2)
    assert rules.spread_of([]).mean is None
