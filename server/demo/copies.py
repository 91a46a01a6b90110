"""Works of the full course: a few are judged by the workers, all others are copies of these with their runs."""

import ast
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from grader.reading.trees import parse
from grader.spec import joined
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course
from server.database import current_time, session_factory
from server.grading.models import Measurement, Run
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Job, Queue, State, Submission
from server.submissions.service import Upload

MISTAKES = (0, 2, 6, 14)  # so many of an assignment's known mistakes in one work
SHARE_MISSING, SHARE_LATE = 0.06, 0.10
FALL, TERM = 0.35, timedelta(days=75)  # who loses the thread is so much worse at the end of the term
PATIENCE_S = 900.0
UNDECIDED = (State.received, State.queued, State.running)
NOT_OF_A_WORK = {"EXPLANATION", "CHECKS"}
COPY = """
CREATE TEMPORARY TABLE copied ON COMMIT DROP AS
SELECT * FROM unnest(:submissions, :jobs, :originals) AS _(submission_id, job_id, original_id);
INSERT INTO submission_files (submission_id, kind, name, sha256)
SELECT copied.submission_id, kind, name, sha256 FROM copied JOIN submission_files AS file ON file.submission_id = original_id;
INSERT INTO runs (job_id, submission_id, number, status, score, max_score, report, seed, fence, versions)
SELECT copied.job_id, copied.submission_id, 1, status, score, max_score, report, seed, 1, versions
FROM copied JOIN runs ON runs.submission_id = original_id AND runs.number = 1;
INSERT INTO measurements
SELECT run.id, run.submission_id, public, public_low, public_high, public_items, private, private_low, private_high, private_items
FROM copied JOIN runs AS run ON run.submission_id = copied.submission_id
JOIN measurements AS reached ON reached.submission_id = original_id
"""


@dataclass(frozen=True)
class Original:
    """A judged work, by the id of its submission."""

    id: int
    sha256: str
    value: float  # its score; in a competition what it reached


def works_of(folder: Path, lot: random.Random) -> Iterator[str]:
    """The reference with more and more known mistakes, then the starter."""
    reference = (folder / "reference.py").read_text(encoding="utf-8")
    known = sorted((folder / "mistakes").glob("*.py"))
    for count in MISTAKES:
        source = reference
        for path in lot.sample(known, min(count, len(known))):
            source = joined(source, without_constants(path.read_text(encoding="utf-8")))
        yield source
    yield (folder / "starter.py").read_text(encoding="utf-8")


def without_constants(source: str) -> str:
    """What an author tells the judge is no part of a work."""
    told = [node for node in parse(source).body if isinstance(node, ast.Assign) and names_of(node) & NOT_OF_A_WORK]
    lines = source.splitlines(keepends=True)
    for node in reversed(told):
        del lines[node.lineno - 1 : node.end_lineno]
    return "".join(lines)


def names_of(node: ast.Assign) -> set[str]:
    return {target.id for target in node.targets if isinstance(target, ast.Name)}


def hand_in_originals(
    session: Session, *, assignment: Assignment, authors: Sequence[User], settings: Settings, lot: random.Random
) -> None:
    """By the ordinary way, so that the workers judge them; in the past, when it was due."""
    sources = list(works_of(settings.assignments / assignment.slug, lot))
    for author, source in zip(authors, sources, strict=False):
        files = {"solution.py": source.encode()}
        upload = Upload(uploaded=files, collected=files)
        at = min(assignment.due_at - timedelta(days=1), current_time(session))
        known = {"assignment": assignment, "author": author, "upload": upload, "store": settings.blob_store}
        submissions.submit(session, **known, queue=Queue.cpu, now=at)


