"""Asking for a preview, publishing it, dropping it. Published reports become runs; the runs before them stay."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.protocol import Report
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.rules import is_held_back
from server.assignments.service import manifest_of
from server.audit import write_line
from server.broker import MAINTENANCE, TELL_RERUN
from server.courses.models import Role
from server.grading.models import Run
from server.grading.service import add_run
from server.messages.service import notify
from server.outbox import run_after_commit
from server.reruns import claims, queries, rules, selection
from server.reruns.models import Preview, PreviewJob, PreviewJobState, PreviewState
from server.reruns.selection import Wanted
from server.submissions.models import Job, State
from server.submissions.rules import queue_of
from server.teams.queries import members_of

CLOCK = func.clock_timestamp()


def preview(session: Session, *, assignment: Assignment, wanted: Wanted, reason: str, by: User, root: Path) -> Preview:
    """Judge them again without anybody but the staff knowing. Raises NothingChosen, TooMany, NoSuchSection, ReasonMissing."""
    reason = rules.checked_reason(reason)
    chosen = selection.choose(session, assignment=assignment, wanted=wanted, root=root)
    found = Preview(assignment=assignment, requested_by=by, wanted=wanted.spelled(), reason=reason)
    found.jobs = [PreviewJob(submission=each, base_run_id=each.run.id if each.run else None) for each in chosen]
    session.add(found)
    session.flush()
    claims.start(session, preview_id=found.id, queue=queue_of(manifest_of(assignment, root=root)).ordinary)
    note(session, found, by, "rerun.previewed", submissions=len(chosen), wanted=found.wanted, reason=reason)
    return found


def hold(session: Session, found: Preview) -> None:
    """Raises Decided."""
    locked = select(Preview).where(Preview.id == found.id).with_for_update(of=Preview)
    session.scalars(locked.execution_options(populate_existing=True)).one()
    if found.state is not PreviewState.judging:
        raise rules.Decided(is_published=found.state is PreviewState.published)


def drop(session: Session, *, found: Preview, by: User, now: datetime) -> Preview:
    """Nothing of it ever counts; what is being judged is not recorded any more."""
    hold(session, found)
    decide(session, found, PreviewState.dropped, by, now)
    note(session, found, by, "rerun.dropped")
    return found


def decide(session: Session, found: Preview, state: PreviewState, by: User, now: datetime) -> None:
    found.state, found.decided_by, found.decided_at = state, by, now
    session.flush()


def publish(session: Session, *, found: Preview, by: User, now: datetime, leaves_out_newer: bool = False) -> list[Run]:
    """Its reports become runs, and whoever's score differs is told. Raises StillJudging, NewerRuns, Decided.

    leaves_out_newer: publish the others where something newer came for some.
    """
    hold(session, found)
    jobs = queries.list_jobs(session, preview=found)
    newer = [each for each in jobs if selection.has_newer(each.submission, each.base_run_id)]
    left = sum(not each.state.is_over for each in jobs)
    named = [(each.submission_id, each.submission.author.login) for each in newer]
    rules.check_publishable(left, named, leaves_out_newer=leaves_out_newer)
    taken = [each for each in jobs if each.state is PreviewJobState.judged and each not in newer]
    befores = {each.id: each.submission.run.score if each.submission.run else None for each in taken}
    runs = [become_run(session, each, by) for each in taken]
    decide(session, found, PreviewState.published, by, now)
    different = [each for each, run in zip(taken, runs, strict=True) if befores[each.id] != run.score]
    tell_students(session, found, different)
    run_after_commit(session, TELL_RERUN, found.assignment_id, [each.submission_id for each in taken], queue=MAINTENANCE)
    counts = {"submissions": len(runs), "changed": len(different), "left_out": [number for number, _ in named]}
    note(session, found, by, "rerun.published", reason=found.reason, **counts)
    return runs


def become_run(session: Session, job: PreviewJob, by: User) -> Run:
    """By a job of its own, so that the submission's newest job has this run, and everything that reads runs finds it."""
    submission, report = job.submission, job.report.read_report()
    done = finished_job(session, job, by, report)
    return add_run(
        session, job_id=done.id, submission_id=submission.id, fence=1, report=report,
        versions=job.report.versions | {"preview": job.preview_id},
    )  # fmt: skip


def finished_job(session: Session, job: PreviewJob, by: User, report: Report) -> Job:
    submission, queue = job.submission, job.submission.job.queue.ordinary
    marks: list[Any] = [mark.model_dump(mode="json") for mark in report.marks()]
    done = Job(
        submission_id=submission.id, author_id=submission.author_id, requested_by_id=by.id, queue=queue, state=State.graded,
        fence=1, tries=1, started_at=job.report.created_at, finished_at=CLOCK, checks_done=len(marks), checks_total=len(marks),
        score_so_far=report.score, marks=marks,
    )  # fmt: skip
    session.add(done)
    session.flush()
    return done


def tell_students(session: Session, found: Preview, jobs: Sequence[PreviewJob]) -> None:
    """All whose work has another score now; of an exam that is not released, nobody."""
    assignment = found.assignment
    if is_held_back(assignment, role=Role.student):
        return
    told: dict[int, int] = {}
    for job in jobs:
        for student_id in members_of(session, assignment=assignment, user=job.submission.author):
            told.setdefault(student_id, job.submission_id)
    for student_id, submission_id in told.items():
        known = {"link": f"/submissions/{submission_id}", "course": assignment.course}
        notify(session, to=session.get_one(User, student_id), kind="scores_published", **known, assignment=assignment.slug)


def note(session: Session, found: Preview, by: User, action: str, **facts: Any) -> None:
    about = {"assignment": found.assignment.slug, "preview": found.id}
    write_line(session, course=found.assignment.course, actor=by, action=action, **about, **facts)
