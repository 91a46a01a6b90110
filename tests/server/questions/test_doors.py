"""Questions and answers as JSON, who gets them, and that nothing of a key leaves before its time."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from grader.questions.paper import Paper
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.settings import Settings
from server.submissions.models import Submission
from tests.server.questions.conftest import PNG

COURSE = "/api/v1/courses/dl-2026/assignments/mixed"
ClientAs = Callable[[User], TestClient]
Judged = Callable[[int], Submission]


def send(client: TestClient, answers: dict[str, object], **files: bytes) -> dict:
    named = {"answers.json": json.dumps(answers).encode()} | {name.replace("_", "."): data for name, data in files.items()}
    answer = client.post(f"{COURSE}/submissions", files=[("files", each) for each in named.items()])
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_programs_read_their_own_paper_without_its_key(client_as: ClientAs, student: User, mixed: Assignment) -> None:
    paper = client_as(student).get(f"{COURSE}/questions").json()
    assert [each["id"] for each in paper["questions"]][:3] == ["total", "table", "pick"]
    table, pick = paper["questions"][1:3]
    assert table["size"] == [3, 3] and [each["letter"] for each in pick["options"]] == ["A", "B", "C"]
    assert "CANARY" not in json.dumps(paper) and paper["sections"][0]["choose"] == 1


def test_an_assignment_without_questions_has_no_paper(client_as: ClientAs, student: User, assignment: Assignment) -> None:
    assert client_as(student).get("/api/v1/courses/dl-2026/assignments/tiny/questions").status_code == 404


def test_answers_come_with_files_and_the_receipt_names_them_all(
    client_as: ClientAs, student: User, mixed: Assignment, judged: Judged, paper_for: Callable[[User], Paper]
) -> None:
    client, total = client_as(student), paper_for(student).item("total").asked.answer
    receipt = send(client, {"total": total, "sketch": "me.png"}, me_png=PNG, solution_py=b"def double(x): return 2 * x\n")
    assert [file["name"] for file in receipt["files"]] == ["solution.py", "answers.json", "sketch.png"]
    assert judged(receipt["id"]).run.score == 40
    kept = client.get(f"/api/v1/submissions/{receipt['id']}/answers").json()
    assert kept["answers"] == {"total": str(total), "sketch": "sketch.png"} and kept["attachments"][0]["name"] == "sketch.png"


def test_answers_that_came_from_elsewhere_stand_in_the_form(client_as: ClientAs, student: User, mixed: Assignment) -> None:
    client = client_as(student)
    send(client, {"total": 7, "table": [[1, 2], [3, 4]]})
    html = client.get("/courses/dl-2026/assignments/mixed").text
    assert 'name="answer.total" form="hand-in" value="7"' in html and 'name="answer.table.1.1" form="hand-in" value="4"' in html
    assert "Filled in from attempt 1" in html


def test_broken_questions_are_nobodys_fault_but_the_authors(
    client_as: ClientAs, student: User, mixed: Assignment, tmp_path: Path, settings: Settings
) -> None:
    shutil.copytree(settings.assignments / "mixed", tmp_path / "mixed")
    (tmp_path / "mixed" / "questions.py").write_text("import nowhere")
    client = client_as(student)
    client.app.state.settings = settings.model_copy(update={"assignments": tmp_path})
    answer = client.get(f"{COURSE}/questions")
    assert (answer.status_code, answer.json()["code"]) == (503, "paper_unavailable") and "nowhere" not in answer.text


def test_what_cannot_be_read_is_told_by_question(client_as: ClientAs, student: User, mixed: Assignment, session: Session) -> None:
    files = [("files", ("answers.json", b'{"total": "1,5", "nobody": 1}'))]
    answer = client_as(student).post(f"{COURSE}/submissions", files=files)
    assert answer.status_code == 422 and answer.json()["code"] == "unusable_answers"
    assert set(answer.json()["questions"]) == {"total", "nobody"} and session.query(Submission).count() == 0


def test_who_sees_answers(client_as: ClientAs, student: User, mixed: Assignment, make_member: Callable[..., User]) -> None:
    place = f"/api/v1/submissions/{send(client_as(student), {'total': 1})['id']}/answers"
    seen = [client_as(each).get(place).status_code for each in (student, make_member("tina", Role.ta), make_member("ben"))]
    assert seen == [200, 200, 404]


@pytest.fixture
def secrets(paper_for: Callable[[User], Paper], student: User) -> list[str]:
    """What stands in no prompt of one's own paper: the sum, and every sentence that is for later."""
    return [str(paper_for(student).item("total").asked.answer), "CANARY"]


def test_no_route_tells_a_student_anything_of_the_key(
    client_as: ClientAs, student: User, mixed: Assignment, judged: Judged, secrets: list[str]
) -> None:
    client = client_as(student)
    number = judged(send(client, {"total": 1, "table": [[1, 2], [3, 4]], "pick": "A", "word": "no", "later": 41})["id"]).id
    page = "/courses/dl-2026/assignments/mixed"
    places = [
        page, f"{page}/submissions", f"{page}/leaderboard", f"/submissions/{number}", f"/submissions/{number}/live",
        COURSE, f"{COURSE}/questions", f"{COURSE}/submissions", f"{COURSE}/leaderboard", f"/api/v1/submissions/{number}",
        f"/api/v1/submissions/{number}/answers", f"/api/v1/submissions/{number}/events",
    ]  # fmt: skip
    seen = {place: client.get(place) for place in places}
    assert {place: answer.status_code for place, answer in seen.items() if answer.status_code != 200} == {}
    assert [(place, secret) for place, answer in seen.items() for secret in secrets if secret in answer.text] == []
    report = client.get(f"/api/v1/submissions/{number}").json()["run"]["report"]
    assert not report.get("variant") and report["seed"] == "" and "later" not in {check["id"] for check in report["checks"]}


def test_a_pulled_folder_holds_neither_questions_nor_key(client_as: ClientAs, student: User, mixed: Assignment) -> None:
    archive = zipfile.ZipFile(io.BytesIO(client_as(student).get(f"{COURSE}/bundle").content))
    assert "questions.py" not in archive.namelist()
    assert not [name for name in archive.namelist() if b"CANARY" in archive.read(name) or b"[[questions]]" in archive.read(name)]
