"""Hostile and honest submissions, mixed at random, through one sandbox of each kind as one worker would: `make soak N=2000`.

    python -m tests.attacks.soak [N] [--seed S] [--on "bubblewrap fork"]

Every honest submission has to get exactly the score that it gets alone. Afterwards no process, container, file or descriptor
may be left, and the judge's memory has to be what it was after the warm-up, within a tenth.
"""

import argparse
import gc
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from grader.sandbox.base import GraderFailure
from grader.sandbox.owner import temporary_folder
from tests.attacks.combinations import COMBINATIONS, Combination, containers
from tests.attacks.corpus import Attack, attack_named, attacks
from tests.attacks.trial import Trial, planted, words

HOSTILE_FRACTION = 0.5
WARM_UP_FRACTION = 0.2
DRIFT = 0.1
DESCRIPTORS = 8  # connections to an engine that are kept open
FRESH_SHARE = 50  # one in so many goes to each single-use kind: starting one takes seconds
SLOW = {  # they wait for a limit, or the verdict of a burst takes a while
    "asks_for_100_gigabytes", "complains_without_end", "crashes_in_a_call", "downloads_an_answer", "drips_its_reply",
    "drips_output", "fills_folders", "forges_a_reply", "forks_by_other_calls", "forks_without_end", "grows_in_children",
    "grows_shared_memory", "grows_without_end", "holds_the_interpreter", "ignores_signals", "loops_for_ever",
    "prints_without_end", "raises_a_bomb", "raises_enormous_errors", "reads_every_file", "recurses_without_end",
    "returns_itself_forever", "searches_its_memory", "sleeps", "starts_threads_without_end", "stops_itself", "stops_the_clocks",
    "takes_memory_in_other_ways", "tries_every_seed",
}  # fmt: skip
HALVES = {
    "only_doubles": b"def double(x): return x + x\ndef affine(x, w): return (x @ w) * 0\n",
    "only_maps": b"def double(x): return x * 0\ndef affine(x, w): return x @ w + 1\n",
    "prints_and_is_right": b"def double(x): print(x); return x + x\ndef affine(x, w): print(w); return x @ w + 1\n",
    "cannot_be_read": b"def double(x: return x\n",
}


