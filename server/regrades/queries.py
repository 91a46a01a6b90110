"""Requests for staff and for the students who asked, and what can be asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from grader.protocol import Text, Visibility
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases.points import changes_by_submission
from server.courses.models import Course, Enrollment
from server.courses.service import is_active_student
from server.errors import NotFound
from server.grading.models import Run
from server.marking.models import Publication
from server.marking.queries import find_plan, list_questions, newest_marks
from server.regrades.models import RegradePolicy, RegradeRequest, RegradeState
from server.regrades.rules import DEFAULT, Policy, Subject, whole_of
from server.submissions.models import Submission
from server.teams.queries import stand_together

WAITING = (RegradeState.open, RegradeState.in_progress)


def published_at(session: Session, *, submission: Submission, manifest: Manifest) -> datetime | None:
    """When its author first saw marks that people gave."""
    if not marked_by_hand(manifest):
        return None
    reaches = Publication.students.is_(None) | Publication.students.contains([submission.author_id])
    query = select(func.min(Publication.at)).where(Publication.assignment_id == submission.assignment_id, reaches)
    return session.scalar(query)


def released_at(submission: Submission) -> datetime | None:
    """Of an exam, of which nobody sees anything before."""
    return submission.assignment.released_at if submission.assignment.is_exam else None


def subjects_of(session: Session, run: Run, manifest: Manifest) -> dict[str, Subject]:
    """By id: the checks of a run, the questions that people mark, and what stands in their rubrics."""
    checks = [
        Subject(f"check:{each.id}", each.title, each.points, each.max_points, each.visibility is Visibility.hidden)
        for each in run.read_report().checks
    ]
    by_hand = marked_by_hand(manifest)
    items = items_of(session, run.submission.assignment, by_hand) if by_hand else []
    return {each.id: each for each in (*checks, *by_hand, *items)}


def items_of(session: Session, assignment: Assignment, by_hand: Sequence[Subject]) -> list[Subject]:
    """Every rubric item there has been, under its question's title."""
    known = {each.id: each for each in by_hand}
    found = []
    for question in list_questions(session, assignment=assignment):
        whole = known.get(f"question:{question.name}")
        for item in question.items if whole else ():
            title = Text(en=f"{whole.title.en}: {item.text.en}", zh=f"{whole.title.zh}：{item.text.zh}")
            found.append(Subject(f"item:{question.name}/{item.id}", title, None, whole.max_points))
    return found


def seen_items(session: Session, *, submission: Submission) -> set[str]:
    """Of rubrics, what its students see at their marks."""
    questions = list_questions(session, assignment=submission.assignment)
    shows_all = find_plan(session, assignment=submission.assignment).shows_unchosen
    marks = newest_marks(session, question_ids=[each.id for each in questions], submission_ids=[submission.id])
    seen = set()
    for question in questions:
        if (mark := marks.get((submission.id, question.id))) is not None:
            shown = [each.id for each in question.items if each.id in mark.items or (shows_all and each.retired_at is None)]
            seen |= {f"item:{question.name}/{id}" for id in shown}
    return seen


def marked_by_hand(manifest: Manifest) -> list[Subject]:
    return [Subject(f"question:{each.id}", each.title, None, each.points) for each in manifest.questions if each.is_manual]


def find_row(session: Session, *, course: Course) -> RegradePolicy | None:
    return session.get(RegradePolicy, course.id)


def policy_of(session: Session, *, course: Course) -> Policy:
    row = find_row(session, course=course)
    return Policy(row.days, row.most_open) if row else DEFAULT


def count_waiting(session: Session, *, course: Course, student: User) -> int:
    """Of one student, in the whole course."""
    query = (
        select(func.count())
        .select_from(RegradeRequest)
        .join(Submission, Submission.id == RegradeRequest.submission_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course.id, RegradeRequest.student_id == student.id)
    )
    return session.scalar(query.where(RegradeRequest.state.in_(WAITING)))


def count_open(session: Session, *, course: Course) -> int:
    """What waits for an answer; whoever has withdrawn waits no more."""
    query = select(func.count()).select_from(RegradeRequest).join(Submission, Submission.id == RegradeRequest.submission_id)
    query = query.join(Assignment, Assignment.id == Submission.assignment_id).where(Assignment.course_id == course.id)
    return session.scalar(query.where(RegradeRequest.state.in_(WAITING), is_still_there(course)))


