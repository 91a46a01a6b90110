"""What probing a board gains: attackers who use up a quota of submissions, on boards with and without the Ladder.

    python -m bench.ladder [--quota 50 200 1000] [--seeds 5]

A real task (scikit-learn's digits, 300 of them to train on, 30 % of the others public), an honest logistic regression, and three
attackers who see of each submission what the platform would show them:

- `labels`: moves one uncertain prediction at a time to its second choice; a score that moves tells the label, and in the end the
  labels that were found join the training data. This is what carries over to the private items.
- `stairs`: made for the Ladder. It begins badly on purpose, so that a few right labels are an improvement that shows,
  and tries for group after group first, second and third choices.
- `luck`: flips random predictions and keeps every change that the board calls better. This climbs the public board alone.

Printed is by how much each half rises above the honest submission. Ends with 1 where an attacker gains 1 % or more of the private
items with the Ladder on.
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from grader.competition.baselines import rounded
from grader.competition.items import pack
from grader.competition.paired import beats
from server.leaderboard.standings import Entry, Rules, shown

TRAINED_ON, PUBLIC_SHARE, MOST_GAIN = 300, 0.3, 0.01
START = datetime(2026, 1, 1, tzinfo=UTC)
BOARDS = {
    "exact scores": Rules(),
    "3 decimals": Rules(sees=lambda value: rounded(value, 3)),
    "3 decimals, Ladder": Rules(
        sees=lambda value: rounded(value, 3), beats=lambda one, other: beats(one.items, other.items, "max")
    ),
}


@dataclass
class Task:
    """One split of the digits, and what an honest participant makes of it."""

    train: np.ndarray
    train_labels: np.ndarray
    inputs: np.ndarray
    labels: np.ndarray
    is_public: np.ndarray

    def fit(self, more: np.ndarray | None = None, more_labels: np.ndarray | None = None) -> np.ndarray:
        """(items, classes): how likely a logistic regression takes each class to be."""
        inputs = self.train if more is None else np.concatenate([self.train, more])
        labels = self.train_labels if more is None else np.concatenate([self.train_labels, more_labels])
        scaler = StandardScaler().fit(inputs)
        model = LogisticRegression(max_iter=2000).fit(scaler.transform(inputs), labels)
        return model.predict_proba(scaler.transform(self.inputs))

    def gain(self, found: np.ndarray, honest: np.ndarray) -> tuple[float, float]:
        """By how much the accuracy on the public and on the private items has risen."""
        change = (found == self.labels).astype(float) - (honest == self.labels)
        return float(change[self.is_public].mean()), float(change[~self.is_public].mean())


@dataclass
class Probe:
    """One participant's view of the board: submit, and see what it shows."""

    task: Task
    rules: Rules
    quota: int
    entries: list[Entry] = field(default_factory=list)
    best: Entry | None = None

    @property
    def is_used_up(self) -> bool:
        return len(self.entries) >= self.quota

    def submit(self, predictions: np.ndarray) -> float | None:
        """The public score, or None where the board does not show it."""
        right = (predictions == self.task.labels)[self.task.is_public]
        number = len(self.entries) + 1
        entry = Entry(
            submission_id=number, attempt=number, received_at=START + timedelta(minutes=number), run_id=number,
            value=float(right.mean()), items=pack(right.astype(np.float32)),
        )  # fmt: skip
        self.entries.append(entry)
        # What came before the best that shows can change nothing any more, so the fold need not look at it again.
        shows = shown([entry] if self.best is None else [self.best, entry], self.rules)[-1][1]
        if shows:
            self.best = entry if self.best is None or entry.value > self.best.value or self.rules.beats else self.best
        return self.rules.sees(entry.value) if shows else None


