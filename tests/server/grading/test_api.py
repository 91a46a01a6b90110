"""Verdicts over HTTP, live and afterwards."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from grader.protocol import Progress, Whose
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.grading import events, service
from server.grading.hints import channel_of, give_hint
from server.lease import LeaseLost
from server.models import Job, Run, Submission

As = Callable[[User], TestClient]


@pytest.fixture
def submission(hand_in: Callable[..., Submission], assignment: Assignment, student: User) -> Submission:
    return hand_in(assignment, student)


def read_events(text: str) -> list[tuple[str, dict]]:
    blocks = [block.splitlines() for block in text.strip().split("\n\n") if not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_a_waiting_submission_tells_its_place_in_the_queue(
    client_as: As, hand_in: Callable[..., Submission], assignment: Assignment, make_member: Callable[..., User]
) -> None:
    hand_in(assignment, make_member("bob"))
    ada = make_member("ada")
    shown = client_as(ada).get(f"/api/v1/submissions/{hand_in(assignment, ada).id}").json()
    assert shown["progress"]["queue"]["position"] == 2
    assert shown["run"] is None


def test_a_student_reads_one_word_about_a_hidden_check_and_staff_read_all(
    client_as: As, submission: Submission, student: User, make_member: Callable[..., User], grade: Callable[..., Run]
) -> None:
    grade(submission, 50)
    path = f"/api/v1/submissions/{submission.id}"
    seen = client_as(student).get(path)
    (check,) = seen.json()["run"]["report"]["checks"]
    assert (check["message"]["en"], check["mistake"], check["detail"], check["seconds"]) == ("Passed.", None, None, 0)
    for secret in ("secret", "秘密", "ab" * 32, "0.123456"):
        assert secret not in seen.text
    staff = client_as(make_member("ta", Role.ta)).get(path)
    assert "secret" in staff.text and "ab" * 32 in staff.text


def test_what_went_wrong_on_our_side_is_for_staff(
    client_as: As, session: Session, submission: Submission, student: User, make_member: Callable[..., User]
) -> None:
    session.execute(update(Job).values(fault={"traceback": "File /srv/secret.py"}))
    session.commit()
    path = f"/api/v1/submissions/{submission.id}"
    assert client_as(student).get(path).json()["fault"] is None
    assert "secret.py" in client_as(make_member("ta", Role.ta)).get(path).text


def test_a_rerun_by_staff_is_queued_and_the_score_stays(
    client_as: As, submission: Submission, make_member: Callable[..., User], grade: Callable[..., Run]
) -> None:
    grade(submission, 50)
    ta = client_as(make_member("ta", Role.ta))
    answer = ta.post(f"/api/v1/submissions/{submission.id}/rerun")
    assert (answer.status_code, answer.json()["final"]) == (202, False)
    assert ta.get(f"/api/v1/submissions/{submission.id}").json()["score"] == 50
    assert ta.post(f"/api/v1/submissions/{submission.id}/rerun").status_code == 409


def test_staff_are_told_what_is_stuck_and_why_until_it_is_graded_again(
    client_as: As, submission: Submission, hand_in: Callable[..., Submission], assignment: Assignment, student: User,
    make_member: Callable[..., User], make_course: Callable[..., object], break_down: Callable[..., None], grade: Callable,
) -> None:  # fmt: skip
    second = hand_in(assignment, make_member("bob"))
    grade(hand_in(assignment, make_member("eve")), 50)
    for each in (second, submission):
        break_down(each)
    ta = client_as(make_member("ta", Role.ta))
    shown = ta.get("/api/v1/courses/dl-2026/stuck").json()
    assert shown["count"] == 2
    assert [(each["id"], each["author"], each["assignment"]) for each in shown["submissions"]] == [
        (second.id, "bob", "tiny"),
        (submission.id, "ada", "tiny"),
    ]
    first = shown["submissions"][0]
    assert (first["whose"], first["reason"]) == ("assignment", {"en": "The reference failed.", "zh": "参考实现出错。"})
    assert 0 <= first["age_s"] < 60
    assert ta.post(f"/api/v1/submissions/{second.id}/rerun").status_code == 202
    assert [each["id"] for each in ta.get("/api/v1/courses/dl-2026/stuck").json()["submissions"]] == [submission.id]
    elsewhere = client_as(make_member("other", Role.ta, of=make_course("cv-2026")))
    assert elsewhere.get("/api/v1/courses/cv-2026/stuck").json() == {"count": 0, "submissions": []}


def test_the_stream_of_a_finished_submission_is_one_final_event(
    client_as: As, submission: Submission, student: User, grade: Callable[..., Run]
) -> None:
    grade(submission, 50)
    answer = client_as(student).get(f"/api/v1/submissions/{submission.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    ((name, data),) = read_events(answer.text)
    assert (name, data["state"], data["final"]) == ("final", "graded", True)


@pytest.mark.parametrize("with_hints", [True, False])
def test_the_stream_follows_a_submission_to_its_end(
    client_as: As, session: Session, submission: Submission, student: User, make_report: Callable, with_hints: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(events, "REREAD_S", 5.0 if with_hints else 0.1)
    client = client_as(student)

    def hint() -> None:
        session.commit()
        if with_hints:
            give_hint(client.app.state.redis, channel_of(submission.id))

    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(client.get, f"/api/v1/submissions/{submission.id}/events")
        wait_for_listener(client, submission.id)
        claim = service.claim(session, job_id=submission.job.id, lease_s=15)
        service.renew(session, claim=claim, lease_s=15, progress=Progress(done=1, total=2))
        hint()
        wait_a_moment()
        service.record_report(session, claim=claim, report=make_report(50), versions={})
        hint()
        seen = read_events(stream.result(timeout=10).text)
    assert [name for name, _ in seen][-1] == "final"
    assert {"state": "running", "checks": {"done": 1, "total": 2}}.items() <= seen[-2][1].items()


def test_each_event_says_of_each_check_what_is_known_and_the_last_one_what_the_report_says(
    client_as: As, session: Session, submission: Submission, student: User, make_report: Callable,
    make_progress: Callable[..., Progress], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Also to somebody who comes in the middle, and without a single hint."""
    monkeypatch.setattr(events, "REREAD_S", 0.05)
    client = client_as(student)
    claim = service.claim(session, job_id=submission.job.id, lease_s=15)
    service.renew(session, claim=claim, lease_s=15, progress=make_progress(2))
    session.commit()
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(client.get, f"/api/v1/submissions/{submission.id}/events")
        wait_for_listener(client, submission.id)
        service.record_report(session, claim=claim, report=make_report(50), versions={})
        session.commit()
        (first, last) = [data for _, data in read_events(stream.result(timeout=10).text)]
    assert [(check["id"], check["outcome"], check["word"]) for check in first["results"]] == [
        ("check_0", "passed", "passed"),
        ("check_1", "failed", "wrong_value"),
        ("check_2", None, None),
        ("check_3", None, None),
    ]
    told = {"id", "part", "title", "max_points", "visibility", "points", "outcome", "word", "is_question"}
    assert set(first["results"][1]) == told
    assert (last["score_so_far"], last["checks"]) == (50, {"done": 1, "total": 1})
    assert [(check["id"], check["points"]) for check in last["results"]] == [("doubles_a_matrix", 50)]


