"""The demo's course, people and homeworks. Doing it again only moves the dates to today."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.spec import assignment_folders, load_manifest
from server.accounts import service as accounts
from server.accounts.models import Language, User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses import roster
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import current_time
from server.deadlines import service as deadlines
from server.deadlines.models import AfterGrace, LateKind
from server.deadlines.queries import find_policy
from server.deadlines.service import NewExtension, PolicySettings
from server.demo import cast
from server.demo.exams import set_exams
from server.demo.in_class import hold_classes
from server.demo.told import tell_course
from server.gradebook import setup as gradebook

TIME_ZONE = "Asia/Shanghai"
OPENED_BEFORE, WEEK, CLOSES_AFTER_DUE = timedelta(days=7), timedelta(days=7), timedelta(days=3)


def seed(session: Session, *, password: str, root: Path) -> None:
    """Everything the demo needs before anybody hands in."""
    course = find_or_create_course(session)
    sections, people = roster.Sections(session, course), {}
    for person in cast.PEOPLE:
        user = accounts.find_user(session, login=person.login) or create_person(session, person, password=password)
        user.student_number = person.student_number
        courses.enroll(session, course=course, user=user, role=Role(person.role), section=sections.named(person.section))
        people[person.login] = user
    for folder in assignment_folders(root):
        if load_manifest(folder).kind != "exam":  # an exam is sat in its window, never set like a homework
            set_assignment(session, course=course, folder=folder)
    settle_lateness(session, course=course)
    hold_classes(session, course=course, staff=people[cast.INSTRUCTOR], people=people)
    tell_course(session, course=course, staff=people[cast.INSTRUCTOR])
    open_gradebook(session, course=course, staff=people[cast.INSTRUCTOR], root=root)
    set_exams(session, course=course, by=people[cast.INSTRUCTOR], people=people, root=root)


def settle_lateness(session: Session, *, course: Course) -> None:
    """Three grace days for everybody, and more time for one who was ill; once, however often the demo starts."""
    if find_policy(session, course=course) is not None:
        return
    instructor = accounts.find_user(session, login=cast.INSTRUCTOR)
    settings = PolicySettings(LateKind.grace, grace_days=3, after_grace=AfterGrace.percentage)
    deadlines.set_policy(session, course=course, assignment=None, settings=settings, by=instructor, version=0)
    first, *_ = assignments.list_assignments(session, course=course, role=Role.instructor)
    ill = NewExtension("ravi", "ill for two days", plus_hours=48, is_shared=True)
    deadlines.extend(session, assignment=first, new=ill, by=instructor)


def open_gradebook(session: Session, *, course: Course, staff: User, root: Path) -> None:
    """As it is proposed, and shown to the students; once."""
    offered, version = gradebook.offered(session, course=course, root=root)
    if version == 0:
        gradebook.set_up(session, course=course, wanted=replace(offered, is_shown=True), by=staff, version=version)


def find_or_create_course(session: Session) -> Course:
    found = session.scalar(select(Course).where(Course.slug == cast.COURSE))
    title_en, title_zh = cast.COURSE_TITLE["en"], cast.COURSE_TITLE["zh"]
    return found or courses.create_course(session, slug=cast.COURSE, title_en=title_en, title_zh=title_zh, time_zone=TIME_ZONE)


def create_person(session: Session, person: cast.Person, *, password: str) -> User:
    language = Language(person.language)
    return accounts.create_user(session, login=person.login, display_name=person.name, password=password, language=language)


def set_assignment(session: Session, *, course: Course, folder: Path) -> Assignment:
    """Open since last week, due in as many weeks as the homework's number says, whenever the demo is started."""
    manifest = load_manifest(folder)
    midnight = datetime.combine(current_time(session).astimezone(ZoneInfo(TIME_ZONE)), time(), ZoneInfo(TIME_ZONE))
    due_at = midnight + manifest.week * WEEK + timedelta(hours=23, minutes=59)
    dates = {"opens_at": midnight - OPENED_BEFORE, "due_at": due_at, "closes_at": due_at + CLOSES_AFTER_DUE}
    found = assignments.find_assignment(session, course=course, slug=folder.name)
    if found is None:
        return assignments.create_assignment(session, course=course, slug=folder.name, **dates, **assignments.limits_of(manifest))
    for name, moment in dates.items():
        setattr(found, name, moment)
    return found
