"""Handing in: bytes stored by hash, then everything about them in the caller's one transaction."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from grader.questions.answers import ANSWERS, HandedIn
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.rules import is_held_back
from server.courses.models import Enrollment, Role, Standing
from server.courses.roster_refusals import Withdrawn
from server.courses.service import opens_course
from server.deadlines.queries import find_fix, own_dates
from server.deadlines.service import Terms
from server.outbox import run_after_commit
from server.submissions import blobs, rules
from server.submissions.models import Blob, FileKind, Job, Queue, State, Submission, SubmissionFile
from server.teams import service as teams
from server.teams.queries import find_team, members_of, stand_together

GRADE = "grading.grade_submission"
UNDECIDED = (State.received, State.queued, State.running)


@dataclass(frozen=True)
class Upload:
    """The files as they came, and the Python sources found in them: name → bytes.

    handed_in: what was answered, where questions are asked; part of the receipt like every file.
    """

    uploaded: Mapping[str, bytes]
    collected: Mapping[str, bytes]
    handed_in: HandedIn | None = None

    @property
    def by_kind(self) -> dict[FileKind, Mapping[str, bytes]]:
        found = {FileKind.uploaded: self.uploaded, FileKind.collected: self.collected}
        if self.handed_in is not None:
            found[FileKind.answers] = {ANSWERS: self.handed_in.content}
            found[FileKind.attachment] = self.handed_in.attachments
        return found

    @property
    def sha256(self) -> str:
        """What `sha256sum FILES | sha256sum` prints, files sorted by name: anybody can check a receipt."""
        handed_in = [files for kind, files in self.by_kind.items() if kind is not FileKind.collected]
        named = sorted(item for files in handed_in for item in files.items())
        lines = [f"{blobs.digest(content)}  {name}\n" for name, content in named]
        return blobs.digest("".join(lines).encode())


def submit(
    session: Session,
    *,
    assignment: Assignment,
    author: User,
    upload: Upload,
    store: str,
    queue: Queue,
    now: datetime,
    idempotency_key: str | None = None,
    terms: Terms | None = None,
) -> Submission:
    """Record a new attempt and queue it for judging; the same key again gives the same submission.

    terms: what lateness costs and whether that is accepted, as a door has found out; without them it is not asked.
    """
    lock_attempts(session, assignment=assignment, author=author)
    known = find_by_key(session, assignment=assignment, author=author, key=idempotency_key)
    if known is not None:
        return check_same(known, upload)
    returned = find_fix(session, assignment=assignment, user=author, now=now)
    if returned is None:  # else it is the fix that was asked for, which neither dates nor used-up attempts refuse
        quota = count_attempts(session, assignment=assignment, author=author, now=now)
        terms = terms or Terms(own_dates(session, assignment=assignment, user=author))
        rules.check_can_submit(assignment, quota=quota, now=now, closes_at=terms.dates.closes_at)
        terms.check_accepted(assignment.course.time_zone)
    key = {"idempotency_key": idempotency_key}
    submission = record(session, assignment=assignment, author=author, upload=upload, store=store, queue=queue, now=now, **key)
    if returned is not None:
        returned.fix_id = submission.id
    return submission


def submit_sitting(
    session: Session, *, assignment: Assignment, author: User, upload: Upload, store: str, queue: Queue, now: datetime
) -> Submission:
    """From an exam's sitting, which keeps its own time: neither dates nor quotas of the assignment are asked.

    Who has withdrawn in the middle still hands in what was written.
    """
    with suppress(Withdrawn):
        lock_attempts(session, assignment=assignment, author=author)
    return record(session, assignment=assignment, author=author, upload=upload, store=store, queue=queue, now=now)


def record(
    session: Session,
    *,
    assignment: Assignment,
    author: User,
    upload: Upload,
    store: str,
    queue: Queue,
    now: datetime,
    idempotency_key: str | None = None,
) -> Submission:
    """The attempt with its files, queued. Under the lock of its attempts."""
    submission = Submission(
        assignment=assignment,
        author=author,
        attempt=next_attempt(session, assignment=assignment, author=author),
        received_at=now,
        sha256=upload.sha256,
        idempotency_key=idempotency_key,
        files=store_files(session, upload=upload, store=store),
    )
    session.add(submission)
    queue_job(session, submission=submission, queue=queue)
    return submission


def queue_job(session: Session, *, submission: Submission, queue: Queue, requested_by: User | None = None) -> Job:
    """Ask for one judging; the message leaves with the commit."""
    job = Job(submission=submission, author_id=submission.author.id, queue=queue)
    job.requested_by_id = requested_by.id if requested_by else None
    session.add(job)
    session.flush()
    run_after_commit(session, GRADE, job.id, queue=queue)
    return job


def lock_attempts(session: Session, *, assignment: Assignment, author: User) -> None:
    """Until the end of this transaction nobody else counts the attempts of this person or team: no number is given twice.

    Raises Withdrawn for whoever has left the course, also in this very moment.
    """
    if teams.lock_person(session, assignment=assignment, user=author) is Standing.withdrawn:
        raise Withdrawn
    if (team := find_team(session, assignment=assignment, user=author)) is not None:
        teams.lock_team(session, team)


def count_attempts(session: Session, *, assignment: Assignment, author: User, now: datetime) -> rules.Quota:
    """Those of all who stand together."""
    midnight = rules.start_of_day(now, assignment.course.time_zone)
    today = Submission.received_at >= midnight
    scored = Submission.measurements.any() | Submission.jobs.any(Job.state.in_(UNDECIDED))
    counts = [func.count(), func.count().filter(today), func.count().filter(scored), func.count().filter(scored, today)]
    together = members_of(session, assignment=assignment, user=author)
    taken = Submission.assignment_id == assignment.id, Submission.author_id.in_(together), Submission.takes_attempt
    return rules.Quota(*session.execute(select(*counts).select_from(Submission).where(*taken)).one())


def next_attempt(session: Session, *, assignment: Assignment, author: User) -> int:
    """Numbers go on even after an attempt was given back."""
    return (session.scalar(select(func.max(Submission.attempt)).where(*is_by(assignment, author))) or 0) + 1


def is_by(assignment: Assignment, author: User) -> tuple:
    return Submission.assignment_id == assignment.id, Submission.author_id == author.id


def find_by_key(session: Session, *, assignment: Assignment, author: User, key: str | None) -> Submission | None:
    if key is None:
        return None
    return session.scalar(select(Submission).where(*is_by(assignment, author), Submission.idempotency_key == key))


def check_same(known: Submission, upload: Upload) -> Submission:
    if known.sha256 != upload.sha256:
        raise rules.IdempotencyKeyReused
    return known


def store_files(session: Session, *, upload: Upload, store: str) -> list[SubmissionFile]:
    """Bytes first, then their rows: a row never promises bytes that are not there."""
    named = upload.by_kind
    keep_bytes(session, [content for files in named.values() for content in files.values()], store=store)
    return [
        SubmissionFile(kind=kind, name=name, sha256=blobs.digest(content))
        for kind, files in named.items()
        for name, content in files.items()
    ]


def keep_bytes(session: Session, contents: Iterable[bytes], *, store: str) -> None:
    sizes = {blobs.store(store, content): len(content) for content in contents}
    # Sorted, so that two transactions that store the same files never wait for each other in a circle.
    rows = [{"sha256": sha256, "size_bytes": size} for sha256, size in sorted(sizes.items())]
    session.execute(insert(Blob).values(rows).on_conflict_do_nothing())


def collected_files(submission: Submission, *, store: str) -> dict[str, bytes]:
    """What the judge gets."""
    return {file.name: blobs.read(store, file.sha256) for file in submission.files if file.kind is FileKind.collected}


def find_visible(session: Session, *, submission_id: int, user: User) -> tuple[Submission, Role, Standing] | None:
    """The submission and the asking person's role and standing; one query, so the course is part of the question.

    Of an exam that is not released students see none, not even their own.
    """
    together = stand_together(Submission.assignment_id, Submission.author_id, user)
    query = (
        select(Submission, Enrollment.role, Enrollment.standing, together)
        .join(Assignment, Submission.assignment)
        .join(Enrollment, (Enrollment.course_id == Assignment.course_id) & (Enrollment.user_id == user.id))
        .where(Submission.id == submission_id, opens_course())
    )
    row = session.execute(query).one_or_none()
    if row is None or not (row[1].is_staff or row[0].author_id == user.id or row[3]):
        return None
    return None if is_held_back(row[0].assignment, role=row[1]) else (row[0], row[1], row[2])


def list_submissions(
    session: Session, *, assignment: Assignment, author: User | None = None, before: int | None = None, limit: int | None = None
) -> list[Submission]:
    """Newest first, with states and scores but no reports; of one person and his team, or of all; from below an id on."""
    query = select(Submission).where(Submission.assignment_id == assignment.id)
    if author is not None:
        query = query.where(Submission.author_id.in_(members_of(session, assignment=assignment, user=author)))
    if before is not None:
        query = query.where(Submission.id < before)
    shown = selectinload(Submission.jobs), selectinload(Submission.runs)
    return list(session.scalars(query.options(*shown).order_by(Submission.id.desc()).limit(limit)))
