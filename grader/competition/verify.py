"""Proves that a competition holds what it promises: scores repeat, baselines stand apart, and no label gets near a student."""

import importlib
import statistics
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from grader.competition import bootstrap
from grader.competition.baselines import Half, NotRecorded, Recorded, read_baselines
from grader.competition.contest import Contest
from grader.competition.items import unpack
from grader.competition.metrics import METRICS
from grader.competition.secrecy import Sent, Wiretap, facts_about_secrets
from grader.protocol import Measure, Report, Word
from grader.sandbox.base import Sandbox
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, load_assignment
from grader.trivial import KINDS, trivial_source
from grader.verify import Fact, Progress, judge_source, not_graded, patient, prove_copy, prove_rules, prove_texts, seeds_of

RUNS, FEWEST = 10, 2
SEEDS = 2 * RUNS
HALVES = "public", "private"
DEVIATIONS = 3  # of the training, by which a recorded score may be off, besides half an interval
TOLD = 100  # characters of a sentence to a student


@dataclass(frozen=True)
class Run:
    """One submission judged once, in a process of its own."""

    folder: Path
    kind: str  # baseline, accepted, mistake, trivial, starter
    id: str
    source: str
    seed: str
    is_again: bool = False  # the same seed once more

    @property
    def subject(self) -> str:
        return f"{self.kind} {self.id}" if self.kind != self.id else self.id

    @property
    def is_tried_for_real(self) -> bool:
        """In the real sandbox too: who reaches most, and who has written nothing."""
        return self.kind == "starter" or (self.id == "reference" and not self.is_again)


Reports = Mapping[Run, Report]


