"""Proves that a competition holds what it promises: scores repeat, baselines stand apart, and no label gets near a student."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import replace
from pathlib import Path

from grader.competition.baselines import Recorded
from grader.competition.facts import (
    HALVES,
    Reports,
    Run,
    contest_of,
    first_of,
    half_of,
    incomplete,
    is_better,
    lost,
    prove_agreement,
    prove_board,
    prove_order,
    prove_record,
    recorded,
    reports_of,
    runs_of,
    scores,
)
from grader.competition.secrecy import Sent, Wiretap, facts_about_secrets
from grader.competition.tables import measure_tables, verify_tables
from grader.protocol import Report, Word
from grader.sandbox.base import Sandbox
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, load_assignment
from grader.trivial import KINDS, trivial_source
from grader.verify import Fact, Progress, judge_source, not_graded, patient, prove_copy, prove_rules, prove_texts, seeds_of

RUNS, FEWEST = 10, 2
SEEDS = 2 * RUNS


def verify_competition(
    assignment: Assignment, *, sandbox: Sandbox, pool: Executor, progress: Progress = lambda *_: None, seeds: int = SEEDS
) -> list[Fact]:
    """Everything there is to prove about one competition. Baselines run with half as many seeds."""
    if assignment.tables:
        return verify_tables(assignment, sandbox=sandbox, progress=progress)
    contest, runs = contest_of(assignment), list(_runs(assignment, max(FEWEST, seeds // 2)))
    running = {pool.submit(judged, run): run for run in runs}
    secrets = pool.submit(secrets_kept, assignment.folder)
    real = _for_real(assignment, runs, sandbox)
    reports = dict(_finished(running, progress))
    return [
        prove_texts(assignment), prove_rules(assignment), prove_copy(assignment), prove_board(assignment, contest),
        *secrets.result(), *facts_about_baselines(assignment, reports),
        *(_fact_about(assignment, run, reports) for run in runs if run.kind != "baseline"),
        *(prove_agreement(run, report, reports[run], sandbox.name) for run, report in real.items()),
    ]  # fmt: skip


def measure_baselines(
    assignment: Assignment, *, pool: Executor, progress: Progress = lambda *_: None, runs: int = RUNS
) -> list[Recorded]:
    """What `gradus verify --record` writes. Raises BrokenAssignment where a baseline reaches nothing."""
    if assignment.tables:
        return measure_tables(assignment)
    running = {pool.submit(judged, run): run for run in _baseline_runs(assignment, runs)}
    reports = dict(_finished(running, progress))
    for run, report in reports.items():
        if problems := incomplete(report):
            raise BrokenAssignment(assignment.folder, f"{run.subject}: {problems[0]}")
    return [recorded(id, reports_of(id, reports)) for id in assignment.baseline_sources]


def judged(run: Run) -> Report:
    """A mistake that loses points at what students can try themselves need not be trained as well."""
    assignment = load_assignment(run.folder)
    if run.kind != "mistake":
        return run.judged(assignment, FakeSandbox())
    local = tuple(check for check in assignment.checks if check.local)
    report = run.judged(assignment.model_copy(update={"checks": local}), FakeSandbox())
    return report if lost(report) else run.judged(assignment, FakeSandbox())


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
    seed = seeds_of(assignment, 1)[0]
    yield from _baseline_runs(assignment, count)
    for id, source in reversed(assignment.baseline_sources.items()):
        yield replace(_run(assignment, "baseline", id, source, seed), is_again=True)
    for kind, overlays in (("accepted", assignment.accepted), ("mistake", assignment.mistakes)):
        for overlay in overlays:
            yield _run(assignment, kind, overlay.id, assignment.submission_of(overlay), seed)
    weakest = assignment.model_copy(update={"reference_source": next(iter(assignment.baseline_sources.values()))})
    for kind in KINDS:
        yield _run(assignment, "trivial", kind, trivial_source(weakest, kind), seed)
    yield _run(assignment, "starter", "starter", assignment.starter_source, seed)


def _baseline_runs(assignment: Assignment, count: int) -> Iterator[Run]:
    for id, source in reversed(assignment.baseline_sources.items()):
        for seed in seeds_of(assignment, count):
            yield _run(assignment, "baseline", id, source, seed)


def _run(assignment: Assignment, kind: str, id: str, source: str, seed: str) -> Run:
    return Run(assignment.folder, kind, id, f"{assignment.module}.py", source.encode(), seed)


def _finished(running: Mapping[Future[Report], Run], progress: Progress) -> Iterator[tuple[Run, Report]]:
    for done, future in enumerate(as_completed(running), start=1):
        progress(done, len(running), running[future].subject)
        yield running[future], future.result()


def _for_real(assignment: Assignment, runs: Sequence[Run], sandbox: Sandbox) -> dict[Run, Report]:
    """Meanwhile: the first of each kind in the real sandbox."""
    first = {run.kind: run for run in reversed(runs) if run.is_tried_for_real}
    return {run: run.judged(assignment, sandbox) for run in first.values()}


# --- baselines ------------------------------------------------------------------------------------------------------


def facts_about_baselines(assignment: Assignment, reports: Reports) -> list[Fact]:
    facts = []
    for id in assignment.baseline_sources:
        found = reports_of(id, reports)
        again = next(report for run, report in reports.items() if run.id == id and run.is_again)
        problems = [problem for report in found for problem in incomplete(report)]
        facts.append(
            Fact(subject=f"baseline {id}", claim="earns full marks", ok=not problems, seen=first_of(problems, runs_of(found)))
        )
        if not problems:
            facts += [_repeats(id, found, again), _steady(id, found)]
    if all(report.measured for run, report in reports.items() if run.kind == "baseline"):
        measured = {id: reports_of(id, reports) for id in assignment.baseline_sources}
        facts += [prove_order(assignment, measured), prove_record(assignment, measured)]
    return facts


def _repeats(id: str, found: Sequence[Report], again: Report) -> Fact:
    before = next(report for report in found if report.seed == again.seed)
    ok = before.measured == again.measured
    seen = f"{scores(before)}" if ok else f"{scores(before)}, then {scores(again)}"
    return Fact(subject=f"baseline {id}", claim="has the same score again with the same seed", ok=ok, seen=seen)


def _steady(id: str, found: Sequence[Report]) -> Fact:
    """Where the seed decides more than the items, a place on the board is luck. The range is only shown: more runs widen it."""
    texts, ok = [], True
    for half in HALVES:
        values = [half_of(report, half).value for report in found]
        width = statistics.mean(half_of(report, half).high - half_of(report, half).low for report in found)
        deviation = statistics.stdev(values)
        ok = ok and 2 * deviation <= width
        spread = f"{statistics.mean(values):.4f} ± {deviation:.4f} ({min(values):.4f} to {max(values):.4f})"
        texts.append(f"{half} {spread}, interval {width:.4f} wide")
    seen = f"{runs_of(found)}: {'; '.join(texts)}"
    return Fact(subject=f"baseline {id}", claim="varies from run to run by less than its interval is wide", ok=ok, seen=seen)


# --- everybody else -------------------------------------------------------------------------------------------------


def _fact_about(assignment: Assignment, run: Run, reports: Reports) -> Fact:
    """What must hold for this kind of submission."""
    report = reports[run]
    baselines = [reports_of(id, reports)[0] for id in assignment.baseline_sources]
    match run.kind:
        case "accepted":
            claim, problems = "earns full marks", incomplete(report)
        case "mistake":
            reference = reports_of("reference", reports)[0]
            claim = "loses points, or stands below the reference"
            problems = [] if lost(report) or any(is_better(assignment, reference, report)) else ["cannot be told from it"]
        case "trivial":
            claim = "is no better than the trivial baseline"
            problems = ["is better beyond chance"] if all(is_better(assignment, report, baselines[0])) else []
        case _:
            claim = "earns nothing, and is told politely what to write"
            problems = [
                f"{check.id}: {check.word}, {check.points} points" for check in report.checks if check.word != Word.missing
            ]
    problems = [*not_graded(report), *(f"{problem}: {scores(report)}" for problem in problems)]
    return Fact(subject=run.subject, claim=claim, ok=not problems, seen=first_of(problems, scores(report)))
