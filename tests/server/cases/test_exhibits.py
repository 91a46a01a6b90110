"""What is added to a case that is open: by whom, to whom it shows, and what it leaves as it was."""

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
from server.cases.models import Exhibit
from server.courses.models import Course
from server.models import Review, SimilarPair, Submission, Team, TeamMember
from tests.server.cases.conftest import CASES, EVIDENCE, Cast, Office, code
from tests.server.cases.test_workflow import pass_deadline

PAGE = "/courses/dl-2026/cases"
EVES = "# eve's own words\ndef double(z):\n    return z + z  # CANARY-EVE\n"
ALL_RARE = EVIDENCE | {"left": {"solution.py": ["rare", "rare", "unique"]}, "right": {"solution.py": ["nothing", "rare", "rare"]}}


@pytest.fixture
def another(
    assignment: Assignment, cast: Cast, pair: SimilarPair, hand_in: Callable[..., Submission],
    make_pair: Callable[..., SimilarPair],
) -> SimilarPair:  # fmt: skip
    """Ada's work and that of Eve, whom the case is not about."""
    return make_pair(pair.left, hand_in(assignment, cast.eve, EVES), evidence=ALL_RARE)


def add(office: Office, who: str = "tia", *, version: int | None = None, **body: object):
    version = office.show()["version"] if version is None else version
    return office.client(who).post(f"{CASES}/{office.id}/exhibits", json={"version": version, **body})


def test_a_pair_is_added_and_what_is_there_stays(
    session: Session, office: Office, another: SimilarPair, course: Course, cast: Cast
) -> None:
    before = office.show()
    added = add(office, "ivo", pairs=[another.id])
    assert added.status_code == 201
    case = added.json()
    assert case["contents"][0] == before["contents"][0]
    assert case["contents"][1]["right"]["files"][0]["lines"][2].endswith("CANARY-EVE")
    event = case["events"][-1]
    assert (event["kind"], event["exhibit"], event["actor"], event["about"]) == ("added", 2, "Ivo", None)
    assert [party["login"] for party in case["parties"]] == ["ada", "bob"], "nobody else becomes a party by it"
    (line,) = [line for line in list_lines(session, course=course) if line.action == "case.exhibit_added"]
    assert (line.subject, line.actor_id) == ({"assignment": "tiny", "case": office.id, "exhibit": 2}, cast.ivo.id)
    assert session.scalars(select(Review.opinion).order_by(Review.id)).all() == ["case", "case"]
    session.delete(session.get_one(SimilarPair, another.id))
    session.commit()
    assert office.show()["contents"] == case["contents"]


def test_a_submission_is_added_by_itself(office: Office, pair: SimilarPair) -> None:
    case = add(office, submission=pair.right_id).json()
    assert case["contents"][1]["right"] is None and case["contents"][1]["left"]["login"] == "bob"


@pytest.mark.parametrize(
    ("body", "expected"),
    [({}, "nothing_to_show"), ({"pairs": [1], "submission": 1}, "nothing_to_show"), ({"pairs": [999]}, "not_found")],
)
def test_what_is_neither_a_pair_nor_a_submission_is_refused(office: Office, body: dict, expected: str) -> None:
    assert code(add(office, **body)) == expected


def test_a_work_of_nobody_in_the_case_is_refused_and_says_what_to_do(
    session: Session, office: Office, another: SimilarPair, make_assignment, cast: Cast, hand_in, course: Course
) -> None:
    answer = add(office, submission=another.right_id)
    assert code(answer) == "not_of_this_case" and "open another case" in answer.json()["message"]["en"]
    elsewhere = hand_in(make_assignment(slug="other"), cast.ada)
    assert code(add(office, submission=elsewhere.id)) == "not_of_this_case", "Ada's, but of another assignment"
    assert len(session.scalars(select(Exhibit)).all()) == 1
    assert [line for line in list_lines(session, course=course) if line.action == "case.exhibit_added"] == []


def test_the_same_works_are_not_shown_twice_but_each_by_itself_may_be(office: Office, pair: SimilarPair, make_pair) -> None:
    again = make_pair(pair.left, pair.right)
    refused = add(office, pairs=[again.id])
    assert (code(refused), refused.json()["exhibit"]) == ("shown_already", 1)
    assert [code(add(office, submission=pair.left_id)) for _ in range(2)] == [None, "shown_already"]


def test_all_of_several_are_added_or_none(office: Office, pair: SimilarPair, another: SimilarPair) -> None:
    assert code(add(office, pairs=[another.id, pair.id])) == "shown_already"
    assert len(office.show()["contents"]) == 1


