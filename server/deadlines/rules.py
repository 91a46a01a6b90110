"""Dates of a person and what lateness costs: values in, answer out; no session, no clock.

Points never come from here: a run keeps what the judge gave, and lateness is a `Deduction` on top of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from server.assignments.models import Counts
from server.deadlines.models import AfterGrace, LateKind

DAY = timedelta(days=1)
NONE, HUNDRED, CENT = Decimal(0), Decimal(100), Decimal("0.01")


@dataclass(frozen=True)
class Dates:
    opens_at: datetime
    due_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Shift:
    """What an extension does: new dates, or time on top of whatever the assignment's are."""

    due_at: datetime | None = None
    closes_at: datetime | None = None
    plus: timedelta = timedelta(0)

    def moved(self, dates: Dates) -> Dates:
        """A new due date alone takes the closing along, as far as it has to go."""
        due_at = self.due_at or dates.due_at + self.plus
        return Dates(dates.opens_at, due_at, max(self.closes_at or dates.closes_at + self.plus, due_at))


class Phase(StrEnum):
    ahead = "ahead"
    open = "open"
    late = "late"
    closed = "closed"
    fix = "fix"  # closed, except for what was returned to this person


@dataclass(frozen=True)
class Policy:
    """What a begun day of lateness costs: nothing, a share of the score, or a day of the budget and then one of both ends."""

    kind: LateKind = LateKind.none
    percent_per_day: Decimal = Decimal(10)  # of the score that was reached
    at_least_percent: Decimal = NONE  # of it stays, however late
    after_grace: AfterGrace = AfterGrace.refused

    @property
    def spends_grace(self) -> bool:
        return self.kind is LateKind.grace

    @property
    def takes_percent(self) -> bool:
        return self.kind is LateKind.percentage or (self.spends_grace and self.after_grace is AfterGrace.percentage)

    def percent_of(self, days: int) -> Decimal:
        """Of the score, for so many begun days that nothing covers."""
        return min(self.percent_per_day * days, HUNDRED - self.at_least_percent) if self.takes_percent else NONE


class Why(StrEnum):
    percentage = "percentage"
    not_covered = "not_covered"  # the budget is used up, and the course takes nothing beyond it
    newest_reached_less = "newest_reached_less"  # where the latest counts and could not be covered
    returned = "returned"  # it was sent back for a fix before, and lateness takes nothing


@dataclass(frozen=True)
class Deduction:
    """`days`: begun days that no grace day covers. `points` is all of it, `returned_points` what of it a return takes."""

    points: Decimal
    days: int
    why: Why
    percent_per_day: Decimal | None = None
    returned_percent: Decimal = NONE
    returned_points: Decimal = NONE


@dataclass(frozen=True)
class Attempt:
    """`stands_for`: of a fix the moment by which it is late or not, which is that of the attempt that was returned.

    `returned_percent`: of the score, for all that was returned before this one came.
    """

    id: int
    received_at: datetime
    score: Decimal
    returned_percent: Decimal = NONE
    stands_for: datetime | None = None

    def late_days(self, due_at: datetime) -> int:
        return days_late(self.stands_for or self.received_at, due_at)


@dataclass(frozen=True)
class Returned:
    """An attempt was sent back for a fix, which may come until a moment; `fix_id`: what was handed in for that."""

    attempt_id: int
    at: datetime
    percent: Decimal
    fix_id: int | None = None
    until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.fix_id is None and self.until is not None and now < self.until


@dataclass(frozen=True)
class Work:
    """All that one person has handed in to one assignment, in order, with the dates that hold for that person."""

    key: int
    due_at: datetime
    policy: Policy
    counts: Counts
    attempts: Sequence[Attempt]


@dataclass(frozen=True)
class Counted:
    """What an attempt is worth. `total` is what counts; None of it where the attempt does not count at all."""

    attempt_id: int
    score: Decimal
    late_days: int
    grace_days: int
    deduction: Deduction | None

    @property
    def total(self) -> Decimal:
        return self.score - (self.deduction.points if self.deduction else NONE)

    @property
    def counts(self) -> bool:
        return self.deduction is None or self.deduction.why is not Why.not_covered


