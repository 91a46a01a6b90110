"""A competition's board over HTTP: who sees which half when, and what stands beside a row."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from grader.spec import find_folder, load_manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Role
from server.database import current_time
from server.deadlines.service import NewExtension, extend
from server.leaderboard.views import baseline_band
from server.models import Submission

BOARD = "/api/v1/courses/dl-2026/assignments/contest/leaderboard"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Client = Callable[[User], TestClient]
Member = Callable[..., User]
Score = Callable[..., Submission]


@pytest.fixture
def at(session: Session, contest: Assignment) -> Callable[[timedelta], None]:
    """Move the close, so that now is so long before it (or after it, where negative)."""

    def at(before_close: timedelta) -> None:
        shift = current_time(session) + before_close - contest.closes_at
        contest.due_at += shift
        contest.closes_at += shift
        for submission in session.query(Submission):
            submission.received_at += shift
        session.commit()

    return at


def ranks(client: TestClient, **query: object) -> list[tuple[int, str, float]]:
    return [(row["rank"], row["name"], row["metric"]) for row in client.get(BOARD, params=query).json()["rows"]]


def test_the_metric_ranks_with_its_interval_and_points_are_ones_own(client_as: Client, make_member: Member, score: Score) -> None:
    ada, bob, staff = make_member("ada"), make_member("bob"), make_member("ta", Role.ta)
    score(ada, 150)
    score(bob, 180, private=0.1234)
    found = client_as(ada).get(BOARD).json()
    first, second = found["rows"]
    assert (first["name"], first["metric"], first["low"], first["high"], first["score"]) == ("Bob", 0.9, 0.88, 0.92, None)
    assert (second["name"], second["is_me"], second["score"], second["login"]) == ("Ada", True, 68.96, None)
    assert (found["metric"], found["half"], found["phase"], found["total"]) == ("accuracy", "public", "open", 2)
    for_staff = client_as(staff).get(BOARD).json()["rows"]
    assert [(row["login"], row["score"]) for row in for_staff] == [("bob", 88.1), ("ada", 68.96)]


def test_baselines_stand_where_they_would_rank(client_as: Client, make_member: Member, score: Score) -> None:
    ada = make_member("ada")
    score(ada, 180)
    score(make_member("bob"), 100)
    baselines = client_as(ada).get(BOARD).json()["baselines"]
    assert [(row["id"], row["metric"], row["below"]) for row in baselines] == [("reference", 0.855, 1), ("trivial", 0.495, 2)]
    assert baselines[0]["title"] == {"en": "Logistic regression", "zh": "逻辑回归"}


def test_bands_hold_what_the_first_of_them_does_not_beat(client_as: Client, make_member: Member, score: Score) -> None:
    """3 items more of the same 200 are chance, 5 are not: paired, since everybody's right ones are the same but for those."""
    for login, right in (("ada", 190), ("bob", 187), ("eve", 185), ("ida", 183), ("joe", 100)):
        score(make_member(login), right)
    assert client_as(make_member("zoe")).get(BOARD).json()["bands"] == [{"first": 1, "last": 2}, {"first": 3, "last": 4}]


def test_pages_search_and_ones_own_row_wherever_it_is(client_as: Client, make_member: Member, score: Score) -> None:
    people = [make_member(login) for login in ("ada", "bob", "eve", "ida")]
    for place, person in enumerate(people):
        score(person, 190 - 10 * place)
    client = client_as(people[3])
    found = client.get(BOARD, params={"start": 1, "limit": 2}).json()
    assert ([row["rank"] for row in found["rows"]], found["total"], found["me"]["rank"]) == ([2, 3], 4, 4)
    assert ranks(client, search="b") == [(2, "Bob", 0.9)]
    assert ranks(client, search="nobody") == []
    assert client.get(BOARD, params={"start": 99}).json()["rows"] == []
    assert client.get(BOARD, params={"limit": 0}).status_code == 422


