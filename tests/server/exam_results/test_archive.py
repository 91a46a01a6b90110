"""What is packed is proven without a server, and whatever is changed in it is found."""

import json
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from server.accounts.models import User
from server.audit import AuditLine
from server.cli import app
from server.courses.models import Role
from server.exam_results.archive import spell
from server.exam_results.archive_check import MANIFEST, Unreadable, digest, verify
from server.exam_results.signing import fingerprint
from server.exams.models import Sitting
from server.models import Submission
from tests.server.exams.canary import CONTENT


@pytest.fixture
def packed(
    sit: Callable[..., Sitting], judged: Callable[[int], Submission], make_member: Callable[..., User],
    mark: Callable[..., None], client_as: Callable[[User], TestClient], tmp_path: Path,
) -> Path:  # fmt: skip
    """Two works, both judged, one marked."""
    works = [judged(sit(make_member("ada")).submission_id), judged(sit(make_member("bob"), wrong=("plus",)).submission_id)]
    ines = make_member("ines", Role.instructor)
    mark(works[0], ines, 17)
    answer = client_as(ines).get("/api/v1/courses/dl-2026/exams/canary/archive")
    assert answer.status_code == 200, answer.text
    path = tmp_path / "exam.zip"
    path.write_bytes(answer.content)
    return path


def test_what_was_packed_is_proven_and_every_change_is_found(
    packed: Path, session: Session, tmp_path: Path, client_as: Callable[[User], TestClient]
) -> None:
    """One scene for all of it: an exam takes long to sit."""
    proof = verify(packed)
    assert proof.differences == []
    assert (proof.students, proof.papers, proof.receipts, proof.totals) == (2, 2, 2, 2)
    assert proof.scores == 10  # the five that the judge scores, of both
    assert verify(packed, content=CONTENT / "canary").differences == []
    line = session.scalars(select(AuditLine).where(AuditLine.action == "exam.exported")).one()
    assert line.subject["sha256"] == proof.manifest_sha256

    assert "content/handout.en.md" in found(changed(packed, tmp_path, "content/handout.en.md", b"other"))
    assert "students/ada/student.json" in found(changed(packed, tmp_path, "students/ada/student.json", None))
    assert found(changed(packed, tmp_path, "stowaway.txt", b"new")) == {"stowaway.txt"}
    for name, change, where in FORGERIES:
        files = read(packed)
        facts = json.loads(files[name(files)])
        change(facts)
        forged = forge(packed, tmp_path, {name(files): spell(facts)})
        assert any(where in str(each) for each in verify(forged).differences), where
    other = tmp_path / "other"
    other.mkdir()
    for path in (CONTENT / "canary").iterdir():
        if path.is_file():
            (other / path.name).write_text(path.read_text().replace("one + other, mistakes", "one + other + 1, mistakes"))
    told = "\n".join(map(str, verify(packed, content=other).differences))
    assert "question plus drawn again" in told
    assert "points of plus" in told

    shown = CliRunner().invoke(app, ["exam", "verify", str(packed)])
    assert (shown.exit_code, "proven" in shown.output) == (0, True)
    key = fingerprint(client_as(session.scalars(select(User).where(User.login == "ada")).one()).get("/exam-archives.pem").content)
    assert (proof.signature, proof.key, proof.is_key_checked) == ("fits", key, False)
    assert verify(packed, key=key).is_key_checked
    asked = CliRunner().invoke(app, ["exam", "verify", str(packed), "--key", key.upper()])
    assert (asked.exit_code, "signed by the key you named" in asked.output) == (0, True)
    asked = CliRunner().invoke(app, ["exam", "verify", str(packed), "--key", "ab" * 32, "--json"])
    assert (asked.exit_code, json.loads(asked.output)["is_key_checked"]) == (1, False)
    assert "manifest.sig" in found(forge(packed, tmp_path, {"exam.json": b"{}"}))
    bad = CliRunner().invoke(app, ["exam", "verify", str(changed(packed, tmp_path, "exam.json", b"{}")), "--json"])
    assert (bad.exit_code, json.loads(bad.output)["is_proven"]) == (1, False)
    no_zip = tmp_path / "no.zip"
    no_zip.write_bytes(b"no zip")
    assert CliRunner().invoke(app, ["exam", "verify", str(no_zip)]).exit_code == 2


def student(files: dict[str, bytes]) -> str:
    return "students/ada/student.json"


def report(files: dict[str, bytes]) -> str:
    return next(name for name in files if name.startswith("students/ada/runs/"))


def paper(files: dict[str, bytes]) -> str:
    return "students/ada/paper.json"


def more_points(facts: dict) -> None:
    """And the sums with it, as somebody would who knows how they are made."""
    lost = next(each for each in facts["checks"] if each["id"] == "plus")
    lost["points"] = str(Decimal(str(lost["points"])) - 3)
    facts["score"] = str(Decimal(str(facts["score"])) - 3)


# With the manifest made anew each time, so that no hash betrays them.
FORGERIES = (
    (report, more_points, "points of plus"),
    (student, lambda facts: facts.update(total="99"), "total"),
    (student, lambda facts: facts.update(by_hand="20", total="99"), "points by hand"),
    (student, lambda facts: facts.update(variant="ab" * 32), "drawn again"),
    (student, lambda facts: facts["submissions"][0].update(sha256="00" * 32), "receipt"),
    (paper, lambda facts: facts[0].update(right="1"), "question plus drawn again"),
)


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def changed(packed: Path, tmp_path: Path, name: str, content: bytes | None) -> Path:
    """The manifest stays as it is. None: the file is taken away."""
    files = read(packed) | ({name: content} if content is not None else {})
    if content is None:
        del files[name]
    return write(tmp_path / "changed.zip", files)


def forge(packed: Path, tmp_path: Path, new: dict[str, bytes]) -> Path:
    files = read(packed) | new
    manifest = json.loads(files[MANIFEST])
    manifest["files"] |= {name: digest(content) for name, content in new.items()}
    return write(tmp_path / "forged.zip", files | {MANIFEST: spell(manifest)})


def found(path: Path) -> set[str]:
    return {each.where for each in verify(path).differences}


@pytest.mark.parametrize("files", [{}, {MANIFEST: b"[]"}, {MANIFEST: b"{"}, {MANIFEST: b'{"format": "other"}'}])
def test_what_is_no_archive_is_said_to_be_none(files: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        verify(write(tmp_path / "other.zip", files))


def test_a_name_that_leads_out_of_the_archive_is_refused(packed: Path, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        verify(write(tmp_path / "out.zip", read(packed) | {"content/../../escaped.py": b"x = 1"}))
