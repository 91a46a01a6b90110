"""`gradus grade`, in the real sandbox."""

import errno
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.protocol import Report
from grader.sandbox.base import GraderFailure
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


def test_the_judge_has_one_thread_since_it_shares_a_processor_with_the_submission() -> None:
    """Sixteen that wait for each other on one processor made a second into half a minute."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert gradus("grade", TINY, TINY / "reference.py", "--sandbox", "bubblewrap").exit_code == 0
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


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
        ("grade", TINY, TINY / "reference.py", "--seed", "xyz"),
        ("grade", TINY, TINY / "reference.py", "--seed", "a" * 65),
        ("grade", TINY, TINY / "reference.py", "--sandbox", "fake"),
        ("grade", TINY),
    ],
)
def test_wrong_usage_exits_2_and_says_nothing_on_stdout(arguments: tuple) -> None:
    result = gradus(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_file_that_may_not_be_read_exits_2_and_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("x = 1\n")

    read = Path.read_bytes

    def guarded(path: Path) -> bytes:
        if path.name == "mine.py":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", guarded)
    result = gradus("grade", TINY, tmp_path / "mine.py", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "mine.py cannot be read" in result.stderr.replace("\n", "")


@pytest.mark.parametrize("digits", ["7", "C0FFEE", SEED])
def test_a_short_seed_is_filled_up_and_the_report_repeats_the_run(digits: str) -> None:
    first, again = (
        json.loads(gradus("grade", TINY, TINY / "starter.py", "--json", "--seed", seed).stdout)
        for seed in (digits, digits.lower().zfill(64))
    )
    assert first["seed"] == again["seed"] == digits.lower().zfill(64)


def faulty(result: Result) -> tuple:
    report = json.loads(result.stdout)
    return result.exit_code, report["status"], report["fault"]["whose"], report["checks"], report["seed"]


def test_no_engine_is_a_system_fault_as_one_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise GraderFailure("no engine answers")

    monkeypatch.setattr("grader.sandbox.open_sandbox", refuse)
    result = gradus("grade", TINY, TINY / "reference.py", "--json", "--sandbox", "docker", "--seed", SEED)
    assert faulty(result) == (3, "system_fault", "system", [], SEED)
    assert "no engine answers" in result.stderr
    assert json.loads(result.stdout)["environment"]["sandbox"] == "docker"


def test_a_broken_assignment_is_its_own_fault_as_one_json_object(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(TINY, broken)
    (broken / "checks.py").write_text("def (")
    result = gradus("grade", broken, TINY / "reference.py", "--json", "--seed", SEED)
    assert faulty(result) == (3, "system_fault", "assignment", [], SEED)
    assert "checks.py" in result.stderr and json.loads(result.stdout)["assignment"] == "broken"
    assert gradus("grade", broken, TINY / "reference.py").stdout == ""


@pytest.mark.parametrize("file", ["baselines/nearest.csv", "accepted/parquet.parquet"])
def test_a_table_of_predictions_is_measured(by_table: Path, file: str) -> None:
    report = json.loads(gradus("grade", by_table, by_table / file, "--json", "--seed", SEED).stdout)
    assert (report["status"], report["score"], report["competition"]["points"]) == ("graded", 100.0, 80.0)
    assert report["competition"]["public"]["value"] == pytest.approx(0.9111, abs=1e-4)


def test_what_is_wrong_with_a_table_is_said_with_its_line(by_table: Path) -> None:
    result = gradus("grade", by_table, by_table / "mistakes/nan.csv")
    assert result.exit_code == 0 and "table · 0 / 100" in result.stdout
    assert "Line 6: the label has to be a finite number; there is nan." in result.stdout


@pytest.mark.parametrize(
    ("names", "code"),
    [(["checks.py"], "unknown_kind"), (["sample.csv", "baselines/linear.csv"], "one_table"), (["baselines"], "link")],
)
def test_what_is_no_table_is_refused(by_table: Path, names: list[str], code: str) -> None:
    result = gradus("grade", by_table, *(by_table / name for name in names), "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["status"], report["fault"]["code"]) == (1, "ungradable", code)


def test_a_check_that_breaks_on_every_table_is_the_assignments_fault(by_table: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(by_table, tmp_path / "table"))
    checks = broken / "checks.py"
    checks.write_text(checks.read_text(encoding="utf-8").replace("contest())", "None)"), encoding="utf-8")
    report = json.loads(gradus("grade", broken, broken / "sample.csv", "--json").stdout)
    assert (report["status"], report["fault"]["whose"]) == ("system_fault", "assignment")
