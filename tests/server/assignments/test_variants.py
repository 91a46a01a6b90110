"""Each student reads, pulls and is judged by constants of his own; nothing of another's is there."""

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from grader.sandbox.base import Isolation
from grader.sandbox.fake import FakeSandbox
from grader.spec import load_assignment, load_manifest
from grader.variants import Variant
from grader.variants.binding import bound
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.variants import constants_of, own_handout, variant_of
from server.grading import judging
from server.settings import Settings
from server.submissions.models import Submission
from tests.grader.variants.conftest import DRAWN
from tests.server.web.conftest import Visitor, visit

__all__ = ["visit"]

PAGE, API = "/courses/dl-2026/assignments/drawn", "/api/v1/courses/dl-2026/assignments/drawn"
Client = Callable[[User], TestClient]
Constants = Callable[[User], Variant]


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy beside the other contents, which a test may break."""
    root = tmp_path / "content"
    shutil.copytree(DRAWN, root / "drawn", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(settings, "assignments", root)
    return root / "drawn"


@pytest.fixture
def drawn(folder: Path, make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="drawn")


@pytest.fixture
def constants(folder: Path, drawn: Assignment, settings: Settings) -> Constants:
    return lambda user: constants_of(drawn, load_manifest(folder), user_id=user.id, settings=settings)


@pytest.fixture
def students(drawn: Assignment, make_member: Callable[..., User], session: Session) -> tuple[User, User]:
    pair = make_member("lin"), make_member("wu")
    session.commit()
    return pair


def test_handout_and_starter_are_ones_own(
    visit: Callable[..., Visitor], students: tuple[User, User], constants: Constants, client_as: Client
) -> None:
    own, other = students
    mine, theirs = constants(own), constants(other)
    assert mine["factor"] != theirs["factor"]
    page, starter = visit(own).get(PAGE).text, visit(own).get(f"{PAGE}/starter").text
    assert f"Scale by {mine['factor']} (" in page and f"FACTOR = {mine['factor']}" in starter
    for text in (page, starter):
        assert "{{" not in text and f"Scale by {theirs['factor']} (" not in text and f"FACTOR = {theirs['factor']}" not in text


def test_what_is_pulled_is_ones_own(students: tuple[User, User], constants: Constants, client_as: Client) -> None:
    own, other = students
    first, again, others = (client_as(user).get(f"{API}/bundle") for user in (own, own, other))
    assert first.status_code == 200 and first.content == again.content != others.content
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        files = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert f"FACTOR = {constants(own)['factor']}\n" in files["starter.py"]
    assert not any(str(constants(other)["hidden_shift"]) in text for text in files.values())
    assert not any("hidden_shift" in text for text in files.values())


def test_a_submission_is_judged_by_its_authors_constants(
    students: tuple[User, User],
    drawn: Assignment,
    folder: Path,
    hand_in: Callable[..., Submission],
    settings: Settings,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "_sandboxes", {Isolation.fork: FakeSandbox()})
    own, other = students
    manifest = load_manifest(folder)
    seed = variant_of(drawn, manifest, user_id=own.id, settings=settings)
    source = bound(load_assignment(folder), seed).reference_source
    scores = []
    for author in (own, other):
        job = judging.make_job(hand_in(drawn, author, source), settings)
        report = judging.run_judge(job, settings, progress=lambda _: None)
        assert report.variant == variant_of(drawn, manifest, user_id=author.id, settings=settings)
        scores.append(report.score)
    assert scores == [80, 0]


def test_a_variant_that_cannot_be_drawn_is_nobodys_fault(
    visit: Callable[..., Visitor], students: tuple[User, User], folder: Path, drawn: Assignment, settings: Settings
) -> None:
    (folder / "handout.en.md").write_text("# T\n\n{{nothing}}\n")
    answer = visit(students[0]).get(PAGE)
    assert answer.status_code == 503 and "nothing}}" not in answer.text
    said = own_handout(drawn, load_manifest(folder), user_id=students[0].id, language="zh_CN", settings=settings)
    assert "乘以" in said
