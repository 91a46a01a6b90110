"""Questions from the terminal: pull, fill in, submit, read what was said."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.answers_file import answers_file
from server.submissions.models import FileKind, Submission
from tests.server.questions.conftest import PNG

Run = Callable[..., Result]


@pytest.fixture
def mixed(make_assignment: Callable[..., Assignment], student: User, sign_in: Callable[[User], None]) -> Assignment:
    assignment = make_assignment(slug="mixed")
    sign_in(student)
    return assignment


def test_pull_brings_ones_own_questions_to_fill_in_and_never_overwrites_them(
    gradus: Run, mixed: Assignment, private_home: Path
) -> None:
    folder = private_home / "work"
    pulled = gradus("pull", "dl-2026/mixed", str(folder))
    assert pulled.exit_code == 0 and "write the answers into it" in pulled.stdout, pulled.output
    form = folder / "answers.toml"
    empty = tomllib.loads(form.read_text(encoding="utf-8"))
    assert empty["table"] == [[""] * 3] * 3 and empty["ticks"] == [] and empty["essay"] == "" and "style" not in empty
    assert "Which is even?" in form.read_text(encoding="utf-8") and "CANARY" not in form.read_text(encoding="utf-8")
    form.write_text("mine", encoding="utf-8")
    gradus("pull", "dl-2026/mixed", str(folder))
    assert form.read_text(encoding="utf-8") == "mine"


def test_what_is_filled_in_is_handed_in_with_its_files(
    gradus: Run, mixed: Assignment, private_home: Path, session: Session
) -> None:
    form, sketch = private_home / "answers.toml", private_home / "sketch.png"
    form.write_text('total = 3\ntable = [[1, 2], ["3/4", 4]]\nsketch = "sketch.png"\n', encoding="utf-8")
    sketch.write_bytes(PNG)
    done = gradus("submit", "dl-2026/mixed", str(form), str(sketch), "--no-wait")
    assert done.exit_code == 0, done.output
    submission = session.get(Submission, int(done.stdout.split()[0]))
    assert {file.kind for file in submission.files} == {FileKind.answers, FileKind.attachment}


def test_what_cannot_be_read_is_told_and_nothing_is_handed_in(
    gradus: Run, mixed: Assignment, private_home: Path, session: Session
) -> None:
    form = private_home / "answers.toml"
    form.write_text('total = "1,5"\nsketch = "gone.png"\n', encoding="utf-8")
    refused = gradus("submit", "dl-2026/mixed", str(form))
    assert refused.exit_code != 0 and "A sum: A comma can mean two things" in refused.output.replace("\n", " ")
    assert "gone.png did not come along" in refused.output.replace("\n", " ") and session.query(Submission).count() == 0


def test_a_prompt_cannot_write_into_the_file() -> None:
    """Whatever lines a prompt has, each is a comment."""
    text = {"en": 'One\ntotal = "mine"\r\n\x0btwo\u2028three = 3', "zh": "一"}
    question = {"id": "total", "kind": "number", "title": text, "prompt": text, "points": 1.0, "section": None, "options": []}
    written = answers_file({"sections": [], "questions": [question | {"rule": None, "size": None}]}, "dl-2026/mixed")
    assert tomllib.loads(written) == {"total": ""}
