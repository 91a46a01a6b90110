"""A rehearsal is a hidden course of its own with the exam's assignment and accounts that nobody can sign in to.

Its record is the audit log of the real course: a line for its beginning, one for what it found, one for its end. What was
handed in stays as rows (verdicts are only ever added) in a course in which nobody real is, and whose accounts are shut.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.accounts.models import ApiToken, User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.audit import AuditLine, list_lines_about, write_line
from server.courses import sections
from server.courses import service as courses
from server.courses.models import Course, Enrollment, Role, Section
from server.database import current_time
from server.errors import NotFound
from server.exams import setup
from server.exams.checklist import content_of
from server.exams.models import Exam, ExamWindow, HandedInBy, Sitting
from server.exams.rehearsed import BEGUN, ENDED, REHEARSED
from server.exams.rules import Window
from server.exams.setup import Plan
from server.exams.sittings import in_zone
from server.rehearsals.refusals import ExamOpensSoon, RehearsalRuns, SomebodySits
from server.settings import Settings
from server.submissions.models import Job, State, Submission

PREFIX, SECTION = "rehearsal-", "rehearsal"
KEPT = timedelta(hours=1)  # beyond its window; then it is swept
SPARE = timedelta(minutes=5)  # for verdicts, before somebody sits in earnest
LONG = timedelta(days=3650)  # no sweep of what has closed looks at a rehearsal: the window of its section is what ends it


@dataclass(frozen=True)
class Account:
    """The token is told once, and is shut with the account."""

    login: str
    token: str


@dataclass(frozen=True)
class Rehearsal:
    """id: also the slug of its course."""

    id: str
    exam: Exam  # the hidden one
    window: Window
    expires_at: datetime
    staff: Account
    students: Sequence[Account]


def begin(session: Session, *, exam: Exam, by: User, students: int, seconds: int, settings: Settings) -> Rehearsal:
    """One at a time, and never beside an exam. Raises RehearsalRuns, SomebodySits, ExamOpensSoon."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('rehearsals'))"))
    check_is_quiet(session, exam, until=current_time(session) + timedelta(seconds=seconds) + SPARE)
    id = f"{PREFIX}{secrets.token_hex(4)}"
    course = make_course(session, exam, id)
    section = sections.create(session, course=course, by=by, name=SECTION)
    staff = make_account(session, course, f"{id}-staff", "Rehearsal, staff", Role.instructor)
    found = [
        make_account(session, course, f"{id}-{number:03}", f"Rehearsal {number}", Role.student, section)
        for number in range(1, students + 1)
    ]
    now = current_time(session)
    window = Window(now, now + timedelta(seconds=seconds))
    hidden = make_exam(session, exam, course, by, window, settings)
    facts = {"exam": exam.assignment.slug, "rehearsal": id, "students": students, "seconds": seconds}
    facts |= {"content": content_of(exam.assignment, settings), "version": exam.version}
    facts["expires_at"] = (window.closes_at + KEPT).isoformat()
    write_line(session, course=exam.assignment.course, actor=by, action=BEGUN, **facts)
    return Rehearsal(id, hidden, window, window.closes_at + KEPT, staff, found)


def check_is_quiet(session: Session, exam: Exam, *, until: datetime) -> None:
    if open_courses(session):
        raise RehearsalRuns
    earnest = Exam.is_practice.is_(False)
    running = select(func.count(Sitting.id)).join(Exam, Exam.assignment_id == Sitting.exam_id)
    sitting = session.scalar(running.where(Sitting.handed_in_at.is_(None), earnest)) or 0
    if sitting:
        raise SomebodySits(sitting)
    own = select(ExamWindow.opens_at).join(Exam, Exam.assignment_id == ExamWindow.exam_id)
    usual = select(Assignment.opens_at).join(Exam, Exam.assignment_id == Assignment.id)
    soon = [
        opens_at
        for query, column in ((usual, Assignment.opens_at), (own, ExamWindow.opens_at))
        for opens_at in session.scalars(query.where(earnest, column > func.clock_timestamp(), column < until))
    ]
    if soon:
        raise ExamOpensSoon(in_zone(exam, min(soon)))


def make_course(session: Session, exam: Exam, id: str) -> Course:
    slug, zone = exam.assignment.slug, exam.assignment.course.time_zone
    titles = {"title_en": f"Rehearsal of {slug}", "title_zh": f"{slug} 试考"}
    return courses.create_course(session, slug=id, **titles, time_zone=zone)


def make_account(session: Session, course: Course, login: str, name: str, role: Role, section: Section | None = None) -> Account:
    """Without a password, an address or a number, so that no way of signing in leads to it."""
    user = accounts.create_user(session, login=login, display_name=name)
    user.wants_mail = False
    session.add(Enrollment(course=course, user=user, role=role, section=section))
    _, token = accounts.create_api_token(session, user=user, name="rehearsal")
    return Account(login, token)


