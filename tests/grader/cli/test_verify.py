"""`gradus verify` from the outside."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.sandbox import open_sandbox

TINY = Path(__file__).parent.parent / "fixtures" / "tiny"
DRAWN = TINY.parent / "drawn"


@pytest.mark.sandbox
def test_a_sound_assignment_exits_0_and_lists_its_facts() -> None:
    result = CliRunner().invoke(app, ["verify", str(TINY), "--json"])
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (0, True)
    facts = {(fact["subject"], fact["claim"]): fact["seen"] for fact in report["assignments"]["tiny"]}
    assert facts["reference", "earns full marks"] == "20 seeds (checks that train: 2), 100 %"
    assert facts["mistake triples", f"has the same result in {open_sandbox('auto').name}"].startswith("checks that agree: 1, in ")


@pytest.mark.long
@pytest.mark.sandbox
def test_how_many_seeds_right_answers_pass_can_be_said() -> None:
    result = CliRunner().invoke(app, ["verify", str(TINY), "--json", "--seeds", "3"])
    facts = {(fact["subject"], fact["claim"]): fact["seen"] for fact in json.loads(result.stdout)["assignments"]["tiny"]}
    assert facts["reference", "earns full marks"] == "3 seeds (checks that train: 2), 100 %"
    assert CliRunner().invoke(app, ["verify", str(TINY), "--seeds", "1"]).exit_code == 2


def test_a_folder_that_cannot_be_loaded_exits_1(tmp_path: Path) -> None:
    (tmp_path / "assignment.toml").write_text("id = 3")
    result = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert result.exit_code == 1
    assert "assignment.toml" in result.stdout.replace("\n", "")


def test_an_unknown_assignment_exits_2() -> None:
    assert CliRunner().invoke(app, ["verify", "nowhere"]).exit_code == 2


@pytest.mark.long
@pytest.mark.sandbox
def test_variants_are_proved_and_listed() -> None:
    result = CliRunner().invoke(app, ["verify", str(DRAWN), "--json", "--seeds", "2", "--variants", "3"])
    report = json.loads(result.stdout)
    facts = {fact["subject"]: fact["seen"] for fact in report["assignments"]["drawn"]}
    assert (result.exit_code, report["ok"], facts["variant: reference"]) == (0, True, "3 variants")
    assert len(report["variants"]["drawn"]) == 3 and {"seed", "constants", "operators", "work"} <= set(
        report["variants"]["drawn"][0]
    )


def test_one_variant_has_no_neighbour() -> None:
    assert CliRunner().invoke(app, ["verify", str(DRAWN), "--variants", "1"]).exit_code == 2