def wait_for_verdicts(course_id: int) -> int:
    """How many were judged. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    of_course = Submission.assignment_id.in_(select(Assignment.id).where(Assignment.course_id == course_id))
    waiting = select(func.count()).select_from(Job).join(Submission).where(of_course, Job.state.in_(UNDECIDED))
    while time.monotonic() < deadline:
        with session_factory() as session:
            if not session.scalar(waiting):
                return session.scalar(select(func.count()).select_from(Submission).where(of_course))
        time.sleep(0.5)
    raise TimeoutError(f"The works of the full course were not judged within {PATIENCE_S:.0f} s.")


def list_originals(session: Session, *, course: Course, slug: str) -> list[Original]:
    """The judged works of an assignment, the least first."""
    query = (
        select(Submission.id, Submission.sha256, Run.score, Measurement.public)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Run, (Run.submission_id == Submission.id) & (Run.number == 1))
        .outerjoin(Measurement, Measurement.run_id == Run.id)
        .where(Assignment.course_id == course.id, Assignment.slug == slug)
    )
    rows = session.execute(query).all()
    is_contest = any(public is not None for *_, public in rows)
    found = [
        Original(id, sha, float(public if is_contest else score)) for id, sha, score, public in rows if public or not is_contest
    ]
    return sorted(found, key=lambda each: each.value)


def authors_of(session: Session, *, assignment: Assignment) -> set[int]:
    return set(session.scalars(select(Submission.author_id).where(Submission.assignment_id == assignment.id)))


def copy_for(
    session: Session, *, assignment: Assignment, people: Sequence[User], originals: Sequence[Original], lot: random.Random
) -> int:
    """One to three attempts for almost everybody, each at least as good as the one before; some too late. How many."""
    rows, chosen, now = [], [], current_time(session)
    for place, user in enumerate(people):
        if lot.random() < SHARE_MISSING + (0.5 if place % 37 == 0 else 0):
            continue
        for attempt, (original, at) in enumerate(attempts_of(user, place, assignment, originals, lot, now), start=1):
            rows.append(
                {
                    "assignment_id": assignment.id,
                    "author_id": user.id,
                    "attempt": attempt,
                    "received_at": at,
                    "sha256": original.sha256,
                    "takes_attempt": True,
                }
            )
            chosen.append(original.id)
    ids = list(session.scalars(insert(Submission).returning(Submission.id, sort_by_parameter_order=True), rows))
    jobs = [job_of(id, row) for id, row in zip(ids, rows, strict=True)]
    job_ids = list(session.scalars(insert(Job).returning(Job.id, sort_by_parameter_order=True), jobs))
    first, *others = [each.strip() for each in COPY.split(";")]
    session.execute(text(first), {"submissions": ids, "jobs": job_ids, "originals": chosen})
    for statement in others:
        session.execute(text(statement))
    session.execute(text("DROP TABLE copied"))
    return len(ids)


def attempts_of(
    user: User, place: int, assignment: Assignment, originals: Sequence[Original], lot: random.Random, now: datetime
) -> list[tuple[Original, datetime]]:
    """Who is good stays good; every ninth loses the thread as the term goes on."""
    skill = random.Random(user.login).betavariate(4, 1.6)
    fall = 0.0 if place % 9 else FALL * (assignment.due_at - now + TERM) / TERM
    best = min(len(originals) - 1, max(0, round((len(originals) - 1) * (skill - fall + lot.gauss(0, 0.12)))))
    count = lot.choice((1, 1, 2, 3))
    picked = [*sorted(lot.randint(0, best) for _ in range(count - 1)), best]
    latest = min(assignment.due_at, now)
    late = timedelta(hours=lot.randint(2, 60)) if lot.random() < SHARE_LATE and assignment.closes_at > assignment.due_at else None
    times = sorted(latest - timedelta(hours=lot.uniform(1, 120)) for _ in picked)
    if late and latest == assignment.due_at:
        times[-1] = latest + late
    return [(originals[each], at) for each, at in zip(picked, times, strict=True)]


def job_of(submission_id: int, row: dict) -> dict:
    ended = row["received_at"] + timedelta(seconds=5)
    known = {"submission_id": submission_id, "author_id": row["author_id"], "queue": Queue.cpu, "state": State.graded}
    times = {
        "created_at": row["received_at"],
        "sent_at": row["received_at"],
        "started_at": row["received_at"],
        "finished_at": ended,
    }
    return {**known, **times, "fence": 1, "tries": 1, "checks_done": 0, "checks_total": 0, "score_so_far": Decimal(0)}
