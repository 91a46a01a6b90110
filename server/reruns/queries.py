"""Previews of an assignment, and what one of them would change."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from server.assignments.models import Assignment
from server.deadlines.queries import Account, Try, open_accounts
from server.errors import NotFound
from server.grading.models import Run
from server.reruns import rules
from server.reruns.models import Preview, PreviewJob, PreviewJobState, PreviewReport
from server.reruns.rules import CheckChange, Crossing, Line
from server.reruns.selection import has_newer
from server.submissions.models import Submission


def list_previews(session: Session, *, assignment: Assignment) -> list[Preview]:
    """Newest first."""
    query = select(Preview).where(Preview.assignment_id == assignment.id).options(selectinload(Preview.jobs))
    return list(session.scalars(query.order_by(Preview.id.desc())))


def get_preview(session: Session, *, assignment: Assignment, preview_id: int) -> Preview:
    mine = Preview.id == preview_id, Preview.assignment_id == assignment.id
    found = session.scalar(select(Preview).where(*mine))
    if found is None:
        raise NotFound
    return found


def count_states(session: Session, *, preview: Preview) -> Counter[PreviewJobState]:
    return Counter(session.scalars(select(PreviewJob.state).where(PreviewJob.preview_id == preview.id)))


def list_jobs(session: Session, *, preview: Preview) -> Sequence[PreviewJob]:
    """With their reports, and the submissions' jobs and runs as they are now."""
    shown = (
        joinedload(PreviewJob.report).options(undefer(PreviewReport.report)),
        selectinload(PreviewJob.submission).options(selectinload(Submission.jobs), selectinload(Submission.runs)),
    )
    query = select(PreviewJob).where(PreviewJob.preview_id == preview.id).options(*shown).order_by(PreviewJob.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def bases_of(session: Session, *, jobs: Sequence[PreviewJob]) -> dict[int, Run]:
    """The runs that the preview compares with, by id, with their reports."""
    ids = [each.base_run_id for each in jobs if each.base_run_id]
    return {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(ids)).options(undefer(Run.report)))}


@dataclass(frozen=True)
class Change:
    """Of one submission: its score by the run and by the preview, and what counts for its student by either."""

    job: PreviewJob
    before: Decimal | None
    after: Decimal | None  # None as long as it is not judged
    max_score: Decimal
    checks: Sequence[CheckChange]
    counted_before: Decimal | None
    counted_after: Decimal | None
    crossings: Sequence[Crossing]
    is_newer: bool

    @property
    def difference(self) -> Decimal | None:
        return None if self.after is None else self.after - (self.before or Decimal(0))

    @property
    def changes_something(self) -> bool:
        return self.after is not None and (self.before is None or bool(self.checks) or self.before != self.after)


def changes_of(session: Session, *, preview: Preview, root: Path, lines: Sequence[Line] = (rules.PASS,)) -> list[Change]:
    """What everybody would have. Two attempts of one student are seen together, as they would be published."""
    jobs = list_jobs(session, preview=preview)
    bases = bases_of(session, jobs=jobs)
    people = {each.submission.author_id for each in jobs}
    accounts = open_accounts(session, course=preview.assignment.course, student_ids=people, root=root)
    after = {person: rescored(account, preview.assignment_id, jobs, bases) for person, account in accounts.items()}
    return [change_of(each, bases.get(each.base_run_id or 0), accounts, after, preview.assignment_id, lines) for each in jobs]


def rescored(account: Account, assignment_id: int, jobs: Sequence[PreviewJob], bases: Mapping[int, Run]) -> Account:
    """As if the reports of the preview were runs. What people gave beside the runs stays."""
    tries = {each.id: each for each in account.tries.get(assignment_id, ())}
    for job in jobs:
        if job.report and job.submission_id in tries:
            base = bases.get(job.base_run_id or 0)
            tries[job.submission_id] = with_score(tries[job.submission_id], job.report, base)
        elif job.report and job.submission.author_id == account.student_id:  # it had no verdict, so it was no attempt
            found = Try(job.submission_id, job.submission.received_at, job.report.score, job.report.max_score)
            tries[job.submission_id] = found
    in_order = sorted(tries.values(), key=lambda each: (each.received_at, each.id))
    return replace(account, tries={**account.tries, assignment_id: in_order})


def with_score(tried: Try, report: PreviewReport, base: Run | None) -> Try:
    by_hand = tried.score - base.score if tried.score is not None and base else Decimal(0)
    score = min(max(report.score + by_hand, Decimal(0)), max(tried.max_score, report.max_score))
    return replace(tried, score=score)


def change_of(
    job: PreviewJob,
    base: Run | None,
    accounts: Mapping[int, Account],
    after: Mapping[int, Account],
    assignment_id: int,
    lines: Sequence[Line],
) -> Change:
    report, author = job.report, job.submission.author_id
    old, new = (each[author].settled[assignment_id] for each in (accounts, after))
    counted_before, counted_after = old and old.total, new and new.total
    full = full_of(after[author], job, assignment_id)
    is_judged = report is not None and counted_after is not None
    return Change(
        job=job,
        before=base.score if base else None,
        after=report.score if report else None,
        max_score=full,
        checks=rules.changed_checks(base.read_report() if base else None, report.read_report()) if report else (),
        counted_before=counted_before,
        counted_after=counted_after if report else None,
        crossings=rules.crossings(counted_before, counted_after, full, lines) if is_judged else (),
        is_newer=has_newer(job.submission, job.base_run_id),
    )


def full_of(account: Account, job: PreviewJob, assignment_id: int) -> Decimal:
    """All points of the assignment, those that people give included."""
    tried = next((each for each in account.tries.get(assignment_id, ()) if each.id == job.submission_id), None)
    return tried.max_score if tried else rules.HUNDRED


def find_run(session: Session, *, run_id: int) -> Run | None:
    """With its report."""
    return session.scalar(select(Run).where(Run.id == run_id).options(undefer(Run.report)))