def test_there_is_room_for_so_many(office: Office, pair: SimilarPair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_EXHIBITS", 2)
    assert [code(add(office, submission=id)) for id in (pair.left_id, pair.right_id)] == [None, "too_many_exhibits"]


def test_a_closed_case_takes_none_until_it_is_opened_again(office: Office, another: SimilarPair, in_a_week: datetime) -> None:
    for login in ("ada", "bob"):
        office.decide(login, "none", reasons="")
    refused = add(office, pairs=[another.id])
    assert code(refused) == "case_closed" and "tell a student again" in refused.json()["message"]["en"]
    office.tell("ada", in_a_week)
    assert code(add(office, pairs=[another.id])) is None


def test_nobody_adds_to_or_decides_on_what_he_has_not_seen(office: Office, another: SimilarPair, pair: SimilarPair) -> None:
    seen = office.show()
    party = seen["parties"][0]
    assert code(add(office, pairs=[another.id])) is None
    assert code(add(office, "ivo", submission=pair.left_id, version=seen["version"])) == "changed_meanwhile"
    path = f"{CASES}/{office.id}/parties/{party['id']}/verdict"
    stale = office.client("ivo").post(path, json={"version": party["version"], "verdict": "none"})
    assert code(stale) == "changed_meanwhile"
    assert code(office.decide("ada", "none", reasons="")) is None


def test_a_verdict_that_waits_is_shared_only_by_who_saw_the_new_exhibit(
    session: Session, office: Office, course: Course, another: SimilarPair
) -> None:
    course.tells_students, course.second_eyes = False, True
    session.commit()
    office.decide("ada", "warning")
    party = office.party("ada")
    add(office, pairs=[another.id])
    path = f"{CASES}/{office.id}/parties/{party['id']}/second"
    assert code(office.client("ivo").post(path, json={"version": party["version"]})) == "changed_meanwhile"
    assert code(office.do("second", "ada", "ivo")) is None


def test_who_was_told_sees_that_more_of_his_own_is_in_question_and_may_say_more(
    session: Session, office: Office, another: SimilarPair, cast: Cast, visit, in_a_week: datetime
) -> None:
    for login in ("ada", "bob"):
        office.tell(login, in_a_week)
    office.state("ada", "That is all.")
    ada, bob = office.client("ada"), office.client("bob")
    before = ada.get(f"{CASES}/{office.id}/own").json()
    assert before["grown_at"] == []
    add(office, pairs=[another.id])
    own = ada.get(f"{CASES}/{office.id}/own").json()
    marked = [line["in_question"] for line in own["works"][0]["files"][0]["lines"]]
    assert (len(own["grown_at"]), marked) == (1, [True, True, True, False])
    assert own["statements"] == before["statements"] and own["can_state"]
    assert "CANARY-EVE" not in str(own) and "Eve" not in str(own)
    assert bob.get(f"{CASES}/{office.id}/own").json()["grown_at"] == [], "nothing of his has come to it"
    pages = {login: visit(getattr(cast, login)).get(f"{PAGE}/{office.id}").text for login in ("ada", "bob")}
    assert [("More has come to it" in page, "CANARY-EVE" in page) for page in pages.values()] == [(True, False), (False, False)]
    assert "More has come to it" in visit(cast.ada).get("/courses/dl-2026").text
    assert code(office.state("ada", "One thing more.")) is None
    pass_deadline(session, office, "ada", by=timedelta(seconds=1))
    assert code(office.state("ada", "Too late.")) == "hearing_over"


def test_what_came_before_he_was_told_is_no_news(office: Office, another: SimilarPair, in_a_week: datetime) -> None:
    add(office, pairs=[another.id])
    office.tell("ada", in_a_week)
    assert office.client("ada").get(f"{CASES}/{office.id}/own").json()["grown_at"] == []


def test_a_work_of_the_team_is_a_work_of_whom_it_is_about(
    session: Session, office: Office, another: SimilarPair, assignment: Assignment, cast: Cast
) -> None:
    team = Team(assignment_id=assignment.id, name="A")
    joined = {"assignment_id": assignment.id, "joined_at": assignment.opens_at}
    team.members = [TeamMember(user_id=user.id, **joined) for user in (cast.bob, cast.eve)]
    session.add(team)
    session.commit()
    assert code(add(office, submission=another.right_id)) is None


def test_staff_choose_on_the_page_from_works_of_the_case(
    office: Office, pair: SimilarPair, another: SimilarPair, cast: Cast, visit: Callable[..., TestClient]
) -> None:
    tia, page = visit(cast.tia), f"{PAGE}/{office.id}"
    html, version = tia.get(page).text, office.show()["version"]
    offered = {f"pair:{another.id}": True, f"submission:{pair.right_id}": True}
    not_offered = {f"pair:{pair.id}": False, f"submission:{another.right_id}": False}  # shown already; nobody's of the case
    for value, is_offered in (offered | not_offered).items():
        assert (f'<option value="{value}">' in html) == is_offered
    assert 'action="/courses/dl-2026/cases' in html and "/exhibits" not in tia.get(f"{page}?anonymous=true").text
    for what in ("", "pair:", "pair:x", "case:1"):
        assert tia.submit_form(page, f"{page}/exhibits", what=what, version=version).status_code == 422
    added = tia.submit_form(page, f"{page}/exhibits", what=f"pair:{another.id}", version=version)
    assert (added.status_code, added.headers["location"]) == (303, f"{page}#exhibits")
    html = tia.get(page).text
    assert "added exhibit 2" in html and "added on" in html and "CANARY-EVE" in html
    stale = tia.submit_form(page, f"{page}/exhibits", what=f"submission:{pair.right_id}", version=version)
    assert stale.status_code == 409 and f'<option value="submission:{pair.right_id}" selected>' in stale.text
    assert "added exhibit 2 to" in tia.get("/courses/dl-2026/audit").text
    assert "added exhibit 2" in tia.get(f"{page}/export").text


def test_a_student_adds_nothing(
    office: Office, another: SimilarPair, client_as: Callable[[User], TestClient], cast: Cast
) -> None:
    path, body = f"{CASES}/{office.id}/exhibits", {"pairs": [another.id], "version": office.show()["version"]}
    assert [code(client_as(user).post(path, json=body)) for user in (cast.ada, cast.eve)] == ["staff_only"] * 2
