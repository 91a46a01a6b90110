"""Proves that an assignment holds what it promises: who is right passes, who is wrong does not, and is told why."""

import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from grader.bundle import build_bundle, load_bundle
from grader.checks.answers import LiveAnswers
from grader.judge import device_of, judge_with
from grader.protocol import Job, Outcome, Plain, Report, Status, Text, Word
from grader.runner.guard import targets
from grader.runner.values import Unsupported
from grader.sandbox.base import Sandbox
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, load_assignment
from grader.trivial import KINDS, trivial_source

SEEDS = 20
MISTAKE_SEEDS = 3
TRIVIAL_SEEDS = 2
SLOW_SEEDS = 2  # for checks that train
PATIENCE = 20  # time limits are for one submission at a time, not for a whole proof on a busy machine

REALLY = ("reference", "starter", "mistake")  # also judged once in the real sandbox
ON_GPU = (*REALLY, "accepted")  # there a right answer may fail that passes everywhere else

Progress = Callable[[int, int, str], None]
Reports = dict[str, Report]  # by seed


class Fact(Plain):
    """One thing that was tried: about whom, what should hold, whether it does, and what was seen."""

    subject: str
    claim: str
    ok: bool
    seen: str


@dataclass(frozen=True)
class Trial:
    """One submission to be judged a few times in a process of its own."""

    folder: Path
    kind: str  # reference, accepted, starter, mistake, trivial
    id: str
    source: str
    seeds: tuple[str, ...]
    slow_seeds: tuple[str, ...]  # the checks that train see only these

    @property
    def subject(self) -> str:
        return f"{self.kind} {self.id}" if self.kind != self.id else self.id


