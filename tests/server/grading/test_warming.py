"""A worker is warm for what it may get, before it gets it."""

import shutil
from pathlib import Path

import pytest

from grader.sandbox.base import Isolation
from server.grading.warming import isolations, wanted_isolations
from server.settings import Settings

FORK, FRESH = Isolation.fork, Isolation.fresh
MLP = Path(__file__).parents[3] / "assignments" / "mlp"


def write(root: Path, name: str, *changes: tuple[str, str]) -> None:
    shutil.copytree(MLP, root / name)
    text = (
        (MLP / "assignment.toml")
        .read_text(encoding="utf-8")
        .replace('id = "mlp"', f'id = "{name}"', 1)
        .replace('isolation = "fork"\n', "")
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (root / name / "assignment.toml").write_text(text, encoding="utf-8")


EXAM, ON_GPU = ('kind = "homework"', 'kind = "exam"'), ('device = "cpu"', 'device = "cuda"')


def test_an_exam_among_the_assignments_is_warmed_for(tmp_path: Path) -> None:
    settings = Settings(assignments=tmp_path)
    assert isolations(settings) == [FORK]
    write(tmp_path, "midterm", EXAM)
    assert isolations(settings) == [FRESH]
    write(tmp_path, "week1")
    assert isolations(settings) == [FORK, FRESH]


def test_what_runs_on_gpus_alone_or_is_broken_asks_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, "midterm", EXAM, ON_GPU)
    write(tmp_path, "final", EXAM, ("module = ", "module ! "))
    assert isolations(Settings(assignments=tmp_path)) == [FORK]


def test_an_operator_may_say_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "midterm", EXAM)
    monkeypatch.setenv("GRADUS_WARM_ISOLATIONS", "fork")
    assert isolations(Settings(assignments=tmp_path)) == [FORK]
    monkeypatch.setenv("GRADUS_WARM_ISOLATIONS", "fresh, fork")
    assert isolations(Settings(assignments=tmp_path)) == [FORK, FRESH]
    monkeypatch.setenv("GRADUS_WARM_ISOLATIONS", "")
    assert isolations(Settings(assignments=tmp_path)) == [FRESH]


def test_an_exam_is_warmed_for_as_it_will_be_judged_whatever_its_manifest_says(tmp_path: Path) -> None:
    write(tmp_path, "midterm", ('kind = "homework"', 'kind = "exam"\nisolation = "fork"'))
    assert isolations(Settings(assignments=tmp_path)) == [FRESH]


@pytest.mark.parametrize("warm", [None, [FORK]])
def test_a_worker_for_exams_alone_keeps_nothing_else_warm(tmp_path: Path, warm: list[Isolation] | None) -> None:
    write(tmp_path, "week1")
    settings = Settings(assignments=tmp_path, warm_isolations=warm)
    assert wanted_isolations(settings, taken=["exam"]) == wanted_isolations(settings, taken=["exam_gpu", "exam"]) == [FRESH]
    assert wanted_isolations(settings, taken=["maintenance", "cpu", "exam"]) == [FORK]
    assert wanted_isolations(settings, taken=["maintenance"]) == [FORK]