def make_exam(session: Session, exam: Exam, course: Course, by: User, window: Window, settings: Settings) -> Exam:
    """With what the real one has, but for its networks: nobody rehearses from the room."""
    manifest = assignments.manifest_of(exam.assignment, root=settings.assignments)
    usual = Window(window.opens_at, window.opens_at + LONG)
    dates = {"opens_at": usual.opens_at, "due_at": usual.closes_at, "closes_at": usual.closes_at}
    hidden = assignments.create_assignment(
        session, course=course, slug=exam.assignment.slug, **dates, **assignments.limits_of(manifest)
    )
    plan = Plan(
        usual, minutes=exam.minutes, asks_to_move=exam.asks_to_move, check_limit=exam.check_limit, fair_wait_s=exam.fair_wait_s,
        honour_en=exam.honour_en, honour_zh=exam.honour_zh, windows={SECTION: window},
    )  # fmt: skip
    return setup.set_up(session, assignment=hidden, plan=plan, by=by, version=0, now=window.opens_at, is_confirmed=True)


def get_begun(session: Session, *, exam: Exam, id: str) -> AuditLine:
    """The line of its beginning. Raises NotFound for what is no rehearsal of this exam."""
    found = find_line(session, exam.assignment.course, exam.assignment.slug, id, BEGUN)
    if found is None:
        raise NotFound
    return found


def find_line(session: Session, course: Course, slug: str, id: str, action: str) -> AuditLine | None:
    lines = list_lines_about(session, course=course, any_of=[{"exam": slug, "rehearsal": id}])
    return next((each for each in lines if each.action == action), None)


def report(session: Session, *, exam: Exam, id: str, by: User, is_ready: bool, figures: dict[str, Any]) -> None:
    """What it has found, of the content and set-up as they were when it began. Once: a second report changes nothing."""
    begun = get_begun(session, exam=exam, id=id)
    course, slug = exam.assignment.course, exam.assignment.slug
    if find_line(session, course, slug, id, REHEARSED) is not None:
        return
    facts = {name: begun.subject[name] for name in ("exam", "rehearsal", "students", "content", "version")}
    write_line(session, course=course, actor=by, action=REHEARSED, **facts, is_ready=is_ready, figures=figures)


def end(session: Session, *, exam: Exam, id: str, by: User | None) -> None:
    """Once more, nothing changes. by: None where it was swept."""
    get_begun(session, exam=exam, id=id)
    hidden = lock_course(session, id)
    course, slug = exam.assignment.course, exam.assignment.slug
    if hidden is None or find_line(session, course, slug, id, ENDED) is not None:
        return
    shut(session, hidden, now=current_time(session))
    write_line(session, course=course, actor=by, action=ENDED, exam=slug, rehearsal=id)


def lock_course(session: Session, id: str) -> Course | None:
    return session.scalar(select(Course).where(Course.slug == id).with_for_update())


def shut(session: Session, hidden: Course, *, now: datetime) -> None:
    """Nobody sits, nothing waits for a judge, no token opens anything, and nothing is shown."""
    ids = list(session.scalars(select(Enrollment.user_id).where(Enrollment.course_id == hidden.id)))
    taken = select(Assignment.id).where(Assignment.course_id == hidden.id)
    unbegun = (
        Job.state.in_((State.received, State.queued)),
        Job.submission_id.in_(select(Submission.id).where(Submission.assignment_id.in_(taken))),
    )
    running = Sitting.exam_id.in_(taken), Sitting.handed_in_at.is_(None)
    changes = (
        update(ApiToken).where(ApiToken.user_id.in_(ids), ApiToken.revoked_at.is_(None)).values(revoked_at=now),
        update(User).where(User.id.in_(ids)).values(is_active=False),
        update(Sitting).where(*running).values(handed_in_at=now, handed_in_by=HandedInBy.staff),
        update(Job).where(*unbegun).values(state=State.cancelled, finished_at=now),
        update(Assignment).where(Assignment.course_id == hidden.id).values(visible=False),
    )
    for change in changes:
        session.execute(change.execution_options(synchronize_session=False))
    session.expire_all()


def open_courses(session: Session) -> list[Course]:
    """Hidden courses with an account that is not shut."""
    active = select(Enrollment.id).join(User, Enrollment.user).where(Enrollment.course_id == Course.id)
    active = active.where(User.is_active, User.login.startswith(PREFIX))
    return list(session.scalars(select(Course).where(Course.slug.startswith(PREFIX), active.exists()).order_by(Course.id)))


def list_overdue(session: Session) -> list[tuple[int, str]]:
    """Exam and id of those that nobody has ended in time."""
    now, found = current_time(session), []
    for course in open_courses(session):
        begun = AuditLine.action == BEGUN, AuditLine.subject.contains({"rehearsal": course.slug})
        line = session.scalar(select(AuditLine).where(*begun))
        if line is not None and datetime.fromisoformat(line.subject["expires_at"]) <= now:
            exam = select(Exam.assignment_id).join(Assignment, Exam.assignment)
            here = Assignment.course_id == line.course_id, Assignment.slug == line.subject["exam"]
            found += [(id, course.slug) for id in session.scalars(exam.where(*here))]
    return found
