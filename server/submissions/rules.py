"""May this be handed in? Values in, answer out; no session, no clock."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from grader.spec import Manifest
from server.assignments.models import Assignment
from server.errors import AppError
from server.submissions.models import Queue


@dataclass(frozen=True)
class Quota:
    """Attempts of one person at one assignment, as counted under the lock."""

    used: int
    used_today: int


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
    status, code = 429, "daily_attempts_used_up"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"Today's {limit} attempts are used up; more from midnight in the course's time zone.",
            f"今天的 {limit} 次提交机会已用完，课程所在时区的零点之后可再次提交。",
            per_day=limit,
        )


class IdempotencyKeyReused(AppError):
    status, code = 409, "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for other files.", "该 Idempotency-Key 已用于其他文件。")


class UnusableUpload(AppError):
    """The files cannot be read as a submission; nothing was stored and no attempt was taken."""

    status, code = 422, "unusable_upload"


def check_can_submit(assignment: Assignment, *, quota: Quota, now: datetime) -> None:
    """Raise the reason for refusing a submission, if there is one."""
    if now >= assignment.closes_at:
        raise SubmissionsClosed(assignment.closes_at.astimezone(ZoneInfo(assignment.course.time_zone)))
    if quota.used >= assignment.attempt_limit:
        raise AttemptsUsedUp(assignment.attempt_limit)
    if quota.used_today >= assignment.per_day:
        raise DailyAttemptsUsedUp(assignment.per_day)


def start_of_day(now: datetime, time_zone: str) -> datetime:
    """The last midnight where the course is held."""
    zone = ZoneInfo(time_zone)
    return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)


def queue_of(manifest: Manifest) -> Queue:
    """What needs a GPU waits for a worker that has one."""
    return Queue.gpu if manifest.device == "cuda" else Queue.cpu


def attempts_left(assignment: Assignment, quota: Quota) -> int:
    return max(0, assignment.attempt_limit - quota.used)


def attempts_left_today(assignment: Assignment, quota: Quota) -> int:
    return max(0, min(assignment.per_day - quota.used_today, assignment.attempt_limit - quota.used))
