"""Returning for a fix: who may hand in once more, at which price, and where it is said."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.deadlines.models import LateKind, LatePolicy
from server.deadlines.queries import open_account
from server.deadlines.wording import score_in_words
from server.grading.models import Run
from server.models import Submission
from server.returns import queries, rules, service
from server.returns.models import Return
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Queue
from server.submissions.rules import SubmissionsClosed
from server.submissions.service import Upload
from server.teams import service as teams

DAYS = timedelta(days=1)
As = Callable[[User], TestClient]
SOURCE = {"files": ("solution.py", b"def double(x): return 2 * x\n")}


@pytest.fixture
def tia(make_member: Callable[..., User]) -> User:
    return make_member("tia", Role.ta)


@pytest.fixture
def broken(assignment: Assignment, student: User, hand_in: Callable[..., Submission], grade: Callable[..., Run]) -> Submission:
    submission = hand_in(assignment, student, "def double(x): return x\n")
    grade(submission, 20)
    return submission


@pytest.fixture
def close(session: Session, assignment: Assignment) -> Callable[[], None]:
    def close() -> None:
        """It was due and closed after what was handed in so far."""
        assignment.due_at = assignment.closes_at = current_time(session)
        session.commit()

    return close


def put_back(session: Session, submission: Submission, tia: User) -> Return:
    found = service.return_for_fix(
        session, submission=submission, reason="It stops at line 3.", by=tia, now=current_time(session)
    )
    session.commit()
    return found


def test_after_the_close_the_fix_comes_once_and_loses_what_the_course_takes(
    session: Session, settings: Settings, assignment: Assignment, student: User, tia: User, broken: Submission,
    close: Callable[[], None], hand_in: Callable[..., Submission], grade: Callable[..., Run],
) -> None:  # fmt: skip
    session.add(
        LatePolicy(course=assignment.course, kind=LateKind.grace, grace_days=0)
    )  # a fix is not late where its first was not
    close()
    with pytest.raises(SubmissionsClosed):
        hand_in(assignment, student)
    session.rollback()
    found = put_back(session, broken, tia)
    fix = hand_in(assignment, student)
    grade(fix, 80)
    session.refresh(found)
    assert found.fix_id == fix.id
    account = open_account(session, course=assignment.course, student_id=student.id, root=settings.assignments)
    counted = account.settled[assignment.id]
    assert (counted.attempt_id, counted.score, counted.total, counted.late_days) == (fix.id, 80, 72, 0)
    assert score_in_words(counted).en == "80 − 8 (returned for a fix: 10 % less) = 72"
    assert score_in_words(counted).zh == "80 − 8 （退回修改后重交：扣 10 %） = 72"
    assert account.worth_of(assignment.id, broken.id).total == 20
    with pytest.raises(SubmissionsClosed):
        hand_in(assignment, student)


def test_used_up_attempts_do_not_stand_in_its_way(
    session: Session, make_assignment: Callable[..., Assignment], student: User, tia: User,
    hand_in: Callable[..., Submission], grade: Callable[..., Run],
) -> None:  # fmt: skip
    assignment = make_assignment(attempt_limit=1, per_day=1)
    only = hand_in(assignment, student)
    grade(only, 0)
    put_back(session, only, tia)
    assert hand_in(assignment, student).attempt == 2


def test_what_a_team_gets_back_any_member_fixes(
    session: Session, settings: Settings, assignment: Assignment, student: User, tia: User, broken: Submission,
    make_member: Callable[..., User], hand_in: Callable[..., Submission], grade: Callable[..., Run], close: Callable[[], None],
) -> None:  # fmt: skip
    mate, now = make_member("bob"), current_time(session)
    team = teams.create_team(session, assignment=assignment, founder=student, name="Adder", now=now)
    teams.add_member(session, team=team, user=mate, invited_by=student, joined_at=now)
    session.commit()
    close()
    put_back(session, broken, tia)
    fix = hand_in(assignment, mate)
    grade(fix, 100)
    for member in (student, mate):
        account = open_account(session, course=assignment.course, student_id=member.id, root=settings.assignments)
        assert (account.settled[assignment.id].attempt_id, account.settled[assignment.id].total) == (fix.id, 90)


def test_a_return_is_taken_back_until_something_came_for_it(
    session: Session, assignment: Assignment, student: User, tia: User, broken: Submission, hand_in: Callable[..., Submission]
) -> None:
    put_back(session, broken, tia)
    with pytest.raises(rules.ReturnedAlready):
        put_back(session, broken, tia)
    session.rollback()
    service.take_back(session, submission=broken, by=tia, now=current_time(session))
    session.commit()
    assert queries.find_open(session, assignment=assignment, user=student, now=current_time(session)) is None
    put_back(session, broken, tia)
    hand_in(assignment, student)
    session.expire_all()
    with pytest.raises(rules.FixedAlready):
        service.take_back(session, submission=broken, by=tia, now=current_time(session))
    session.rollback()
    actions = [line.action for line in list_lines(session, course=assignment.course)]
    assert actions == ["submission.returned", "submission.return_taken_back", "submission.returned"]


def test_an_assignments_own_price_stands_in_place_of_the_courses_and_only_for_later_returns(
    session: Session, course: Course, assignment: Assignment, tia: User, broken: Submission
) -> None:
    first = put_back(session, broken, tia)
    service.set_policy(session, course=course, assignment=None, policy=rules.Policy(Decimal(25), 3), by=tia, version=0)
    own = rules.Policy(Decimal(50), 1)
    service.set_policy(session, course=course, assignment=assignment, policy=own, by=tia, version=0)
    assert queries.policy_of(session, assignment=assignment) == own and first.percent == 10
    with pytest.raises(rules.ChangedMeanwhile):
        service.set_policy(session, course=course, assignment=assignment, policy=None, by=tia, version=0)
    service.set_policy(session, course=course, assignment=assignment, policy=None, by=tia, version=1)
    assert queries.policy_of(session, assignment=assignment).percent == 25


def test_nothing_is_returned_without_a_reason_or_before_its_verdict(
    session: Session, assignment: Assignment, student: User, tia: User, hand_in: Callable[..., Submission],
    broken: Submission,
) -> None:  # fmt: skip
    waiting, now = hand_in(assignment, student), current_time(session)
    with pytest.raises(rules.NotJudgedYet):
        service.return_for_fix(session, submission=waiting, reason="?", by=tia, now=now)
    with pytest.raises(rules.ReasonMissing):
        service.return_for_fix(session, submission=broken, reason=" \n", by=tia, now=now)
    with pytest.raises(rules.NotInCompetitions):
        service.return_for_fix(session, submission=broken, reason="?", by=tia, now=now, is_competition=True)


def test_over_http_the_student_reads_why_and_hands_in_the_fix(
    session: Session, client_as: As, student: User, tia: User, broken: Submission, close: Callable[[], None],
    grade: Callable[..., Run], assignment: Assignment,
) -> None:  # fmt: skip
    close()
    staff, ada = client_as(tia), client_as(student)
    path = f"/api/v1/submissions/{broken.id}/return"
    assert staff.post(path, json={"reason": ""}).json()["code"] == "reason_missing"
    told = staff.post(path, json={"reason": "Line 3 is not Python."}).json()
    assert (told["standing"], told["percent"], told["student"]) == ("open", 10.0, "ada")
    assert "came back to you" in ada.get("/messages").text
    for place in ("/courses/dl-2026", "/courses/dl-2026/assignments/tiny", f"/submissions/{broken.id}"):
        page = ada.get(place).text
        assert "Line 3 is not Python." in page and "loses 10 % of the score" in page
    assert "Line 3 is not Python." in staff.get("/courses/dl-2026/returns").text
    receipt = ada.post(f"/api/v1/courses/dl-2026/assignments/{assignment.slug}/submissions", files=SOURCE)
    assert receipt.status_code == 201 and receipt.json()["cost"] is None and receipt.json()["late_days"] == 0
    grade(session.get_one(Submission, receipt.json()["id"]), 90)
    assert "90 − 9 (returned for a fix: 10 % less) = 81" in ada.get("/courses/dl-2026").text
    assert ada.get(f"/api/v1/submissions/{receipt.json()['id']}").json()["deduction"]["returned_percent"] == 10
    assert staff.get("/api/v1/courses/dl-2026/returns").json() == []
    assert [each["standing"] for each in staff.get("/api/v1/courses/dl-2026/returns?all=true").json()] == ["fixed"]


def test_own_dates_say_that_the_fix_is_open_and_till_when(
    session: Session, client_as: As, student: User, tia: User, broken: Submission, close: Callable[[], None],
) -> None:  # fmt: skip
    close()
    ada, path = client_as(student), "/api/v1/courses/dl-2026/assignments/tiny/dates/own"
    assert (ada.get(path).json()["phase"], ada.get(path).json()["fix"]) == ("closed", None)
    found = put_back(session, broken, tia)
    told = ada.get(path).json()
    assert (told["phase"], told["cost"]) == ("fix", None)
    assert told["fix"] | {"until": datetime.fromisoformat(told["fix"]["until"])} == {
        "submission": broken.id, "until": found.until, "percent": 10.0,
    }  # fmt: skip
    assert client_as(tia).get(path).json()["fix"] is None, "it is nobody else's"
    for place in ("/courses/dl-2026", "/courses/dl-2026/assignments/tiny"):
        assert ", your fix until" in ada.get(place).text
    ada.post("/api/v1/courses/dl-2026/assignments/tiny/submissions", files=SOURCE)
    assert (ada.get(path).json()["phase"], ada.get(path).json()["fix"]) == ("closed", None)


def test_what_was_typed_stands_in_the_refused_form(client_as: As, tia: User, broken: Submission) -> None:
    staff = client_as(tia)
    page = staff.post(f"/submissions/{broken.id}/return", data={"reason": "x" * 3000})
    assert page.status_code == 422 and "x" * 3000 in page.text and "at most 2000 characters" in page.text


def test_a_lapsed_return_closes_the_door_again(
    session: Session, assignment: Assignment, student: User, tia: User, broken: Submission, close: Callable[[], None],
    hand_in: Callable[..., Submission],
) -> None:  # fmt: skip
    close()
    found = put_back(session, broken, tia)
    found.returned_at, found.until = moved(found.returned_at), moved(found.until)
    session.commit()
    with pytest.raises(SubmissionsClosed):
        hand_in(assignment, student)


def moved(moment: datetime) -> datetime:
    return moment - 8 * DAYS


def test_of_two_mates_at_once_one_hands_in_the_fix(
    session: Session, settings: Settings, assignment: Assignment, student: User, tia: User, broken: Submission,
    make_member: Callable[..., User], close: Callable[[], None],
) -> None:  # fmt: skip
    mate, now = make_member("bob"), current_time(session)
    team = teams.create_team(session, assignment=assignment, founder=student, name="Adder", now=now)
    teams.add_member(session, team=team, user=mate, invited_by=student, joined_at=now)
    session.commit()
    close()
    put_back(session, broken, tia)

    def submit(author_id: int) -> bool:
        files = {"solution.py": f"# {author_id}".encode()}
        with session_factory.begin() as own:
            now = current_time(own)
            try:
                submissions.submit(
                    own, assignment=own.get_one(Assignment, assignment.id), author=own.get_one(User, author_id),
                    upload=Upload(uploaded=files, collected=files), store=settings.blob_store, queue=Queue.cpu, now=now,
                )  # fmt: skip
            except SubmissionsClosed:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(submit, [student.id, mate.id])) == [False, True]
