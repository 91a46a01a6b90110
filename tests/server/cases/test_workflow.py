"""From a pair to a verdict that counts, and back, on real engines."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.cases import rules
from server.cases.models import Case, Party, PointChange
from server.cases.points import changes_of
from server.courses.models import Course, Role
from server.models import PersonalMessage, Review, SimilarPair, Submission, Team, TeamMember
from tests.server.cases.conftest import CASES, SIMILARITY, Cast, Office, code

Client = Callable[[User], TestClient]
SECOND = timedelta(seconds=1)


def pass_deadline(session: Session, office: Office, login: str, by: timedelta = SECOND) -> None:
    """As if so much time had gone by since; the promised time, too, moves."""
    session.expire_all()
    party = session.scalar(select(Party).join(User, User.id == Party.student_id).where(User.login == login))
    party.heard_until -= timedelta(days=7) + by
    party.told_at -= timedelta(days=7) + by
    session.commit()


def changes(session: Session, assignment: Assignment, cast: Cast) -> dict[str, float]:
    session.expire_all()
    found = changes_of(session, assignment=assignment, student_ids=[cast.ada.id, cast.bob.id])
    return {login: float(found[getattr(cast, login).id]) for login in ("ada", "bob") if getattr(cast, login).id in found}


def test_a_case_holds_what_was_seen_when_it_was_opened(session: Session, office: Office, pair: SimilarPair, cast: Cast) -> None:
    case = office.show()
    (exhibit,) = case["contents"]
    assert exhibit["similarity"] == SIMILARITY and exhibit["right"]["files"][0]["lines"][2].endswith("CANARY-BOB")
    assert [(party["login"], party["awaited"]) for party in case["parties"]] == [("ada", "telling"), ("bob", "telling")]
    session.delete(session.get_one(SimilarPair, pair.id))
    session.commit()
    assert office.show()["contents"] == case["contents"]
    (review,) = session.scalars(select(Review))
    assert (review.opinion, review.reviewer_id) == ("case", cast.tia.id)
    (line,) = [line for line in list_lines(session, course=pair.left.assignment.course) if line.action == "case.opened"]
    assert line.subject == {"assignment": "tiny", "case": case["id"], "students": [cast.ada.id, cast.bob.id]}


def test_a_case_starts_from_a_submission_alone(cast: Cast, assignment: Assignment, hand_in, client_as: Client) -> None:
    work = hand_in(assignment, cast.eve)
    staff = client_as(cast.tia)
    opened = staff.post(CASES, json={"submission": work.id, "students": ["eve"], "reason": "could not explain it"}).json()
    assert opened["contents"][0]["right"] is None and opened["contents"][0]["left"]["login"] == "eve"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"students": ["ada"]}, "nothing_to_show"),
        ({"pairs": [1], "submission": 1, "students": ["ada"]}, "nothing_to_show"),
        ({"pairs": [999], "students": ["ada"]}, "not_found"),
        ({"pairs": [1], "students": []}, "nobody_chosen"),
        ({"pairs": [1], "students": ["eve"]}, "not_of_these_works"),
        ({"pairs": [1], "students": ["ada"], "reason": " "}, "text_missing"),
    ],
)
def test_what_cannot_be_opened_says_why(
    session: Session, pair: SimilarPair, cast: Cast, client_as: Client, body: dict, expected: str
) -> None:
    answer = client_as(cast.tia).post(CASES, json={"reason": "why not", **body})
    assert code(answer) == expected
    assert session.scalars(select(Case)).all() == []


def test_the_members_of_a_team_can_be_chosen(
    session: Session, cast: Cast, assignment: Assignment, pair: SimilarPair, client_as: Client
) -> None:
    team = Team(assignment_id=assignment.id, name="A")
    team.members = [
        TeamMember(assignment_id=assignment.id, user_id=user.id, joined_at=assignment.opens_at) for user in (cast.ada, cast.eve)
    ]
    session.add(team)
    session.commit()
    body = {"pairs": [pair.id], "students": ["eve", "ada"], "reason": "why not"}
    opened = client_as(cast.tia).post(CASES, json=body).json()
    assert [(party["login"], party["submission_id"]) for party in opened["parties"]] == [
        ("ada", pair.left_id),
        ("eve", pair.left_id),
    ]


def test_told_heard_and_decided(
    session: Session, office: Office, cast: Cast, assignment: Assignment, in_a_week: datetime
) -> None:
    assert code(office.decide("ada", "warning")) == "not_told_yet"
    assert code(office.tell("ada", in_a_week)) is None
    assert code(office.decide("ada", "points", points=10)) == "not_yet_heard"
    assert code(office.state("ada", "I wrote it with a friend.")) is None
    assert code(office.state("ada", "He can confirm it.")) is None
    assert code(office.decide("ada", "points", points=10)) is None
    party = office.party("ada")
    assert [each["text"] for each in party["statements"]] == ["I wrote it with a friend.", "He can confirm it."]
    assert (party["standing"]["verdict"], party["standing"]["points"], party["awaited"]) == ("points", 10, "nothing")
    assert changes(session, assignment, cast) == {"ada": -10}
    assert office.show()["closed_at"] is None, "Bob is not decided on yet"
    assert code(office.decide("bob", "none", reasons="")) is None
    assert office.show()["closed_at"] is not None
    assert code(office.state("ada", "One thing more.")) == "already_decided"


def test_a_student_gets_a_message_that_says_nothing_of_what_it_is_about(
    session: Session, office: Office, in_a_week: datetime, cast: Cast
) -> None:
    assert code(office.tell("ada", in_a_week, message="CANARY-MESSAGE")) is None
    (told,) = session.scalars(select(PersonalMessage))
    assert (told.user_id, told.kind, told.link) == (cast.ada.id, "case_told", f"/courses/dl-2026/cases/{office.id}")
    assert told.facts == {"until": in_a_week.isoformat()}
    assert code(office.tell("ada", in_a_week)) is None, "told more: another one"
    assert len(list(session.scalars(select(PersonalMessage)))) == 2


@pytest.mark.parametrize(("late", "expected"), [(SECOND, "hearing_over"), (-60 * SECOND, None)])
def test_what_is_sent_in_time_counts_by_the_servers_clock(
    session: Session, office: Office, in_a_week: datetime, late: timedelta, expected: str | None
) -> None:
    office.tell("ada", in_a_week)
    pass_deadline(session, office, "ada", by=late)
    answer = office.state("ada", "Just before midnight.")
    assert code(answer) == expected
    assert len(office.party("ada")["statements"]) == (expected is None)
    assert code(office.decide("ada", "warning")) is None, "heard, or the deadline has passed"


def test_a_statement_is_added_to_so_many_times(office: Office, in_a_week: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_STATEMENTS", 2)
    office.tell("ada", in_a_week)
    answers = [code(office.state("ada", f"What I have to say, part {number}.")) for number in range(3)]
    assert answers == [None, None, "too_many_statements"]
    assert len(office.party("ada")["statements"]) == 2


def test_points_are_at_most_what_the_student_has(office: Office, course: Course, session: Session) -> None:
    course.tells_students = False
    session.commit()
    refused = office.decide("ada", "points", points=80.5)
    assert (code(refused), refused.json()["most"]) == ("bad_points", "80")
    assert code(office.decide("ada", "points", points=80)) is None
    assert code(office.decide("ada", "points", points=80)) is None, "its own points are no obstacle to deciding anew"
    assert code(office.decide("ada", "warning", reasons="")) == "reasons_missing"
    assert code(office.decide("ada", "warning", points=3)) == "points_without_verdict"
    assert code(office.tell("ada", course.created_at + timedelta(days=9))) == "students_are_not_told"


def test_a_verdict_is_taken_back_by_another_and_the_points_with_it(
    session: Session, office: Office, cast: Cast, assignment: Assignment, course: Course
) -> None:
    course.tells_students = False
    session.commit()
    for verdict, points in (("points", 30), ("points", 12.5), ("warning", None), ("points", 5), ("none", None)):
        office.decide("ada", verdict, points=points)
        assert changes(session, assignment, cast).get("ada", 0) == -(points or 0)
    made = session.scalars(select(PointChange.points).order_by(PointChange.id)).all()
    assert [float(each) for each in made] == [-30, 17.5, 12.5, -5, 5]
    said = [line.subject["points"] for line in list_lines(session, course=course) if line.action == "case.points_changed"]
    assert [float(each) for each in said] == [5, -5, 12.5, 17.5, -30]


def test_a_second_person_shares_a_verdict_before_it_counts(
    session: Session, office: Office, cast: Cast, assignment: Assignment, course: Course
) -> None:
    course.tells_students, course.second_eyes = False, True
    session.commit()
    office.decide("ada", "points", points=20)
    assert (office.party("ada")["awaited"], changes(session, assignment, cast)) == ("second", {})
    assert code(office.do("second", "ada", "tia")) == "own_verdict"
    assert code(office.do("send-back", "ada", "tia", reason="mine")) == "own_verdict"
    assert code(office.do("send-back", "ada", "ivo", reason="Too much for two lines.")) is None
    party = office.party("ada")
    assert (party["awaited"], party["sent_back"]["text"], party["waiting"]) == ("verdict", "Too much for two lines.", None)
    assert code(office.do("second", "ada", "ivo")) == "nothing_to_second"
    office.decide("ada", "points", points=5)
    assert code(office.do("second", "ada", "ivo")) is None
    assert changes(session, assignment, cast) == {"ada": -5}
    office.decide("ada", "none", who="ivo", reasons="")
    party = office.party("ada")
    assert (party["standing"]["points"], party["waiting"]["verdict"], party["awaited"]) == (5, "none", "second")
    assert changes(session, assignment, cast) == {"ada": -5}, "what counts holds until the new verdict does"
    assert code(office.do("second", "ada", "tia")) is None
    assert changes(session, assignment, cast) == {}


def test_whoever_decides_on_an_old_state_is_told_and_changes_nothing(
    session: Session, office: Office, cast: Cast, course: Course
) -> None:
    course.tells_students = False
    session.commit()
    party = office.party("ada")
    path, body = f"{CASES}/{office.id}/parties/{party['id']}/verdict", {"verdict": "warning", "reasons": "Both the same."}
    answers = [office.client(who).post(path, json={**body, "version": party["version"]}) for who in ("tia", "ivo")]
    assert [code(answer) for answer in answers] == [None, "changed_meanwhile"]
    assert office.party("ada")["standing"]["by"] == "Tia"


def test_a_statement_that_came_meanwhile_is_read_before_deciding(office: Office, in_a_week: datetime) -> None:
    office.tell("ada", in_a_week)
    version = office.party("ada")["version"]
    office.state("ada", "It was me.")
    assert code(office.decide("ada", "none", version=version)) == "changed_meanwhile"


def test_a_promised_deadline_stays_and_a_decided_question_can_be_opened_again(
    session: Session, office: Office, in_a_week: datetime
) -> None:
    office.tell("ada", in_a_week)
    assert code(office.tell("ada", in_a_week - SECOND)) == "deadline_too_early"
    assert code(office.tell("ada", in_a_week + timedelta(days=1), "Take your time.")) is None
    for login in ("ada", "bob"):
        office.decide(login, "none", reasons="")
    assert office.show()["closed_at"] is not None
    office.tell("ada", in_a_week + timedelta(days=2), "Something new came up.")
    case = office.show()
    assert case["closed_at"] is None and case["events"][-1]["kind"] == "reopened"
    assert code(office.decide("ada", "warning")) == "not_yet_heard"
    assert office.party("ada")["standing"]["verdict"] == "none", "what was decided holds until there is something else"


def test_the_audit_log_has_ids_and_words_and_nothing_that_anybody_wrote(
    session: Session, office: Office, course: Course, in_a_week: datetime
) -> None:
    office.tell("ada", in_a_week, "CANARY message")
    office.state("ada", "CANARY statement")
    office.decide("ada", "points", points=1, reasons="CANARY reasons")
    subjects = " ".join(str(line.subject) for line in list_lines(session, course=course))
    assert [word for word in ("CANARY", "ada", "Ada", "bob", "Bob") if word in subjects] == []
    actions = {line.action for line in list_lines(session, course=course)}
    assert {"case.opened", "case.student_told", "case.decided", "case.points_changed"} <= actions


def test_somebody_of_the_staff_has_no_part_in_a_case_about_himself(
    session: Session, office: Office, cast: Cast, client_as: Client, course: Course
) -> None:
    from server.courses import service as courses

    courses.enroll(session, course=course, user=session.get_one(User, cast.ada.id), role=Role.ta)
    session.commit()
    now_staff = client_as(cast.ada)
    assert now_staff.get(CASES).json() == [] and now_staff.get(f"{CASES}/{office.id}").status_code == 404
    assert code(office.do("verdict", "ada", "ada", verdict="none")) == "not_found"


def test_who_is_given_points_off_has_them_off_wherever_points_are_shown(
    session: Session, office: Office, cast: Cast, course: Course, grade, pair: SimilarPair, hand_in, assignment: Assignment
) -> None:
    course.tells_students = False
    session.commit()
    office.decide("ada", "points", points=30)
    rows = office.client("tia").get("/api/v1/courses/dl-2026/assignments/tiny/leaderboard/points").json()["rows"]
    assert {row["login"]: (row["base"], row["change"], row["points"]) for row in rows} == {
        "ada": (80, -30, 50),
        "bob": (80, None, 80),
    }
    board = office.client("eve").get("/api/v1/courses/dl-2026/assignments/tiny/leaderboard").json()["rows"]
    assert {row["score"] for row in board if row["name"] in ("Ada", "Bob")} == {80}, "the board shows what runs have reached"
    assert session.scalars(select(Submission).where(Submission.author_id == cast.ada.id)).one().run.score == 80