def test_students_cannot_search_for_logins(session: Session, client_as: Client, make_member: Member, score: Score) -> None:
    ada = make_member("ada")
    ada.display_name = "Countess"
    session.commit()
    score(ada, 150)
    assert ranks(client_as(make_member("bob")), search="ada") == []
    assert len(ranks(client_as(make_member("ta", Role.ta)), search="ADA")) == 1


def test_the_ladder_shows_only_what_is_significantly_better(client_as: Client, make_member: Member, score: Score) -> None:
    ada = make_member("ada")
    first, chance, better = score(ada, 150), score(ada, 152), score(ada, 160)
    client = client_as(ada)
    seen = [client.get(f"/api/v1/submissions/{each.id}/result").json() for each in (first, chance, better)]
    assert [each["metric"] for each in seen] == [0.75, None, 0.8]
    assert {each["stands"] for each in seen} == {0.8} and {each["private"] for each in seen} == {None}
    assert [value for _, value in client.get(BOARD).json()["rows"][0]["history"]] == [0.75, 0.8]
    staff = client_as(make_member("ta", Role.ta))
    assert staff.get(f"/api/v1/submissions/{chance.id}/result").json()["metric"] == 0.76


def test_what_the_ladder_hides_stands_nowhere_else(client_as: Client, make_member: Member, score: Score) -> None:
    ada = make_member("ada")
    score(ada, 150)
    hidden = score(ada, 152, private=0.987)
    client = client_as(ada)
    texts = [client.get(path).text for path in (f"/api/v1/submissions/{hidden.id}", f"/submissions/{hidden.id}", BOARD)]
    assert not [text for text in texts if "0.76" in text or "0.987" in text]


def test_frozen_for_students_live_for_staff(
    client_as: Client, make_member: Member, score: Score, at: Callable[[timedelta], None]
) -> None:
    ada, bob, staff = make_member("ada"), make_member("bob"), make_member("ta", Role.ta)
    score(ada, 150, before_close=2 * DAY)
    score(bob, 180, before_close=3 * HOUR)
    late = score(ada, 190, before_close=2 * HOUR)
    at(HOUR)
    student = client_as(ada)
    assert (ranks(student), student.get(BOARD).json()["phase"]) == ([(1, "Ada", 0.75)], "frozen")
    assert ranks(client_as(staff)) == [(1, "Ada", 0.95), (2, "Bob", 0.9)]
    assert student.get(f"/api/v1/submissions/{late.id}/result").json()["metric"] == 0.95


def test_private_scores_open_with_the_release_and_close_with_its_withdrawal(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, score: Score, at: Callable[[timedelta], None]
) -> None:
    ada, bob, staff = make_member("ada"), make_member("bob"), client_as(make_member("ta", Role.ta))
    score(ada, 180, private=0.611)
    score(bob, 150, private=0.722)
    student = client_as(ada)
    refused = student.get(BOARD, params={"half": "private"})
    assert (refused.status_code, refused.json()["code"]) == (403, "private_scores_are_hidden")
    assert ranks(staff, half="private") == [(1, "Bob", 0.722), (2, "Ada", 0.611)]
    assert staff.post(f"{BOARD}/release").json()["code"] == "not_closed_yet"
    at(-HOUR)
    assert (student.get(BOARD).json()["phase"], ranks(student)[0][1]) == ("closed", "Ada")
    assert staff.post(f"{BOARD}/release").status_code == 204
    shaken = student.get(BOARD).json()
    assert (shaken["phase"], shaken["half"]) == ("released", "private")
    assert [(row["name"], row["metric"], row["moved"]) for row in shaken["rows"]] == [("Bob", 0.722, 1), ("Ada", 0.611, -1)]
    assert ranks(student, half="public")[0] == (1, "Ada", 0.9)
    assert staff.delete(f"{BOARD}/release").status_code == 204
    assert student.get(BOARD, params={"half": "private"}).status_code == 403
    session.expire_all()
    assert [line.action for line in list_lines(session, course=contest.course)] == [
        "leaderboard.withdrawn",
        "leaderboard.released",
    ]


