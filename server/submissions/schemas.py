"""JSON shapes of what was handed in."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from grader.protocol import Points
from server.submissions.models import FileKind, State, Submission
from server.submissions.rules import Quota, attempts_left, attempts_left_today, scored_left, scored_left_today


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

    @classmethod
    def of(cls, submission: Submission) -> Self:
        return cls(**summary(submission))


class ReceiptOut(SubmissionOut):
    """Proof of what came in and when, by the server's clock."""

    files: list[FileOut]
    attempts_left: int
    attempts_left_today: int
    scored_left: int | None  # None where scores are not counted apart
    scored_left_today: int | None

    @classmethod
    def of_quota(cls, submission: Submission, quota: Quota) -> Self:
        return cls(
            **summary(submission),
            files=uploaded_files(submission),
            attempts_left=attempts_left(submission.assignment, quota),
            attempts_left_today=attempts_left_today(submission.assignment, quota),
            scored_left=scored_left(submission.assignment, quota),
            scored_left_today=scored_left_today(submission.assignment, quota),
        )


def summary(submission: Submission) -> dict:
    state, run = submission.state, submission.run  # in this order: one that is graded has its run
    return {
        "id": submission.id,
        "course": submission.assignment.course.slug,
        "assignment": submission.assignment.slug,
        "author": submission.author.login,
        "attempt": submission.attempt,
        "received_at": submission.received_at,
        "late": submission.is_late,
        "sha256": submission.sha256,
        "state": state,
        "score": run.score if run else None,
        "max_score": run.max_score if run else None,
    }


def uploaded_files(submission: Submission) -> list[FileOut]:
    uploaded = [file for file in submission.files if file.kind is FileKind.uploaded]
    return [FileOut(name=file.name, sha256=file.sha256, size_bytes=file.blob.size_bytes) for file in uploaded]
