"""What mutating a reference yields, and what becomes of the mutants."""

import ast
import json
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.mutants import mutants
from grader.mutation import Mutation, Tried, equivalents, try_mutant
from grader.sandbox.base import Box, GraderFailure, Limits
from grader.sandbox.fake import FakeSandbox
from grader.spec import BrokenAssignment

TINY = Path(__file__).parent / "fixtures" / "tiny"
SOURCE = '''
"""A text of 3 words."""
import torch

def norm(x: "int = 1", axis=-1):
    """Not + code."""
    if axis > 9:
        raise ValueError(f"{axis + 1} is too large")
    if axis > 2:
        axis = 2
    total = (x * x).sum(dim=axis, keepdim=True)
    total += 1
    return torch.sqrt(total) - x
'''


def changes() -> set[str]:
    return {mutant.id for mutant in mutants(SOURCE)}


@pytest.mark.parametrize(
    "change",
    [
        "norm: -1 -> 1",
        "norm: axis > 2 -> axis >= 2",
        "norm: 2 -> 3",
        "norm: x * x -> x / x",
        "norm: x * x -> x",
        "norm: (x * x).sum(dim=axis, keepdim=True) -> (x * x).mean(dim=axis, keepdim=True)",
        "norm: (x * x).sum(dim=axis, keepdim=True) -> (x * x).sum(dim=axis)",
        "norm: True -> False",
        "norm: total += 1 -> pass",
        "norm: torch.sqrt(total) - x -> torch.sqrt(total)",
        "norm: torch.sqrt(total) -> total",
        "norm: x -> axis",
    ],
)
def test_it_changes_what_students_get_wrong(change: str) -> None:
    assert change in changes()


def test_texts_annotations_and_errors_are_left_alone() -> None:
    assert not [change for change in changes() if "code" in change or "large" in change or "9" in change or "words" in change]


def test_every_mutant_is_another_program() -> None:
    found = mutants(SOURCE)
    assert len({mutant.id for mutant in found}) == len({mutant.source for mutant in found}) == len(found) > 20
    assert ast.unparse(ast.parse(SOURCE)) not in {mutant.source for mutant in found}
    assert mutants(SOURCE) == found


def test_the_score_counts_neither_equivalents_nor_hides_survivors() -> None:
    tried = [Tried(id="a", line=1, lost_in="check"), Tried(id="b", line=2), Tried(id="c", line=3, equivalent="the same number")]
    mutation = Mutation(tried=tried, stale=[])
    assert (mutation.score, mutation.killed, [one.id for one in mutation.survivors], mutation.ok) == (0.5, 1, ["b"], False)
    assert not Mutation(tried=tried[:1], stale=["gone"]).ok and Mutation(tried=tried[:1], stale=[]).ok


def test_what_could_not_be_judged_is_neither_killed_nor_a_survivor() -> None:
    mutation = Mutation(tried=[Tried(id="a", line=1, lost_in="check"), Tried(id="b", line=2, failed="no sandbox")], stale=[])
    assert (mutation.score, mutation.survivors, [one.id for one in mutation.unjudged], mutation.ok) == (1.0, [], ["b"], False)


class Failing(FakeSandbox):
    """Fails as often as it is told to, then works."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def open(self, limits: Limits) -> AbstractContextManager[Box]:
        self.left -= 1
        if self.left >= 0:
            raise GraderFailure("the machine is busy")
        return super().open(limits)


@pytest.mark.parametrize(("times", "failed"), [(1, None), (2, None), (9, "Our system failed")])
def test_a_sandbox_that_fails_gets_another_try(times: int, failed: str | None) -> None:
    mutant = next(mutant for mutant in mutants((TINY / "reference.py").read_text()) if "->" in mutant.id)
    tried = try_mutant(TINY, mutant, Failing(times))
    assert (tried.failed or "").startswith(failed or "") and bool(tried.failed) == bool(failed)
    assert bool(tried.lost_in) != bool(failed)


def test_an_equivalent_needs_a_reason(tmp_path: Path) -> None:
    assert equivalents(tmp_path) == {}
    (tmp_path / "equivalent.toml").write_text('[[mutant]]\nid = "f: 1 -> 2"\nwhy = "ok"\n')
    with pytest.raises(BrokenAssignment, match="why"):
        equivalents(tmp_path)
    (tmp_path / "equivalent.toml").write_text('[[mutant]]\nid = "f: 1 -> 2"\nwhy = "both mean the last axis"\n')
    assert equivalents(tmp_path) == {"f: 1 -> 2": "both mean the last axis"}


@pytest.fixture
def tiny_with_a_blind_spot(tmp_path: Path) -> Path:
    """The tiny assignment with a function that no check calls."""
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    with (folder / "reference.py").open("a") as file:
        file.write("\n\ndef unseen(x: Tensor, y: Tensor) -> Tensor:\n    return 3 * x - y\n")
    return folder


@pytest.mark.long
@pytest.mark.sandbox
def test_the_command_lists_what_survives_and_judges_the_share(tiny_with_a_blind_spot: Path) -> None:
    result = CliRunner().invoke(app, ["verify", str(tiny_with_a_blind_spot), "--mutate", "--json", "--workers", "1"])
    found = json.loads(result.stdout)["assignments"][tiny_with_a_blind_spot.name]
    survivors = [survivor["id"] for survivor in found["survivors"]]
    assert survivors and all(id.startswith("unseen:") for id in survivors), found
    assert found["killed"] == found["mutants"] - len(survivors) > 3
    assert (result.exit_code, found["score"] < 0.95) == (1, True)
