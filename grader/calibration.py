"""How tight an assignment's tolerances can be: what right answers differ by, measured against what the checks allow.

The reference and every accepted variant go through the checks under many seeds, with one thread and with two. The reference also
runs in float64 and in float32 beside itself, which shows what rounding costs. Errors are shares of the allowed one: beyond 1 a
check fails.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.utils._pytree import tree_map

from grader.checks.answers import LiveAnswers
from grader.checks.case import Case
from grader.checks.compare import allowed_error, error_of, numbers
from grader.checks.declare import Check
from grader.checks.remote import Channel
from grader.diagnosis import SECONDS, LocalBox
from grader.precision import Twins
from grader.protocol import Plain, Text
from grader.runner.wire import decode, encode
from grader.spec import Assignment, load_assignment
from grader.verify import seeds_of

SEEDS = 100
AT_ONCE = 10  # seeds that one process takes at a time
SAFETY = 10  # right answers that nobody has written down yet may be so many times worse than the worst seen
TIGHT, LOOSE = 2, 100  # a margin below the one, and a tolerance so many times the proposed one, are flagged
FINEST = {"float32": 1e-6}  # relative; to ask for more than this finds no further mistake
FINEST_OTHERWISE = 1e-13
PRECISE, COARSE = torch.float64, torch.float32
FINER = torch.finfo(PRECISE).eps / torch.finfo(COARSE).eps  # float64 is off by this share of what float32 is off by


class Stated(NamedTuple):
    """A tolerance where a check states it; the comparisons of one check that share it are judged together."""

    check: str
    dtype: str  # "float" for a Python number
    rtol: float
    atol: float


@dataclass(frozen=True)
class Seen:
    """The worst of some comparisons, and the least scale of the tolerance at which one still asks for no more than FINEST."""

    error: float = 0.0
    by: str = ""
    what: str = ""
    finest: float = 0.0

    def or_worse(self, other: "Seen") -> "Seen":
        worse = other if other.error > self.error else self
        return replace(worse, finest=max(self.finest, other.finest))


@dataclass(frozen=True)
class Runs:
    """One right answer under some seeds."""

    folder: Path
    by: str
    source: str
    seeds: tuple[str, ...]
    threads: int = 1
    precision: torch.dtype | None = None  # of the twins that answer in its place


@dataclass
class Observed:
    """What some runs came to: the worst by stated tolerance, and where a right answer failed for another reason."""

    seen: dict[Stated, Seen]
    failed: list[str]

    @property
    def is_off(self) -> bool:
        return bool(self.failed) or any(seen.error for seen in self.seen.values())

    def add(self, other: "Observed") -> None:
        for stated, seen in other.seen.items():
            self.seen[stated] = self.seen.get(stated, Seen()).or_worse(seen)
        self.failed += [failure for failure in other.failed if failure not in self.failed]


class Measured(Plain):
    """One stated tolerance: how near right answers come to it (1 would fail), who comes nearest, and what would do."""

    check: str
    dtype: str
    rtol: float
    atol: float
    error: float
    by: str
    what: str
    proposed_rtol: float
    proposed_atol: float

    @property
    def margin(self) -> float:
        """How many times the largest error is allowed."""
        return 1 / self.error if self.error else math.inf

    @property
    def looseness(self) -> float:
        """How many times the proposal is allowed."""
        proposed = self.proposed_rtol + self.proposed_atol
        return round((self.rtol + self.atol) / proposed, 6) if proposed else 1.0

    @property
    def flag(self) -> str | None:
        if self.margin < TIGHT:
            return "tight"
        return "loose" if self.looseness > LOOSE else None


class Calibration(Plain):
    """All that an assignment's checks compare within a tolerance. `failed` says what no tolerance would mend."""

    seeds: int
    measured: list[Measured]
    failed: list[str]

    @property
    def flagged(self) -> list[Measured]:
        return [one for one in self.measured if one.flag]

    @property
    def margin(self) -> float:
        return min((one.margin for one in self.measured), default=math.inf)

    @property
    def ok(self) -> bool:
        return not self.flagged and not self.failed


