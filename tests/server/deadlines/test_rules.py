"""What lateness costs, as properties: later never earns more, an extension never hurts, nobody gets less than nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.assignments.models import Counts
from server.deadlines.models import AfterGrace, LateKind
from server.deadlines.rules import (
    Attempt,
    Dates,
    Phase,
    Policy,
    Returned,
    Shift,
    Why,
    Work,
    choose,
    cost_now,
    counted,
    dates_for,
    days_late,
    grace_spent,
    most_days,
    phase_of,
    settle,
    with_returns,
    worth,
)

DUE = datetime(2026, 3, 22, 15, 59, tzinfo=UTC)
MAX = Decimal(100)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

percents = st.decimals(0, 100, places=1)
policies = st.builds(
    Policy,
    kind=st.sampled_from(LateKind),
    percent_per_day=st.decimals(1, 100, places=1),
    at_least_percent=percents,
    after_grace=st.sampled_from(AfterGrace),
)
scores = st.decimals(0, MAX, places=2)
moments = st.integers(-48, 24 * 6).map(lambda hours: DUE + hours * HOUR)
budgets = st.integers(0, 5)


@st.composite
def works(draw: st.DrawFn, key: int = 0, most: int = 4) -> Work:
    received = sorted(draw(st.lists(moments, max_size=most)))
    attempts = [Attempt(10 * key + n, at, draw(scores)) for n, at in enumerate(received)]
    return Work(key, DUE + key * HOUR, draw(policies), draw(st.sampled_from(Counts)), attempts)


@st.composite
def courses(draw: st.DrawFn) -> list[Work]:
    return [draw(works(key, most=3)) for key in range(draw(st.integers(1, 4)))]


def total(settled: dict) -> Decimal:
    return sum((each.total for each in settled.values() if each), Decimal(0))


@given(courses(), budgets)
def test_what_counts_lies_between_nothing_and_what_was_reached(course: list[Work], budget: int) -> None:
    settled = settle(course, budget)
    for each in filter(None, settled.values()):
        assert 0 <= each.total <= each.score <= MAX
    assert 0 <= grace_spent(settled) <= budget


@given(courses(), budgets, st.data())
def test_handing_in_later_never_earns_more(course: list[Work], budget: int, data: st.DataObject) -> None:
    """The same work, at any later moment that leaves the order of the attempts as it was."""
    place = data.draw(st.integers(0, len(course) - 1))
    delays = sorted(data.draw(st.lists(st.integers(0, 96), min_size=3, max_size=3)))
    later = [
        replace(each, received_at=each.received_at + hours * HOUR)
        for each, hours in zip(course[place].attempts, delays, strict=False)
    ]
    delayed = [*course[:place], replace(course[place], attempts=later), *course[place + 1 :]]
    assert total(settle(delayed, budget)) <= total(settle(course, budget))


@given(courses(), budgets, st.data())
def test_an_extension_never_hurts(course: list[Work], budget: int, data: st.DataObject) -> None:
    place, hours = data.draw(st.integers(0, len(course) - 1)), data.draw(st.integers(1, 24 * 8))
    extended = [*course]
    extended[place] = replace(course[place], due_at=course[place].due_at + hours * HOUR)
    assert total(settle(extended, budget)) >= total(settle(course, budget))


@given(courses(), budgets)
def test_a_grace_day_more_never_hurts(course: list[Work], budget: int) -> None:
    assert total(settle(course, budget + 1)) >= total(settle(course, budget))


@given(works(), budgets, scores, moments)
def test_another_attempt_never_hurts_where_the_best_counts(work: Work, budget: int, score: Decimal, at: datetime) -> None:
    work = replace(work, counts=Counts.best)
    more = replace(work, attempts=sorted([*work.attempts, Attempt(99, at, score)], key=lambda each: each.received_at))
    assert total(settle([more], budget)) >= total(settle([work], budget))


@given(courses(), budgets)
def test_no_other_way_to_spend_the_grace_days_gives_more(course: list[Work], budget: int) -> None:
    ways = [way for way in product(range(budget + 1), repeat=len(course)) if sum(way) <= budget]
    options = {(work.key, grace): counted(work, grace) for work in course for grace in range(budget + 1)}
    sums = [total({work.key: options[work.key, grace] for work, grace in zip(course, way, strict=True)}) for way in ways]
    assert total(settle(course, budget)) == max(sums)


@given(courses(), budgets)
def test_works_that_no_day_can_change_have_no_say(course: list[Work], budget: int) -> None:
    """So they may be left out when days are weighed: the choice among the others is the same with them."""
    in_order = sorted(course, key=lambda work: (work.due_at, work.key))
    options = {work.key: [counted(work, grace) for grace in range(most_days(work, budget) + 1)] for work in in_order}
    some = {key: each for key, each in options.items() if len(each) > 1}
    assert choose(options, budget) == dict.fromkeys(options, 0) | choose(some, budget)


@given(courses(), budgets, st.randoms())
def test_the_order_in_which_works_are_told_changes_nothing(course: list[Work], budget: int, random: object) -> None:
    shuffled = random.sample(course, len(course))
    assert settle(shuffled, budget) == settle(course, budget)


@given(courses(), budgets, st.data())
def test_handing_in_now_costs_what_was_said_or_less(course: list[Work], budget: int, data: st.DataObject) -> None:
    """Whatever score it reaches: a promise at the door is kept."""
    place, now, score = data.draw(st.integers(0, len(course) - 1)), data.draw(moments), data.draw(scores)
    work = replace(course[place], counts=Counts.best)
    said = cost_now(course, work=work, budget=budget, now=now)
    if said is not None and said.is_refused:
        return
    handed_in = replace(work, attempts=[*work.attempts, Attempt(99, now, score)])
    after = settle([*course[:place], handed_in, *course[place + 1 :]], budget)
    elsewhere = settle([*course[:place], *course[place + 1 :]], budget)
    percent = said.percent if said else Decimal(0)
    assert total(after) >= total(elsewhere) + score * (100 - percent) / 100 - Decimal("0.01")


@given(st.lists(st.builds(Shift, plus=st.integers(0, 99).map(lambda hours: hours * HOUR)), max_size=4))
def test_of_several_extensions_the_most_favourable_holds(shifts: list[Shift]) -> None:
    dates = Dates(DUE - 7 * DAY, DUE, DUE + DAY)
    mine = dates_for(dates, shifts)
    assert mine.due_at - DUE == max([each.plus for each in shifts], default=timedelta(0))
    assert mine.opens_at <= mine.due_at <= mine.closes_at


def test_an_earlier_date_is_no_extension_and_a_due_date_takes_the_closing_along() -> None:
    dates = Dates(DUE - 7 * DAY, DUE, DUE + DAY)
    assert dates_for(dates, [Shift(due_at=DUE - DAY, closes_at=DUE)]) == dates
    assert dates_for(dates, [Shift(due_at=DUE + 3 * DAY)]).closes_at == DUE + 3 * DAY


@pytest.mark.parametrize(
    ("late", "days"),
    [(-HOUR, 0), (timedelta(0), 0), (timedelta(seconds=1), 1), (DAY, 1), (DAY + timedelta(microseconds=1), 2), (3 * DAY, 3)],
)
def test_a_begun_day_is_a_day(late: timedelta, days: int) -> None:
    assert days_late(DUE + late, DUE) == days


def test_phases_follow_each_other() -> None:
    dates = Dates(DUE - 7 * DAY, DUE, DUE + DAY)
    asked = [DUE - 8 * DAY, DUE - 7 * DAY, DUE, DUE + HOUR, DUE + DAY]
    assert [phase_of(dates, at) for at in asked] == [Phase.ahead, Phase.open, Phase.open, Phase.late, Phase.closed]


def late_by(days: int, score: int, key: int = 0, **policy: object) -> Work:
    attempt = Attempt(10 * key, DUE + key * HOUR + days * DAY, Decimal(score))
    return Work(key, DUE + key * HOUR, Policy(**policy), Counts.best, [attempt])


def test_two_days_at_ten_percent_of_eighty_two() -> None:
    found = counted(late_by(2, 82, kind=LateKind.percentage), 0)
    assert (found.deduction.points, found.deduction.days, found.total) == (Decimal("16.40"), 2, Decimal("65.60"))


def test_a_floor_keeps_what_it_promises() -> None:
    found = counted(late_by(9, 80, kind=LateKind.percentage, at_least_percent=Decimal(40)), 0)
    assert found.total == 32


def test_grace_days_go_where_they_are_worth_most() -> None:
    first = late_by(2, 30, key=1, kind=LateKind.grace)
    second = late_by(2, 90, key=2, kind=LateKind.grace)
    settled = settle([first, second], 2)
    assert settled[1] is None
    assert (settled[2].total, settled[2].grace_days) == (90, 2)


def test_where_it_makes_no_difference_what_was_due_first_is_covered() -> None:
    rest = {"kind": LateKind.grace, "after_grace": AfterGrace.percentage}
    settled = settle([late_by(1, 50, key=2, **rest), late_by(1, 50, key=1, **rest)], 1)
    assert (settled[1].grace_days, settled[2].grace_days) == (1, 0)
    assert settled[2].deduction.why is Why.percentage


def test_no_day_is_spent_on_an_attempt_that_does_not_count() -> None:
    work = late_by(1, 60, kind=LateKind.grace)
    on_time = Attempt(1, DUE - HOUR, Decimal(80))
    assert grace_spent(settle([replace(work, attempts=[on_time, *work.attempts])], 3)) == 0


def test_where_the_latest_counts_an_uncovered_one_is_no_way_back_to_a_better_one() -> None:
    late = late_by(2, 50, kind=LateKind.grace)
    work = replace(late, counts=Counts.latest, attempts=[Attempt(1, DUE - HOUR, Decimal(90)), *late.attempts])
    assert (counted(work, 0).attempt_id, counted(work, 0).total, counted(work, 0).deduction.why) == (
        1,
        50,
        Why.newest_reached_less,
    )
    assert (counted(work, 2).attempt_id, counted(work, 2).total) == (0, 50)


def test_the_door_says_what_is_left_and_refuses_what_nothing_covers() -> None:
    spent = late_by(2, 90, key=1, kind=LateKind.grace)
    empty = replace(late_by(0, 0, key=2, kind=LateKind.grace), attempts=[])
    said = cost_now([spent, empty], work=empty, budget=3, now=empty.due_at + HOUR)
    assert (said.late_days, said.grace_days, said.left, said.is_refused) == (1, 1, 0, False)
    assert cost_now([spent, empty], work=empty, budget=3, now=empty.due_at + 2 * DAY).is_refused
    assert cost_now([spent, empty], work=empty, budget=3, now=empty.due_at) is None


@st.composite
def returned_works(draw: st.DrawFn) -> tuple[Work, list[Returned]]:
    """One attempt, its return and the fix, and what came after that; attempts are numbered from 0."""
    first, wait, took = draw(moments), draw(st.integers(1, 72)), draw(st.integers(1, 72))
    returned_at, fixed_at = first + wait * HOUR, first + (wait + took) * HOUR
    later = sorted(draw(st.lists(st.integers(1, 72), max_size=2)))
    received = [first, fixed_at, *(fixed_at + hours * HOUR for hours in later)]
    attempts = [Attempt(n, at, draw(scores)) for n, at in enumerate(received)]
    returns = [Returned(0, returned_at, draw(percents), fix_id=1)]
    return Work(1, DUE, draw(policies), draw(st.sampled_from(Counts)), attempts), returns


@given(returned_works(), budgets)
def test_a_fix_never_earns_more_than_its_score_would_have_without_a_return(told: tuple[Work, list[Returned]], grace: int) -> None:
    """Had the returned attempt reached it."""
    work, returns = told
    fix = with_returns(work.attempts, returns)[1]
    without = replace(work.attempts[0], score=fix.score)
    assert 0 <= worth(fix, work, grace).total <= worth(without, work, grace).total


@given(returned_works(), budgets)
def test_what_came_before_a_return_keeps_what_it_had(told: tuple[Work, list[Returned]], grace: int) -> None:
    work, returns = told
    assert with_returns(work.attempts, returns)[0] == work.attempts[0]
    assert worth(with_returns(work.attempts, returns)[0], work, grace) == worth(work.attempts[0], work, grace)


@given(returned_works(), budgets, scores)
def test_after_a_return_handing_in_later_never_earns_more(told: tuple[Work, list[Returned]], grace: int, score: Decimal) -> None:
    """The same score as the fix, or after it."""
    work, returns = told
    attempts = with_returns([replace(each, score=score) for each in work.attempts], returns)[1:]
    totals = [worth(each, work, grace).total for each in attempts]
    assert totals == sorted(totals, reverse=True)


@given(returned_works(), budgets)
def test_where_the_best_counts_a_return_costs_nobody_what_was_reached(told: tuple[Work, list[Returned]], budget: int) -> None:
    work, returns = told
    work = replace(work, counts=Counts.best)
    only, fixed = replace(work, attempts=work.attempts[:1]), replace(work, attempts=with_returns(work.attempts, returns))
    assert total(settle([fixed], budget)) >= total(settle([only], budget))


@given(returned_works(), budgets, st.integers(1, 72))
def test_an_extension_never_hurts_a_fix_either(told: tuple[Work, list[Returned]], budget: int, hours: int) -> None:
    work, returns = told
    work = replace(work, attempts=with_returns(work.attempts, returns))
    assert total(settle([replace(work, due_at=DUE + hours * HOUR)], budget)) >= total(settle([work], budget))


@given(returned_works(), percents)
def test_two_returns_take_both_their_percents_and_never_more_than_all(
    told: tuple[Work, list[Returned]], percent: Decimal
) -> None:
    work, returns = told
    again = Returned(1, work.attempts[1].received_at + timedelta(minutes=1), percent, fix_id=2)
    third = Attempt(2, work.attempts[1].received_at + HOUR, MAX)
    first, fix, fixed_again = with_returns([*work.attempts[:2], third], [*returns, again])
    assert fixed_again.returned_percent == min(MAX, returns[0].percent + percent)
    assert fixed_again.late_days(DUE) == fix.late_days(DUE) == first.late_days(DUE)
