"""Facts about the competition of words that `gradus verify` does not state: its data, and the handouts' numbers."""

import csv
import importlib
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from grader.bundle import build_bundle
from grader.competition.baselines import read_baselines
from grader.competition.metrics import METRICS
from grader.competition.reward import points
from grader.spec import Assignment, load_assignment

FOLDER = Path(__file__).parents[2] / "assignments" / "final-names"


@pytest.fixture(scope="module")
def names() -> Assignment:
    return load_assignment(FOLDER)


@pytest.fixture(scope="module")
def data(names: Assignment) -> ModuleType:
    return importlib.import_module(f"{names.reference.__package__}.data")


@pytest.fixture(scope="module")
def handouts() -> tuple[str, str]:
    return tuple((FOLDER / f"handout.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh"))


def test_what_students_pull_is_what_fit_gets(data: ModuleType) -> None:
    with (FOLDER / "data" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    train = data.contest().train
    assert [row["word"] for row in rows] == train["inputs"]
    assert [int(row["language"]) for row in rows] == train["labels"].tolist()


def test_the_counts_are_those_of_the_handouts(data: ModuleType, handouts: tuple[str, str]) -> None:
    contest = data.contest()
    train, counts = contest.train, contest.train["labels"].bincount()
    assert (len(train["inputs"]), int(counts.min()), int(counts.max())) == (3670, 314, 425)
    assert (len(contest.inputs), int(contest.is_public.sum()), int((~contest.is_public).sum())) == (3002, 900, 2102)
    everything = train["inputs"] + contest.inputs
    assert len(set(everything)) == len(everything) and {len(word) for word in everything} == {4, 5, 6, 7, 8}
    assert set("".join(everything)) <= set("abcdefghijklmnopqrstuvwxyz")
    assert int(contest.labels.max()) == 9
    assert all(number in text for text in handouts for number in ("3670", "314", "425", "3002", "900", "2102"))


def test_the_first_word_and_the_most_frequent_letter_are_those_of_the_handouts(
    data: ModuleType, handouts: tuple[str, str]
) -> None:
    train = data.contest().train
    assert (train["inputs"][0], int(train["labels"][0])) == ("yozkulhc", 9)
    assert Counter("".join(train["inputs"])).most_common(1) == [("s", 3952)]
    assert all(told in text for text in handouts for told in ("yozkulhc,9", "`s`", "3952"))


def test_the_script_hides_the_names(data: ModuleType) -> None:
    """A list of the real names finds next to none of the words."""
    known = {name[start : start + 8] for name, _ in data._names() for start in range(max(1, len(name) - 7))}
    words = data.contest().inputs
    assert sum(word in known for word in words) < 0.01 * len(words)


def test_every_letter_is_always_replaced_by_the_same(data: ModuleType) -> None:
    """Most words are still there after the letters have been put back, so there is something to learn."""
    import random
    import string

    key = random.Random(data.SEED).sample(string.ascii_lowercase, 26)
    back = str.maketrans("".join(key), string.ascii_lowercase)
    known = {name[start : start + 8] for name, _ in data._names() for start in range(max(1, len(name) - 7))}
    share = np.mean([word.translate(back) in known for word in data.contest().inputs])
    assert 0.6 < share < 0.8  # 0.95^8 is 0.66: of a word of eight letters as many are without a slip


def test_other_words_than_those_that_were_measured_are_refused(data: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "LANGUAGES", ("cy", "et"))
    with pytest.raises(RuntimeError, match="makes other words"):
        data.made()


def test_the_worked_balanced_accuracy_is_that_of_the_handouts(handouts: tuple[str, str]) -> None:
    labels, found = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0])
    assert METRICS["accuracy"].items(found, labels).mean() == pytest.approx(0.6)
    assert METRICS["balanced_accuracy"].items(found, labels).mean() == pytest.approx(0.5833, abs=5e-5)
    assert all("3/5 = 0.6" in text and "0.5833" in text for text in handouts)


def test_the_baselines_and_the_worked_points_are_those_of_the_handouts(names: Assignment, handouts: tuple[str, str]) -> None:
    kept = read_baselines(FOLDER)
    reached = {id: round(entry.public.value, 2) for id, entry in kept.items()}
    assert reached == {"trivial": 0.1, "linear": 0.43, "reference": 0.64}
    assert round(kept["reference"].public.high - kept["reference"].public.low, 2) == 0.06
    assert points(0.61, None, reward=names.competition.reward, baselines=reached, direction="max").total == 80
    assert all(number in text for text in handouts for number in ("0.10", "0.43", "0.64", "0.61", "80", "0.06"))


def test_the_rules_are_those_of_the_handouts(names: Assignment, handouts: tuple[str, str]) -> None:
    board, quota = names.competition, names.submissions
    assert (board.counts, board.chosen, board.ladder, board.decimals, board.team_size, board.freeze_h) == (
        "chosen",
        2,
        False,
        3,
        3,
        12,
    )
    assert (board.scored_per_day, board.scored, quota.per_day, quota.attempts) == (4, 40, 20, 120)
    assert [(cutoff.at, cutoff.points) for cutoff in board.reward.cutoffs] == [
        ("trivial", 0), ("linear", 50), ("reference", 85), (0.75, 95),
    ]  # fmt: skip
    english, chinese = handouts
    assert "4 scored runs a day and 40 in all, besides 20 attempts a day and 120 in all" in " ".join(english.split())
    assert "每天 4 次、总共 40 次有成绩的运行；尝试每天 20 次、总共 120 次" in chinese
    assert "last 12 hours" in english and "最后 12 小时" in chinese
    assert "at most two submissions" in english and "最多两次提交" in chinese


def test_pairs_of_letters_reach_what_the_handouts_say(names: Assignment, data: ModuleType, handouts: tuple[str, str]) -> None:
    """The one number of the handouts that no recorded baseline has."""
    contest, scope = data.contest(), {}
    overlay = next(accepted for accepted in names.accepted if accepted.id == "pairs_of_letters")
    exec(names.submission_of(overlay), scope)
    found = scope["predict"](scope["fit"](dict(contest.train), {}), contest.inputs)
    assert contest.score(found).public.value == pytest.approx(0.59, abs=0.005)
    assert all("0.59" in text for text in handouts)


def test_students_get_the_training_words_and_not_where_the_test_comes_from(names: Assignment, data: ModuleType) -> None:
    files = build_bundle(names)
    assert {"data/train.csv", "starter.py", "handout.zh.md", "public_checks.py"} <= files.keys()
    assert not [name for name in files if name in ("data.py", "reference.py") or "baselines" in name]
    assert not [name for name, content in files.items() if data.SEED.encode() in content]
    assert torch.equal(data.contest().train["labels"], data._labels(data.made()[0]))
