"""Cases as staff find them, and what a student may find of his own."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload, undefer

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases.models import Case, Exhibit, Party
from server.courses.models import Course
from server.errors import NotFound
from server.similarity.keys import LEFT, RIGHT
from server.similarity.models import Comparison, SimilarPair
from server.similarity.queries import newest_done
from server.submissions.models import Submission

OWN = Party.__table__.alias("own")
MOST_OFFERED = 30  # of pairs, and of submissions, to be added to a case


def list_cases(session: Session, *, course: Course, reader: User) -> list[Case]:
    """Open ones first, of these the oldest first; then the closed ones, those closed last first."""
    query = of_course(course).where(is_not_about(reader)).options(selectinload(Case.parties))
    return list(session.scalars(query.order_by(Case.closed_at.desc().nulls_first(), Case.opened_at, Case.id)))


def count_open(session: Session, *, course: Course, reader: User) -> int:
    open_ones = of_course(course).where(is_not_about(reader), Case.closed_at.is_(None))
    return session.scalar(select(func.count()).select_from(open_ones.with_only_columns(Case.id).subquery()))


def get_case(session: Session, *, course: Course, case_id: int, reader: User) -> Case:
    """With everything that its page shows."""
    whole = selectinload(Case.parties), selectinload(Case.events), selectinload(Case.exhibits).options(undefer(Exhibit.content))
    case = session.scalar(of_course(course).where(Case.id == case_id, is_not_about(reader)).options(*whole))
    if case is None:
        raise NotFound
    return case


def get_party(session: Session, *, course: Course, case_id: int, party_id: int, reader: User) -> Party:
    party = session.scalar(_parties(course).where(Case.id == case_id, Party.id == party_id, is_not_about(reader)))
    if party is None:
        raise NotFound
    return party


def get_own(session: Session, *, course: Course, case_id: int, student: User) -> Party:
    """Only once he was told: before, there is nothing here."""
    party = session.scalar(_own(course, student).where(Case.id == case_id))
    if party is None:
        raise NotFound
    return party


def list_own(session: Session, *, course: Course, student: User) -> list[Party]:
    """Cases of which this student was told, the newest first."""
    return list(session.scalars(_own(course, student).order_by(Party.told_at.desc())))


def list_pairs(session: Session, *, course: Course, pair_ids: Collection[int]) -> list[SimilarPair]:
    """In the order of their numbers. Raises NotFound if one of them is not there or in another course."""
    query = (
        select(SimilarPair)
        .join(Comparison, Comparison.id == SimilarPair.comparison_id)
        .join(Assignment, Assignment.id == Comparison.assignment_id)
        .where(SimilarPair.id.in_(pair_ids), Assignment.course_id == course.id)
    )
    found = list(session.scalars(query.order_by(SimilarPair.id)))
    if len(found) != len(set(pair_ids)):
        raise NotFound
    return found


def addable_pairs(session: Session, *, case: Case, authors: Collection[int]) -> list[SimilarPair]:
    """Of the newest comparison: with a work of one of these, the most similar first."""
    comparison = newest_done(session, assignment=case.assignment)
    if comparison is None:
        return []
    is_theirs = or_(LEFT.author_id.in_(authors), and_(RIGHT.author_id.in_(authors), RIGHT.assignment_id == case.assignment_id))
    query = select(SimilarPair).join(LEFT, LEFT.id == SimilarPair.left_id).outerjoin(RIGHT, RIGHT.id == SimilarPair.right_id)
    query = query.where(SimilarPair.comparison_id == comparison.id, is_theirs)
    return list(session.scalars(query.order_by(SimilarPair.similarity.desc(), SimilarPair.id).limit(MOST_OFFERED)))


def addable_submissions(session: Session, *, case: Case, authors: Collection[int]) -> list[Submission]:
    """What these have handed in to the case's assignment, the newest first."""
    theirs = Submission.assignment_id == case.assignment_id, Submission.author_id.in_(authors)
    return list(session.scalars(select(Submission).where(*theirs).order_by(Submission.id.desc()).limit(MOST_OFFERED)))


def get_submission(session: Session, *, course: Course, submission_id: int) -> Submission:
    query = select(Submission).join(Assignment, Submission.assignment_id == Assignment.id)
    found = session.scalar(query.where(Submission.id == submission_id, Assignment.course_id == course.id))
    if found is None:
        raise NotFound
    return found


def is_not_about(reader: User) -> ColumnElement[bool]:
    """Nobody sees the staff's side of a case about himself."""
    return ~exists().where(OWN.c.case_id == Case.id, OWN.c.student_id == reader.id)


def of_course(course: Course) -> Select[tuple[Case]]:
    joined = select(Case).join(Assignment, Assignment.id == Case.assignment_id)
    return joined.where(Assignment.course_id == course.id)


def _parties(course: Course) -> Select[tuple[Party]]:
    joined = select(Party).join(Case, Case.id == Party.case_id).join(Assignment, Assignment.id == Case.assignment_id)
    return joined.where(Assignment.course_id == course.id).options(contains_eager(Party.case).contains_eager(Case.assignment))


def _own(course: Course, student: User) -> Select[tuple[Party]]:
    return _parties(course).where(Party.student_id == student.id, Party.told_at.is_not(None))