def steals_labels(task: Task, probe: Probe, rng: np.random.Generator) -> np.ndarray:
    likely = task.fit()
    order = likely.argsort(axis=1)
    honest, second = order[:, -1], order[:, -2]
    margin = np.take_along_axis(likely, order[:, -1:], 1) - np.take_along_axis(likely, order[:, -2:-1], 1)
    reference, learned = probe.submit(honest), {}
    for item in margin[:, 0].argsort():
        if probe.is_used_up:
            break
        tried = honest.copy()
        tried[item] = second[item]
        score = probe.submit(tried)
        if score is not None and reference is not None and score != reference:
            learned[item] = second[item] if score > reference else honest[item]
    if not learned:
        return honest
    items, labels = np.array(list(learned)), np.array(list(learned.values()))
    final = task.fit(task.inputs[items], labels).argmax(axis=1)
    final[items] = labels
    return final


def climbs_stairs(task: Task, probe: Probe, rng: np.random.Generator) -> np.ndarray:
    likely = task.fit()
    order = likely.argsort(axis=1)
    honest = order[:, -1]
    unsure = likely.max(axis=1).argsort()[:240]
    stands = honest.copy()
    stands[unsure] = order[unsure, 0]
    score, learned = probe.submit(stands), []
    for group in rng.permutation(unsure).reshape(-1, 8):
        for choice in (-2, -1, -3):
            tried = stands.copy()
            tried[group] = order[group, choice]
            seen = None if probe.is_used_up else probe.submit(tried)
            if seen is not None and seen > score:
                stands, score = tried, seen
                learned.append(group)
                break
    if not learned:
        return honest
    items = np.concatenate(learned)
    return task.fit(task.inputs[items], stands[items]).argmax(axis=1)


def tries_its_luck(task: Task, probe: Probe, rng: np.random.Generator) -> np.ndarray:
    likely = task.fit()
    best = likely.argmax(axis=1)
    stands = probe.submit(best)
    while not probe.is_used_up:
        tried = best.copy()
        flipped = rng.choice(len(tried), size=5, replace=False, p=spread(likely))
        tried[flipped] = [rng.choice(likely.shape[1], p=likely[item]) for item in flipped]
        score = probe.submit(tried)
        if score is not None and score > stands:
            best, stands = tried, score
    return best


def spread(likely: np.ndarray) -> np.ndarray:
    """Items in proportion to how uncertain they are."""
    doubt = 1 - likely.max(axis=1) + 1e-6
    return doubt / doubt.sum()


ATTACKS: dict[str, Callable[[Task, Probe, np.random.Generator], np.ndarray]] = {
    "labels": steals_labels,
    "stairs": climbs_stairs,
    "luck": tries_its_luck,
}


def make_task(seed: int) -> Task:
    digits, rng = load_digits(), np.random.default_rng(seed)
    order = rng.permutation(len(digits.target))
    train, rest = order[:TRAINED_ON], order[TRAINED_ON:]
    is_public = rng.random(len(rest)) < PUBLIC_SHARE
    return Task(digits.data[train], digits.target[train], digits.data[rest], digits.target[rest], is_public)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quota", type=int, nargs="+", default=[50, 200, 1000])
    parser.add_argument("--seeds", type=int, default=5)
    options, console = parser.parse_args(), Console()
    table = Table(title="gain over the honest submission, mean over seeds", title_justify="left")
    for heading in ("attack", "submissions", "board", "public", "private"):
        table.add_column(heading, justify="left" if heading in ("attack", "board") else "right")
    leaks = 0
    for name, attack in ATTACKS.items():
        for quota in options.quota:
            for board, rules in BOARDS.items():
                public, private = gains(attack, quota, rules, options.seeds)
                table.add_row(name, str(quota), board, f"{public:+.2%}", f"{private:+.2%}")
                leaks += rules.beats is not None and private >= MOST_GAIN
    console.print(table)
    sys.exit(bool(leaks))


def gains(attack: Callable, quota: int, rules: Rules, seeds: int) -> tuple[float, float]:
    found = []
    for seed in range(seeds):
        task = make_task(seed)
        final = attack(task, Probe(task, rules, quota), np.random.default_rng(seed))
        found.append(task.gain(final, task.fit().argmax(axis=1)))
    public, private = zip(*found, strict=True)
    return statistics.mean(public), statistics.mean(private)


if __name__ == "__main__":
    main()