def verify_competition(
    assignment: Assignment, *, sandbox: Sandbox, pool: Executor, progress: Progress = lambda *_: None, seeds: int = SEEDS
) -> list[Fact]:
    """Everything there is to prove about one competition. Baselines run with half as many seeds."""
    contest, runs = contest_of(assignment), list(_runs(assignment, max(FEWEST, seeds // 2)))
    running = {pool.submit(judged, run): run for run in runs}
    secrets = pool.submit(secrets_kept, assignment.folder)
    real = _for_real(assignment, runs, sandbox)
    reports = dict(_finished(running, progress))
    return [
        prove_texts(assignment), prove_rules(assignment), prove_copy(assignment), _board(assignment, contest), *secrets.result(),
        *facts_about_baselines(assignment, reports),
        *(_fact_about(assignment, run, reports) for run in runs if run.kind != "baseline"),
        *(_agrees(run, report, reports[run], sandbox.name) for run, report in real.items()),
    ]  # fmt: skip


def measure_baselines(
    assignment: Assignment, *, pool: Executor, progress: Progress = lambda *_: None, runs: int = RUNS
) -> list[Recorded]:
    """What `gradus verify --record` writes. Raises BrokenAssignment where a baseline reaches nothing."""
    running = {pool.submit(judged, run): run for run in _baseline_runs(assignment, runs)}
    reports = dict(_finished(running, progress))
    for run, report in reports.items():
        if problems := _incomplete(report):
            raise BrokenAssignment(assignment.folder, f"{run.subject}: {problems[0]}")
    return [_recorded(id, _reports_of(id, reports)) for id in assignment.baseline_sources]


def contest_of(assignment: Assignment) -> Contest:
    """What the assignment's data.py makes."""
    path = assignment.folder / "data.py"
    if not path.is_file():
        raise BrokenAssignment(path, "is missing: it has to hold `def contest() -> Contest`")
    try:
        return importlib.import_module(f"{assignment.reference.__package__}.data").contest()
    except Exception as error:
        raise BrokenAssignment(path, f"makes no contest: {type(error).__name__}: {error}") from error


def judged(run: Run) -> Report:
    """A mistake that loses points at what students can try themselves need not be trained as well."""
    assignment = patient(load_assignment(run.folder))
    if run.kind != "mistake":
        return judge_source(assignment, run.source, run.seed, FakeSandbox())
    local = tuple(check for check in assignment.checks if check.local)
    report = judge_source(assignment.model_copy(update={"checks": local}), run.source, run.seed, FakeSandbox())
    return report if _lost(report) else judge_source(assignment, run.source, run.seed, FakeSandbox())


def secrets_kept(folder: Path) -> list[Fact]:
    """The weakest baseline trains fastest, and is asked in the same way as everybody."""
    assignment = load_assignment(folder)
    measuring = tuple(check for check in assignment.checks if not check.local)
    source = next(iter(assignment.baseline_sources.values()))
    tapped: list[Sent] = []
    for seed in seeds_of(assignment, FEWEST):
        wiretap = Wiretap()
        judge_source(patient(assignment.model_copy(update={"checks": measuring})), source, seed, wiretap)
        tapped.append(wiretap.sent)
    return facts_about_secrets(assignment, contest_of(assignment), tapped)


def _runs(assignment: Assignment, count: int) -> Iterator[Run]:
    """The longest ones first, so that no process waits for one at the end."""
    folder, seed = assignment.folder, seeds_of(assignment, 1)[0]
    yield from _baseline_runs(assignment, count)
    for id, source in reversed(assignment.baseline_sources.items()):
        yield Run(folder, "baseline", id, source, seed, is_again=True)
    for kind, overlays in (("accepted", assignment.accepted), ("mistake", assignment.mistakes)):
        for overlay in overlays:
            yield Run(folder, kind, overlay.id, assignment.submission_of(overlay), seed)
    weakest = assignment.model_copy(update={"reference_source": next(iter(assignment.baseline_sources.values()))})
    for kind in KINDS:
        yield Run(folder, "trivial", kind, trivial_source(weakest, kind), seed)
    yield Run(folder, "starter", "starter", assignment.starter_source, seed)


def _baseline_runs(assignment: Assignment, count: int) -> Iterator[Run]:
    for id, source in reversed(assignment.baseline_sources.items()):
        for seed in seeds_of(assignment, count):
            yield Run(assignment.folder, "baseline", id, source, seed)


def _finished(running: Mapping[Future[Report], Run], progress: Progress) -> Iterator[tuple[Run, Report]]:
    for done, future in enumerate(as_completed(running), start=1):
        progress(done, len(running), running[future].subject)
        yield running[future], future.result()


def _for_real(assignment: Assignment, runs: Sequence[Run], sandbox: Sandbox) -> dict[Run, Report]:
    """Meanwhile: the first of each kind in the real sandbox."""
    first = {run.kind: run for run in reversed(runs) if run.is_tried_for_real}
    return {run: judge_source(patient(assignment), run.source, run.seed, sandbox) for run in first.values()}


# --- baselines ------------------------------------------------------------------------------------------------------


def facts_about_baselines(assignment: Assignment, reports: Reports) -> list[Fact]:
    facts = []
    for id in assignment.baseline_sources:
        found = _reports_of(id, reports)
        again = next(report for run, report in reports.items() if run.id == id and run.is_again)
        problems = [problem for report in found for problem in _incomplete(report)]
        facts.append(
            Fact(subject=f"baseline {id}", claim="earns full marks", ok=not problems, seen=_first(problems, _runs_of(found)))
        )
        if not problems:
            facts += [_repeats(id, found, again), _steady(id, found)]
    if all(report.measured for run, report in reports.items() if run.kind == "baseline"):
        measured = {id: _reports_of(id, reports) for id in assignment.baseline_sources}
        facts += [_in_order(assignment, measured), _as_recorded(assignment, measured)]
    return facts


def _reports_of(id: str, reports: Reports) -> list[Report]:
    """Those of a baseline, a seed each, in the order of the seeds."""
    found = {run.seed: report for run, report in reports.items() if (run.kind, run.id) == ("baseline", id) and not run.is_again}
    return [found[seed] for seed in sorted(found)]


def _repeats(id: str, found: Sequence[Report], again: Report) -> Fact:
    before = next(report for report in found if report.seed == again.seed)
    ok = before.measured == again.measured
    seen = f"{_scores(before)}" if ok else f"{_scores(before)}, then {_scores(again)}"
    return Fact(subject=f"baseline {id}", claim="has the same score again with the same seed", ok=ok, seen=seen)


def _steady(id: str, found: Sequence[Report]) -> Fact:
    """Where the seed decides more than the items, a place on the board is luck. The range is only shown: more runs widen it."""
    texts, ok = [], True
    for half in HALVES:
        values = [_half(report, half).value for report in found]
        width = statistics.mean(_half(report, half).high - _half(report, half).low for report in found)
        deviation = statistics.stdev(values)
        ok = ok and 2 * deviation <= width
        spread = f"{statistics.mean(values):.4f} ± {deviation:.4f} ({min(values):.4f} to {max(values):.4f})"
        texts.append(f"{half} {spread}, interval {width:.4f} wide")
    seen = f"{_runs_of(found)}: {'; '.join(texts)}"
    return Fact(subject=f"baseline {id}", claim="varies from run to run by less than its interval is wide", ok=ok, seen=seen)


def _in_order(assignment: Assignment, measured: Mapping[str, Sequence[Report]]) -> Fact:
    """The weaker one's best run is below the stronger one's worst, intervals included."""
    sign = 1 if assignment.leaderboard.direction == "max" else -1
    problems = []
    for (weak, weaker), (strong, stronger) in pairwise(measured.items()):
        for half in HALVES:
            highest = max(max(sign * _half(report, half).low, sign * _half(report, half).high) for report in weaker)
            lowest = min(min(sign * _half(report, half).low, sign * _half(report, half).high) for report in stronger)
            if highest >= lowest:
                problems.append(f"{half}: {weak} reaches {sign * highest:.4f}, {strong} goes down to {sign * lowest:.4f}")
    seen = " < ".join(f"{id} {statistics.mean(_half(r, 'public').value for r in found):.4f}" for id, found in measured.items())
    claim = "stand in the order of the assignment.toml, apart beyond their intervals"
    return Fact(subject="baselines", claim=claim, ok=not problems, seen=_first(problems, seen))


def _as_recorded(assignment: Assignment, measured: Mapping[str, Sequence[Report]]) -> Fact:
    try:
        kept = read_baselines(assignment.folder)
    except NotRecorded as error:
        return Fact(subject="baselines.toml", claim="agrees with what is measured", ok=False, seen=str(error))
    problems = [f"{id}: is not in it, or not in assignment.toml" for id in kept.keys() ^ measured.keys()]
    for id in kept.keys() & measured.keys():
        now = _recorded(id, measured[id])
        for half in HALVES:
            then, found = getattr(kept[id], half), getattr(now, half).value
            allowed = DEVIATIONS * kept[id].spread + (then.high - then.low) / 2
            if abs(found - then.value) > allowed:
                problems.append(f"{id}: {half} {found:.4f} is measured, {then.value:.4f} is recorded (± {allowed:.4f})")
    seen = f"{len(kept)} baselines, recorded over {min((entry.runs for entry in kept.values()), default=0)} runs"
    return Fact(
        subject="baselines.toml", claim="agrees with what is measured", ok=not problems, seen=_first(sorted(problems), seen)
    )


def _recorded(id: str, found: Sequence[Report]) -> Recorded:
    """Means over the runs."""

    def mean(half: str) -> Half:
        measures = [_half(report, half) for report in found]
        return Half(
            **{name: statistics.mean(getattr(measure, name) for measure in measures) for name in ("value", "low", "high")}
        )

    spread = statistics.stdev(_half(report, "public").value for report in found)
    return Recorded(id=id, public=mean("public"), private=mean("private"), spread=spread, runs=len(found))


# --- everybody else -------------------------------------------------------------------------------------------------


def _fact_about(assignment: Assignment, run: Run, reports: Reports) -> Fact:
    """What must hold for this kind of submission."""
    report = reports[run]
    baselines = [_reports_of(id, reports)[0] for id in assignment.baseline_sources]
    match run.kind:
        case "accepted":
            claim, problems = "earns full marks", _incomplete(report)
        case "mistake":
            reference = _reports_of("reference", reports)[0]
            claim = "loses points, or stands below the reference"
            problems = [] if _lost(report) or any(_is_better(assignment, reference, report)) else ["cannot be told from it"]
        case "trivial":
            claim = "is no better than the trivial baseline"
            problems = ["is better beyond chance"] if all(_is_better(assignment, report, baselines[0])) else []
        case _:
            claim = "earns nothing, and is told politely what to write"
            problems = [
                f"{check.id}: {check.word}, {check.points} points" for check in report.checks if check.word != Word.missing
            ]
    problems = [*not_graded(report), *(f"{problem}: {_scores(report)}" for problem in problems)]
    return Fact(subject=run.subject, claim=claim, ok=not problems, seen=_first(problems, _scores(report)))


def _is_better(assignment: Assignment, one: Report, other: Report) -> list[bool]:
    """On each half, beyond what drawing the same items again may give."""
    if one.measured is None or other.measured is None:
        return [one.measured is not None]
    metric, direction = contest_of(assignment).metric, assignment.leaderboard.direction
    drawn = [[_replicates(metric, _half(report, half)) for report in (one, other)] for half in HALVES]
    return [bootstrap.is_better(left, right, direction) for left, right in drawn]


def _replicates(metric: str, measure: Measure) -> np.ndarray:
    """From one seed for everybody, so that two of them are paired."""
    return bootstrap.replicates(unpack(b64decode(measure.items)), 0, METRICS[metric].finish)


def _board(assignment: Assignment, contest: Contest) -> Fact:
    board, metric = assignment.leaderboard, METRICS.get(contest.metric)
    problems = [] if metric else [f"there is no metric {contest.metric!r}; known: {', '.join(METRICS)}"]
    if board.metric != contest.metric:
        problems.append(f"assignment.toml says {board.metric}, data.py {contest.metric}")
    if metric and board.direction != metric.direction:
        problems.append(f"{contest.metric} has the direction {metric.direction}, not {board.direction}")
    public, total = int(contest.is_public.sum()), len(contest.labels)
    seen = f"{contest.metric} ({board.direction}), {public} public and {total - public} private items"
    return Fact(subject="board", claim="ranks by what is measured", ok=not problems, seen=_first(problems, seen))


def _agrees(run: Run, real: Report, here: Report, sandbox: str) -> Fact:
    """Full marks here are full marks there, and the score is the same but for rounding on another machine's processor."""
    problems = not_graded(real)
    problems += [
        f"{there.id}: {there.points} points there, {check.points} here. {there.message.en}"
        for there, check in zip(real.checks, here.checks, strict=True)
        if there.points != check.points
    ]
    if here.measured and real.measured:
        for half in HALVES:
            if not _half(here, half).low <= _half(real, half).value <= _half(here, half).high:
                problems.append(f"{half}: {_half(real, half).value:.4f} there, {_half(here, half).value:.4f} here")
    seen = _first(problems, f"{_scores(real)}, in {real.timing.total:.2f} s")
    return Fact(subject=run.subject, claim=f"has the same result in {sandbox}", ok=not problems, seen=seen)


def _incomplete(report: Report) -> list[str]:
    """Why it is no valid, complete run."""
    lost = [f"{check.id}: {check.message.en}" for check in report.checks if check.points != check.max_points]
    return [*not_graded(report), *lost] or ([] if report.measured else ["no check measured anything"])


def _lost(report: Report) -> bool:
    return report.score < report.max_score


def _half(report: Report, half: str) -> Measure:
    return getattr(report.measured, half)


def _scores(report: Report) -> str:
    """What it reached; where it reached nothing, what its student was told."""
    if report.measured is None:
        told = next((check.message.en for check in report.checks if check.points != check.max_points), "nothing")
        return told if len(told) <= TOLD else f"{told[: TOLD - 1]}…"
    return ", ".join(f"{half} {_half(report, half).value:.4f}" for half in HALVES)


def _runs_of(found: Sequence[Report]) -> str:
    return f"{len(found)} runs"


def _first(problems: Sequence[str], otherwise: str) -> str:
    return problems[0] if problems else otherwise