def is_still_there(course: Course) -> ColumnElement[bool]:
    """SQL: whether the student who asked is in the course."""
    here = Enrollment.user_id == RegradeRequest.student_id, Enrollment.course_id == course.id
    return exists().where(*here, is_active_student())


def list_of_submission(session: Session, *, submission: Submission) -> list[RegradeRequest]:
    """The oldest first."""
    query = select(RegradeRequest).where(RegradeRequest.submission_id == submission.id)
    return list(session.scalars(query.order_by(RegradeRequest.id)))


@dataclass(frozen=True)
class Filter:
    """What of a course's requests is wanted. `mine`: assigned to this person; `nobodys`: to nobody."""

    waiting: bool = True
    assignment: str = ""
    mine: User | None = None
    nobodys: bool = False


def list_for_staff(session: Session, *, course: Course, wanted: Filter, limit: int = 500) -> list[RegradeRequest]:
    """What waits longest first; else the newest first."""
    query = select(RegradeRequest).join(RegradeRequest.submission).join(Submission.assignment)
    query = query.where(Assignment.course_id == course.id)
    if wanted.waiting:
        query = query.where(RegradeRequest.state.in_(WAITING), is_still_there(course))
    if wanted.assignment:
        query = query.where(Assignment.slug == wanted.assignment)
    if wanted.mine:
        query = query.where(RegradeRequest.assigned_to_id == wanted.mine.id)
    if wanted.nobodys:
        query = query.where(RegradeRequest.assigned_to_id.is_(None))
    order = RegradeRequest.id if wanted.waiting else RegradeRequest.id.desc()
    return list(session.scalars(query.order_by(order).limit(limit)))


def list_own(session: Session, *, course: Course, student: User) -> list[RegradeRequest]:
    """Of one student and of his teams, the newest first."""
    query = select(RegradeRequest).join(RegradeRequest.submission).join(Submission.assignment)
    together = stand_together(Submission.assignment_id, Submission.author_id, student)
    theirs = or_(RegradeRequest.student_id == student.id, Submission.author_id == student.id, together)
    return list(session.scalars(query.where(Assignment.course_id == course.id, theirs).order_by(RegradeRequest.id.desc())))


def get_request(session: Session, *, course: Course, request_id: int) -> RegradeRequest:
    query = select(RegradeRequest).join(RegradeRequest.submission).join(Submission.assignment)
    found = session.scalar(query.where(RegradeRequest.id == request_id, Assignment.course_id == course.id))
    if found is None:
        raise NotFound
    return found


def stands_with(session: Session, *, request: RegradeRequest, user: User) -> bool:
    """Whether the submission is this person's, or his team's."""
    submission = request.submission
    together = stand_together(submission.assignment_id, submission.author_id, user)
    return submission.author_id == user.id or session.scalar(select(together))


def given_for(session: Session, *, request: RegradeRequest) -> Decimal:
    """What earlier answers about the same check, or about the same question and its rubric, have given or taken."""
    query = select(func.coalesce(func.sum(RegradeRequest.points), Decimal(0)))
    whole = whole_of(request.subject)
    is_part = RegradeRequest.subject.startswith(f"item:{whole.removeprefix('question:')}/", autoescape=True)
    same = RegradeRequest.submission_id == request.submission_id, (RegradeRequest.subject == whole) | is_part
    return session.scalar(query.where(*same, RegradeRequest.state == RegradeState.accepted))


def find_staff(session: Session, *, course: Course, login: str) -> User | None:
    query = select(User, Enrollment.role).join(Enrollment, Enrollment.user_id == User.id)
    row = session.execute(query.where(Enrollment.course_id == course.id, User.login == login)).one_or_none()
    return row[0] if row and row[1].is_staff else None


def list_staff(session: Session, *, course: Course) -> Sequence[User]:
    query = select(User, Enrollment.role).join(Enrollment, Enrollment.user_id == User.id)
    rows = session.execute(query.where(Enrollment.course_id == course.id).order_by(User.login)).all()
    return [user for user, role in rows if role.is_staff]


def change_of(session: Session, *, submission: Submission) -> Decimal:
    """Points that people have given or taken for one submission, beside what its run has reached."""
    return changes_by_submission(session, submission_ids=[submission.id]).get(submission.id, Decimal(0))
