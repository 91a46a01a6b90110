"""`gradus grade`, in the real sandbox."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.protocol import Report
from grader.spec import Assignment

TINY = Path(__file__).parent.parent / "fixtures" / "tiny"
SEED = "ab" * 32

pytestmark = pytest.mark.sandbox


def gradus(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_reference_earns_full_marks_as_one_json_object() -> None:
    result = gradus("grade", TINY, TINY / "reference.py", "--json", "--seed", SEED, "--sandbox", "bubblewrap")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (report["assignment"], report["status"], report["score"], report["max_score"]) == ("tiny", "graded", 100.0, 100.0)
    assert (report["seed"], report["environment"]["sandbox"]) == (SEED, "bubblewrap")
    assert report["fault"] is None and report["policy"] == []


def test_the_sandbox_and_this_process_come_to_the_same_verdict(
    grade: Callable[..., Report], tiny: Assignment, tmp_path: Path
) -> None:
    source = tiny.submission_of(next(mistake for mistake in tiny.mistakes if mistake.id == "forgets_bias"))
    (tmp_path / "mine.py").write_text(source)
    there = json.loads(gradus("grade", TINY, tmp_path / "mine.py", "--json", "--seed", "0123456789abcdef" * 4).stdout)
    kept = ("id", "points", "outcome", "message", "mistake")
    here = grade(source).contract()
    assert [[c[key] for key in kept] for c in there["checks"]] == [[c[key] for key in kept] for c in here["checks"]]


def test_a_table_shows_parts_reasons_and_one_line_to_copy(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def double(x):\n    return 3 * x\n")
    result = gradus("grade", TINY, tmp_path / "mine.py")
    assert result.exit_code == 0
    assert "Basics" in result.stdout and "0 / 60" in result.stdout
    assert "exactly three times the input" in result.stdout
    assert "`affine` is not written yet." in result.stdout
    assert "tiny · 10 / 100" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_both_isolations_are_offered(isolation: str) -> None:
    result = gradus("grade", TINY, TINY / "reference.py", "--json", "--isolation", isolation)
    report = json.loads(result.stdout)
    assert (report["score"], report["environment"]["isolation"]) == (100.0, isolation)


def test_public_only_leaves_the_hidden_checks_out() -> None:
    report = json.loads(gradus("grade", TINY, TINY / "reference.py", "--json", "--public-only").stdout)
    assert (report["score"], len(report["checks"])) == (50.0, 3)


@pytest.mark.parametrize(
    ("name", "data", "code", "line"),
    [
        ("mine.py", b"def double(x:\n", "syntax_error", 1),
        ("work.zip", b"not a zip", "broken_zip", None),
        ("work.ipynb", b"{}", "broken_notebook", None),
        ("model.pt", b"", "unknown_kind", None),
    ],
)
def test_what_cannot_be_graded_is_the_students_and_exits_1(
    tmp_path: Path, name: str, data: bytes, code: str, line: int | None
) -> None:
    (tmp_path / name).write_bytes(data)
    result = gradus("grade", TINY, tmp_path / name, "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (report["status"], report["score"], report["max_score"]) == ("ungradable", 0.0, 100.0)
    assert (report["fault"]["whose"], report["fault"]["code"], report["fault"]["line"]) == ("student", code, line)
    assert {check["outcome"] for check in report["checks"]} == {"skipped"}


def test_a_zip_with_a_folder_is_graded(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hw/solution.py", "from parts import double\n")
        archive.writestr("hw/parts.py", "def double(x):\n    return x + x\n")
    (tmp_path / "work.zip").write_bytes(buffer.getvalue())
    report = json.loads(gradus("grade", TINY, tmp_path / "work.zip", "--json").stdout)
    assert (report["status"], report["score"]) == ("graded", 30.0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade", "nowhere", TINY / "reference.py"),
        ("grade", TINY, "no_such_file.py"),
        ("grade", TINY, TINY / "reference.py", "--seed", "abc"),
        ("grade", TINY, TINY / "reference.py", "--sandbox", "fake"),
        ("grade", TINY),
    ],
)
def test_wrong_usage_exits_2_and_says_nothing_on_stdout(arguments: tuple) -> None:
    result = gradus(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
