"""Dates as pages show them: the bar of an assignment, what was moved lately, and where a student stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from grader.protocol import Text
from server.assignments.models import Assignment
from server.courses.models import Enrollment
from server.deadlines import queries, rules
from server.deadlines.models import DateChange, Extension
from server.deadlines.queries import Account
from server.deadlines.refusals import GraceDaysUsedUp
from server.deadlines.rules import Cost, Dates, Returned
from server.deadlines.wording import cost_in_words, policy_in_words, score_in_words
from server.submissions.models import Submission

WIDTH = 1000.0
MARGIN = timedelta(hours=12)


@dataclass(frozen=True)
class Tick:
    """An extension's due date. `whose`: a name, to be read beside it."""

    at: float
    whose: str
    due_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class TimeBar:
    """From opening to the last closing of anybody, in thousandths of its width."""

    opens: float
    due: float
    closes: float
    last: float
    now: float | None
    ticks: Sequence[Tick]


def bar_of(assignment: Assignment, extensions: Sequence[Extension], now: datetime) -> TimeBar:
    dates = queries.dates_of(assignment)
    moved = [(each, rules.dates_for(dates, [queries.shift_of(each)])) for each in extensions]
    start = dates.opens_at
    end = max([dates.closes_at, *(each.closes_at for _, each in moved)]) + MARGIN

    def place(moment: datetime) -> float:
        return round(WIDTH * ((moment - start) / (end - start)), 1)

    ticks = [Tick(place(each.due_at), name_of(extension), each.due_at, each.closes_at) for extension, each in moved]
    last = max([dates.closes_at, *(each.closes_at for _, each in moved)])
    shown = place(now) if start <= now <= end else None
    return TimeBar(place(dates.opens_at), place(dates.due_at), place(dates.closes_at), place(last), shown, ticks)


def name_of(extension: Extension) -> str:
    return extension.student.display_name if extension.student else extension.section.name


@dataclass(frozen=True)
class Move:
    """One date that was moved."""

    name: str  # opens_at, due_at, closes_at
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Announcement:
    assignment: Assignment
    moves: Sequence[Move]
    reason: str
    at: datetime
    by: str | None


def announcement_of(change: DateChange) -> Announcement:
    moves = [
        Move(name, datetime.fromisoformat(change.before[name]), datetime.fromisoformat(moment))
        for name, moment in change.after.items()
        if moment != change.before[name]
    ]
    by = change.changed_by.display_name if change.changed_by else None
    return Announcement(change.assignment, moves, change.reason, change.at, by)


@dataclass(frozen=True)
class Own:
    """What one person has to hold to at an assignment, and what it has cost so far."""

    dates: Dates
    is_extended: bool
    reasons: Sequence[str]  # of extensions, where they are shared
    policy: Text | None  # None where lateness costs nothing
    cost: Text | None  # of handing in now
    sentence: Text | None  # of the score that counts, where lateness has changed it
    grace_left: int | None  # None where the assignment takes none
    budget: int
    open_points: Decimal  # that people are still to give, or to publish
    fix: Returned | None  # what may be handed in once more


def own_view(account: Account, assignment: Assignment, now: datetime) -> Own:
    given, policy = account.extensions.get(assignment.id, ()), account.policies[assignment.id]
    dates, cost = account.dates[assignment.id], account.cost_of(assignment.id, now)
    standing = account.settled[assignment.id]
    return Own(
        dates=dates,
        is_extended=dates != queries.dates_of(assignment),
        reasons=[each.reason for each in given if each.is_shared],
        policy=policy_in_words(policy, account.budget) if policy != queries.FREE else None,
        cost=cost_in_words(cost) if cost and not cost.is_refused and now < dates.closes_at else None,
        sentence=score_in_words(standing) if standing else None,
        grace_left=account.grace_left if policy.spends_grace else None,
        budget=account.budget,
        open_points=account.open_points(assignment.id),
        fix=account.open_fix(assignment.id, now),
    )


def open_own(session: Session, *, membership: Enrollment, root: Path) -> Account:
    told = {"root": root, "for_students": not membership.role.is_staff}
    return queries.open_account(session, course=membership.course, student_id=membership.user_id, **told)


def announced(session: Session, *, membership: Enrollment, now: datetime) -> list[Announcement]:
    """Dates of the course that were moved in the last week."""
    return [announcement_of(each) for each in queries.announced(session, course=membership.course, now=now)]


def check_covered(cost: Cost | None, name: str) -> None:
    """Raises GraceDaysUsedUp where late work could not be taken now."""
    if cost is not None and cost.is_refused:
        raise GraceDaysUsedUp(cost, name)


@dataclass(frozen=True)
class Lateness:
    """Of one submission: begun days, and the sentence about its score."""

    days: int
    sentence: Text | None


def lateness_of(account: Account, submission: Submission) -> Lateness:
    counted = account.worth_of(submission.assignment_id, submission.id)
    return Lateness(account.late_days(submission), score_in_words(counted) if counted else None)
