"""A second marker on a sample: blind, compared afterwards, and settled by an instructor with a reason.

The sample is drawn by a seed that is recorded, so anybody can draw it again. A second marking stands beside the first
mark and never in its place; what the instructor settles is a mark like any other, given through `server.marking`.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.errors import NotFound
from server.exam_results.models import ModeratedMark, ModerationDraw
from server.exam_results.refusals import (
    BadSecondPoints,
    DrawnAlready,
    MarkedByYou,
    NothingToModerate,
    ReasonMissing,
    SettledAlready,
)
from server.exam_results.works import Works
from server.exams.models import Exam
from server.marking import queries as marking
from server.marking import service as marks
from server.marking.models import GivenMark, MarkedQuestion, Scale
from server.submissions.models import Submission

HUNDRED = 100


def draw_sample(keys: Sequence[int], *, percent: int, seed: str) -> list[int]:
    """The smallest SHA-256 of `seed:key` first, rounded up to at least one; in their own order."""
    size = -(-len(keys) * percent // HUNDRED)
    ticket = {key: hashlib.sha256(f"{seed}:{key}".encode()).hexdigest() for key in keys}
    return sorted(sorted(keys, key=lambda key: (ticket[key], key))[:size])


def draw(session: Session, *, works: Works, by: User) -> list[ModeratedMark]:
    """Once an exam. Of each work of the sample, every manual question."""
    exam = works.exam
    session.execute(select(Exam.assignment_id).where(Exam.assignment_id == exam.assignment_id).with_for_update())
    if find_draw(session, exam=exam) is not None:
        raise DrawnAlready
    questions = marks.open_marking(session, assignment=exam.assignment, manifest=works.manifest).questions
    pool = [each.submission.id for each in works.written]
    if not questions or not pool or exam.moderated_percent == 0:
        raise NothingToModerate
    seed = secrets.token_hex(8)
    chosen = draw_sample(pool, percent=exam.moderated_percent, seed=seed)
    session.add(ModerationDraw(exam_id=exam.assignment_id, seed=seed, pool=pool, drawn_by_id=by.id))
    rows = [
        ModeratedMark(exam_id=exam.assignment_id, submission_id=id, question_id=each.id) for id in chosen for each in questions
    ]
    session.add_all(rows)
    session.flush()
    facts = {"assignment": exam.assignment.slug, "percent": exam.moderated_percent, "seed": seed, "works": len(chosen)}
    write_line(session, course=exam.assignment.course, actor=by, action="exam.moderation_drawn", **facts)
    return rows


def find_draw(session: Session, *, exam: Exam) -> ModerationDraw | None:
    return session.get(ModerationDraw, exam.assignment_id)


def list_moderated(session: Session, *, exam: Exam) -> list[ModeratedMark]:
    mine = ModeratedMark.exam_id == exam.assignment_id
    return list(session.scalars(select(ModeratedMark).where(mine).order_by(ModeratedMark.submission_id, ModeratedMark.id)))


def get_moderated(session: Session, *, exam: Exam, id: int) -> ModeratedMark:
    """Locked. Raises NotFound."""
    mine = ModeratedMark.exam_id == exam.assignment_id, ModeratedMark.id == id
    found = session.scalar(select(ModeratedMark).where(*mine).with_for_update(of=ModeratedMark))
    if found is None:
        raise NotFound
    return found


def count_open(session: Session, *, exam: Exam) -> int:
    """Of the sample: without a second marking, or with a difference that nobody has settled."""
    return sum(not compare(session, each).is_settled for each in list_moderated(session, exam=exam))


@dataclass(frozen=True)
class Compared:
    """One question of one work of the sample. first: the mark that holds, once it is settled the one that held until then; None
    before there is one.
    """

    row: ModeratedMark
    question: MarkedQuestion
    submission: Submission
    first: GivenMark | None
    first_points: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """The second's points less the first's."""
        if self.row.points is None or self.first_points is None:
            return None
        return self.row.points - self.first_points

    @property
    def is_settled(self) -> bool:
        return self.row.settled_at is not None or self.difference == 0


def compare(session: Session, row: ModeratedMark) -> Compared:
    question, submission = session.get_one(MarkedQuestion, row.question_id), session.get_one(Submission, row.submission_id)
    given = marking.list_marks(session, submission=submission, question=question)
    first = next((each for each in given if row.settled_at is None or each.at <= row.settled_at), None)
    return Compared(row, question, submission, first, marking.points_of(first, question) if first else None)


def compared(session: Session, *, exam: Exam) -> list[Compared]:
    """Blind: of what has no second marking yet, nobody is told the first one here."""
    found = [compare(session, each) for each in list_moderated(session, exam=exam)]
    return [each if each.row.points is not None else blinded(each) for each in found]


def blinded(found: Compared) -> Compared:
    return Compared(found.row, found.question, found.submission, None, None)


def mark_second(session: Session, *, row: ModeratedMark, points: Decimal, comment: str, by: User, now: datetime) -> Compared:
    """Once, by somebody else than the first marker. Raises MarkedByYou, SettledAlready, BadSecondPoints."""
    found = compare(session, row)
    if row.points is not None:
        raise SettledAlready
    if found.first is not None and found.first.marker_id == by.id:
        raise MarkedByYou
    check_points(points, found.question)
    row.points, row.comment, row.marked_by_id, row.marked_at = points, comment.strip() or None, by.id, now
    session.flush()
    note(session, found, by, "exam.moderated", now=f"{points.normalize():f}")
    return compare(session, row)


def check_points(points: Decimal, question: MarkedQuestion) -> None:
    """Raises BadSecondPoints."""
    if not points.is_finite() or not 0 <= points <= question.points or points != round(points, 2):
        raise BadSecondPoints(question.points)


def settle(session: Session, *, row: ModeratedMark, points: Decimal, reason: str, by: User, now: datetime) -> Compared:
    """What counts from now on, with a reason. Where it is not the first one's, it becomes a mark in that one's place."""
    found = compare(session, row)
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonMissing
    if row.points is None or found.first is None or row.settled_at is not None:
        raise SettledAlready
    check_points(points, found.question)
    if points != found.first_points:
        give(session, found, points, reason, by)
    row.settled_at, row.settled_by_id, row.settled_points, row.reason = now, by.id, points, reason
    session.flush()
    told = {"before": found.first_points, "second": row.points, "now": points}
    about = {name: f"{each.normalize():f}" for name, each in told.items()} | {"reason": reason}
    note(session, found, by, "exam.moderation_settled", **about)
    return compare(session, row)


def give(session: Session, found: Compared, points: Decimal, reason: str, by: User) -> None:
    """The items stay ticked; the adjustment makes up what is missing to the points."""
    before, question = found.first, found.question
    assert before is not None
    begin = question.points if question.scale is Scale.subtractive else Decimal(0)
    worth = {each.id: each.points for each in question.items}
    ticked = sum((worth[each] for each in before.items), Decimal(0))
    new = marks.NewMark(before.number, before.items, points - begin - ticked, reason, before.comment or "")
    marks.give(session, submission=found.submission, question=question, marker=by, new=new)


def note(session: Session, found: Compared, by: User, action: str, **facts: str) -> None:
    """Without names, as marking has it."""
    assignment = found.submission.assignment
    about = {"assignment": assignment.slug, "submission": found.submission.id, "question": found.question.name}
    write_line(session, course=assignment.course, actor=by, action=action, **about, **facts)
