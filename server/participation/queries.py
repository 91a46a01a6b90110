"""Reading notes, draws, invitations and the showcase."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.attendance.models import RollCall
from server.courses.models import Course
from server.errors import NotFound
from server.participation.models import ColdCall, Note, PointTable, Presentation
from server.submissions.models import Submission


def find_table(session: Session, *, course: Course) -> PointTable | None:
    return session.get(PointTable, course.id)


def list_notes(session: Session, *, course: Course, student: User | None = None, limit: int | None = None) -> list[Note]:
    """Newest first, those that were taken back too."""
    query = select(Note).where(Note.course_id == course.id).order_by(Note.id.desc()).limit(limit)
    return list(session.scalars(query.where(Note.student_id == student.id) if student else query))


def get_note(session: Session, *, course: Course, note_id: int) -> Note:
    query = select(Note).where(Note.course_id == course.id, Note.id == note_id).with_for_update(of=Note)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def noted_points(session: Session, *, course: Course) -> Mapping[int, Decimal]:
    """By the students' ids, without what was taken back."""
    kept = Note.course_id == course.id, Note.taken_back_at.is_(None)
    query = select(Note.student_id, func.sum(Note.points)).where(*kept).group_by(Note.student_id)
    return dict(session.execute(query).all())


def times_drawn(session: Session, *, course: Course) -> Mapping[int, int]:
    query = (
        select(ColdCall.student_id, func.count())
        .join(RollCall, RollCall.id == ColdCall.roll_call_id)
        .where(RollCall.course_id == course.id)
        .group_by(ColdCall.student_id)
    )
    return dict(session.execute(query).all())


def list_draws(session: Session, *, roll_call: RollCall) -> list[ColdCall]:
    """Newest first."""
    query = select(ColdCall).where(ColdCall.roll_call_id == roll_call.id).order_by(ColdCall.id.desc())
    return list(session.scalars(query))


def get_draw(session: Session, *, roll_call: RollCall, draw_id: int) -> ColdCall:
    query = select(ColdCall).where(ColdCall.roll_call_id == roll_call.id, ColdCall.id == draw_id)
    found = session.scalar(query.with_for_update(of=ColdCall))
    if found is None:
        raise NotFound
    return found


def find_presentation(session: Session, *, submission: Submission) -> Presentation | None:
    return session.scalar(select(Presentation).where(Presentation.submission_id == submission.id))


def list_presentations(session: Session, *, course: Course, student: User | None = None) -> list[Presentation]:
    """Newest first; with `student`, of their solutions alone."""
    query = (
        select(Presentation)
        .join(Submission, Submission.id == Presentation.submission_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course.id)
        .order_by(Presentation.id.desc())
    )
    return list(session.scalars(query.where(Submission.author_id == student.id) if student else query))


def list_consented(session: Session, *, course: Course) -> list[Presentation]:
    return [each for each in list_presentations(session, course=course) if each.shown_as is not None]
