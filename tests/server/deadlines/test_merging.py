"""Sections are merged although they were given time: it holds for their students afterwards, and nobody has less."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import AuditLine
from server.courses import sections
from server.courses.models import Course, Role, Section
from server.courses.service import find_enrollment
from server.deadlines import queries, replay, service
from server.deadlines.models import Extension
from server.deadlines.service import NewExtension
from server.exams.models import Exam, ExamNotice


@pytest.fixture
def boss(make_member: Callable[..., User]) -> User:
    return make_member("boss", Role.instructor)


@pytest.fixture
def halves(session: Session, course: Course, boss: User, make_member: Callable[..., User]) -> tuple[Section, Section]:
    """A1 of ada and A2 of bob."""
    found = [sections.create(session, course=course, by=boss, name=name) for name in ("A1", "A2")]
    for login, section in zip(("ada", "bob"), found, strict=True):
        find_enrollment(session, course_slug=course.slug, user=make_member(login)).section = section
    session.commit()
    return found[0], found[1]


@pytest.fixture
def extend(session: Session, assignment: Assignment, boss: User) -> Callable[..., Extension]:
    def extend(recipient: str, hours: int) -> Extension:
        new = NewExtension(recipient, "the network was down", plus_hours=hours)
        return service.extend(session, assignment=assignment, new=new, by=boss)

    return extend


@pytest.mark.parametrize("given", [{"A1": 24}, {"A2": 24}, {"A1": 24, "A2": 48}, {"A1": 48, "A2": 24, "ada": 2, "bob": 72}])
def test_time_of_a_section_goes_with_it_into_another(
    given: dict[str, int], session: Session, course: Course, assignment: Assignment, boss: User,
    halves: tuple[Section, Section], extend: Callable[..., Extension],
) -> None:  # fmt: skip
    for recipient, hours in given.items():
        extend(recipient, hours)
    people = [session.scalars(select(User).where(User.login == login)).one() for login in ("ada", "bob")]
    before = [queries.own_dates(session, assignment=assignment, user=each) for each in people]
    sections.merge(session, course=course, by=boss, section=halves[0], into=halves[1])
    session.commit()
    after = [queries.own_dates(session, assignment=assignment, user=each) for each in people]
    assert all(now.due_at >= was.due_at and now.closes_at >= was.closes_at for was, now in zip(before, after, strict=True))
    most = max(hours for recipient, hours in given.items() if recipient.startswith("A"))
    plus = [max(most, given.get(login, 0)) for login in ("ada", "bob")]
    assert [each.due_at - assignment.due_at for each in after] == [timedelta(hours=hours) for hours in plus]
    found = replay.Settlement()
    for line in session.scalars(select(AuditLine).order_by(AuditLine.id)):
        replay.take(found, line.action, line.subject)
    assert {each.section for each in found.given.values()} - {None} == {"A2"}, "the log comes to the same"


def test_what_was_said_to_a_section_in_an_exam_goes_with_it(
    session: Session, course: Course, make_assignment: Callable[..., Assignment], boss: User, halves: tuple[Section, Section]
) -> None:
    exam = Exam(assignment=make_assignment(slug="mixed"), minutes=60)
    session.add(exam)
    session.flush()
    said = {"exam_id": exam.assignment_id, "text_en": "n is 4", "text_zh": "n 为 4", "said_by_id": boss.id}
    session.add(ExamNotice(section_id=halves[0].id, **said))
    session.commit()
    sections.merge(session, course=course, by=boss, section=halves[0], into=halves[1])
    assert session.scalars(select(ExamNotice.section_id)).one() == halves[1].id


def test_nothing_else_of_an_extension_can_be_changed(
    session: Session, course: Course, make_course: Callable[..., Course], halves: tuple[Section, Section], extend: Callable
) -> None:
    extend("A1", 24)
    foreign = Section(course_id=make_course("other").id, name="A1")
    session.add(foreign)
    session.commit()
    for change in (
        update(Extension).values(plus_hours=1),
        update(Extension).values(section_id=halves[1].id, reason="other"),
        update(Extension).values(section_id=foreign.id),
        update(Extension).values(section_id=None, student_id=text("given_by_id")),
        delete(Extension),
    ):
        with pytest.raises(DBAPIError, match="only ever added"), session.begin_nested():
            session.execute(change)