@dataclass(frozen=True)
class Cost:
    """What handing in now would cost: `grace_days` of the budget, of which `left` stay, and a share of the score for the rest."""

    late_days: int
    grace_days: int = 0
    left: int = 0
    percent: Decimal = NONE
    is_refused: bool = False


def dates_for(dates: Dates, shifts: Iterable[Shift]) -> Dates:
    """Of each date the most favourable; an extension can only add time."""
    moved = [dates, *(shift.moved(dates) for shift in shifts)]
    return Dates(dates.opens_at, max(each.due_at for each in moved), max(each.closes_at for each in moved))


def phase_of(dates: Dates, now: datetime, *, fix: Returned | None = None) -> Phase:
    """`fix`: what may still be fixed, whatever the dates say."""
    if now < dates.opens_at:
        return Phase.ahead
    if now >= dates.closes_at:
        return Phase.fix if fix else Phase.closed
    return Phase.open if now <= dates.due_at else Phase.late


def days_late(received_at: datetime, due_at: datetime) -> int:
    """Begun days: a second late is one day, and so is a day to the second."""
    return 0 if received_at <= due_at else -((due_at - received_at) // DAY)


def worth(attempt: Attempt, work: Work, grace: int) -> Counted:
    """An attempt with so many grace days at hand."""
    policy, late = work.policy, attempt.late_days(work.due_at)
    covered = min(late, grace) if policy.spends_grace else 0
    return Counted(attempt.id, attempt.score, late, covered, deduct(attempt, policy, late - covered))


def deduct(attempt: Attempt, policy: Policy, days: int) -> Deduction | None:
    """For begun days that nothing covers, and for what was returned before; together never more than the score."""
    late, percent = deduct_days(attempt.score, policy, days), attempt.returned_percent
    if not percent:
        return late
    returned = share(attempt.score, percent)
    told = {"returned_percent": percent, "returned_points": returned}
    if late is None:
        return Deduction(returned, 0, Why.returned, **told)
    return replace(late, points=min(attempt.score, late.points + returned), **told)


def deduct_days(score: Decimal, policy: Policy, days: int) -> Deduction | None:
    """For begun days that nothing covers."""
    if days == 0 or policy.kind is LateKind.none:
        return None
    if not policy.takes_percent:
        return Deduction(score, days, Why.not_covered)
    return Deduction(share(score, policy.percent_of(days)), days, Why.percentage, policy.percent_per_day)


def share(score: Decimal, percent: Decimal) -> Decimal:
    return min((score * percent / HUNDRED).quantize(CENT), score)


def with_returns(attempts: Sequence[Attempt], returns: Iterable[Returned]) -> list[Attempt]:
    """In order. What came before a return keeps what it had; whatever comes after it bears its percentage, and the fix is as
    late as the attempt that it stands for: the time in between was the staff's.
    """
    told, moments = list(returns), {}
    found = []
    for attempt in attempts:
        fixes = next((each for each in told if each.fix_id == attempt.id), None)
        stands_for = moments.get(fixes.attempt_id) if fixes else None
        percent = min(HUNDRED, sum((each.percent for each in told if each.at < attempt.received_at), NONE))
        found.append(replace(attempt, returned_percent=percent, stands_for=stands_for))
        moments[attempt.id] = stands_for or attempt.received_at
    return found


def counted(work: Work, grace: int) -> Counted | None:
    """The attempt that counts, after deductions, with so many grace days at hand; None where none does."""
    worths = [worth(attempt, work, grace) for attempt in work.attempts]
    if work.counts is Counts.best:
        return max((each for each in worths if each.counts), key=lambda each: (each.total, -each.grace_days), default=None)
    return newest_counted(worths)


def newest_counted(worths: Sequence[Counted]) -> Counted | None:
    """The newest that counts. One before it stands in for the newest, but never for more than that one has reached:
    otherwise it would pay to leave a bad latest attempt uncovered, and an extension that covers it would hurt.
    """
    standing = next((each for each in reversed(worths) if each.counts), None)
    if standing is None:
        return None
    passed_over = worths[worths.index(standing) + 1 :]
    most = min((if_covered(each) for each in passed_over), default=standing.total)
    if most >= standing.total:
        return standing
    late = max(each.late_days for each in passed_over)
    cut = Deduction(standing.score - most, late, Why.newest_reached_less)
    return Counted(standing.attempt_id, standing.score, standing.late_days, standing.grace_days, cut)


def if_covered(counted: Counted) -> Decimal:
    """What it would be worth if grace days covered all of its lateness."""
    return counted.score - (counted.deduction.returned_points if counted.deduction else NONE)


def settle(works: Iterable[Work], budget: int) -> dict[int, Counted | None]:
    """What counts of each, with the grace days spent so that the sum of all scores is as high as it can be.

    Of several ways the one that spends fewest days, and of those the one that spends them on what was due first.
    """
    in_order = sorted(works, key=lambda work: (work.due_at, work.key))
    options = {work.key: [counted(work, grace) for grace in range(most_days(work, budget) + 1)] for work in in_order}
    chosen = choose({key: each for key, each in options.items() if len(each) > 1}, budget)
    return {key: each[chosen.get(key, 0)] for key, each in options.items()}


def choose(options: Mapping[int, Sequence[Counted | None]], budget: int) -> dict[int, int]:
    """How many grace days each gets, of works in the order in which they were due: those that a day can change at all."""
    choices = list(options.values())
    ahead = best_ahead(choices, budget)
    chosen: dict[int, int] = {}
    left = budget
    for place, key in enumerate(options):
        mine, rest = choices[place], ahead[place + 1]
        chosen[key] = max(range(min(left, len(mine) - 1) + 1), key=lambda g: (gain(mine, g, rest[left - g]), g))
        left -= chosen[key]
    return chosen


Gain = tuple[Decimal, int]  # points, and grace days below zero: more points are better, then fewer days


def gain(options: Sequence[Counted | None], grace: int, rest: Gain) -> Gain:
    option = options[grace]
    return (option.total if option else NONE) + rest[0], rest[1] - grace


def best_ahead(options: Sequence[Sequence[Counted | None]], budget: int) -> list[list[Gain]]:
    """`[i][b]`: the most that works from i on can gain with b days; from the last one backwards."""
    ahead = [[(NONE, 0)] * (budget + 1)]
    for choices in reversed(options):
        after = ahead[0]
        ahead.insert(
            0, [max(gain(choices, g, after[b - g]) for g in range(min(b, len(choices) - 1) + 1)) for b in range(budget + 1)]
        )
    return ahead


def most_days(work: Work, budget: int) -> int:
    """More grace days than the latest attempt is late would buy nothing."""
    if not work.policy.spends_grace:
        return 0
    return min(budget, max((each.late_days(work.due_at) for each in work.attempts), default=0))


def grace_spent(settled: Mapping[int, Counted | None]) -> int:
    return sum(each.grace_days for each in settled.values() if each)


def cost_now(works: Iterable[Work], *, work: Work, budget: int, now: datetime) -> Cost | None:
    """Of handing in to `work` now; None where it costs nothing. Days spent on other works are gone."""
    late, policy = days_late(now, work.due_at), work.policy
    if late == 0 or policy.kind is LateKind.none:
        return None
    elsewhere = settle((each for each in works if each.key != work.key), budget)
    at_hand = budget - grace_spent(elsewhere) if policy.spends_grace else 0
    covered = min(late, at_hand)
    percent = policy.percent_of(late - covered)
    return Cost(late, covered, at_hand - covered, percent, is_refused=late > covered and not policy.takes_percent)
