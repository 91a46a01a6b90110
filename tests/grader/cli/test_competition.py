"""What the terminal and the JSON say of a competition, and `gradus verify --record`."""

import io
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.cli.competition import result_lines, result_of
from grader.cli.report import show_report
from grader.competition.baselines import read_baselines
from grader.judge import judge
from grader.protocol import Job, Report
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, load_assignment

CONTEST = Path(__file__).parent.parent / "fixtures" / "contest"
TINY = CONTEST.parent / "tiny"
SEED = "ab" * 32


def gradus(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def judged(submission: Path, folder: Path = CONTEST) -> tuple[Report, Assignment]:
    return judge(Job(folder, {"solution.py": submission.read_bytes()}, SEED), sandbox=FakeSandbox()), load_assignment(folder)


@pytest.mark.sandbox
def test_the_json_adds_both_halves_and_the_points_of_the_public_score() -> None:
    linear = CONTEST / "baselines" / "linear.py"
    report = json.loads(gradus("grade", CONTEST, linear, "--json", "--seed", SEED, "--sandbox", "bubblewrap").stdout)
    found = report["competition"]
    assert (found["metric"], found["direction"], found["public"]["count"], found["private"]["count"]) == (
        "accuracy",
        "max",
        180,
        420,
    )
    assert found["public"]["low"] < found["public"]["value"] < found["public"]["high"]
    assert report["metrics"]["accuracy"] == {half: found[half]["value"] for half in ("public", "private")}
    reached = {id: entry.public.value for id, entry in read_baselines(CONTEST).items()}
    share = (found["public"]["value"] - reached["trivial"]) / (reached["reference"] - reached["trivial"])
    assert found["points"] == pytest.approx(80 * share, abs=0.01)


@pytest.mark.parametrize(("folder", "file"), [(CONTEST, "starter.py"), (TINY, "reference.py")])
def test_there_is_nothing_to_say_where_nothing_was_measured(folder: Path, file: str) -> None:
    report, assignment = judged(folder / file, folder)
    assert (result_of(report, assignment), result_lines(report, assignment)) == (None, [])


@pytest.mark.parametrize(
    ("language", "score", "points"),
    [
        ("en_US", "accuracy · public [bold]0.522[/]  [dim]95 %: 0.4", "public score: 23.55 of 100, without a bonus"),
        ("zh_CN", "accuracy · 公开部分 [bold]0.522[/]  [dim]95%：0.4", "折合 23.55 分"),
    ],
)
def test_the_terminal_says_it_in_three_lines(monkeypatch: pytest.MonkeyPatch, language: str, score: str, points: str) -> None:
    monkeypatch.setenv("LC_ALL", language)
    report, assignment = judged(CONTEST / "baselines" / "linear.py")
    _, public, private, worth = result_lines(report, assignment)
    assert score in public and points in worth and "420" in private
    console = Console(file=io.StringIO(), width=100)
    console.print(show_report(report, assignment, extra=result_lines(report, assignment)))
    shown = console.file.getvalue().splitlines()
    assert points in shown[-3] and shown[-1].startswith("contest · 100 / 100")


def test_without_recorded_baselines_the_points_are_not_known(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CONTEST, tmp_path / "contest"))
    (folder / "baselines.toml").unlink()
    report, assignment = judged(folder / "reference.py", folder)
    assert result_of(report, assignment)["points"] is None
    assert "gradus verify --record" in result_lines(report, assignment)[-1]


@pytest.mark.long
def test_baselines_are_measured_over_ten_runs_and_written(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CONTEST, tmp_path / "contest"))
    before = read_baselines(folder)
    (folder / "baselines.toml").unlink()
    result = gradus("verify", folder, "--record")
    assert result.exit_code == 0 and "contest · reference: public 0.9" in result.stdout and "over 10 runs" in result.stdout
    assert read_baselines(folder) == before


@pytest.mark.parametrize("option", ["--mutate", "--calibrate"])
def test_a_competition_has_no_right_answers_to_change_or_to_measure(option: str) -> None:
    result = gradus("verify", CONTEST, option)
    assert result.exit_code == 2 and "no right answers" in result.stderr


def test_only_competitions_have_baselines() -> None:
    assert gradus("verify", TINY, "--record").exit_code == 2


@pytest.mark.long
@pytest.mark.sandbox
def test_verify_tells_a_competition_from_a_homework() -> None:
    result = gradus("verify", CONTEST, "--json", "--seeds", "4")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (0, True)
    facts = {(fact["subject"], fact["claim"]): fact["seen"] for fact in report["assignments"]["contest"]}
    assert facts["baselines.toml", "agrees with what is measured"] == "3 baselines, recorded over 10 runs"
    assert Decimal(facts["baseline reference", "has the same score again with the same seed"][7:13]) > Decimal("0.8")


@pytest.mark.sandbox
def test_verify_proves_a_competition_by_table(by_table: Path) -> None:
    result = gradus("verify", by_table, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (0, True)
    claims = [fact["claim"] for fact in report["assignments"]["table"] if fact["subject"] == "accepted parquet.parquet"]
    assert [claim for claim in claims if claim in ("has the same result in bubblewrap", "has the same result in docker")]


def test_tables_are_recorded_without_a_spread(by_table: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(by_table, tmp_path / "table"))
    (folder / "baselines.toml").unlink()
    result = gradus("verify", folder, "--record")
    assert result.exit_code == 0 and result.stdout.splitlines()[-1] == "table · nearest: public 0.9111, private 0.8714"
    assert read_baselines(folder) == read_baselines(by_table)
