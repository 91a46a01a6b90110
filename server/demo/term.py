"""The order in which the full course comes about: people and works, the workers' verdicts, then all that follows from them."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.accounts.models import User
from server.attendance.queries import list_students
from server.courses import service as courses
from server.courses.models import Course
from server.database import session_factory
from server.demo import cast, copies, full
from server.gradebook.queries import find_gradebook

if TYPE_CHECKING:
    from server.settings import Settings

JUDGED_HERE = tuple(slug for slug in full.HOMEWORKS if slug != cast.ASSIGNMENT)  # works of the others are in the sample course


def play_term(settings: "Settings", *, password: str, tell: Callable[[str], None]) -> None:
    """Once; a start that was cut off goes on where it stood, and draws what it would have drawn."""
    with session_factory.begin() as session:
        begun = find_course(session, full.COURSE)
        course = begun or begin_term(session, settings, password=password, lot=random.Random(full.SEED))
        course_id, is_done = course.id, find_gradebook(session, course=course) is not None
    if is_done:
        return
    tell(f"{full.STUDENTS} students; the workers judge the works that the others' are copied from …")
    judged = copies.wait_for_verdicts(course_id)
    with session_factory.begin() as session:
        count = end_term(session, settings, lot=random.Random(full.SEED + 1))
    tell(f"{judged} works judged, {count} submissions, {full.ROLL_CALLS} roll calls, grades.")


def find_course(session: Session, slug: str) -> Course | None:
    return session.scalar(select(Course).where(Course.slug == slug))


def begin_term(session: Session, settings: "Settings", *, password: str, lot: random.Random) -> Course:
    course = courses.create_course(
        session, slug=full.COURSE, title_en=full.TITLE["en"], title_zh=full.TITLE["zh"], time_zone=full.ZONE
    )
    people = full.make_people(session, course=course, password=password, lot=lot)
    set_work = full.set_assignments(session, course=course, settings=settings)
    for place, slug in enumerate(JUDGED_HERE):
        authors = people[10 * place : 10 * place + 10]
        copies.hand_in_originals(session, assignment=set_work[slug], authors=authors, settings=settings, lot=lot)
    return course


def end_term(session: Session, settings: "Settings", *, lot: random.Random) -> int:
    """How many submissions there are."""
    course, sample = find_course(session, full.COURSE), find_course(session, cast.COURSE)
    staff = accounts.find_user(session, login=cast.INSTRUCTOR)
    people = [each.user for each in list_students(session, course=course)]
    set_work = full.assignments_of(session, course=course)
    full.settle(session, course=course, set_work=set_work, people=people, staff=staff)
    count = sum(copy_work(session, course, sample, slug, people, set_work, lot) for slug in set_work)
    full.hold_classes(session, course=course, people=people, staff=staff, lot=lot)
    full.note_contributions(session, course=course, people=people, staff=staff, lot=lot)
    full.open_cases(session, assignment=set_work["cnn"], staff=staff, settings=settings)
    full.make_grades(session, course=course, people=people, staff=staff, settings=settings)
    return count


def copy_work(
    session: Session, course: Course, sample: Course, slug: str, people: list[User], set_work: dict, lot: random.Random
) -> int:
    """Whoever handed in what was judged keeps that alone."""
    place = course if slug in JUDGED_HERE else sample
    originals = copies.list_originals(session, course=place, slug=slug)
    authors = copies.authors_of(session, assignment=set_work[slug])
    others = [each for each in people if each.id not in authors]
    return len(authors) + copies.copy_for(session, assignment=set_work[slug], people=others, originals=originals, lot=lot)
