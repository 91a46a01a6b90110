"""Facts about the competition of pictures that `gradus verify` does not state: its data, and the handouts' numbers."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from grader.bundle import build_bundle
from grader.competition.baselines import read_baselines
from grader.competition.reward import points
from grader.spec import Assignment, load_assignment

FOLDER = Path(__file__).parents[2] / "assignments" / "final-digits"


@pytest.fixture(scope="module")
def digits() -> Assignment:
    return load_assignment(FOLDER)


@pytest.fixture(scope="module")
def data(digits: Assignment) -> ModuleType:
    return importlib.import_module(f"{digits.reference.__package__}.data")


@pytest.fixture(scope="module")
def handouts() -> tuple[str, str]:
    return tuple((FOLDER / f"handout.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh"))


def test_what_students_pull_is_what_fit_gets(data: ModuleType) -> None:
    train = data.contest().train
    with np.load(FOLDER / "data" / "train.npz") as pulled:
        assert {name: str(pulled[name].dtype) for name in pulled.files} == {"inputs": "uint8", "labels": "int64"}
        assert all(np.array_equal(pulled[name], train[name].numpy()) for name in ("inputs", "labels"))


def test_the_counts_are_those_of_the_handouts(data: ModuleType, handouts: tuple[str, str]) -> None:
    contest = data.contest()
    assert contest.train["inputs"].shape == (2400, 16, 16) and contest.train["labels"].bincount().tolist() == [240] * 10
    assert contest.inputs.shape == (2000, 16, 16) and contest.labels.bincount().tolist() == [200] * 10
    assert (int(contest.is_public.sum()), int((~contest.is_public).sum())) == (600, 1400)
    assert int(contest.inputs.max()) == 15
    assert all(str(number) in text for text in handouts for number in ("(2400, 16, 16)", 240, 2000, 600, 1400, 15))


def test_the_first_picture_is_the_one_of_the_handouts(data: ModuleType, handouts: tuple[str, str]) -> None:
    first = data.contest().train["inputs"][0].long()
    assert int(data.contest().train["labels"][0]) == 3
    assert (int((first > 0).sum()), int(first.max()), int(first.sum())) == (125, 13, 583)
    assert all(number in text for text in handouts for number in ("125", "13", "583"))


def test_no_picture_is_one_of_the_public_data_set_or_occurs_twice(data: ModuleType) -> None:
    contest = data.contest()
    pictures = torch.cat([contest.train["inputs"], contest.inputs]).flatten(1)
    assert len(pictures.unique(dim=0)) == 4400
    assert len({bytes(row) for row in pictures.numpy()}) == 4400


def test_a_picture_is_the_same_digit_upright_and_turned(data: ModuleType) -> None:
    """The sheet's middle is the digit's; without turn, scale or shift the 8 by 8 pixels stand in it as they are."""
    digit = np.random.default_rng(0).random((8, 8))
    laid = data._laid(digit, angle=0.0, scale=1.0, shift=np.zeros(2))
    assert np.allclose(laid[4:12, 4:12], digit) and laid[:3].sum() == 0
    quarter = data._laid(digit, angle=np.pi / 2, scale=1.0, shift=np.zeros(2))
    assert np.allclose(quarter[4:12, 4:12], np.rot90(digit)) or np.allclose(quarter[4:12, 4:12], np.rot90(digit, -1))


def test_other_pictures_than_those_that_were_measured_are_refused(data: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "SEED", "00")
    with pytest.raises(RuntimeError, match="makes other pictures"):
        data.made()


def test_the_worked_interval_is_that_of_the_handouts(handouts: tuple[str, str]) -> None:
    error = (0.86 * 0.14 / 600) ** 0.5
    assert [f"{error:.4f}", f"{0.86 - 1.96 * error:.2f}", f"{0.86 + 1.96 * error:.2f}"] == ["0.0142", "0.83", "0.89"]
    assert all(number in text for text in handouts for number in ("0.0142", "0.83", "0.89"))


def test_the_baselines_and_the_worked_points_are_those_of_the_handouts(digits: Assignment, handouts: tuple[str, str]) -> None:
    reached = {id: round(entry.public.value, 2) for id, entry in read_baselines(FOLDER).items()}
    assert reached == {"trivial": 0.1, "linear": 0.51, "reference": 0.86}
    worth = points(0.80, None, reward=digits.competition.reward, baselines=reached, direction="max").total
    assert worth == 79
    assert all(number in text for text in handouts for number in ("0.10", "0.51", "0.86", "0.80", "79"))


def test_the_rules_are_those_of_the_handouts(digits: Assignment, handouts: tuple[str, str]) -> None:
    board, quota = digits.competition, digits.submissions
    assert (board.counts, board.ladder, board.decimals, board.team_size, board.freeze_h) == ("best", True, 3, 3, 24)
    assert (board.scored_per_day, board.scored, quota.per_day, quota.attempts) == (6, 60, 20, 120)
    assert [(cutoff.at, cutoff.points) for cutoff in board.reward.cutoffs] == [
        ("trivial", 0), ("linear", 50), ("reference", 85), (0.94, 95),
    ]  # fmt: skip
    assert (board.reward.minimum, board.reward.top) == (20, [5, 4, 3, 2, 1])
    english, chinese = handouts
    assert "6 scored runs a day and 60 in all, besides 20 attempts a day and 120 in all" in english
    assert "每天 6 次、总共 60 次有成绩的运行；尝试每天 20 次、总共 120 次" in chinese
    assert "last 24 hours" in english and "最后 24 小时" in chinese
    for text in handouts:
        assert all(f"| {points} |" in text for points in (0, 50, 85, 95, 10, 90)) and "90" in text and "60" in text


def test_the_time_that_is_promised_is_less_than_what_a_run_gets(digits: Assignment) -> None:
    run = digits.checks[-1]
    module = importlib.import_module(run.run.__module__)
    assert module.BUDGET["seconds"] < run.seconds < digits.limits.wall_s - digits.checks[0].seconds
    assert module.BUDGET["memory_bytes"] == digits.limits.memory_bytes


def test_students_get_the_training_pictures_and_not_where_the_test_comes_from(digits: Assignment) -> None:
    files = build_bundle(digits)
    assert {"data/train.npz", "starter.py", "handout.en.md", "public_checks.py"} <= files.keys()
    assert not [name for name in files if name in ("data.py", "reference.py") or "baselines" in name]
    assert digits.reference.__package__.encode() not in files["public_checks.py"]
    assert b"contest" not in files["public_checks.py"] and b"compete" not in files["public_checks.py"]
    assert not [name for name, content in files.items() if data_seed(FOLDER).encode() in content]


def data_seed(folder: Path) -> str:
    text = (folder / "data.py").read_text(encoding="utf-8")
    return text.split('SEED = "')[1].split('"')[0]
