"""How people come in: by a link of their own, or by the course's code."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import rules as signing_in
from server.accounts.models import Language, User
from server.courses import invitations, joining, roster, sections
from server.courses.invitations import InvitationOver, NotInvitable
from server.courses.models import Course, Enrollment, Invitation, Role
from server.courses.roster_refusals import AlreadyHere, Withdrawn
from server.database import current_time

GOOD = "a long enough one"


@pytest.fixture
def zhou(make_member: Callable[..., User]) -> User:
    return make_member("zhou", Role.instructor)


@pytest.fixture
def lin(session: Session, course: Course, zhou: User) -> Enrollment:
    member = roster.add_person(session, course=course, by=zhou, typed={"student_number": "7", "name": "林晓"})
    session.commit()
    return member


@pytest.fixture
def make_link(session: Session, course: Course, zhou: User, lin: Enrollment) -> Callable[[], str]:
    def make() -> str:
        (link,) = invitations.make_links(session, course=course, by=zhou, now=current_time(session))
        session.commit()
        return link.token

    return make


def test_a_link_leads_to_a_password_and_into_the_course(app_client: TestClient, make_link: Callable, session: Session) -> None:
    address = f"/invitations/{make_link()}"
    assert "林晓" in app_client.get(address).text
    assert app_client.post(address, data={"password": "short", "again": "short"}).status_code == 422
    assert app_client.post(address, data={"password": GOOD, "again": "another one"}).status_code == 422
    answer = app_client.post(address, data={"password": GOOD, "again": GOOD, "language": "zh"})
    assert (answer.status_code, answer.url.path) == (200, "/courses/dl-2026")
    session.expire_all()
    user = session.scalar(select(User).where(User.login == "7"))
    assert user.language is Language.zh and user.made_by_course_id is None
    other = TestClient(app_client.app, base_url="http://gradus.test")
    assert other.post("/api/v1/tokens", json={"login": "7", "password": GOOD}).status_code == 201
    assert other.get(address).status_code == 404


def test_only_a_hash_of_a_link_is_kept(make_link: Callable, session: Session) -> None:
    token = make_link()
    assert token.encode() not in session.scalar(select(Invitation.token_hash))


def test_a_link_ends_by_age_by_a_new_one_by_being_revoked_and_by_withdrawing(
    session: Session, course: Course, zhou: User, make_link: Callable
) -> None:
    now = current_time(session)

    def is_over(token: str, at=now) -> bool:
        try:
            invitations.find_open(session, token=token, now=at)
        except InvitationOver:
            return True
        return False

    first = make_link()
    assert not is_over(first) and is_over(first, now + timedelta(days=15))
    second = make_link()
    assert is_over(first) and not is_over(second)
    invitations.revoke(session, course=course, by=zhou, login="7", now=now)
    assert is_over(second)
    third = make_link()
    roster.withdraw(session, course=course, by=zhou, login="7", now=now)
    assert is_over(third)


def test_nobody_makes_a_link_to_an_account_that_has_a_password_or_another_courses(
    session: Session, make_course: Callable, make_user: Callable[..., User], course: Course, zhou: User, lin: Enrollment
) -> None:
    other = make_course("cv-2026")
    roster.add_person(session, course=other, by=zhou, typed={"student_number": "7", "name": "林晓"})
    session.commit()
    now = current_time(session)
    for place, login in ((other, "7"), (course, "zhou")):
        with pytest.raises(NotInvitable):
            invitations.make_links(session, course=place, by=zhou, logins=[login], now=now)
    assert invitations.make_links(session, course=other, by=zhou, now=now) == []


def test_signing_up_is_off_until_there_is_a_code(session: Session, course: Course, zhou: User, make_user: Callable) -> None:
    bob, now = make_user("bob"), current_time(session)
    with pytest.raises(joining.WrongCode):
        joining.join(session, code="", user=bob, section_id=None, now=now)
    joining.set_code(session, course=course, by=zhou, is_on=True, asks_section=False)
    old = course.join_code
    joining.set_code(session, course=course, by=zhou, is_on=True, asks_section=False)
    with pytest.raises(joining.WrongCode):
        joining.join(session, code=old, user=bob, section_id=None, now=now)
    typed = f" {course.join_code[:4].lower()} {course.join_code[4:]}"
    assert joining.join(session, code=typed, user=bob, section_id=None, now=now).role is Role.student
    with pytest.raises(AlreadyHere):
        joining.join(session, code=course.join_code, user=bob, section_id=None, now=now)


def test_a_code_does_not_bring_back_whom_the_staff_let_go(session: Session, course: Course, zhou: User, student: User) -> None:
    now = current_time(session)
    joining.set_code(session, course=course, by=zhou, is_on=True, asks_section=False)
    roster.withdraw(session, course=course, by=zhou, login="ada", now=now)
    with pytest.raises(Withdrawn):
        joining.join(session, code=course.join_code, user=student, section_id=None, now=now)


def test_the_section_is_asked_for_where_the_course_wants_it(
    session: Session, course: Course, zhou: User, make_user: Callable
) -> None:
    section, bob, now = sections.create(session, course=course, by=zhou, name="一班"), make_user("bob"), current_time(session)
    joining.set_code(session, course=course, by=zhou, is_on=True, asks_section=True)
    with pytest.raises(joining.SectionNeeded):
        joining.join(session, code=course.join_code, user=bob, section_id=None, now=now)
    assert joining.join(session, code=course.join_code, user=bob, section_id=section.id, now=now).section_id == section.id


def test_whoever_guesses_codes_has_to_wait(session: Session, student: User) -> None:
    now = current_time(session)
    for _ in range(signing_in.FAILURES_PER_PLACE):
        with pytest.raises(joining.WrongCode):
            joining.find_course(session, code="GUESS", user=student, now=now)
    with pytest.raises(joining.TooManyCodes):
        joining.find_course(session, code="GUESS", user=student, now=now)


def test_sections_are_renamed_and_merged_with_all_that_speaks_of_them(session: Session, course: Course, zhou: User) -> None:
    for number, section in (("1", "一班"), ("2", "二班")):
        roster.add_person(session, course=course, by=zhou, typed={"student_number": number, "name": "x", "section": section})
    first, second = sorted(sections.list_sections(session, course=course), key=lambda each: each.id)
    with pytest.raises(sections.SectionTaken):
        sections.rename(session, course=course, by=zhou, section=first, name="二班")
    sections.merge(session, course=course, by=zhou, section=first, into=second)
    assert {each.section_id for each in roster.list_members(session, course=course) if each.role is Role.student} == {second.id}
    assert [each.name for each in sections.list_sections(session, course=course)] == ["二班"]


def test_the_code_is_switched_over_the_api_by_instructors_and_seen_by_staff(
    client_as: Callable, zhou: User, make_member: Callable[..., User]
) -> None:
    boss, tia, path = client_as(zhou), client_as(make_member("tia", Role.ta)), "/api/v1/courses/dl-2026/join-code"
    assert tia.get(path).json() == {"code": None, "asks_section": False}
    first = boss.put(path, json={"is_on": True, "asks_section": True}).json()
    assert first["asks_section"] and len(first["code"]) == joining.LENGTH and tia.get(path).json() == first
    assert tia.put(path, json={"is_on": False}).status_code == 403
    assert boss.put(path, json={"is_on": True}).json()["code"] != first["code"]
    assert boss.put(path, json={"is_on": False}).json()["code"] is None
