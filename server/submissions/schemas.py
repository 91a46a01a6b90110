"""JSON shapes of what was handed in."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel

from grader.protocol import Points
from server.deadlines.schemas import CostOut, DeductionOut
from server.submissions.models import FileKind, State, Submission
from server.submissions.rules import Quota, attempts_left, attempts_left_today, scored_left, scored_left_today

if TYPE_CHECKING:
    from server.deadlines.queries import Account


class FileOut(BaseModel):
    name: str
    sha256: str
    size_bytes: int


class SubmissionOut(BaseModel):
    """One line of a history."""

    id: int
    course: str
    assignment: str
    author: str
    attempt: int
    received_at: datetime
    late: bool
    sha256: str
    state: State
    score: Points | None
    max_score: Points | None
    late_days: int  # begun days, by the dates that hold for the author
    deduction: DeductionOut | None  # what lateness takes off the score; null: nothing, or not graded yet
    counted_score: Points | None  # the score after that

    @classmethod
    def of(cls, submission: Submission, account: "Account") -> Self:
        return cls(**summary(submission, account))


class ReceiptOut(SubmissionOut):
    """Proof of what came in and when, by the server's clock."""

    files: list[FileOut]
    attempts_left: int
    attempts_left_today: int
    scored_left: int | None  # None where scores are not counted apart
    scored_left_today: int | None
    cost: CostOut | None  # of being late; null: none

    @classmethod
    def of_quota(cls, submission: Submission, quota: Quota, account: "Account") -> Self:
        is_fix = account.is_fix(submission.id)
        cost = None if is_fix else account.cost_of(submission.assignment_id, submission.received_at)
        return cls(
            **summary(submission, account),
            cost=CostOut.model_validate(cost, from_attributes=True) if cost else None,
            files=uploaded_files(submission),
            attempts_left=attempts_left(submission.assignment, quota),
            attempts_left_today=attempts_left_today(submission.assignment, quota),
            scored_left=scored_left(submission.assignment, quota),
            scored_left_today=scored_left_today(submission.assignment, quota),
        )


def summary(submission: Submission, account: "Account") -> dict:
    """account: the author's."""
    state, run = submission.state, submission.run  # in this order: one that is graded has its run
    counted = account.worth_of(submission.assignment_id, submission.id)
    late_days = account.late_days(submission)
    tried = account.find_try(submission.assignment_id, submission.id) if run else None
    return {
        "id": submission.id,
        "course": submission.assignment.course.slug,
        "assignment": submission.assignment.slug,
        "author": submission.author.login,
        "attempt": submission.attempt,
        "received_at": submission.received_at,
        "late": late_days > 0,
        "sha256": submission.sha256,
        "state": state,
        "score": tried.score if tried else None,
        "max_score": tried.max_score if tried else None,
        "late_days": late_days,
        "deduction": DeductionOut.of(counted) if counted else None,
        "counted_score": counted.total if counted else None,
    }


def uploaded_files(submission: Submission) -> list[FileOut]:
    uploaded = [file for file in submission.files if file.kind is not FileKind.collected]
    return [FileOut(name=file.name, sha256=file.sha256, size_bytes=file.blob.size_bytes) for file in uploaded]
