"""What a person wants to know about a submission while it is judged and after."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from grader.protocol import Logged, Mark, Text
from server.assignments.models import Assignment
from server.courses.models import Course
from server.grading import devices
from server.grading.models import DeviceState
from server.submissions.models import Job, State, Submission

RECENT = 20
NEWER = aliased(Job)
WAITING = (State.received, State.queued)
TELLING = (State.running, State.graded)  # otherwise the marks are those of a try that came to nothing


class WaitsFor(StrEnum):
    """What a job in the queue needs beside a worker."""

    gpu = "gpu"  # one that is free
    gpu_in_service = "gpu_in_service"  # any at all: none is ready, or no worker has told of one


@dataclass(frozen=True)
class Snapshot:
    """One moment of a submission's life, small enough to be read twice a second."""

    submission_id: int
    job_id: int  # the newest one
    state: State
    position: int | None  # 1 is next; None when it does not wait
    eta_s: float | None
    checks_done: int
    checks_total: int
    score_so_far: Decimal
    marks: tuple[Mark, ...]  # one for each check once judging has begun
    waits_for: WaitsFor | None = None
    logged: tuple[Logged, ...] = ()  # in public checks; once it is graded, the report has all of it


def take_snapshot(session: Session, submission_id: int) -> Snapshot:
    newest = select(Job).where(Job.submission_id == submission_id).order_by(Job.id.desc()).limit(1)
    job = session.scalars(newest).one()
    position = find_position(session, job)
    return Snapshot(
        submission_id=submission_id,
        job_id=job.id,
        state=job.state,
        position=position,
        eta_s=estimate_wait_s(session, job, position),
        checks_done=job.checks_done,
        checks_total=job.checks_total,
        score_so_far=job.score_so_far,
        marks=tuple(Mark.model_validate(mark) for mark in job.marks) if job.state in TELLING else (),
        waits_for=find_what_it_waits_for(session, job),
        logged=tuple(Logged.model_validate(each) for each in job.logged) if job.state in TELLING else (),
    )


def find_position(session: Session, job: Job) -> int | None:
    if job.state not in WAITING:
        return None
    ahead = (Job.queue == job.queue) & (Job.id < job.id)
    if not job.queue.is_exam:
        ahead |= Job.queue == job.queue.urgent
    return 1 + session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(WAITING), ahead))


def find_what_it_waits_for(session: Session, job: Job) -> WaitsFor | None:
    if job.state not in WAITING or not job.queue.needs_gpu:
        return None
    return WaitsFor.gpu if devices.count_by_state(session)[DeviceState.ready] else WaitsFor.gpu_in_service


def estimate_wait_s(session: Session, job: Job, position: int | None) -> float | None:
    """From how long the last ones took and how many are judged side by side; None before any was judged."""
    if position is None:
        return None
    took = func.extract("epoch", Job.finished_at - Job.started_at).label("took")
    lanes = Job.queue.in_((job.queue.ordinary, job.queue.urgent))  # the same workers empty both
    finished = Job.queue == job.queue, Job.state == State.graded
    recent = select(took).where(*finished).order_by(Job.finished_at.desc()).limit(RECENT).subquery()
    mean = session.scalar(select(func.avg(recent.c.took)))
    running = select(func.count()).select_from(Job).where(lanes, Job.state == State.running)
    return None if mean is None else round(float(mean) * position / max(1, session.scalar(running)), 1)


@dataclass(frozen=True)
class Stuck:
    """A submission that waits for the staff, since when, and why."""

    submission: Submission
    since: datetime
    whose: str | None
    reason: Text | None

    @classmethod
    def of(cls, job: Job) -> "Stuck":
        fault = (job.fault or {}).get("fault") or {}
        message = fault.get("message")
        return cls(job.submission, job.finished_at, fault.get("whose"), Text.model_validate(message) if message else None)


def list_stuck(session: Session, *, course: Course | None = None) -> list[Stuck]:
    """What nothing but a person brings on, the oldest first; of one course or of all."""
    has_newer = select(NEWER.id).where(NEWER.submission_id == Job.submission_id, NEWER.id > Job.id).exists()
    query = (
        select(Job)
        .join(Submission, Job.submission)
        .join(Assignment, Submission.assignment)
        .where(Job.state == State.needs_staff, ~has_newer)
        .order_by(Job.finished_at, Job.id)
        .options(contains_eager(Job.submission))
    )
    if course is not None:
        query = query.where(Assignment.course_id == course.id)
    return [Stuck.of(job) for job in session.scalars(query)]
