"""The demo's exams: one to practise at any time, and a midterm three days ahead with more time for one who needs it."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from grader.spec import Manifest, load_manifest
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses.models import Course
from server.database import current_time
from server.exams import invigilation, queries, setup
from server.exams.models import Grant
from server.exams.rules import Window
from server.exams.setup import Plan

PRACTICE, MIDTERM = "exam-practice", "exam-midterm"
BEGINS, LASTS, AHEAD, TERM = time(9), timedelta(hours=3), timedelta(days=3), timedelta(days=120)
MORE_TIME_FOR, MORE_S = "yuki", 20 * 60


def set_exams(session: Session, *, course: Course, by: User, people: dict[str, User], root: Path) -> None:
    """Once, however often the demo starts."""
    today = current_time(session).astimezone(ZoneInfo(course.time_zone)).date()
    midnight = datetime.combine(today, time(), ZoneInfo(course.time_zone))
    morning = datetime.combine(today, BEGINS, ZoneInfo(course.time_zone)) + AHEAD
    set_exam(session, course=course, by=by, folder=root / PRACTICE, window=Window(midnight, midnight + TERM))
    is_new = set_exam(session, course=course, by=by, folder=root / MIDTERM, window=Window(morning, morning + LASTS))
    if is_new:
        exam = queries.find_exam(session, course=course, slug=MIDTERM)
        reason = "a certificate of the disability office"
        student = queries.find_member(session, exam=exam, student_id=people[MORE_TIME_FOR].id)
        given = {"seconds": MORE_S, "kind": Grant.accommodation, "reason": reason}
        invigilation.grant(session, exam=exam, students=[student], **given, by=by)


def set_exam(session: Session, *, course: Course, by: User, folder: Path, window: Window) -> bool:
    """Whether it was made now."""
    found = assignments.find_assignment(session, course=course, slug=folder.name)
    if found is not None or not folder.is_dir():
        return False
    manifest = load_manifest(folder)
    assignment = create(session, course, folder.name, manifest, window)
    plan = Plan(window, minutes=manifest.exam.minutes, is_practice=manifest.exam.practice)
    setup.set_up(session, assignment=assignment, plan=plan, by=by, version=0, now=current_time(session), is_confirmed=True)
    return True


def create(session: Session, course: Course, slug: str, manifest: Manifest, window: Window) -> Assignment:
    dates = {"opens_at": window.opens_at, "due_at": window.closes_at, "closes_at": window.closes_at}
    return assignments.create_assignment(session, course=course, slug=slug, **dates, **assignments.limits_of(manifest))
