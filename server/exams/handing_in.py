"""From what is saved to an attempt, by student, clock or staff. What cannot be read is left out and named, never refused."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.questions.answers import BadAnswers
from grader.questions.asked import Attachment
from grader.questions.paper import Paper
from grader.questions.work import work_of
from grader.refusals import BadSubmission
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.service import manifest_of
from server.assignments.variants import draw_paper_of
from server.audit import write_line
from server.database import current_time, session_factory
from server.exams import credits, places, queries, rules
from server.exams.fields import FILE, QUESTION, is_blank
from server.exams.models import HandedInBy, Sitting
from server.exams.refusals import CheckStillRunning, ChecksUsedUp, NoChecksHere
from server.settings import Settings
from server.submissions import blobs
from server.submissions import service as submissions
from server.submissions.models import Submission
from server.submissions.rules import queue_of
from server.submissions.service import Upload

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gathered:
    """upload: None where nothing was answered. left_out: by field, why it could not be handed in."""

    upload: Upload | None
    left_out: Mapping[str, Text]


def gather(manifest: Manifest, paper: Paper, saved: Mapping[str, Any], *, store: str) -> Gathered:
    """saved: values by field."""
    raw = {name.removeprefix(QUESTION): value for name, value in saved.items() if name.startswith(QUESTION)}
    code = {
        name.removeprefix(FILE): value.encode() for name, value in saved.items() if name.startswith(FILE) and not is_blank(value)
    }
    raw, attached = with_files(paper, {id: value for id, value in raw.items() if not is_blank(value)}, store)
    left_out: dict[str, Text] = {}
    while True:  # each turn leaves at least one thing out
        try:
            work = work_of(manifest, paper, raw, attached, code)
        except BadAnswers as bad:
            left_out |= {f"{QUESTION}{id}": problem for id, problem in bad.problems.items()}
            raw = {id: value for id, value in raw.items() if id not in bad.problems}
        except BadSubmission as bad:
            if not code:
                return Gathered(None, left_out)
            left_out |= {f"{FILE}{name}": bad.message for name in code}
            code = {}
        else:
            return Gathered(Upload(uploaded=work.uploaded, collected=work.code, handed_in=work.handed_in), left_out)


def with_files(paper: Paper, raw: Mapping[str, Any], store: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Answers in the place of what was uploaded: the file's name; and the files by that name."""
    answers, files = dict(raw), {}
    for item in paper.items:
        kept = answers.get(item.question.id)
        if isinstance(item.asked, Attachment) and isinstance(kept, dict):
            name = f"{item.question.id} {kept['name']}"
            answers[item.question.id], files[name] = name, blobs.read(store, kept["sha256"])
    return answers, files


def hand_in(
    session: Session, *, sitting: Sitting, by: HandedInBy, settings: Settings, now: datetime, actor: User | None = None
) -> Sitting:
    """Under the sitting's lock; handed in already, nothing changes. now: when it counts as handed in."""
    if sitting.handed_in_at is not None:
        return sitting
    gathered = gather_saved(session, sitting, settings)
    sitting.left_out = {name: text.model_dump() for name, text in gathered.left_out.items()}
    if gathered.upload is not None:
        sitting.submission_id = attempt_of(session, sitting, gathered.upload, settings, now).id
    sitting.handed_in_at, sitting.handed_in_by = now, by
    session.flush()
    places.note(session, sitting, "handed_in", actor=actor, by=by.value, left_out=sorted(gathered.left_out))
    about = {"exam": sitting.exam.assignment.slug, "student": sitting.student.login, "number": sitting.number, "by": by.value}
    write_line(session, course=sitting.exam.assignment.course, actor=actor, action="exam.handed_in", **about)
    return sitting


def gather_saved(session: Session, sitting: Sitting, settings: Settings) -> Gathered:
    assignment = sitting.exam.assignment
    manifest = manifest_of(assignment, root=settings.assignments)
    paper = draw_paper_of(assignment, manifest, user_id=sitting.student_id, settings=settings)
    saved = {name: each.value for name, each in queries.saved_of(session, sitting).items()}
    return gather(manifest, paper, saved, store=settings.blob_store)


def attempt_of(session: Session, sitting: Sitting, upload: Upload, settings: Settings, now: datetime) -> Submission:
    """The last attempt once more where nothing has changed since, so that it is not judged twice."""
    last = newest_attempt(session, sitting)
    if last is not None and last.sha256 == upload.sha256:
        return last
    return submissions.submit_sitting(
        session, assignment=sitting.exam.assignment, author=sitting.student, upload=upload, store=settings.blob_store,
        queue=queue_of(manifest_of(sitting.exam.assignment, root=settings.assignments), in_sitting=True), now=now,
    )  # fmt: skip


def newest_attempt(session: Session, sitting: Sitting) -> Submission | None:
    found = queries.attempts_of(session, sitting)
    return found[-1] if found else None


def run_checks(session: Session, *, sitting: Sitting, settings: Settings, now: datetime) -> Submission:
    """An attempt of what is saved now, whose public checks the student may see. Under the sitting's lock."""
    before = queries.attempts_of(session, sitting)
    if before and not before[-1].state.is_final:
        raise CheckStillRunning
    if len(before) >= sitting.exam.check_limit:
        raise ChecksUsedUp(sitting.exam.check_limit)
    gathered = gather_saved(session, sitting, settings)
    if gathered.upload is None or not gathered.upload.collected:
        raise NoChecksHere
    submission = attempt_of(session, sitting, gathered.upload, settings, now)
    places.note(session, sitting, "checked", attempt=submission.attempt)
    return submission


def close_if_over(session: Session, *, sitting: Sitting, settings: Settings, now: datetime) -> bool:
    """Hand in what is saved once the time is over, with the end as its time. Under the sitting's lock.

    Time that the platform owes is given first, so that nobody is cut off by a gap that nobody has noticed yet.
    """
    if sitting.handed_in_at is None and rules.is_over(queries.end_of(session, sitting), now):
        credits.settle(session, sitting=sitting, now=now)
        end = queries.end_of(session, sitting)
        if rules.is_over(end, now):
            hand_in(session, sitting=sitting, by=HandedInBy.clock, settings=settings, now=end)
    return sitting.handed_in_at is not None


def close_overdue(*, settings: Settings) -> int:
    """Each in a transaction of its own; how many. One that fails holds up no other, and is tried again at the next beat."""
    with session_factory() as session:
        overdue = list_overdue(session, now=current_time(session))
    closed = 0
    for id in overdue:
        try:
            closed += close_one(id, settings)
        except OperationalError:
            raise  # the database is gone, for all of them
        except Exception:
            log.exception("Sitting %s is closed later", id)
    return closed


def close_one(id: int, settings: Settings) -> bool:
    """What somebody else is closing at the moment is left to him."""
    with session_factory.begin() as session:
        query = select(Sitting).where(Sitting.id == id, Sitting.handed_in_at.is_(None))
        sitting = session.scalar(query.with_for_update(of=Sitting, key_share=True, skip_locked=True))
        if sitting is None:
            return False
        return close_if_over(session, sitting=sitting, settings=settings, now=current_time(session))


def list_overdue(session: Session, *, now: datetime) -> list[int]:
    """Ids of the sittings whose time is over."""
    running = list(session.scalars(select(Sitting).where(Sitting.handed_in_at.is_(None)).order_by(Sitting.id)))
    granted = queries.granted_of_all(session, exam_ids={each.exam_id for each in running})
    ends = {each.id: queries.end_with(each, granted.get((each.exam_id, each.student_id), 0)) for each in running}
    return [id for id, end in ends.items() if rules.is_over(end, now)]
