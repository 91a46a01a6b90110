"""The doors of similarity: staff alone come in, and nothing of it is in what students read."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import AuditLine
from server.courses import service as courses
from server.courses.models import Course, Role
from server.similarity import queries
from server.similarity.models import Comparison, Opinion, SimilarPair
from server.similarity.queries import Filters
from server.submissions.models import Submission
from tests.server.similarity.conftest import disguised, work_of

BASE = "/api/v1/courses/dl-2026/assignments/tiny/similarity"


@pytest.fixture
def staff(make_member: Callable[..., User]) -> User:
    return make_member("tara", Role.ta)


def test_staff_read_pairs_and_say_what_they_think(
    session: Session, compared: Comparison, staff: User, client_as: Callable[[User], TestClient]
) -> None:
    client = client_as(staff)
    first = client.get(f"{BASE}/pairs").json()["pairs"][0]
    assert {first["left"]["login"], first["right"]["login"]} == {"jonas", "mallory"}
    assert first["review"] is None
    told = {"opinion": "unsure", "note": "Asked them on Monday."}
    assert client.post(f"{BASE}/pairs/{first['id']}/reviews", json=told).status_code == 201
    assert client.get(f"{BASE}/pairs", params={"decided": True}).json()["total"] == 1
    assert client.get(f"{BASE}/pairs", params={"opinion": "unsure"}).json()["pairs"][0]["review"]["note"] == told["note"]
    client.post(f"{BASE}/pairs/{first['id']}/reviews", json={"opinion": None})
    assert client.get(f"{BASE}/pairs", params={"decided": True}).json()["total"] == 0
    assert [each["opinion"] for each in client.get(f"{BASE}/pairs/{first['id']}/reviews").json()] == [None, "unsure"]
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "integrity.pair_reviewed").order_by(AuditLine.id)).all()
    assert [line.subject["opinion"] for line in lines] == ["unsure", None]
    assert "Monday" not in str([line.subject for line in lines])


def test_a_review_outlives_the_comparison(
    session: Session, compared: Comparison, staff: User, client_as: Callable[[User], TestClient],
    compare: Callable[..., Comparison], assignment: Assignment,
) -> None:  # fmt: skip
    client = client_as(staff)
    first = client.get(f"{BASE}/pairs").json()["pairs"][0]
    client.post(f"{BASE}/pairs/{first['id']}/reviews", json={"opinion": "nothing"})
    assert compare(assignment).id > compared.id
    again = client.get(f"{BASE}/pairs").json()["pairs"][0]
    assert again["id"] != first["id"]
    assert again["review"]["opinion"] == Opinion.nothing


def test_nothing_a_student_reads_speaks_of_similarity(
    session: Session, compared: Comparison, first_pair: SimilarPair, staff: User, client_as: Callable[[User], TestClient]
) -> None:
    """A canary: the note and the score of a pair are looked for in whatever its two people can open."""
    client_as(staff).post(f"{BASE}/pairs/{first_pair.id}/reviews", json={"opinion": "case", "note": "canary 4711"})
    for submission in (first_pair.left, first_pair.right):
        client = client_as(submission.author)
        answers = [client.get(BASE), client.get(f"{BASE}/pairs"), client.get(f"{BASE}/events"), client.get(f"{BASE}/archives")]
        answers += [client.get(f"{BASE}/pairs/{first_pair.id}"), client.get(f"{BASE}/download"), client.post(BASE)]
        assert {answer.status_code for answer in answers} == {403}
        place = "/api/v1/courses/dl-2026"
        open_to_him = [
            "/api/v1/me", "/api/v1/courses", place, f"{place}/assignments", f"{place}/assignments/tiny",
            f"{place}/assignments/tiny/submissions", f"{place}/assignments/tiny/leaderboard",
            f"/api/v1/submissions/{submission.id}", "/courses/dl-2026", "/courses/dl-2026/assignments/tiny",
            f"/submissions/{submission.id}",
        ]  # fmt: skip
        for path in open_to_him:
            answer = client.get(path)
            assert answer.status_code in (200, 303), path
            for word in ("canary", "4711", f"{first_pair.similarity:.2f}", "similar"):
                assert word not in answer.text.lower(), (word, path)


def test_archives_are_uploaded_work_by_work_and_stand_beside_the_class(
    session: Session, pupils: dict[str, Submission], staff: User, client_as: Callable[[User], TestClient],
    compare: Callable[..., Comparison], assignment: Assignment,
) -> None:  # fmt: skip
    client = client_as(staff)
    archive = client.post(f"{BASE}/archives", json={"name": "2024", "kind": "past_term"}).json()
    assert client.post(f"{BASE}/archives", json={"name": "2024"}).status_code == 409
    source = disguised(work_of("yuki")).encode()
    where = f"{BASE}/archives/{archive['id']}/works"
    added = client.post(
        where, data={"name": "old student"}, files=[("files", ("main.py", source)), ("files", ("more.py", b"x = 1"))]
    )
    assert (added.status_code, added.json()["files"]) == (201, ["main.py", "more.py"])
    assert client.post(where, data={"name": "nobody"}, files=[("files", ("notes.txt", b"x"))]).status_code == 422
    comparison = compare(assignment)
    assert comparison.archived == 1
    rows = queries.list_pairs(session, comparison=comparison, filters=Filters(past=True)).rows
    assert (rows[0].left.login, rows[0].right.name, rows[0].right.archive, rows[0].right.login) == (
        "yuki",
        "old student",
        "2024",
        None,
    )
    assert rows[0].similarity > 0.8
    content = client.get(f"{BASE}/pairs/{rows[0].id}").json()
    assert (content["right"]["archive"], content["right"]["student"]) == ("2024", None)
    assert client.delete(f"{BASE}/archives/{archive['id']}").status_code == 204
    assert client.get(f"{BASE}/pairs", params={"past": True}).json()["total"] == 0


def test_a_student_of_another_course_is_named_to_staff_of_both_alone(
    session: Session, pupils: dict[str, Submission], staff: User, client_as: Callable[[User], TestClient],
    compare: Callable[..., Comparison], assignment: Assignment, make_course: Callable[..., Course],
    make_member: Callable[..., User], make_assignment: Callable[..., Assignment], hand_in: Callable[..., Submission],
) -> None:  # fmt: skip
    earlier = make_course("dl-2025")
    past = make_assignment(earlier)
    hand_in(past, make_member("olga", of=earlier), disguised(work_of("yuki")))
    hand_in(past, pupils["jonas"].author, work_of("jonas"))  # he takes the course again
    client = client_as(staff)
    assert client.post(f"{BASE}/archives", json={"course": "dl-2025"}).status_code == 422
    both = make_member("berta", Role.instructor)
    courses.enroll(session, course=earlier, user=both, role=Role.ta)
    session.commit()
    assert client_as(both).post(f"{BASE}/archives", json={"course": "dl-2025"}).status_code == 201
    comparison = compare(assignment)
    assert comparison.archived == 2
    (seen,) = [p for p in client.get(f"{BASE}/pairs", params={"past": True}).json()["pairs"] if p["similarity"] > 0.8]
    assert (seen["right"]["login"], seen["right"]["name"], seen["right"]["archive"]) == (None, "", "dl-2025")
    assert "olga" not in client.get(f"{BASE}/pairs/{seen['id']}").text
    assert client.get(f"{BASE}/pairs", params={"person": "olga"}).json()["total"] == 0
    assert "olga" not in client.get(f"{BASE}/download").text.lower()
    found = client_as(both).get(f"{BASE}/pairs", params={"person": "olga"}).json()["pairs"]
    assert {pair["right"]["login"] for pair in found} == {"olga"}


def test_how_far_it_is_comes_as_events(
    session: Session, compared: Comparison, staff: User, client_as: Callable[[User], TestClient]
) -> None:
    answer = client_as(staff).get(f"{BASE}/events")
    assert answer.text.startswith('event: final\ndata: {"id":')
    assert '"students":7' in answer.text
