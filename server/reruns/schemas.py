"""JSON shapes of previews and of a run with all that it takes to repeat it."""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from grader.protocol import Text
from server.grading.models import Run
from server.questions.answers import answers_of
from server.reruns import rules
from server.reruns.models import Preview, PreviewJobState, PreviewState
from server.reruns.queries import Change
from server.reruns.selection import Wanted
from server.submissions.models import Submission
from server.submissions.service import collected_files


class NewPreview(BaseModel):
    """Which submissions, and why. Without a choice: the attempt of each student that counts."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=rules.MAX_REASON, description="What has changed.")
    every: bool = Field(False, description="All attempts.")
    stuck: bool = Field(False, description="Those that need staff.")
    section: str = Field("", max_length=200)
    check: str = Field("", max_length=200, description="Those in which this check did not pass.")
    submissions: list[int] = Field(default_factory=list, max_length=rules.MOST)

    def wanted(self) -> Wanted:
        return Wanted(self.every, self.stuck, self.section, self.check, tuple(self.submissions))


class PreviewOut(BaseModel):
    id: int
    assignment: str
    requested_by: str
    requested_at: datetime
    reason: str
    wanted: dict[str, Any]
    state: PreviewState
    jobs: dict[PreviewJobState, int]
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, found: Preview, counts: Counter[PreviewJobState]) -> Self:
        names = ("id", "requested_at", "reason", "wanted", "state", "decided_at")
        return cls(
            assignment=found.assignment.slug,
            requested_by=found.requested_by.login,
            decided_by=found.decided_by.login if found.decided_by else None,
            jobs={state: counts[state] for state in PreviewJobState},
            **{name: getattr(found, name) for name in names},
        )


class CheckChangeOut(BaseModel):
    id: str
    title: Text
    before: float | None
    after: float | None


class CrossingOut(BaseModel):
    line: Text
    percent: float
    up: bool


class ChangeOut(BaseModel):
    """`newer`: something came since, so it cannot be published. `counted_…`: what the student has in this assignment."""

    submission: int
    student: str
    attempt: int
    state: PreviewJobState
    fault: str | None
    before: float | None
    after: float | None
    counted_before: float | None
    counted_after: float | None
    checks: list[CheckChangeOut]
    crossings: list[CrossingOut]
    newer: bool

    @classmethod
    def of(cls, change: Change) -> Self:
        job = change.job
        scores = {name: getattr(change, name) for name in ("before", "after", "counted_before", "counted_after")}
        return cls(
            submission=job.submission_id,
            student=job.submission.author.login,
            attempt=job.submission.attempt,
            state=job.state,
            fault=job.fault,
            checks=[CheckChangeOut.model_validate(each, from_attributes=True) for each in change.checks],
            crossings=[CrossingOut(line=each.line.name, percent=each.line.percent, up=each.is_up) for each in change.crossings],
            newer=change.is_newer,
            **{name: None if score is None else float(score) for name, score in scores.items()},
        )


class PreviewDetailOut(PreviewOut):
    changes: list[ChangeOut]

    @classmethod
    def of_changes(cls, found: Preview, counts: Counter[PreviewJobState], changes: Sequence[Change]) -> Self:
        return cls(**PreviewOut.of(found, counts).model_dump(), changes=[ChangeOut.of(each) for each in changes])


class Publishing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    leave_out_newer: bool = Field(False, description="Publish the others where something newer came for some.")


class RunDetailOut(BaseModel):
    """All that it takes to judge the same again. `files`: what the judge got, in base64; `answers`: to questions, by id."""

    id: int
    submission: int
    course: str
    assignment: str
    number: int
    seed: str
    score: float
    max_score: float
    versions: dict[str, Any]
    report: dict[str, Any]
    files: dict[str, str]
    answers: dict[str, Any] | None
    created_at: datetime

    @classmethod
    def of(cls, run: Run, submission: Submission, *, store: str) -> Self:
        files = collected_files(submission, store=store)
        names = ("id", "number", "seed", "versions", "report", "created_at")
        return cls(
            submission=submission.id,
            course=submission.assignment.course.slug,
            assignment=submission.assignment.slug,
            score=float(run.score),
            max_score=float(run.max_score),
            files={name: b64encode(data).decode() for name, data in files.items()},
            answers=answers_of(submission, store),
            **{name: getattr(run, name) for name in names},
        )