@dataclass
class Soaked:
    """What came of the submissions that went through one sandbox."""

    combination: Combination
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    memory: list[int] = field(default_factory=list)  # the judge's, in bytes, after each submission

    @property
    def drift(self) -> float:
        """How much larger the judge is at the end than after the warm-up, as a fraction."""
        count = max(1, int(len(self.memory) * WARM_UP_FRACTION))
        before, after = (sorted(part)[len(part) // 2] for part in (self.memory[count : 2 * count], self.memory[-count:]))
        return after / before - 1

    def __str__(self) -> str:
        pace = self.seconds / max(1, sum(self.counts.values()))
        counts = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        memory = f"{self.memory[-1] >> 20} MiB, {self.drift:+.1%}" if len(self.memory) >= 5 else "too few to tell"
        return f"{self.combination}: {counts}; {pace:.2f} s each; the judge's memory {memory}; {len(self.wrong)} wrong"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--on", action="append", choices=[str(combination) for combination in COMBINATIONS])
    options = parser.parse_args()
    chosen = [combination for combination in COMBINATIONS if not options.on or str(combination) in options.on]
    print(f"seed {options.seed}", flush=True)
    problems = []
    with planted():
        for combination, count in shares(options.count, chosen):
            try:
                soaked, left = soak(combination, count, options.seed)
            except GraderFailure as failure:
                problems.append(f"{combination}: {failure}")
                continue
            print(soaked, flush=True)
            problems += [*soaked.wrong, *left, *too_large(soaked)]
    print(*(problems or ["nothing left, nothing wrong"]), sep="\n")
    sys.exit(1 if problems else 0)


def shares(count: int, chosen: list[Combination]) -> Iterator[tuple[Combination, int]]:
    """How many of the submissions each kind of sandbox gets."""
    warm = [combination for combination in chosen if combination.isolation == "fork"]
    single = max(2, count // FRESH_SHARE) if warm else count // len(chosen)
    rest = count - single * (len(chosen) - len(warm))
    yield from ((combination, rest // len(warm) if combination in warm else single) for combination in chosen)


def soak(combination: Combination, count: int, seed: int) -> tuple[Soaked, list[str]]:
    """Send `count` submissions through one sandbox; returns what came of them, and what was left after it was closed."""
    soaked, rng = Soaked(combination), random.Random(f"{seed} {combination}")
    hostile = [attack for attack in attacks() if attack.file not in SLOW and "control" not in attack.rows]
    before = Present.of(combination)
    with folder_of_its_own() as folder:
        sandbox = combination.open()
        try:
            trial = Trial(combination, sandbox)
            alone = {name: verdict(trial, files) for name, files in honest().items()}
            _run(trial, soaked, rng.choices(hostile, k=count), alone, rng)
        finally:
            sandbox.close()
        left = [f"{combination}: the file {path.name} is left" for path in folder.iterdir()]
    return soaked, [*left, *remains(combination, before)]


def honest() -> dict[str, dict[str, bytes]]:
    """Submissions of people who mean well; each has a verdict of its own."""
    controls = {name: attack_named(name).files for name in ("control_correct", "control_wrong", "control_empty")}
    return controls | {name: {"solution.py": text} for name, text in HALVES.items()}


def verdict(trial: Trial, files: dict[str, bytes]) -> tuple[object, ...]:
    report = trial.grade(files)
    trial.recorder.forget()
    return report.status, report.score, tuple(sorted(words(report)))


def _run(trial: Trial, soaked: Soaked, hostile: list[Attack], alone: dict[str, tuple[object, ...]], rng: random.Random) -> None:
    started, files = time.monotonic(), honest()
    for attack in hostile:
        if rng.random() < HOSTILE_FRACTION:
            soaked.counts["hostile"] += 1
            report = trial.grade(attack.files, attack.limits)
            if report.status not in attack.expected.statuses or int(report.score) != attack.expected.score:
                soaked.wrong.append(f"{soaked.combination}: {attack.name} got {report.status} with {report.score}")
        else:
            name = rng.choice(sorted(alone))
            soaked.counts["honest"] += 1
            if (got := verdict(trial, files[name])) != alone[name]:
                soaked.wrong.append(f"{soaked.combination}: {name} got {got}, alone it gets {alone[name]}")
        trial.recorder.forget()
        soaked.memory.append(psutil.Process().memory_info().rss)
    soaked.seconds = time.monotonic() - started


@dataclass(frozen=True)
class Present:
    """What this process has at one moment."""

    processes: int
    containers: frozenset[str]
    descriptors: int

    @classmethod
    def of(cls, combination: Combination) -> "Present":
        kept = frozenset(containers()) if combination.backend == "docker" else frozenset()
        return cls(combination.processes(), kept, psutil.Process().num_fds())


def remains(combination: Combination, before: Present) -> Iterator[str]:
    """What of a closed sandbox is still there."""
    deadline = time.monotonic() + 10
    while (now := Present.of(combination)).processes > before.processes and time.monotonic() < deadline:
        time.sleep(0.1)
    if now.processes > before.processes:
        yield f"{combination}: {now.processes - before.processes} processes are left"
    if kept := now.containers - before.containers:
        yield f"{combination}: {len(kept)} containers are left"
    gc.collect()
    if (open_now := psutil.Process().num_fds()) > before.descriptors + DESCRIPTORS:
        yield f"{combination}: {open_now - before.descriptors} descriptors are left"


def too_large(soaked: Soaked) -> list[str]:
    if len(soaked.memory) < 20 or abs(soaked.drift) <= DRIFT:
        return []
    return [f"{soaked.combination}: the judge's memory changed by {soaked.drift:+.1%}"]


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """Where this process makes its temporary files while the block lasts."""
    before = tempfile.tempdir
    with temporary_folder("soak") as ours:
        folder = ours / "files"  # nothing is in there but what is made there
        folder.mkdir()
        tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = before


if __name__ == "__main__":
    main()