@contextmanager
def judging_pool(workers: int) -> Iterator[Executor]:
    """Processes for `verify`, one thread of torch each: for as many assignments as there are."""
    context = multiprocessing.get_context("spawn")  # a fork would copy torch's threads in whatever state they are
    pool = ProcessPoolExecutor(workers, context, torch.set_num_threads, (1,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # whoever stops early does not wait for what nobody will read


def verify(
    assignment: Assignment, *, sandbox: Sandbox, pool: Executor, progress: Progress = lambda *_: None, seeds: int = SEEDS
) -> list[Fact]:
    """Everything there is to prove about one assignment. Facts that do not hold are in the list, too."""
    return _verify(assignment, sandbox, lambda trials: _in_pool(pool, trials), progress=progress, seeds=seeds)


def verify_here(assignment: Assignment, *, sandbox: Sandbox, seeds: int = SEEDS) -> list[Fact]:
    """As `verify`, in this process only: easier to debug, and quick with few seeds."""
    return _verify(assignment, sandbox, lambda trials: ((trial, run_trial(trial)) for trial in trials), seeds=seeds)


def _in_pool(pool: Executor, trials: Sequence[Trial]) -> Iterator[tuple[Trial, Reports]]:
    running = {pool.submit(run_trial, trial): trial for trial in trials}
    for finished in as_completed(running):
        yield running[finished], finished.result()


def _verify(
    assignment: Assignment,
    sandbox: Sandbox,
    run: Callable[[Sequence[Trial]], Iterable[tuple[Trial, Reports]]],
    *,
    progress: Progress = lambda *_: None,
    seeds: int = SEEDS,
) -> list[Fact]:
    """The real sandbox tries what the others have finished while they go on."""
    trials = list(_trials(assignment, seeds))
    facts: dict[Trial, list[Fact]] = {}
    for trial, reports in run(trials):
        facts[trial] = judged_trial(assignment, trial, reports)
        if trial.kind in (ON_GPU if device_of(sandbox) else REALLY):
            facts[trial].append(_in_sandbox(assignment, trial, sandbox, reports))
        progress(len(facts), len(trials), trial.subject)
    proved = [prove_texts(assignment), prove_rules(assignment), prove_copy(assignment)]
    return proved + [fact for trial in trials for fact in facts[trial]]


def seeds_of(assignment: Assignment, count: int) -> list[str]:
    """The same ones every time, so that what was proved can be proved again."""
    return [hashlib.sha256(f"{assignment.id} {n}".encode()).hexdigest() for n in range(count)]


def _trials(assignment: Assignment, count: int) -> Iterator[Trial]:
    seeds = seeds_of(assignment, count)

    def trial(kind: str, id: str, source: str, count: int, slow: int = 1) -> Trial:
        return Trial(assignment.folder, kind, id, source, tuple(seeds[:count]), tuple(seeds[:slow]))

    yield trial("reference", "reference", assignment.reference_source, count, SLOW_SEEDS)
    for overlay in assignment.accepted:
        yield trial("accepted", overlay.id, assignment.submission_of(overlay), count)
    for overlay in assignment.mistakes:
        yield trial("mistake", overlay.id, assignment.submission_of(overlay), MISTAKE_SEEDS, slow=0)
    for kind in KINDS:
        yield trial("trivial", kind, trivial_source(assignment, kind), TRIVIAL_SEEDS)
    yield trial("starter", "starter", assignment.starter_source, TRIVIAL_SEEDS)


def run_trial(trial: Trial) -> Reports:
    """The report by seed; the first seed is judged twice, the second time under "again"."""
    assignment = load_assignment(trial.folder)
    if trial.kind == "trivial":
        assignment = assignment.model_copy(update={"mistakes": ()})  # it makes all of them at once; which, nobody asks
    first, *others = trial.seeds
    reports = {first: judge_source(patient(_cut(assignment, trial, first)), trial.source, first, FakeSandbox())}
    rules = [rule.model_copy(update={"names": []}) for rule in assignment.forbidden]  # read from the source: once is enough
    assignment = assignment.model_copy(update={"forbidden": rules})
    if trial.kind == "mistake":
        assignment = _only_lost(assignment, reports[first])
    for seed in others:
        reports[seed] = judge_source(patient(_cut(assignment, trial, seed)), trial.source, seed, FakeSandbox())
    reports["again"] = judge_source(patient(without_training(assignment)), trial.source, first, FakeSandbox())
    return reports


def _only_lost(assignment: Assignment, report: Report) -> Assignment:
    """The checks that lost points, if any did: what a mistake does not touch need not be tried again."""
    lost = {result.id for result in report.checks if result.points != result.max_points}
    if not lost:
        return assignment
    return assignment.model_copy(update={"checks": tuple(check for check in assignment.checks if check.id in lost)})


def _cut(assignment: Assignment, trial: Trial, seed: str) -> Assignment:
    """What this seed has to show: training only where it is asked for."""
    return assignment if seed in trial.slow_seeds else without_training(assignment)


def without_training(assignment: Assignment) -> Assignment:
    return assignment.model_copy(update={"checks": tuple(check for check in assignment.checks if check.diagnose)})


def patient(assignment: Assignment, times: int = PATIENCE) -> Assignment:
    """With time limits that a busy machine does not reach."""
    limits = assignment.limits
    checks = tuple(replace(check, seconds=times * (check.seconds or limits.check_s)) for check in assignment.checks)
    longer = {"wall_s": times * limits.wall_s, "import_s": times * limits.import_s}
    return assignment.model_copy(update={"checks": checks, "limits": limits.model_copy(update=longer)})


def judge_source(assignment: Assignment, source: str, seed: str, sandbox: Sandbox, *, draws: bool = False) -> Report:
    """Figures are drawn where they are asked for: training for them takes as long again."""
    return judge_files(assignment, {f"{assignment.module}.py": source.encode()}, seed, sandbox, draws=draws)


def judge_files(
    assignment: Assignment, files: Mapping[str, bytes], seed: str, sandbox: Sandbox, *, draws: bool = False
) -> Report:
    job = Job(assignment.folder, files, seed, draws=draws)
    return judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=sandbox)


def judged_trial(assignment: Assignment, trial: Trial, reports: Reports) -> list[Fact]:
    """What must hold for this kind of submission."""
    by_seed = [report for seed, report in reports.items() if seed != "again"]
    claims = {
        "reference": _full_marks, "accepted": _full_marks, "starter": _polite_zero,
        "mistake": _loses_and_is_named, "trivial": _earns_nothing,
    }  # fmt: skip
    claim, problems = claims[trial.kind](trial, by_seed)
    problems += _flaky(assignment, trial, reports)
    seen = problems[0] if problems else f"{_seeds_of(assignment, trial)}, {_scores(by_seed)}"
    return [Fact(subject=trial.subject, claim=claim, ok=not problems, seen=seen)]


def _seeds_of(assignment: Assignment, trial: Trial) -> str:
    """On how many seeds the checks ran, and those that train, which see fewer."""
    if all(check.diagnose for check in assignment.checks):
        return f"{len(trial.seeds)} seeds"
    return f"{len(trial.seeds)} seeds (checks that train: {len(trial.slow_seeds)})"


def _scores(reports: list[Report]) -> str:
    shares = sorted(float(report.score / report.max_score * 100) for report in reports)
    low, high = (f"{share:.4g} %" for share in (shares[0], shares[-1]))
    return low if low == high else f"{low} to {high}"


def _full_marks(trial: Trial, reports: list[Report]) -> tuple[str, list[str]]:
    problems = []
    for report in reports:
        problems += not_graded(report)
        problems += [f"{r.id}: {r.message.en} (seed {report.seed[:8]})" for r in report.checks if r.points != r.max_points]
        problems += _accused(report)
    return "earns full marks", problems


def _polite_zero(trial: Trial, reports: list[Report]) -> tuple[str, list[str]]:
    problems = []
    for report in reports:
        problems += not_graded(report)
        problems += [f"{r.id}: {r.word}, not {Word.missing}" for r in report.checks if r.word is not Word.missing]
        problems += [f"{r.id} gives {r.points} points" for r in report.checks if r.points]
    return "earns nothing, and is told politely what to write", problems


def _loses_and_is_named(trial: Trial, reports: list[Report]) -> tuple[str, list[str]]:
    problems = []
    for report in reports:
        problems += [*not_graded(report), *_accused(report)]
        named = [result.mistake.id for result in report.checks if result.mistake]
        if report.score >= report.max_score:
            problems.append(f"loses nothing (seed {report.seed[:8]})")
        elif trial.id not in named:
            failed = ", ".join(result.id for result in report.checks if result.outcome is not Outcome.passed)
            problems.append(f"not named, but {named or 'nothing'}; fails {failed} (seed {report.seed[:8]})")
    return "loses points, and is named", problems


def _earns_nothing(trial: Trial, reports: list[Report]) -> tuple[str, list[str]]:
    lucky = [f"{r.id} gives {r.points} points" for report in reports for r in report.checks if r.points]
    return "earns nothing", [problem for report in reports for problem in not_graded(report)] + lucky


def _accused(report: Report) -> list[str]:
    """Uses of forbidden names: right answers need none, and a mistake is to be caught for what it gets wrong."""
    return [f"{hit.rule}: {hit.name} in line {hit.line}" for hit in report.policy]


def not_graded(report: Report) -> list[str]:
    if report.status is Status.graded:
        return []
    return [f"{report.status}: {report.fault.message.en if report.fault else ''}"]


def _flaky(assignment: Assignment, trial: Trial, reports: Reports) -> list[str]:
    """The same seed must give the same report; other seeds must give the same outcomes, except to those who guess."""
    first, again = reports[trial.seeds[0]], reports["again"]
    kept = {result.id for result in again.checks}
    problems = [
        f"{before.id}: another result when judged again"
        for before, after in zip([r for r in first.checks if r.id in kept], again.checks, strict=True)
        if _essence(before) != _essence(after)
    ]
    if trial.kind == "trivial":
        return problems
    for check in assignment.checks:
        seen = {result.outcome for report in reports.values() for result in report.checks if result.id == check.id}
        if len(seen) > 1:
            problems.append(f"{check.id}: {' and '.join(sorted(seen))}, depending on the seed")
    return problems


def _essence(result: object) -> object:
    return result.model_dump(exclude={"seconds", "detail"})


def _in_sandbox(assignment: Assignment, trial: Trial, sandbox: Sandbox, reports: Reports) -> Fact:
    """The real sandbox must come to the same verdict as this process did; of a mistake, where it lost points."""
    seed = trial.seeds[0]
    expected = {result.id: result for result in reports[seed].checks}
    tried = _only_lost(assignment, reports[seed]) if trial.kind == "mistake" else assignment
    tried = tried.model_copy(update={"mistakes": ()})  # which one it is has been found outside
    report = judge_source(patient(_cut(tried, trial, seed)), trial.source, seed, sandbox, draws=trial.kind == "reference")
    problems = not_graded(report)
    for real in report.checks:
        fake = expected[real.id]
        if (real.outcome, real.points) != (fake.outcome, fake.points):
            problems.append(f"{real.id}: {real.outcome} with {real.points} points, outside {fake.points}. {real.message.en}")
    device = device_of(sandbox)
    return Fact(
        subject=trial.subject,
        claim=f"has the same result in {sandbox.name}" + (f" on {device.name}" if device else ""),
        ok=not problems,
        seen=problems[0] if problems else f"checks that agree: {len(report.checks)}, in {report.timing.total:.2f} s",
    )


def prove_texts(assignment: Assignment) -> Fact:
    """Every text that a person may read is there in both languages, and every check is worth something."""
    texts: list[tuple[str, Text | None]] = [("title", assignment.title), ("summary", assignment.summary)]
    texts += [(f"part {part.id}", part.title) for part in assignment.parts]
    texts += [(f"check {check.id}", check.title) for check in assignment.checks]
    texts += [(f"rule {rule.rule}", rule.message) for rule in assignment.forbidden]
    texts += [(f"mistake {mistake.id}", mistake.explanation) for mistake in assignment.mistakes]
    problems = [f"{name}: en or zh is empty" for name, text in texts if not (text and text.en.strip() and text.zh.strip())]
    for name in ("handout.en.md", "handout.zh.md"):
        if not (assignment.folder / name).is_file():
            problems.append(f"{name} is missing")
    points = sum((check.points for check in assignment.checks), Decimal(0))
    seen = f"{len(texts)} texts and two handouts, {len(assignment.checks)} checks, {points} points"
    claim = "are there in en and zh; points add up"
    return Fact(subject="texts", claim=claim, ok=not problems, seen="; ".join(problems[:3]) or seen)


def prove_rules(assignment: Assignment) -> Fact:
    """A name with a slip in it would forbid nothing, and fail everybody where it is guarded."""
    names = [name for rule in assignment.forbidden for name in rule.names]
    problems = []
    for name in names:
        try:
            targets(name)
        except Unsupported as unsupported:
            problems.append(str(unsupported))
    return Fact(subject="rules", claim="forbid what exists", ok=not problems, seen="; ".join(problems) or f"{len(names)} names")


def prove_copy(assignment: Assignment) -> Fact:
    """What students pull works without the reference, and full marks there are possible."""
    claim = "lets the reference pass every public check"
    try:
        report = _judged_with_bundle(assignment)
        lost = [f"{r.id}: {r.message.en}" for r in report.checks if r.points != r.max_points]
        lost += [report.fault.message.en] if report.fault else []
        return Fact(
            subject="student's copy", claim=claim, ok=not lost, seen=lost[0] if lost else f"{len(report.checks)} public checks"
        )
    except BrokenAssignment as broken:
        return Fact(subject="student's copy", claim=claim, ok=False, seen=str(broken))


def _judged_with_bundle(assignment: Assignment) -> Report:
    with TemporaryDirectory() as folder:
        for name, data in build_bundle(assignment).items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        bundle = load_bundle(Path(folder))
        seed = min(bundle.cases)
        files = {f"{assignment.module}.py": assignment.reference_source.encode()}
        job = Job(Path(folder), files, seed, public_only=True, draws=False)
        return judge_with(bundle.assignment, job, bundle.answers(seed), sandbox=FakeSandbox())