def calibrate(
    assignment: Assignment,
    *,
    pool: Executor,
    seeds: int = SEEDS,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> Calibration:
    """Every comparison of every check, except in those that train."""
    running = {pool.submit(observe, runs): runs for runs in _all_runs(assignment, seeds)}
    observed = Observed({}, [])
    for done, finished in enumerate(as_completed(running), start=1):
        observed.add(finished.result())
        progress(done, len(running), running[finished].by)
    places = {check.id: place for place, check in enumerate(assignment.checks)}
    stated = sorted(observed.seen, key=lambda one: (places[one.check], one))
    return Calibration(
        seeds=seeds, measured=[measured(one, observed.seen[one]) for one in stated], failed=sorted(observed.failed)
    )


def _all_runs(assignment: Assignment, count: int) -> Iterator[Runs]:
    """The reference in every way under all seeds; a variant with one thread and with two by turns."""
    seeds, source = seeds_of(assignment, count), assignment.reference_source
    for turn, start in enumerate(range(0, count, AT_ONCE)):
        runs = Runs(assignment.folder, "reference", source, tuple(seeds[start : start + AT_ONCE]))
        yield replace(runs, by="reference in float64", precision=PRECISE)
        yield replace(runs, by="reference in float32", precision=COARSE)
        yield runs
        yield replace(runs, by="reference with 2 threads", threads=2)
        for overlay in assignment.accepted:
            yield replace(runs, by=f"accepted {overlay.id}", source=assignment.submission_of(overlay), threads=1 + turn % 2)


def observe(runs: Runs) -> Observed:
    """Put one right answer through the checks that do not train; where nothing is off under the first seed, through no other."""
    assignment = load_assignment(runs.folder)
    box = TwinBox(runs.source, runs.precision) if runs.precision else ThreadedBox(runs.source, runs.threads)
    first, *others = runs.seeds
    by_check = {check: _observe_check(assignment, check, first, box, runs) for check in assignment.checks if check.diagnose}
    observed = Observed({}, [])
    for check, under_first in by_check.items():
        observed.add(under_first)
        for seed in others if under_first.is_off else ():
            observed.add(_observe_check(assignment, check, seed, box, runs))
    return observed


def _observe_check(assignment: Assignment, check: Check, seed: str, box: LocalBox, runs: Runs) -> Observed:
    channel = Channel(box, box.names, seconds=SECONDS, record=False)
    told = {"answers": LiveAnswers(assignment.reference), "variant": assignment.variant}
    case = MeasuringCase(seed=seed, check_id=check.id, channel=channel, runs=runs, **told)
    failed = []
    try:
        check.run(case)
    except Exception as error:  # also the check's own
        if not runs.precision:
            failed.append(f"{runs.by} fails {check.id}: {error} (seed {seed[:8]})")
    box.forget()
    return Observed(case.seen, failed)


class ThreadedBox(LocalBox):
    """Answers with some number of threads; the judge itself has one."""

    def __init__(self, source: str, threads: int) -> None:
        self._threads = threads
        super().__init__(source)

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            return super().request(op, payload, seconds=seconds)
        finally:
            torch.set_num_threads(before)


class TwinBox(LocalBox):
    """Answers what the source would in another precision, rounded to the dtypes that it has."""

    def __init__(self, source: str, dtype: torch.dtype) -> None:
        self._twins = Twins(dtype)
        super().__init__(source)

    def _answer(self, frame: bytes) -> bytes:
        request = decode(frame)
        with self._twins:
            reply = self._dispatcher.run(request["op"], request["payload"])
        return encode(tree_map(self._twins.leaving, reply))

    def forget(self) -> None:
        super().forget()
        self._twins.clear()


class MeasuringCase(Case):
    """A case that notes how far numbers are off instead of failing for it."""

    def __init__(self, *, runs: Runs, **rest: Any) -> None:
        super().__init__(**rest)
        self.seen: dict[Stated, Seen] = {}
        self._runs = runs

    def _same(self, actual: Any, expected: Any, rtol: float, atol: float, subject: Text) -> None:
        exact = not rtol and not atol and not self._runs.precision
        super()._same(actual, expected, rtol, 0.0 if exact else math.inf, subject)  # type, shape and what is no float
        if not rtol and not atol:
            return
        for dtype, found, wanted in numbers(actual, expected):
            stated = Stated(self.check_id, dtype, rtol, atol)
            seen = self._seen(dtype, found, wanted, rtol, atol, subject)
            self.seen[stated] = self.seen.get(stated, Seen()).or_worse(seen)

    def _seen(self, dtype: str, found: torch.Tensor, wanted: torch.Tensor, rtol: float, atol: float, subject: Text) -> Seen:
        allowed = allowed_error(wanted, rtol, atol)
        share = _largest(error_of(found, wanted) / allowed)
        if self._runs.precision is COARSE and dtype != "float32":
            share *= FINER
        finest = FINEST.get(dtype, FINEST_OTHERWISE) * wanted.abs()
        return Seen(share, self._runs.by, subject.en, _largest(finest.nan_to_num(posinf=0) / allowed))


def _largest(shares: torch.Tensor) -> float:
    """0 where there is none; nothing allowed and nothing needed is 0 as well."""
    return float(shares.nan_to_num(nan=0.0).max()) if shares.numel() else 0.0


def measured(stated: Stated, seen: Seen) -> Measured:
    """The proposal keeps the proportion of `rtol` to `atol`, which is the author's choice, and scales both."""
    scale = max(SAFETY * seen.error, seen.finest)
    return Measured(
        **stated._asdict(),
        error=seen.error,
        by=seen.by,
        what=seen.what,
        proposed_rtol=rounded_up(stated.rtol * scale),
        proposed_atol=rounded_up(stated.atol * scale),
    )


def rounded_up(value: float) -> float:
    """The next of 1, 2 and 5 times a power of ten; 0 and infinity stay what they are."""
    if not value or math.isinf(value):
        return value
    exponent = math.floor(math.log10(value))
    steps = (float(f"{digit}e{power}") for power in (exponent, exponent + 1) for digit in (1, 2, 5))
    return next(step for step in steps if step >= value)