def test_a_second_try_begins_with_nothing_and_what_the_first_still_says_is_dropped(
    client_as: As, session: Session, submission: Submission, student: User, make_progress: Callable[..., Progress]
) -> None:
    first = service.claim(session, job_id=submission.job.id, lease_s=15)
    service.renew(session, claim=first, lease_s=15, progress=make_progress(3))
    service.record_failure(session, claim=first, whose=Whose.system, fault={})
    session.commit()
    look = f"/api/v1/submissions/{submission.id}"
    assert client_as(student).get(look).json()["progress"]["results"] == [], "it waits again"
    second = service.claim(session, job_id=submission.job.id, lease_s=15)
    session.commit()
    assert client_as(student).get(look).json()["progress"]["results"] == []
    service.renew(session, claim=second, lease_s=15, progress=make_progress(1))
    session.commit()
    with pytest.raises(LeaseLost):
        service.renew(session, claim=first, lease_s=15, progress=make_progress(3))
    session.rollback()
    progress = client_as(student).get(look).json()["progress"]
    assert [check["outcome"] for check in progress["results"]] == ["passed", None, None, None]
    assert progress["score_so_far"] == 25


def wait_for_listener(client: TestClient, submission_id: int) -> None:
    channel = f"gradus:submission:{submission_id}"
    while dict(client.app.state.redis.pubsub_numsub(channel)).get(channel.encode(), 0) == 0:
        wait_a_moment(0.02)
    wait_a_moment()


def wait_a_moment(seconds: float = 0.4) -> None:
    time.sleep(seconds)
