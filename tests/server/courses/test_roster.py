"""A roster on a real database: files are looked at and confirmed, people come, change, go and come back."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import list_lines
from server.courses import roster
from server.courses.models import Course, Enrollment, Role, RosterFile, Standing
from server.courses.roster_refusals import AlreadyHere, FaultyLines, LastInstructor, PreviewExpired, RosterChanged
from server.database import current_time, session_factory
from server.errors import NotFound

HEAD = "学号,姓名,邮箱,班级\n"
CLASS = HEAD + "2023001,林晓,lin@example.edu,一班\n2023002,王梓涵,wang@example.edu,二班\n"


@pytest.fixture
def zhou(make_member: Callable[..., User]) -> User:
    return make_member("zhou", Role.instructor)


@pytest.fixture
def upload(session: Session, course: Course, zhou: User) -> Callable[..., RosterFile]:
    def upload(text: str, **fields: object) -> RosterFile:
        given = {"course": course, "by": zhou, "name": "class.csv", "section": None, "now": current_time(session)}
        kept = roster.keep_file(session, content=text.encode(), **(given | fields))
        session.commit()
        return kept

    return upload


@pytest.fixture
def confirm(session: Session, zhou: User) -> Callable[..., roster.Applied]:
    def confirm(file: RosterFile, **fields: object) -> roster.Applied:
        given = {"withdraw": [], "takes_good_lines": False, "version": file.course.roster_version}
        done = roster.confirm(session, file=file, by=zhou, now=current_time(session), **(given | fields))
        session.commit()
        return done

    return confirm


def people(session: Session, course: Course) -> dict[str, Enrollment]:
    session.expire_all()
    return {member.user.login: member for member in roster.list_members(session, course=course)}


def test_a_file_changes_nothing_before_it_is_confirmed(
    session: Session, course: Course, upload: Callable, confirm: Callable
) -> None:
    file = upload(CLASS)
    assert [entry.student_number for entry in roster.preview(session, file).diff.new] == ["2023001", "2023002"]
    assert list(people(session, course)) == ["zhou"]
    assert confirm(file) == roster.Applied(new=2, joined=0, changed=0, withdrawn=0, unchanged=0, left_out=0)
    lin = people(session, course)["2023001"]
    assert (lin.user.display_name, lin.user.email, lin.section.name) == ("林晓", "lin@example.edu", "一班")
    assert lin.user.password_hash is None and lin.user.made_by_course_id == course.id


def test_the_same_file_again_changes_nothing(session: Session, course: Course, upload: Callable, confirm: Callable) -> None:
    confirm(upload(CLASS))
    assert confirm(upload(CLASS)) == roster.Applied(0, 0, 0, 0, unchanged=2, left_out=0)


def test_who_is_not_in_the_file_stays_unless_it_is_ticked(
    session: Session, course: Course, upload: Callable, confirm: Callable
) -> None:
    confirm(upload(CLASS))
    shorter = HEAD + "2023001,林晓晓,lin@example.edu,二班\n"
    confirm(upload(shorter))
    assert people(session, course)["2023002"].is_active
    done = confirm(upload(shorter), withdraw=["2023002"])
    gone = people(session, course)["2023002"]
    assert done.withdrawn == 1
    assert gone.standing is Standing.withdrawn and gone.withdrawn_by.login == "zhou"
    assert people(session, course)["2023001"].user.display_name == "林晓晓"
    last, before, *_ = list_lines(session, course=course)
    assert last.subject["withdrawn"] == ["2023002"]
    assert before.subject["changed"]["2023001"] == {"name": ["林晓", "林晓晓"], "section": ["一班", "二班"]}


def test_a_file_that_lists_them_again_takes_them_back(
    session: Session, course: Course, upload: Callable, confirm: Callable
) -> None:
    confirm(upload(CLASS))
    confirm(upload(HEAD + "2023001,林晓,,\n"), withdraw=None)
    confirm(upload(CLASS))
    assert people(session, course)["2023002"].is_active


def test_a_preview_is_old_once_the_roster_has_changed(
    session: Session, course: Course, zhou: User, upload: Callable, confirm: Callable
) -> None:
    file = upload(CLASS)
    seen = file.course.roster_version
    roster.add_person(session, course=course, by=zhou, typed={"student_number": "9", "name": "Nine"})
    session.commit()
    with pytest.raises(RosterChanged):
        confirm(file, version=seen)
    session.rollback()
    assert "2023001" not in people(session, course)


def test_two_who_confirm_at_once_do_it_once(session: Session, course: Course, zhou: User, upload: Callable) -> None:
    file_id, by_id, version = upload(CLASS).id, zhou.id, course.roster_version
    outcomes: list[object] = []
    barrier = threading.Barrier(2, timeout=30)

    def press() -> None:
        try:
            with session_factory.begin() as own:
                mine = own.get_one(RosterFile, file_id)
                barrier.wait()
                by, now = own.get_one(User, by_id), current_time(own)
                known = {"version": version, "withdraw": [], "takes_good_lines": False}
                outcomes.append(roster.confirm(own, file=mine, by=by, now=now, **known))
        except RosterChanged as refusal:
            outcomes.append(refusal)

    presses = [threading.Thread(target=press) for _ in range(2)]
    [each.start() for each in presses]
    [each.join() for each in presses]
    assert sorted(type(each).__name__ for each in outcomes) == ["Applied", "RosterChanged"]
    assert sorted(people(session, course)) == ["2023001", "2023002", "zhou"]


def test_with_a_fault_nothing_is_done_unless_the_good_lines_are_asked_for(
    session: Session, course: Course, upload: Callable, confirm: Callable
) -> None:
    file = upload(CLASS + ",丙,,\n")
    with pytest.raises(FaultyLines) as refusal:
        confirm(file)
    assert refusal.value.facts["faults"][0]["line"] == 4
    session.rollback()
    assert confirm(file, takes_good_lines=True).left_out == 1
    assert len(people(session, course)) == 3


def test_a_file_is_confirmed_once_within_its_hour_and_by_who_uploaded_it(
    session: Session, course: Course, zhou: User, make_member: Callable[..., User], upload: Callable, confirm: Callable
) -> None:
    file, now, other = upload(CLASS), current_time(session), make_member("other", Role.instructor)

    def get(by: User, at: datetime) -> RosterFile:
        return roster.get_file(session, course=course, file_id=file.id, by=by, now=at)

    assert get(zhou, now).id == file.id
    with pytest.raises(PreviewExpired):
        get(zhou, now + timedelta(hours=2))
    with pytest.raises(NotFound):
        get(other, now)
    confirm(get(zhou, now))
    with pytest.raises(NotFound):
        get(zhou, now)


def test_a_known_person_comes_in_with_the_account_that_is_there(
    session: Session, course: Course, make_user: Callable[..., User], upload: Callable, confirm: Callable
) -> None:
    ada = make_user("ada", email="ADA@example.edu")
    done = confirm(upload(HEAD + "2023009,Ada,ada@example.edu,\n"))
    assert (done.new, done.joined) == (0, 1)
    session.expire_all()
    assert ada.student_number == "2023009" and ada.password_hash is not None and ada.made_by_course_id is None


def test_an_account_that_other_courses_use_is_not_changed(
    session: Session, course: Course, make_course: Callable[..., Course], make_member: Callable[..., User],
    upload: Callable, confirm: Callable,
) -> None:  # fmt: skip
    ada = make_member("2023009", of=make_course("cv-2026"))
    confirm(upload(HEAD + "2023009,Somebody Else,else@example.edu,\n"))
    session.expire_all()
    assert (ada.display_name, ada.email) == ("2023009", None)
    assert "2023009" in people(session, course)


def test_a_login_that_somebody_else_has_gets_a_number(
    session: Session, course: Course, make_user: Callable[..., User], upload: Callable, confirm: Callable
) -> None:
    make_user("2023001").student_number = "OTHER"
    session.commit()
    confirm(upload(CLASS))
    assert "2023001-2" in people(session, course)


def test_a_course_keeps_an_instructor(session: Session, course: Course, zhou: User, upload: Callable, confirm: Callable) -> None:
    version = people(session, course)["zhou"].version
    change = {"course": course, "by": zhou, "login": "zhou"}
    with pytest.raises(LastInstructor):
        roster.change_person(session, version=version, role=Role.ta, **change)
    with pytest.raises(LastInstructor):
        roster.withdraw(session, now=current_time(session), **change)
    zhou.email = "zhou@example.edu"
    session.commit()
    with pytest.raises(LastInstructor):
        confirm(upload("学号,姓名,邮箱,角色\n,Zhou,zhou@example.edu,助教\n"))


def test_the_second_of_two_who_change_a_person_is_told(session: Session, course: Course, zhou: User, student: User) -> None:
    change = {"course": course, "by": zhou, "login": "ada", "version": people(session, course)["ada"].version}
    roster.change_person(session, section="一班", **change)
    with pytest.raises(RosterChanged):
        roster.change_person(session, section="二班", **change)
    assert people(session, course)["ada"].section.name == "一班"


def test_a_person_is_added_by_hand_by_the_same_rules(session: Session, course: Course, zhou: User) -> None:
    def add(**typed: str) -> Enrollment:
        return roster.add_person(session, course=course, by=zhou, typed=typed)

    assert add(student_number="7", name="Seven", section="一班").user.login == "7"
    with pytest.raises(AlreadyHere):
        add(student_number="7", name="Seven")
    with pytest.raises(FaultyLines) as refusal:
        add(student_number="", name="", email="x")
    assert {fault.column for fault in refusal.value.found} == {"student_number", "name", "email"}


def test_every_change_leaves_a_line(session: Session, course: Course, zhou: User, student: User) -> None:
    one = {"course": course, "by": zhou, "login": "ada"}
    roster.withdraw(session, reason="transferred", now=current_time(session), **one)
    roster.take_back(session, **one)
    roster.change_person(session, version=session.scalar(select(Enrollment.version).where(Enrollment.user_id == student.id)),
                         role=Role.ta, **one)  # fmt: skip
    actions = [(line.action, line.actor.login) for line in list_lines(session, course=course)]
    assert actions == [("roster.changed", "zhou"), ("roster.taken_back", "zhou"), ("roster.withdrawn", "zhou")]
