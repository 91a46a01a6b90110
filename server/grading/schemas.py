"""JSON shapes of verdicts and of the way to them."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from grader.protocol import Logged, Mark, Points, Status, Text
from server.deadlines.queries import Account
from server.declarations.models import Declaration
from server.declarations.schemas import DeclarationOut
from server.grading import rules
from server.grading.models import Run
from server.grading.queries import Snapshot, Stuck, WaitsFor
from server.submissions.models import State, Submission
from server.submissions.schemas import FileOut, SubmissionOut, summary, uploaded_files


class QueueOut(BaseModel):
    position: int
    eta_s: float | None
    waits_for: WaitsFor | None  # for nothing but its turn, if null


class ChecksOut(BaseModel):
    done: int
    total: int


class ProgressOut(BaseModel):
    """One server-sent event."""

    submission: int
    state: State
    final: bool
    queue: QueueOut | None
    checks: ChecksOut
    score_so_far: Points
    results: list[Mark]  # one for each check, `outcome` null until it has ended; hidden ones end in batches
    logged: list[Logged]  # what the code has told of its training in public checks, while it runs

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        waits = snapshot.position is not None
        return cls(
            submission=snapshot.submission_id,
            state=snapshot.state,
            final=snapshot.state.is_final,
            queue=QueueOut.model_validate(snapshot, from_attributes=True) if waits else None,
            checks=ChecksOut(done=snapshot.checks_done, total=snapshot.checks_total),
            score_so_far=snapshot.score_so_far,
            results=list(snapshot.marks),
            logged=list(snapshot.logged),
        )


class RunOut(BaseModel):
    id: int
    number: int
    status: Status
    score: Points
    max_score: Points
    created_at: datetime
    report: dict[str, Any]  # the report of the public contract; students get less of hidden checks

    @classmethod
    def of(cls, run: Run, *, for_staff: bool) -> Self:
        return cls(
            id=run.id,
            number=run.number,
            status=run.status,
            score=run.score,
            max_score=run.max_score,
            created_at=run.created_at,
            report=rules.report_for(run.read_report(), staff=for_staff),
        )


class SubmissionDetailOut(SubmissionOut):
    files: list[FileOut]
    declaration: DeclarationOut | None  # what it was made with, as said last; null: nothing was said
    progress: ProgressOut
    run: RunOut | None
    fault: dict[str, Any] | None  # staff only: why there is no verdict

    @classmethod
    def of_view(
        cls, submission: Submission, snapshot: Snapshot, account: Account, declaration: Declaration | None, *, for_staff: bool
    ) -> Self:
        run = submission.run  # read after the snapshot: a graded one has its run
        return cls(
            **summary(submission, account) | {"state": snapshot.state},
            files=uploaded_files(submission),
            declaration=DeclarationOut.of(declaration, received_at=submission.received_at) if declaration else None,
            progress=ProgressOut.of(snapshot),
            run=RunOut.of(run, for_staff=for_staff) if run else None,
            fault=submission.job.fault if for_staff else None,
        )


class StuckOut(BaseModel):
    """A submission that nothing but a person brings on."""

    id: int
    course: str
    assignment: str
    attempt: int
    author: str
    display_name: str
    whose: str | None  # assignment or system
    reason: Text | None
    since: datetime
    age_s: float

    @classmethod
    def of(cls, stuck: Stuck, *, now: datetime) -> Self:
        submission = stuck.submission
        return cls(
            id=submission.id,
            course=submission.assignment.course.slug,
            assignment=submission.assignment.slug,
            attempt=submission.attempt,
            author=submission.author.login,
            display_name=submission.author.display_name,
            whose=stuck.whose,
            reason=stuck.reason,
            since=stuck.since,
            age_s=round((now - stuck.since).total_seconds(), 1),
        )


class StuckListOut(BaseModel):
    count: int
    submissions: list[StuckOut]  # the oldest first
