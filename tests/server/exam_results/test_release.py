"""From the last hand-in to the release: what is open is said, marks are given twice, and all students see it at one moment."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import AuditLine
from server.courses.models import Role
from server.database import current_time
from server.exams.models import Exam, Sitting
from server.marking import queries
from server.messages.models import PersonalMessage
from server.models import Submission
from tests.server.web.conftest import Visitor

API = "/api/v1/courses/dl-2026/exams/canary"
PAGE = "/courses/dl-2026/exams/canary"


@pytest.fixture
def staff(make_member: Callable[..., User]) -> dict[str, User]:
    return {"tia": make_member("tia", Role.ta), "tom": make_member("tom", Role.ta), "ines": make_member("ines", Role.instructor)}


@pytest.fixture
def written(
    sit: Callable[..., Sitting], judged: Callable[[int], Submission], make_member: Callable[..., User]
) -> dict[str, Submission]:
    """Ada has everything right, Bob not the sum; both have written why."""
    found = {"ada": sit(make_member("ada")), "bob": sit(make_member("bob"), wrong=("plus",))}
    make_member("cleo")
    return {login: judged(each.submission_id) for login, each in found.items()}


@pytest.fixture
def close(session: Session, exam: Exam) -> Callable[[], None]:
    def close() -> None:
        row = session.get_one(Assignment, exam.assignment_id)
        row.opens_at = current_time(session) - timedelta(hours=3)
        row.due_at = row.closes_at = current_time(session) - timedelta(minutes=1)
        session.commit()

    return close


def code_of(answer) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def test_nothing_is_released_while_somebody_can_still_sit_it(
    written: dict[str, Submission], staff: dict[str, User], client_as: Callable[[User], TestClient]
) -> None:
    assert code_of(client_as(staff["ines"]).post(f"{API}/release", json={"confirm": True})) == (409, "still_sitting")


def test_a_release_says_what_is_open_and_then_shows_it_to_all_at_once(
    written: dict[str, Submission], staff: dict[str, User], client_as: Callable[[User], TestClient], close: Callable[[], None],
    mark: Callable[..., None], session: Session, visit: Callable[..., Visitor],
) -> None:  # fmt: skip
    close()
    mark(written["ada"], staff["tia"], 17)
    ines = client_as(staff["ines"])
    told = ines.get(f"{API}/release").json()
    assert (told["handed_in"], told["unmarked"], told["absent"], told["is_over"]) == (2, 1, ["cleo"], True)
    assert code_of(ines.post(f"{API}/release", json={})) == (409, "not_ready_for_release")
    assert client_as(staff["tia"]).post(f"{API}/release", json={"confirm": True}).status_code == 403
    ada = visit(session.get_one(User, written["ada"].author_id))
    assert ada.get(f"{PAGE}/paper").status_code == 404

    assert ines.post(f"{API}/release", json={"confirm": True}).status_code == 200
    assert code_of(ines.post(f"{API}/release", json={"confirm": True})) == (409, "released_already")
    session.expire_all()
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "exam.released")).all()
    assert [line.subject["unmarked"] for line in lines] == [1]
    letters = session.scalars(select(PersonalMessage)).all()
    assert sorted(each.user.login for each in letters) == ["ada", "bob"]
    assert {each.link for each in letters} == {f"{PAGE}/paper"}

    paper = ada.get(f"{PAGE}/paper").text
    for shown in ("CANARYprompt why?", "Well said.", "as it reads", "canaryfunction", "SECRETcheck a matrix"):
        assert shown in paper, shown
    assert "SECRETmessage" not in paper  # of a hidden check a word, as on its submission's page
    assert ada.get(f"/submissions/{written['bob'].id}").status_code == 404
    assert ada.get(f"{PAGE}/papers").status_code == 403


def test_staff_read_papers_two_beside_each_other_and_results(
    written: dict[str, Submission], staff: dict[str, User], visit: Callable[..., Visitor], client_as: Callable[[User], TestClient]
) -> None:
    for language in ("en", "zh_CN"):
        tia = visit(staff["tia"], language=language)
        assert "ada" in tia.get(f"{PAGE}/papers").text
        assert "SECRETsolution" in tia.get(f"{PAGE}/papers/ada").text
        both = tia.get(f"{PAGE}/papers/compare", params={"left": "ada", "right": "bob"}).text
        assert both.count("CANARYprompt") == 12
        assert 'value="ada"' in both and '<option value="bob">' in both, "two others can be chosen there"
        for left, right in (("ada", "nobody"), ("ada", "ada"), ("", "bob")):
            refused = tia.get(f"{PAGE}/papers/compare", params={"left": left, "right": right})
            assert (refused.status_code, f'value="{right}"' in refused.text, "CANARYprompt" in refused.text) == (404, True, False)
        assert tia.get(f"{PAGE}/results").status_code == 200
        assert tia.get(f"{PAGE}/papers/cleo").status_code == 404
    found = client_as(staff["tia"]).get(f"{API}/results").json()
    plus = next(each for each in found["items"] if each["id"] == "plus")
    assert (plus["students"], plus["facility"], plus["full"], plus["none"]) == (2, 0.5, 1, 1)
    csv = client_as(staff["tia"]).get(f"{API}/results/export").text
    assert csv.count("\n") == 4
    assert client_as(staff["tia"]).get(f"{API}/results/export?format=xlsx").content[:2] == b"PK"


def test_a_second_marking_is_blind_and_a_difference_is_settled_with_a_reason(
    written: dict[str, Submission], staff: dict[str, User], client_as: Callable[[User], TestClient], session: Session, exam: Exam,
    mark: Callable[..., None], close: Callable[[], None], visit: Callable[..., Visitor],
) -> None:  # fmt: skip
    row = session.get_one(Exam, exam.assignment_id)
    row.moderated_percent = 100
    session.commit()
    close()
    ines, tia, tom = (client_as(staff[name]) for name in ("ines", "tia", "tom"))
    assert tia.post(f"{API}/moderation").status_code == 403
    drawn = ines.post(f"{API}/moderation").json()  # before anybody has looked at the marking
    for work, points in ((written["ada"], 17), (written["bob"], 10)):
        mark(work, staff["tia"], points)
    assert (len(drawn["marks"]), drawn["open"]) == (2, 2)
    assert code_of(ines.post(f"{API}/moderation")) == (409, "sample_drawn_already")
    assert {each["first"] for each in tom.get(f"{API}/moderation").json()["marks"]} == {None}  # blind

    of = {each["submission"]: f"{API}/moderation/{each['id']}" for each in drawn["marks"]}
    first, second = of[written["ada"].id], of[written["bob"].id]
    assert code_of(tia.post(first, json={"points": 12})) == (409, "marked_by_you")
    assert code_of(tom.post(first, json={"points": 21})) == (422, "bad_points")
    page = visit(staff["tom"])
    for typed in ("NaN", "a lot", "-1", "1e999999", "20.001"):
        refused = page.submit_form(f"{PAGE}/results", first.replace("/api/v1", ""), points=typed)
        assert refused.status_code == 422 and "between 0 and 20" in refused.text, typed
    assert Decimal(tom.post(first, json={"points": 12}).json()["difference"]) == -5
    assert tom.post(second, json={"points": 10}).json()["is_settled"]
    assert code_of(tom.post(first, json={"points": 13})) == (409, "moderation_not_open")
    assert tom.post(f"{first}/settle", json={"points": 15, "reason": "between"}).status_code == 403
    assert code_of(ines.post(f"{first}/settle", json={"points": 15})) == (422, "reason_missing")
    assert code_of(ines.post(f"{API}/release", json={})) == (409, "not_ready_for_release")
    assert ines.post(f"{first}/settle", json={"points": 15, "reason": "between the two"}).json()["is_settled"]
    settled = next(each for each in ines.get(f"{API}/moderation").json()["marks"] if each["submission"] == written["ada"].id)
    known = [Decimal(settled[name]) for name in ("first", "second", "difference", "settled")]
    assert known == [17, 12, -5, 15], "both marks stay beside what was settled"

    session.expire_all()
    question = queries.list_questions(session, assignment=exam.assignment)[0]
    mark_now = queries.find_newest(session, submission=session.get_one(Submission, written["ada"].id), question=question)
    assert (mark_now.number, queries.points_of(mark_now, question)) == (2, 15)
    actions = session.scalars(
        select(AuditLine.action).where(AuditLine.action.startswith("exam.moder")).order_by(AuditLine.id)
    ).all()
    assert actions == ["exam.moderation_drawn", "exam.moderated", "exam.moderated", "exam.moderation_settled"]
    assert "between the two" in visit(staff["ines"]).get(f"{PAGE}/results").text
    assert ines.post(f"{API}/release", json={}).status_code == 200