def test_nothing_is_released_while_somebody_has_more_time(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, at: Callable[[timedelta], None]
) -> None:
    make_member("ada")
    tia = make_member("ta", Role.ta)
    extend(session, assignment=contest, new=NewExtension("ada", "was ill", plus_hours=24), by=tia)
    at(-HOUR)
    assert client_as(tia).post(f"{BOARD}/release").json()["code"] == "not_closed_yet"
    at(-25 * HOUR)
    assert client_as(tia).post(f"{BOARD}/release").status_code == 204


def test_points_are_previewed_with_the_bonus_of_the_places(
    client_as: Client, make_member: Member, score: Score, at: Callable[[timedelta], None]
) -> None:
    for login, private in (("ada", 0.89), ("bob", 0.945), ("eve", 0.495), ("ida", 0.3)):
        score(make_member(login), 150, private=private)
    staff = client_as(make_member("ta", Role.ta))
    at(-HOUR)
    found = staff.get(f"{BOARD}/points", params={"half": "private"}).json()
    seen = [(row["login"], row["base"], row["bonus"], row["points"]) for row in found["rows"]]
    assert seen == [("bob", 90.0, 5.0, 95.0), ("ada", 85.0, 3.0, 88.0), ("eve", 30.0, 0.0, 30.0), ("ida", 0.0, 0.0, 0.0)]


def test_downloads_hold_student_numbers_for_staff_only_and_no_formulas(
    session: Session, client_as: Client, make_member: Member, score: Score
) -> None:
    ada = make_member("ada")
    ada.display_name = "=HYPERLINK(1)"
    session.commit()
    score(ada, 150)
    student, staff = client_as(make_member("bob")), client_as(make_member("ta", Role.ta))
    lines = student.get(f"{BOARD}/download").text.splitlines()
    assert lines[0].lstrip("\ufeff") == "rank,name,metric,low,high,score,max_score,attempts,received_at"
    assert lines[1].startswith("1,'=HYPERLINK(1),0.75,0.73,0.77,,100.0,1,")
    assert "ada" not in "".join(lines)
    assert staff.get(f"{BOARD}/download").text.splitlines()[1].split(",")[-2] == "ada"
    assert staff.get(f"{BOARD}/download", params={"format": "json"}).json()["rows"][0]["login"] == "ada"


def test_a_run_without_a_score_never_ranks_and_the_last_one_stays(
    client_as: Client, make_member: Member, score: Score, contest: Assignment, hand_in: Callable[..., Submission],
    grade: Callable[..., object],
) -> None:  # fmt: skip
    ada = make_member("ada")
    score(ada, 150)
    waiting = hand_in(contest, ada)
    assert ranks(client_as(ada)) == [(1, "Ada", 0.75)]
    grade(waiting, 0)
    assert ranks(client_as(ada)) == [(1, "Ada", 0.75)]
    assert client_as(ada).get(f"/api/v1/submissions/{waiting.id}/result").json()["code"] == "no_result"


def test_what_a_run_measured_is_kept_whole_and_its_items_apart(session: Session, make_member: Member, score: Score) -> None:
    submission = score(make_member("ada"), 150, private=0.5)
    session.expire_all()
    run = submission.run
    assert run.report["measured"]["private"]["value"] == 0.5
    assert "items" not in run.report["measured"]["private"]
    assert run.read_report().measured.public.items == ""


def test_the_band_of_the_baselines_leaves_out_the_one_that_has_learned_nothing() -> None:
    manifest, folder = load_manifest("final-digits"), find_folder("final-digits")
    low, high = baseline_band(manifest, folder)["accuracy"]
    assert 0.4 < low < high < 0.9
    assert baseline_band(load_manifest("mlp"), find_folder("mlp")) == {}
