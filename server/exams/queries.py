"""Exams, sittings and what was granted, read from the tables."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, lazyload

from server.assignments.models import Assignment
from server.courses.models import Course, Enrollment
from server.exams import rules
from server.exams.models import Exam, ExamNotice, ExamWindow, MissedSave, Place, SavedAnswer, Sitting, TimeGrant
from server.exams.rules import Window
from server.submissions.models import Submission

# A class asks these every few seconds, so they are put together once; what is at hand already is not read again.
EXAM = (
    select(Exam)
    .join(Assignment, Exam.assignment)
    .options(contains_eager(Exam.assignment).lazyload(Assignment.course))
    .where(Assignment.course_id == bindparam("course_id"), Assignment.slug == bindparam("slug"))
)
GRANTED = (
    select(func.coalesce(func.sum(TimeGrant.seconds), 0))
    .where(TimeGrant.exam_id == Sitting.exam_id, TimeGrant.student_id == Sitting.student_id)
    .scalar_subquery()
)
NEWEST_NOTICE = select(func.coalesce(func.max(ExamNotice.id), 0)).where(ExamNotice.exam_id == Sitting.exam_id).scalar_subquery()
SEAT = (
    select(Sitting, Place, GRANTED, NEWEST_NOTICE)
    .join(Place, Place.sitting_id == Sitting.id)
    .options(lazyload(Sitting.exam), lazyload(Sitting.student))
    .where(Sitting.exam_id == bindparam("exam_id"), Sitting.student_id == bindparam("student_id"))
    .where(Place.key_hash == bindparam("key_hash"))
    .with_for_update(of=[Sitting, Place], key_share=True)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class Standing:
    """Where one student stands with an exam."""

    exam: Exam
    window: Window
    granted_s: int
    sitting: Sitting | None  # the newest

    @property
    def end(self) -> datetime | None:
        return end_with(self.sitting, self.granted_s) if self.sitting else None

    def phase(self, now: datetime) -> rules.Phase:
        return rules.phase_of(
            self.window,
            end=self.end,
            is_handed_in=self.sitting is not None and self.sitting.handed_in_at is not None,
            is_released=self.exam.assignment.released_at is not None,
            is_practice=self.exam.is_practice,
            now=now,
        )

    def working_left_s(self, now: datetime) -> int:
        """Of somebody who started now."""
        return rules.working_left_s(self.window, working_s=self.exam.minutes * 60, granted_s=self.granted_s, now=now)


def find_exam(session: Session, *, course: Course, slug: str) -> Exam | None:
    return session.scalar(EXAM, {"course_id": course.id, "slug": slug})


def list_exams(session: Session, *, course: Course) -> list[Exam]:
    """In the order in which they open."""
    query = select(Exam).join(Assignment, Exam.assignment).where(Assignment.course_id == course.id)
    return list(session.scalars(query.order_by(Assignment.opens_at, Assignment.id)))


def window_of(session: Session, *, exam: Exam, member: Enrollment) -> Window:
    """Of the section, where it sits at a time of its own."""
    own = session.get(ExamWindow, (exam.assignment_id, member.section_id)) if member.section_id else None
    return Window(own.opens_at, own.closes_at) if own else Window(exam.assignment.opens_at, exam.assignment.closes_at)


def granted_s(session: Session, *, exam_id: int, student_id: int) -> int:
    mine = TimeGrant.exam_id == exam_id, TimeGrant.student_id == student_id
    return rules.total_s([session.scalar(select(func.coalesce(func.sum(TimeGrant.seconds), 0)).where(*mine))])


def granted_of_all(session: Session, *, exam_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """Seconds by exam and student."""
    sums = select(TimeGrant.exam_id, TimeGrant.student_id, func.sum(TimeGrant.seconds))
    rows = session.execute(sums.where(TimeGrant.exam_id.in_(exam_ids)).group_by(TimeGrant.exam_id, TimeGrant.student_id))
    return {(exam_id, student_id): rules.total_s([seconds]) for exam_id, student_id, seconds in rows}


def grants_of(session: Session, *, exam_id: int, student_id: int) -> list[TimeGrant]:
    mine = TimeGrant.exam_id == exam_id, TimeGrant.student_id == student_id
    return list(session.scalars(select(TimeGrant).where(*mine).order_by(TimeGrant.id)))


def newest_sitting(session: Session, *, exam: Exam, student_id: int, is_locked: bool = False) -> Sitting | None:
    mine = Sitting.exam_id == exam.assignment_id, Sitting.student_id == student_id
    query = select(Sitting).where(*mine).order_by(Sitting.number.desc()).limit(1)
    if is_locked:
        query = query.with_for_update(of=Sitting, key_share=True).execution_options(populate_existing=True)
    return session.scalar(query)


def newest_sittings(session: Session, *, exam: Exam, student_id: int | None = None) -> dict[int, Sitting]:
    """By student, of all or of one; in practice somebody may have several."""
    query = select(Sitting).where(Sitting.exam_id == exam.assignment_id).order_by(Sitting.number)
    query = query.where(Sitting.student_id == student_id) if student_id is not None else query
    return {each.student_id: each for each in session.scalars(query)}


def find_member(session: Session, *, exam: Exam, student_id: int) -> Enrollment | None:
    mine = Enrollment.course_id == exam.assignment.course_id, Enrollment.user_id == student_id
    return session.scalar(select(Enrollment).where(*mine))


def standing_of(session: Session, *, exam: Exam, member: Enrollment) -> Standing:
    return Standing(
        exam=exam,
        window=window_of(session, exam=exam, member=member),
        granted_s=granted_s(session, exam_id=exam.assignment_id, student_id=member.user_id),
        sitting=newest_sitting(session, exam=exam, student_id=member.user_id),
    )


def end_of(session: Session, sitting: Sitting) -> datetime:
    return end_with(sitting, granted_s(session, exam_id=sitting.exam_id, student_id=sitting.student_id))


def end_with(sitting: Sitting, granted_s: int) -> datetime:
    return rules.ends_at(
        started_at=sitting.started_at, working_s=sitting.working_s, closes_at=sitting.closes_at, granted_s=granted_s
    )


def saved_of(session: Session, sitting: Sitting) -> dict[str, SavedAnswer]:
    """By field, as they are now, though this session may have read them before."""
    query = select(SavedAnswer).where(SavedAnswer.sitting_id == sitting.id).execution_options(populate_existing=True)
    return {each.field: each for each in session.scalars(query)}


def awaits_decision() -> ColumnElement[bool]:
    """Of what came too late: it neither counts nor is dismissed."""
    return and_(MissedSave.counted_at.is_(None), MissedSave.dismissed_at.is_(None))


def attempts_of(session: Session, sitting: Sitting) -> list[Submission]:
    """Those of this sitting, oldest first; of practice, of an earlier one none."""
    mine = Submission.assignment_id == sitting.exam_id, Submission.author_id == sitting.student_id
    query = select(Submission).where(*mine, Submission.received_at >= sitting.started_at).order_by(Submission.id)
    return list(session.scalars(query))


def notices_for(session: Session, *, exam: Exam, member: Enrollment) -> Sequence[ExamNotice]:
    """What was said to everybody, or to this section."""
    to_me = ExamNotice.section_id.is_(None) | (ExamNotice.section_id == member.section_id)
    query = select(ExamNotice).where(ExamNotice.exam_id == exam.assignment_id, to_me)
    return session.scalars(query.order_by(ExamNotice.id)).all()


class Seated(NamedTuple):
    sitting: Sitting
    place: Place
    granted_s: int
    newest_notice: int


def find_seated(session: Session, *, exam: Exam, student_id: int, key_hash: str) -> Seated | None:
    """The student's sitting to which this key belongs, the place, and the seconds granted. Both rows are locked, so both are as
    they are now and not as they were before somebody else let go of them; one query, since a class asks it every few seconds.
    """
    row = session.execute(SEAT, {"exam_id": exam.assignment_id, "student_id": student_id, "key_hash": key_hash}).one_or_none()
    return Seated(row[0], row[1], rules.total_s([row[2]]), row[3]) if row else None
