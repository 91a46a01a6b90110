"""May this be handed in? Values in, answer out; no session, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from grader.protocol import Text
from grader.spec import Manifest
from server.assignments.models import Assignment
from server.errors import AppError
from server.submissions.models import Queue


@dataclass(frozen=True)
class Quota:
    """Attempts of one person or team at one assignment, as counted under the lock; beside them those that reach a score.

    What still waits or runs counts as if it would reach one. A fault of ours costs neither.
    """

    used: int
    used_today: int
    scored: int = 0
    scored_today: int = 0


class SubmissionsClosed(AppError):
    status, code = 409, "submissions_closed"

    def __init__(self, closed_at: datetime) -> None:
        super().__init__(
            f"This assignment closed at {closed_at:%d %b %Y %H:%M %Z}.",
            f"本作业已于 {closed_at:%Y-%m-%d %H:%M %Z} 截止。",
            closed_at=closed_at.isoformat(),
        )


class AttemptsUsedUp(AppError):
    status, code = 409, "attempts_used_up"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"All {limit} attempts are used up. What you have handed in counts; if the platform cost you one, tell your teacher.",
            f"{limit} 次提交机会已全部用完，已提交的成绩有效。如果是平台故障占用了机会，请联系老师。",
            attempt_limit=limit,
        )


class DailyAttemptsUsedUp(AppError):
    """`next_at`: in the course's zone; None where the assignment closes before."""

    status, code = 429, "daily_attempts_used_up"

    def __init__(self, limit: int, next_at: datetime | None) -> None:
        again = say_when(next_at)
        super().__init__(
            f"Today's {limit} attempts are used up; {again.en}",
            f"今天的 {limit} 次提交机会已用完，{again.zh}",
            per_day=limit,
            next_at=next_at and next_at.isoformat(),
        )


class ScoredUsedUp(AppError):
    status, code = 409, "scored_attempts_used_up"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"All {limit} scored submissions are used up; those still in the queue count. What stands on the board counts.",
            f"{limit} 次计分提交已全部用完（含仍在排队的），榜上的成绩有效。",
            scored_limit=limit,
        )


class DailyScoredUsedUp(AppError):
    """`next_at`: in the course's zone; None where the assignment closes before."""

    status, code = 429, "daily_scored_attempts_used_up"

    def __init__(self, limit: int, next_at: datetime | None) -> None:
        again = say_when(next_at)
        super().__init__(
            f"Today's {limit} scored submissions are used up, those in the queue included; {again.en}",
            f"今天的 {limit} 次计分提交已用完（含仍在排队的），{again.zh}",
            scored_per_day=limit,
            next_at=next_at and next_at.isoformat(),
        )


class IdempotencyKeyReused(AppError):
    status, code = 409, "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for other files.", "该 Idempotency-Key 已用于其他文件。")


class UnusableUpload(AppError):
    """The files cannot be read as a submission; nothing was stored and no attempt was taken."""

    status, code = 422, "unusable_upload"


class UnusableAnswers(UnusableUpload):
    """Some answers cannot be read; nothing was stored and no attempt was taken."""

    code = "unusable_answers"

    def __init__(self, problems: Mapping[str, Text], en: str, zh: str) -> None:
        super().__init__(en, zh, questions={id: text.model_dump() for id, text in problems.items()})
        self.problems = problems


def check_can_submit(assignment: Assignment, *, quota: Quota, now: datetime, closes_at: datetime | None = None) -> None:
    """Raise the reason for refusing a submission, if there is one; what lasts before what a new day ends.

    closes_at: for this person, where it is not when the assignment does.
    """
    closes_at = closes_at or assignment.closes_at
    if now >= closes_at:
        raise SubmissionsClosed(closes_at.astimezone(ZoneInfo(assignment.course.time_zone)))
    if quota.used >= assignment.attempt_limit:
        raise AttemptsUsedUp(assignment.attempt_limit)
    if assignment.scored_limit is not None and quota.scored >= assignment.scored_limit:
        raise ScoredUsedUp(assignment.scored_limit)
    if quota.used_today >= assignment.per_day:
        raise DailyAttemptsUsedUp(assignment.per_day, next_day(assignment, now=now, closes_at=closes_at))
    if assignment.scored_per_day is not None and quota.scored_today >= assignment.scored_per_day:
        raise DailyScoredUsedUp(assignment.scored_per_day, next_day(assignment, now=now, closes_at=closes_at))


def start_of_day(now: datetime, time_zone: str) -> datetime:
    """The last midnight where the course is held."""
    zone = ZoneInfo(time_zone)
    return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)


def next_day(assignment: Assignment, *, now: datetime, closes_at: datetime | None = None) -> datetime | None:
    """When a new day's quota begins; None where the assignment closes before, for this person."""
    midnight = start_of_day(now, assignment.course.time_zone) + timedelta(days=1)
    return midnight if midnight < (closes_at or assignment.closes_at) else None


def say_when(next_at: datetime | None) -> Text:
    """The end of a sentence: when the next one comes back."""
    if next_at is None:
        return Text(en="the assignment closes before the next day begins.", zh="作业会在次日零点之前截止。")
    return Text(en=f"next from {next_at:%a %d %b %H:%M %Z}.", zh=f"{next_at:%Y-%m-%d %H:%M %Z} 起可再次提交。")


def queue_of(manifest: Manifest, *, in_sitting: bool = False) -> Queue:
    """What needs a GPU waits for a worker that has one; whoever sits in an exam waits for nobody else."""
    queue = Queue.gpu if manifest.device == "cuda" else Queue.cpu
    return queue.urgent if in_sitting or manifest.kind == "exam" else queue


def attempts_left(assignment: Assignment, quota: Quota) -> int:
    return max(0, assignment.attempt_limit - quota.used)


def attempts_left_today(assignment: Assignment, quota: Quota) -> int:
    return max(0, min(assignment.per_day - quota.used_today, assignment.attempt_limit - quota.used))


def scored_left(assignment: Assignment, quota: Quota) -> int | None:
    """None where scores are not counted apart."""
    return None if assignment.scored_limit is None else max(0, assignment.scored_limit - quota.scored)


def scored_left_today(assignment: Assignment, quota: Quota) -> int | None:
    """None where scores are not counted apart."""
    left, today = scored_left(assignment, quota), assignment.scored_per_day
    of_today = None if today is None else max(0, today - quota.scored_today)
    return min((each for each in (left, of_today) if each is not None), default=None)
