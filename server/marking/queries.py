"""Reading what is to be marked, what was marked, and by whom."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload, selectinload

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Enrollment, Role, Section, Standing
from server.courses.service import is_active_student
from server.deadlines.queries import open_accounts
from server.errors import NotFound
from server.marking import points, rules
from server.marking.models import (
    GivenMark,
    LineComment,
    MarkedQuestion,
    MarkerShare,
    MarkingPlan,
    Publication,
    RubricItem,
)
from server.marking.rules import Given, Share
from server.submissions.models import Submission


@dataclass(frozen=True)
class Work:
    """What one student or a team has handed in, as far as it is marked. `key`: a student's id that stands for all of them.

    `section`: of that student; `sections`: names of all in which somebody of them sits.
    """

    submission_id: int
    key: int
    students: Sequence[User]
    section: Section | None
    sections: frozenset[str] = frozenset()


def list_works(session: Session, *, assignment: Assignment, root: Path) -> list[Work]:
    """Of every student, or team, the attempt that people mark; by login."""
    people = list_students(session, course=assignment.course)
    accounts = open_accounts(session, course=assignment.course, student_ids=[each.user_id for each in people], root=root)
    by_submission: dict[int, list[Enrollment]] = defaultdict(list)
    for each in people:
        if chosen := accounts[each.user_id].to_mark.get(assignment.id):
            by_submission[chosen].append(each)
    return [work_of(submission_id, members) for submission_id, members in by_submission.items()]


def work_of(submission_id: int, members: Sequence[Enrollment]) -> Work:
    first = min(members, key=lambda each: each.user_id)
    sections = frozenset(each.section.name for each in members if each.section)
    return Work(submission_id, first.user_id, [each.user for each in members], first.section, sections)


def list_students(session: Session, *, course: Course) -> list[Enrollment]:
    here = Enrollment.course_id == course.id, is_active_student()
    query = select(Enrollment).join(User, Enrollment.user).where(*here).options(joinedload(Enrollment.section))
    return list(session.scalars(query.order_by(User.login)))


def list_staff(session: Session, *, course: Course) -> list[User]:
    here = Enrollment.course_id == course.id, Enrollment.role != Role.student, Enrollment.standing == Standing.active
    query = select(User).join(Enrollment, Enrollment.user_id == User.id).where(*here)
    return list(session.scalars(query.order_by(User.login)))


def list_sections(session: Session, *, course: Course) -> list[Section]:
    return list(session.scalars(select(Section).where(Section.course_id == course.id).order_by(Section.name)))


def find_plan(session: Session, *, assignment: Assignment) -> MarkingPlan:
    """As it was settled; before that, as it is for everybody."""
    found = session.get(MarkingPlan, assignment.id)
    return found or MarkingPlan(assignment_id=assignment.id, is_anonymous=False, shows_unchosen=False, version=0)


def list_questions(session: Session, *, assignment: Assignment) -> list[MarkedQuestion]:
    """Those that are asked, with their rubrics."""
    query = select(MarkedQuestion).where(MarkedQuestion.assignment_id == assignment.id, MarkedQuestion.is_asked)
    return list(session.scalars(query.options(selectinload(MarkedQuestion.items)).order_by(MarkedQuestion.id)))


def get_item(session: Session, *, question: MarkedQuestion, item_id: int) -> RubricItem:
    found = session.scalar(select(RubricItem).where(RubricItem.id == item_id, RubricItem.question_id == question.id))
    if found is None:
        raise NotFound
    return found


def newest_marks(
    session: Session, *, question_ids: Collection[int], submission_ids: Collection[int] | None = None
) -> dict[tuple[int, int], GivenMark]:
    """By submission and question, what holds."""
    query = (
        select(GivenMark)
        .where(GivenMark.question_id.in_(question_ids))
        .ext(distinct_on(GivenMark.submission_id, GivenMark.question_id))
        .order_by(GivenMark.submission_id, GivenMark.question_id, GivenMark.number.desc())
    )
    if submission_ids is not None:
        query = query.where(GivenMark.submission_id.in_(submission_ids))
    return {(each.submission_id, each.question_id): each for each in session.scalars(query)}


def list_marks(session: Session, *, submission: Submission, question: MarkedQuestion) -> list[GivenMark]:
    """All of one question of one work, newest first."""
    query = select(GivenMark).where(GivenMark.submission_id == submission.id, GivenMark.question_id == question.id)
    return list(session.scalars(query.order_by(GivenMark.number.desc())))


def find_newest(session: Session, *, submission: Submission, question: MarkedQuestion) -> GivenMark | None:
    return next(iter(list_marks(session, submission=submission, question=question)), None)


def earlier_marks(
    session: Session, *, submission: Submission, people: Collection[int], question: MarkedQuestion
) -> list[GivenMark]:
    """What holds of the other attempts of the same people, newest attempt first."""
    others = (
        Submission.assignment_id == submission.assignment_id,
        Submission.author_id.in_(people),
        Submission.id != submission.id,
    )
    ids = list(session.scalars(select(Submission.id).where(*others)))
    found = newest_marks(session, question_ids=[question.id], submission_ids=ids)
    return sorted(found.values(), key=lambda each: -each.submission_id)


def given_by(mark: GivenMark) -> Given:
    return Given(mark.question_id, mark.number, tuple(mark.items), mark.adjustment)


def points_of(mark: GivenMark, question: MarkedQuestion, items: Mapping[int, Decimal] | None = None) -> Decimal:
    """By the rubric as it is, or as `items` would have it."""
    known = items if items is not None else {each.id: each.points for each in question.items}
    return rules.points_of(given_by(mark), points.worth_of(question), known)


def list_comments(session: Session, *, submission: Submission, question: MarkedQuestion | None = None) -> list[LineComment]:
    """Those that were not withdrawn, in the order of the lines."""
    here = LineComment.submission_id == submission.id, LineComment.withdrawn_at.is_(None)
    query = select(LineComment).where(*here).order_by(LineComment.file, LineComment.first_line, LineComment.id)
    return list(session.scalars(query.where(LineComment.question_id == question.id) if question else query))


def get_comment(session: Session, *, submission: Submission, question: MarkedQuestion, comment_id: int) -> LineComment:
    here = LineComment.submission_id == submission.id, LineComment.question_id == question.id, LineComment.id == comment_id
    found = session.scalar(select(LineComment).where(*here).with_for_update(of=LineComment))
    if found is None:
        raise NotFound
    return found


def count_comments(session: Session, *, submission: Submission) -> int:
    here = LineComment.submission_id == submission.id, LineComment.withdrawn_at.is_(None)
    return session.scalar(select(func.count()).select_from(LineComment).where(*here)) or 0


def list_shares(session: Session, *, assignment: Assignment) -> list[MarkerShare]:
    query = select(MarkerShare).where(MarkerShare.assignment_id == assignment.id).order_by(MarkerShare.id)
    return list(session.scalars(query))


def share_of(row: MarkerShare) -> Share:
    return Share(row.marker_id, row.question_id, row.section_id, row.student_id)


def list_publications(session: Session, *, assignment: Assignment) -> list[Publication]:
    """Newest first."""
    query = select(Publication).where(Publication.assignment_id == assignment.id).order_by(Publication.id.desc())
    return list(session.scalars(query))


def published_at(published: Sequence[Publication], author_id: int) -> Publication | None:
    """The first by which this author's students see their marks."""
    mine = [each for each in published if each.students is None or author_id in each.students]
    return mine[-1] if mine else None
