"""`gradus similarity`: what a person sees, what a program reads, and what is refused."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from grader.cli import app
from tests.grader.similarity import works as given


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "class"
    place.mkdir()
    for name, code in given.HONEST.items():
        (place / f"{name}.py").write_text(code, encoding="utf-8")
    (place / "zoe").mkdir()
    (place / "zoe" / "solution.py").write_text(given.RENAMED, encoding="utf-8")
    return place


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["similarity", *map(str, arguments)], env={"LANG": "en", "LC_ALL": "en", "COLUMNS": "120"})


def test_csv_lists_every_pair_once_the_most_similar_first(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(folder, "--csv").stdout)))
    assert len(rows) == 9 * 8 / 2
    assert list(rows[0]) == ["left", "right", "similarity"]
    assert {rows[0]["left"], rows[0]["right"]} == {"ada.py", "zoe"}
    values = [float(row["similarity"]) for row in rows]
    assert values == sorted(values, reverse=True)
    assert 0 <= values[-1] <= values[0] <= 1


def test_json_says_the_same(folder: Path) -> None:
    listed = json.loads(run(folder, "--json", "--at-least", "0.5").stdout)
    assert listed["works"] == 9
    assert [{pair["left"], pair["right"]} for pair in listed["pairs"]] == [{"ada.py", "zoe"}]


def test_a_person_sees_the_first_pairs_and_what_to_do_next(folder: Path) -> None:
    shown = run(folder).stdout
    assert "zoe" in shown
    assert "--html" in shown


def test_the_report_is_one_file_that_loads_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "zoe" / "solution.py").write_text(given.RENAMED + "\nnote = '<script>alert(1)</script>'\n", encoding="utf-8")
    assert run(folder, "--html", tmp_path / "report.html").exit_code == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "src=" not in text
    assert 'href="http' not in text
    assert "&lt;script&gt;" in text
    assert "ada.py – zoe" in text


def test_the_report_speaks_chinese_where_the_reader_does(folder: Path, tmp_path: Path) -> None:
    CliRunner().invoke(app, ["similarity", str(folder), "--html", str(tmp_path / "r.html")], env={"LC_ALL": "zh_CN.UTF-8"})
    assert "相似的作业" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_archive_and_template_are_taken(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "2024"
    old.mkdir()
    (old / "yan.py").write_text(given.REORDERED, encoding="utf-8")
    (tmp_path / "starter.py").write_text(given.TEMPLATE, encoding="utf-8")
    listed = json.loads(run(folder, "--archive", old, "--template", tmp_path / "starter.py", "--json", "--at-least", 0.5).stdout)
    assert {frozenset((pair["left"], pair["right"])) for pair in listed["pairs"]} >= {frozenset(("ada.py", "2024/yan.py"))}


def test_archives_that_end_alike_are_told_apart(folder: Path, tmp_path: Path) -> None:
    for term in ("2023", "2024"):
        (tmp_path / term / "works").mkdir(parents=True)
        (tmp_path / term / "works" / "yan.py").write_text(given.REORDERED, encoding="utf-8")
    archives = [word for term in ("2023", "2024") for word in ("--archive", tmp_path / term / "works")]
    listed = json.loads(run(folder, *archives, "--json", "--at-least", 0.1).stdout)["pairs"]
    assert len({pair["right"] for pair in listed if pair["right"].endswith("/yan.py")}) == 2


def test_a_report_that_cannot_be_written_is_refused(folder: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "missing" / "report.html", tmp_path):
        answer = run(folder, "--html", place)
        assert answer.exit_code == 2
        assert "next:" in answer.stderr


def test_a_second_run_with_a_cache_says_the_same_and_reads_no_code(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "broken.ipynb").write_text("{", encoding="utf-8")
    first = run(folder, "--csv", "--cache", tmp_path / "kept")
    monkeypatch.setattr("grader.similarity.folders.fingerprint", None)
    second = run(folder, "--csv", "--cache", tmp_path / "kept")
    assert second.stdout == first.stdout
    assert "broken.ipynb" in second.stderr
    assert len(list((tmp_path / "kept").iterdir())) == len({path.read_bytes() for path in folder.rglob("*") if path.is_file()})


def test_what_changed_or_was_damaged_is_read_anew(folder: Path, tmp_path: Path) -> None:
    run(folder, "--csv", "--cache", tmp_path / "kept")
    for path in (tmp_path / "kept").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    (folder / "zoe" / "solution.py").write_text(given.EMIL, encoding="utf-8")
    again = run(folder, "--csv", "--cache", tmp_path / "kept")
    assert again.exit_code == 0
    assert again.stdout == run(folder, "--csv").stdout
    assert {"emil.py", "zoe"} == set(again.stdout.splitlines()[1].split(",")[:2])


def test_a_cache_that_is_a_file_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("", encoding="utf-8")
    answer = run(folder, "--cache", tmp_path / "kept")
    assert answer.exit_code == 2
    assert "next:" in answer.stderr


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda place: place / "missing", "is not a folder"),
        (lambda place: place, "holds no .py, .ipynb or .zip"),
        (lambda place: (place / "one.py").write_text("x = 1\n") and place, "one student only"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_next_step(tmp_path: Path, prepare: object, says: str) -> None:
    answer = run(prepare(tmp_path))  # type: ignore[operator]
    assert answer.exit_code == 2
    assert says in answer.stderr
    assert "next:" in answer.stderr


def test_a_file_that_cannot_be_read_is_said_and_the_others_are_compared(folder: Path) -> None:
    (folder / "broken.ipynb").write_text("{", encoding="utf-8")
    answer = run(folder, "--csv")
    assert answer.exit_code == 0
    assert "broken.ipynb" in answer.stderr
    assert len(answer.stdout.splitlines()) == 1 + 10 * 9 / 2
