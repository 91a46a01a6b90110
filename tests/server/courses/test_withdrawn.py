"""What becomes of a student who withdraws, place by place."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases import service as cases
from server.courses import roster, service
from server.courses.models import Course, Role
from server.courses.roster_refusals import Withdrawn
from server.database import current_time
from server.models import Submission
from server.similarity import population
from server.spotchecks import queries as spotchecks
from server.teams import rules as team_rules
from server.teams import service as teams

PATH = "/api/v1/courses/dl-2026/assignments/tiny"
FILES = {"files": ("solution.py", b"def double(x): return 2 * x\n")}


@pytest.fixture
def zhou(make_member: Callable[..., User]) -> User:
    return make_member("zhou", Role.instructor)


@pytest.fixture
def leave(session: Session, course: Course, zhou: User) -> Callable[[str], None]:
    def leave(login: str) -> None:
        roster.withdraw(session, course=course, by=zhou, login=login, now=current_time(session))
        session.commit()

    return leave


@pytest.fixture
def work(hand_in: Callable[..., Submission], grade: Callable, assignment: Assignment, student: User) -> Submission:
    submission = hand_in(assignment, student)
    grade(submission, 80)
    return submission


def test_they_read_their_work_and_hand_nothing_in(
    leave: Callable, work: Submission, student: User, client_as: Callable[[User], TestClient]
) -> None:
    leave("ada")
    client = client_as(student)
    assert client.get(f"/api/v1/submissions/{work.id}").json()["score"] == 80
    assert client.get(f"{PATH}/submissions").status_code == 200
    refused = client.post(f"{PATH}/submissions", files=FILES)
    assert (refused.status_code, refused.json()["code"]) == (403, "withdrawn")
    assert client.post(f"/api/v1/submissions/{work.id}/declarations", json={"sources": []}).status_code == 403


def test_who_withdraws_while_the_request_is_on_its_way_hands_nothing_in(
    leave: Callable, student: User, assignment: Assignment, hand_in: Callable
) -> None:
    leave("ada")
    with pytest.raises(Withdrawn):
        hand_in(assignment, student)


def test_taken_back_everything_is_as_it_was(
    session: Session, course: Course, zhou: User, leave: Callable, work: Submission, student: User,
    client_as: Callable[[User], TestClient],
) -> None:  # fmt: skip
    leave("ada")
    roster.take_back(session, course=course, by=zhou, login="ada")
    session.commit()
    client = client_as(student)
    assert client.post(f"{PATH}/submissions", files=FILES).status_code == 201
    assert [row["name"] for row in client.get(f"{PATH}/leaderboard").json()["rows"]] == ["Ada"]


def test_boards_leave_them_out(leave: Callable, work: Submission, zhou: User, client_as: Callable[[User], TestClient]) -> None:
    board = client_as(zhou)
    assert len(board.get(f"{PATH}/leaderboard").json()["rows"]) == 1
    leave("ada")
    assert board.get(f"{PATH}/leaderboard").json()["rows"] == []


def test_spot_checks_draw_them_no_more(session: Session, course: Course, leave: Callable, student: User) -> None:
    leave("ada")
    assert spotchecks.list_students(session, course=course) == []


def test_what_they_handed_in_is_still_compared(
    session: Session, leave: Callable, work: Submission, assignment: Assignment
) -> None:
    before = [each.author_id for each in population.list_attempts(session, assignment=assignment)]
    leave("ada")
    assert [each.author_id for each in population.list_attempts(session, assignment=assignment)] == before


def test_nobody_invites_them_into_a_team_and_staff_take_them_out(
    session: Session, leave: Callable, student: User, assignment: Assignment
) -> None:
    leave("ada")
    with pytest.raises(team_rules.NotAStudentHere):
        teams.get_student(session, assignment=assignment, login="ada")
    assert teams.get_student(session, assignment=assignment, login="ada", may_have_left=True).id == student.id


def test_lists_of_people_leave_them_out_and_their_own_list_keeps_the_course(
    session: Session, course: Course, leave: Callable, student: User
) -> None:
    leave("ada")
    assert [each.user.login for each in service.list_people(session, course=course)] == ["zhou"]
    assert [each.course.slug for each in service.list_enrollments(session, user=student)] == ["dl-2026"]


def test_staff_who_leave_see_nothing_any_more(
    leave: Callable, work: Submission, make_member: Callable[..., User], client_as: Callable[[User], TestClient]
) -> None:
    tia = make_member("tia", Role.ta)
    leave("tia")
    client = client_as(tia)
    assert client.get("/api/v1/courses").json() == []
    assert client.get("/api/v1/courses/dl-2026").status_code == 404
    assert client.get(f"/api/v1/submissions/{work.id}").status_code == 404


def test_a_team_keeps_what_a_mate_handed_in_who_has_left(
    session: Session, leave: Callable, work: Submission, student: User, assignment: Assignment,
    make_member: Callable[..., User], zhou: User, client_as: Callable[[User], TestClient],
) -> None:  # fmt: skip
    bob, now = make_member("bob"), current_time(session)
    team = teams.create_team(session, assignment=assignment, founder=student, name="Two", now=now)
    teams.add_member(session, team=team, user=bob, invited_by=None, joined_at=now)
    session.commit()
    board = client_as(zhou)
    leave("ada")
    assert [row["name"] for row in board.get(f"{PATH}/leaderboard").json()["rows"]] == ["Two"]
    leave("bob")
    assert board.get(f"{PATH}/leaderboard").json()["rows"] == []


def test_who_is_asked_about_a_work_is_heard_all_the_same(
    session: Session, leave: Callable, work: Submission, zhou: User, student: User, client_as: Callable[[User], TestClient]
) -> None:
    now = current_time(session)
    exhibits = [cases.NewExhibit(work, None, {"left": {}, "right": None})]
    known = {"assignment": work.assignment, "opened_by": zhou, "reason": "to be asked", "logins": ["ada"]}
    case = cases.open_case(session, **known, exhibits=exhibits, now=now)
    until, version = now + timedelta(days=7), case.parties[0].version
    cases.tell(session, party=case.parties[0], staff=zhou, message="What is this?", heard_until=until, version=version, now=now)
    session.commit()
    leave("ada")
    said = client_as(student).post(f"/api/v1/courses/dl-2026/cases/{case.id}/own/statements", json={"text": "It is mine."})
    assert said.status_code in (200, 201)
