"""What came of an exam, read once: every student's sitting, attempt, run and marks, item by item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from grader.protocol import CheckResult, Report, Text
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.service import manifest_of
from server.cases.points import changes_by_submission
from server.courses.models import Enrollment, Role
from server.courses.service import is_active_student
from server.errors import NotFound
from server.exams import queries
from server.exams.fields import QUESTION
from server.exams.models import Exam, SavedVersion, Sitting
from server.grading.models import Run
from server.marking import points as marks
from server.marking import queries as marking
from server.submissions.models import Submission

NONE = Decimal(0)


@dataclass(frozen=True)
class Item:
    """What points are given for: a question, or a check of code."""

    id: str
    title: Text
    full: Decimal
    is_manual: bool = False
    is_code: bool = False


@dataclass(frozen=True)
class Work:
    """One student's. points: by item, as far as they are known; a question that does not count is not in it."""

    student: Enrollment
    sitting: Sitting | None = None
    submission: Submission | None = None
    report: Report | None = None
    points: Mapping[str, Decimal] = field(default_factory=dict)
    by_hand: Decimal = NONE  # what markers gave, as far as it counts
    change: Decimal = NONE  # what regrades gave or took
    unmarked: Sequence[str] = ()  # manual questions without a mark

    @property
    def login(self) -> str:
        return self.student.user.login

    @property
    def total(self) -> Decimal | None:
        """None before the judge has spoken."""
        return None if self.report is None else max(NONE, self.report.score + self.by_hand + self.change)


@dataclass(frozen=True)
class Works:
    """By login."""

    exam: Exam
    manifest: Manifest
    items: Sequence[Item]
    all: Sequence[Work]
    minutes: Mapping[str, Mapping[int, int]]  # by question and sitting, in how many minutes it was changed

    @cached_property
    def full(self) -> Decimal:
        return sum((part.points for part in self.manifest.parts), NONE)

    @property
    def written(self) -> list[Work]:
        return [each for each in self.all if each.submission is not None]

    def get(self, login: str) -> Work:
        """Raises NotFound for who has no sitting."""
        found = next((each for each in self.all if each.login == login and each.sitting is not None), None)
        if found is None:
            raise NotFound
        return found


def works_of(session: Session, *, exam: Exam, root: Path, student_id: int | None = None, is_whole: bool = False) -> Works:
    """Of every student of the course, or of one, in a handful of queries. is_whole: with those who have withdrawn."""
    assignment = exam.assignment
    manifest = manifest_of(assignment, root=root)
    sittings = queries.newest_sittings(session, exam=exam, student_id=student_id)
    ids = [each.submission_id for each in sittings.values() if each.submission_id]
    submissions = read_submissions(session, ids)
    reports = read_reports(session, ids)
    worths = marks.worths_of(session, assignment_ids=[assignment.id]).get(assignment.id, [])
    questions = {each.id: each for each in marking.list_questions(session, assignment=assignment)}
    given = marking.newest_marks(session, question_ids=list(questions), submission_ids=ids) if questions else {}
    totals = marks.marks_of(session, assignment_ids=[assignment.id]) if worths else {}
    changes = changes_by_submission(session, submission_ids=ids) if ids else {}
    manual = [each.id for each in manifest.questions if each.is_manual]

    def work_of(student: Enrollment) -> Work:
        sitting = sittings.get(student.user_id)
        if sitting is None or sitting.submission_id is None:
            return Work(student, sitting)
        id = sitting.submission_id
        by_name = {
            questions[key[1]].name: marking.points_of(mark, questions[key[1]]) for key, mark in given.items() if key[0] == id
        }
        report = reports.get(id)
        return Work(
            student=student,
            sitting=sitting,
            submission=submissions[id],
            report=report,
            points=points_in(report) | by_name,
            by_hand=totals[id].points if id in totals else NONE,
            change=changes.get(id, NONE),
            unmarked=[name for name in manual if name not in by_name],
        )

    works = [work_of(each) for each in list_students(session, exam=exam, student_id=student_id, is_whole=is_whole)]
    items = items_of(manifest, reports.values())
    return Works(exam, manifest, items, works, minutes_of(session, sittings.values()))


def list_students(session: Session, *, exam: Exam, student_id: int | None, is_whole: bool) -> list[Enrollment]:
    """By login. Somebody in particular is read whether he has withdrawn or not: his paper stays his."""
    here = [Enrollment.course_id == exam.assignment.course_id, Enrollment.role == Role.student]
    if student_id is not None:
        here.append(Enrollment.user_id == student_id)
    elif not is_whole:
        here.append(is_active_student())
    query = select(Enrollment).join(User, Enrollment.user).where(*here).options(joinedload(Enrollment.section))
    return list(session.scalars(query.order_by(User.login)))


def read_submissions(session: Session, ids: Sequence[int]) -> dict[int, Submission]:
    query = select(Submission).where(Submission.id.in_(ids)).options(selectinload(Submission.files))
    return {each.id: each for each in session.scalars(query)}


def read_reports(session: Session, ids: Sequence[int]) -> dict[int, Report]:
    """Of each the newest."""
    query = select(Run).where(Run.submission_id.in_(ids)).order_by(Run.submission_id, Run.number).options(undefer(Run.report))
    return {each.submission_id: each.read_report() for each in session.scalars(query)}


def points_in(report: Report | None) -> dict[str, Decimal]:
    """By check and question. What is worth nothing in this report does not count."""
    return {each.id: each.points for each in report.checks if each.max_points > 0} if report else {}


def items_of(manifest: Manifest, reports: Iterable[Report]) -> list[Item]:
    """Checks of code as reports name them, then the questions, in the manifest's order."""
    asked = {each.id for each in manifest.questions}
    checks: dict[str, CheckResult] = {}
    for report in reports:
        for each in report.checks:
            known = checks.get(each.id)
            if each.id not in asked and (known is None or known.max_points < each.max_points):
                checks[each.id] = each
    code = [Item(each.id, each.title, each.max_points, is_code=True) for each in checks.values()]
    return code + [Item(each.id, each.title, each.points, is_manual=each.is_manual) for each in manifest.questions]


def minutes_of(session: Session, sittings: Iterable[Sitting]) -> dict[str, dict[int, int]]:
    """The history holds at most one version a minute, so versions are minutes in which something changed."""
    ids = [each.id for each in sittings]
    count = select(SavedVersion.field, SavedVersion.sitting_id, func.count()).where(SavedVersion.sitting_id.in_(ids))
    found: dict[str, dict[int, int]] = {}
    for name, sitting_id, number in session.execute(count.group_by(SavedVersion.field, SavedVersion.sitting_id)):
        found.setdefault(name.removeprefix(QUESTION), {})[sitting_id] = number
    return found
