"""Facts about a competition that hold for code and for tables alike: what the board ranks by, and where the baselines stand."""

import importlib
import statistics
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from grader.competition import bootstrap
from grader.competition.baselines import Half, NotRecorded, Recorded, read_baselines
from grader.competition.contest import Contest
from grader.competition.items import unpack
from grader.competition.metrics import METRICS
from grader.protocol import Measure, Report
from grader.sandbox.base import Sandbox
from grader.spec import Assignment, BrokenAssignment
from grader.verify import Fact, judge_files, not_graded, patient

HALVES = "public", "private"
DEVIATIONS = 3  # of the training, by which a recorded score may be off, besides half an interval
TOLD = 100  # characters of a sentence to a student


@dataclass(frozen=True)
class Run:
    """One submission judged once, in a process of its own."""

    folder: Path
    kind: str  # baseline, accepted, mistake, trivial; starter, or sample of a table
    id: str
    file: str
    data: bytes
    seed: str
    is_again: bool = False  # once more

    @property
    def subject(self) -> str:
        return f"{self.kind} {self.id}" if self.kind != self.id else self.id

    @property
    def is_tried_for_real(self) -> bool:
        """In the real sandbox too: who reaches most, and who has written nothing."""
        return self.kind == "starter" or (self.id == "reference" and not self.is_again)

    def judged(self, assignment: Assignment, sandbox: Sandbox) -> Report:
        """With time limits that a busy machine does not reach."""
        return judge_files(patient(assignment), {self.file: self.data}, self.seed, sandbox)


Reports = Mapping[Run, Report]


def contest_of(assignment: Assignment) -> Contest:
    """What the assignment's data.py makes."""
    path = assignment.folder / "data.py"
    if not path.is_file():
        raise BrokenAssignment(path, "is missing: it has to hold `def contest() -> Contest`")
    try:
        return importlib.import_module(f"{assignment.package}.data").contest()
    except Exception as error:
        raise BrokenAssignment(path, f"makes no contest: {type(error).__name__}: {error}") from error


def reports_of(id: str, reports: Reports) -> list[Report]:
    """Those of a baseline, a seed each, in the order of the seeds."""
    found = {run.seed: report for run, report in reports.items() if (run.kind, run.id) == ("baseline", id) and not run.is_again}
    return [found[seed] for seed in sorted(found)]


def prove_order(assignment: Assignment, measured: Mapping[str, Sequence[Report]]) -> Fact:
    """The weaker one's best run is below the stronger one's worst, intervals included."""
    sign = 1 if assignment.leaderboard.direction == "max" else -1
    problems = []
    for (weak, weaker), (strong, stronger) in pairwise(measured.items()):
        for half in HALVES:
            highest = max(max(sign * half_of(report, half).low, sign * half_of(report, half).high) for report in weaker)
            lowest = min(min(sign * half_of(report, half).low, sign * half_of(report, half).high) for report in stronger)
            if highest >= lowest:
                problems.append(f"{half}: {weak} reaches {sign * highest:.4f}, {strong} goes down to {sign * lowest:.4f}")
    seen = " < ".join(f"{id} {statistics.mean(half_of(r, 'public').value for r in found):.4f}" for id, found in measured.items())
    claim = "stand in the order of the assignment.toml, apart beyond their intervals"
    return Fact(subject="baselines", claim=claim, ok=not problems, seen=first_of(problems, seen))


def prove_record(assignment: Assignment, measured: Mapping[str, Sequence[Report]]) -> Fact:
    try:
        kept = read_baselines(assignment.folder)
    except NotRecorded as error:
        return Fact(subject="baselines.toml", claim="agrees with what is measured", ok=False, seen=str(error))
    problems = [f"{id}: is not in it, or not in assignment.toml" for id in kept.keys() ^ measured.keys()]
    for id in kept.keys() & measured.keys():
        now = recorded(id, measured[id])
        for half in HALVES:
            then, found = getattr(kept[id], half), getattr(now, half).value
            allowed = DEVIATIONS * kept[id].spread + (then.high - then.low) / 2
            if abs(found - then.value) > allowed:
                problems.append(f"{id}: {half} {found:.4f} is measured, {then.value:.4f} is recorded (± {allowed:.4f})")
    seen = f"{len(kept)} baselines, recorded over {_runs(min((entry.runs for entry in kept.values()), default=0))}"
    return Fact(
        subject="baselines.toml", claim="agrees with what is measured", ok=not problems, seen=first_of(sorted(problems), seen)
    )


