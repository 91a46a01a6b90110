"""Hostile and honest submissions, mixed at random, through the sandboxes of one worker: `make soak N=2000`.

    python -m tests.attacks.soak [N] [--seed S] [--on bubblewrap]

The process plays a worker's: per backend it has what `server.grading.judging` gives one, a warm sandbox that serves many
submissions (`fork`) and a pool of single-use ones (`fresh`), and judges in them one submission after the other. Half of all
submissions are hostile; of those, one in twelve waits for a limit or uses one up. One in ten goes to a single-use sandbox.

Every honest submission has to get exactly the score that it gets alone. Afterwards no process, container, file or descriptor
may be left, and the worker's memory has to be what it was after the warm-up, within a tenth.
"""

import argparse
import gc
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import torch

from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.owner import temporary_folder
from server.grading.judging import close_sandboxes, sandbox_for
from server.settings import Settings
from tests.attacks.combinations import COMBINATIONS, Combination, containers
from tests.attacks.corpus import Expected, attack_named, attacks
from tests.attacks.trial import Trial, planted, words

BACKENDS = ("bubblewrap", "docker")
HOSTILE_FRACTION = 0.5
SLOW_FRACTION = 1 / 12  # of the hostile ones
FRESH_FRACTION = 0.1  # starting a single-use sandbox takes seconds of a processor
WARM_UP_FRACTION = 0.2
DRIFT = 0.1
DESCRIPTORS = 8  # connections to an engine that are kept open
TELL_EVERY_S = 10.0
SLOW = {  # they wait for a limit, use one up, or cost a sandbox: most of those that force its replacement
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


Verdict = tuple[object, ...]


@dataclass(frozen=True)
class HandedIn:
    """One submission of a soak; `expected` is None where its author means well."""

    name: str
    files: dict[str, bytes]
    limits: dict[str, float] = field(default_factory=dict)
    expected: Expected | None = None
    isolation: Isolation = Isolation.fork

    @property
    def program(self) -> str:
        return self.name.split("[")[0]


@dataclass
class Soaked:
    """What came of the submissions that went through one worker's sandboxes."""

    backend: str
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    memory_at_start: int = 0  # the worker's, in bytes, before it had a sandbox
    memory: list[int] = field(default_factory=list)  # after each submission

    @property
    def warm_up(self) -> int:
        return max(1, int(len(self.memory) * WARM_UP_FRACTION))

    @property
    def memory_after_warm_up(self) -> int:
        return median(self.memory[self.warm_up : 2 * self.warm_up])

    @property
    def memory_at_end(self) -> int:
        return median(self.memory[-self.warm_up :])

    @property
    def drift(self) -> float:
        """How much larger the worker is at the end than after the warm-up, as a fraction."""
        return self.memory_at_end / self.memory_after_warm_up - 1

    def problems(self) -> list[str]:
        left = [f"{self.backend}: {count} {what} left" for what, count in self.left.items() if count]
        grown = len(self.memory) >= 20 and abs(self.drift) > DRIFT
        return [*self.wrong, *left, *([f"{self.backend}: the worker's memory changed by {self.drift:+.1%}"] if grown else [])]

    def lines(self) -> Iterator[str]:
        counts = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        yield f"{self.backend}: {counts}; {self.seconds / max(1, len(self.memory)):.2f} s each; {len(self.wrong)} wrong"
        if len(self.memory) >= 5:
            stages = (self.memory_at_start, self.memory_after_warm_up, self.memory_at_end)
            start, warm, end = (f"{size >> 20} MiB" for size in stages)
            yield f"  the worker's memory: {start} at the start, {warm} after the warm-up, {end} at the end ({self.drift:+.1%})"
        yield "  left: " + ", ".join(f"{count} {what}" for what, count in self.left.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--on", action="append", choices=BACKENDS)
    options = parser.parse_args()
    torch.set_num_threads(1)  # as a worker
    chosen = [backend for backend in BACKENDS if not options.on or backend in options.on]
    print(f"seed {options.seed}", flush=True)
    problems = []
    with planted():
        for backend in chosen:
            try:
                soaked = soak(backend, options.count // len(chosen), options.seed)
            except GraderFailure as failure:
                problems.append(f"{backend}: {failure}")
                continue
            print(*soaked.lines(), sep="\n", flush=True)
            problems += soaked.problems()
    print(*(problems or ["nothing left, nothing wrong"]), sep="\n")
    sys.exit(1 if problems else 0)


def plan(count: int, rng: random.Random) -> list[HandedIn]:
    """Shares are exact, so that a short soak has something of everything too; who comes when is chance."""
    hostile, fresh = round(count * HOSTILE_FRACTION), max(2, round(count * FRESH_FRACTION))
    slow = max(1, round(hostile * SLOW_FRACTION))
    chosen = [*draw(hostile_ones(slow=True), slow, rng), *draw(hostile_ones(slow=False), hostile - slow, rng)]
    chosen += draw([HandedIn(name, files) for name, files in honest().items()], count - hostile, rng)
    rng.shuffle(chosen)
    single = set(rng.sample(range(count), k=min(fresh, count)))
    return [replace(each, isolation=Isolation.fresh) if number in single else each for number, each in enumerate(chosen)]


def draw(pool: list[HandedIn], count: int, rng: random.Random) -> list[HandedIn]:
    """Each program once before any comes twice, in a variant by chance."""
    programs: dict[str, list[HandedIn]] = defaultdict(list)
    for each in pool:
        programs[each.program].append(each)
    rounds = range(-(-count // len(programs)))
    order = [name for _ in rounds for name in rng.sample(sorted(programs), len(programs))]
    return [rng.choice(programs[name]) for name in order[:count]]


def hostile_ones(*, slow: bool) -> list[HandedIn]:
    found = [attack for attack in attacks() if (attack.file in SLOW) == slow and "control" not in attack.rows]
    return [HandedIn(attack.name, attack.files, attack.limits, attack.expected) for attack in found]


def soak(backend: str, count: int, seed: int) -> Soaked:
    """Send `count` submissions through one worker's sandboxes, close them, and look at what is left."""
    soaked, rng = Soaked(backend), random.Random(f"{seed} {backend}")
    kinds = {Isolation(kind.isolation): kind for kind in COMBINATIONS if kind.backend == backend}
    settings = Settings(sandbox=backend)
    before, soaked.memory_at_start = Present.of(kinds[Isolation.fork]), psutil.Process().memory_info().rss
    with folder_of_its_own() as folder:
        try:
            trials = {isolation: Trial(kind, sandbox_for(isolation, settings)) for isolation, kind in kinds.items()}
            alone = {name: verdict(trials[Isolation.fork], HandedIn(name, files)) for name, files in honest().items()}
            _run(trials, soaked, plan(count, rng), alone)
        finally:
            close_sandboxes()
        soaked.left = Counter(remains(kinds[Isolation.fork], before))
        soaked.left["files"] = len(list(folder.iterdir()))
    return soaked


def honest() -> dict[str, dict[str, bytes]]:
    """Submissions of people who mean well; each has a verdict of its own."""
    controls = {name: attack_named(name).files for name in ("control_correct", "control_wrong", "control_empty")}
    return controls | {name: {"solution.py": text} for name, text in HALVES.items()}


def verdict(trial: Trial, handed_in: HandedIn) -> Verdict:
    report = trial.grade(handed_in.files, handed_in.limits)
    trial.recorder.forget()
    return report.status, report.score, tuple(sorted(words(report)))


def _run(trials: dict[Isolation, Trial], soaked: Soaked, planned: list[HandedIn], alone: dict[str, Verdict]) -> None:
    started = told = time.monotonic()
    for number, handed_in in enumerate(planned, start=1):
        got = verdict(trials[handed_in.isolation], handed_in)
        soaked.counts[_sort_of(handed_in)] += 1
        if not is_right(handed_in, got, alone):
            wanted = handed_in.expected or alone[handed_in.name]
            soaked.wrong.append(f"{soaked.backend} {handed_in.isolation}: {handed_in.name} got {got}, not {wanted}")
        soaked.memory.append(psutil.Process().memory_info().rss)
        soaked.seconds = time.monotonic() - started
        if time.monotonic() > told + TELL_EVERY_S:
            told, minutes = time.monotonic(), soaked.seconds / number * (len(planned) - number) / 60
            print(
                f"{soaked.backend}  {number}/{len(planned)}  {len(soaked.wrong)} wrong  about {minutes:.1f} min left",
                flush=True,
            )


def _sort_of(handed_in: HandedIn) -> str:
    who = "honest" if handed_in.expected is None else "slow hostile" if handed_in.program in SLOW else "hostile"
    return f"{who} {handed_in.isolation}"


def is_right(handed_in: HandedIn, got: Verdict, alone: dict[str, Verdict]) -> bool:
    """Who means well gets what they get alone, an attack the status and the score that it states."""
    if handed_in.expected is None:
        return got == alone[handed_in.name]
    return got[0] in handed_in.expected.statuses and int(got[1]) == handed_in.expected.score


def median(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]


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


def remains(combination: Combination, before: Present) -> dict[str, int]:
    """How much of closed sandboxes is still there."""
    deadline = time.monotonic() + 10
    while (now := Present.of(combination)).processes > before.processes and time.monotonic() < deadline:
        time.sleep(0.1)
    gc.collect()
    descriptors = psutil.Process().num_fds() - before.descriptors
    return {
        "processes": max(0, now.processes - before.processes),
        "containers": len(now.containers - before.containers),
        "descriptors": descriptors if descriptors > DESCRIPTORS else 0,
    }


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