def recorded(id: str, found: Sequence[Report]) -> Recorded:
    """Means over the runs."""

    def mean(half: str) -> Half:
        measures = [half_of(report, half) for report in found]
        return Half(
            **{name: statistics.mean(getattr(measure, name) for measure in measures) for name in ("value", "low", "high")}
        )

    values = [half_of(report, "public").value for report in found]
    spread = statistics.stdev(values) if len(values) > 1 else 0.0  # of a table, which is judged once: nothing varies
    return Recorded(id=id, public=mean("public"), private=mean("private"), spread=spread, runs=len(found))


def is_better(assignment: Assignment, one: Report, other: Report) -> list[bool]:
    """On each half, beyond what drawing the same items again may give."""
    if one.measured is None or other.measured is None:
        return [one.measured is not None]
    metric, direction = contest_of(assignment).metric, assignment.leaderboard.direction
    drawn = [[_replicates(metric, half_of(report, half)) for report in (one, other)] for half in HALVES]
    return [bootstrap.is_better(left, right, direction) for left, right in drawn]


def _replicates(metric: str, measure: Measure) -> np.ndarray:
    """From one seed for everybody, so that two of them are paired."""
    return bootstrap.replicates(unpack(b64decode(measure.items)), 0, METRICS[metric].finish)


def prove_board(assignment: Assignment, contest: Contest) -> Fact:
    board, metric = assignment.leaderboard, METRICS.get(contest.metric)
    problems = [] if metric else [f"there is no metric {contest.metric!r}; known: {', '.join(METRICS)}"]
    if board.metric != contest.metric:
        problems.append(f"assignment.toml says {board.metric}, data.py {contest.metric}")
    if metric and board.direction != metric.direction:
        problems.append(f"{contest.metric} has the direction {metric.direction}, not {board.direction}")
    public, total = int(contest.is_public.sum()), len(contest.labels)
    seen = f"{contest.metric} ({board.direction}), {public} public and {total - public} private items"
    return Fact(subject="board", claim="ranks by what is measured", ok=not problems, seen=first_of(problems, seen))


def prove_agreement(run: Run, real: Report, here: Report, sandbox: str) -> Fact:
    """Full marks here are full marks there, and the score is the same but for rounding on another machine's processor."""
    problems = not_graded(real)
    problems += [
        f"{there.id}: {there.points} points there, {check.points} here. {there.message.en}"
        for there, check in zip(real.checks, here.checks, strict=True)
        if there.points != check.points
    ]
    if here.measured and real.measured:
        for half in HALVES:
            if not half_of(here, half).low <= half_of(real, half).value <= half_of(here, half).high:
                problems.append(f"{half}: {half_of(real, half).value:.4f} there, {half_of(here, half).value:.4f} here")
    seen = first_of(problems, f"{scores(real)}, in {real.timing.total:.2f} s")
    return Fact(subject=run.subject, claim=f"has the same result in {sandbox}", ok=not problems, seen=seen)


def incomplete(report: Report) -> list[str]:
    """Why it is no valid, complete run."""
    lost = [f"{check.id}: {check.message.en}" for check in report.checks if check.points != check.max_points]
    return [*not_graded(report), *lost] or ([] if report.measured else ["no check measured anything"])


def lost(report: Report) -> bool:
    return report.score < report.max_score


def half_of(report: Report, half: str) -> Measure:
    return getattr(report.measured, half)


def scores(report: Report) -> str:
    """What it reached; where it reached nothing, what its student was told."""
    if report.measured is None:
        told = next((check.message.en for check in report.checks if check.points != check.max_points), "nothing")
        return told if len(told) <= TOLD else f"{told[: TOLD - 1]}…"
    return ", ".join(f"{half} {half_of(report, half).value:.4f}" for half in HALVES)


def runs_of(found: Sequence[Report]) -> str:
    return _runs(len(found))


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def first_of(problems: Sequence[str], otherwise: str) -> str:
    return problems[0] if problems else otherwise
