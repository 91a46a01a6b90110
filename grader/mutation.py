"""How good an assignment's checks are: the share of the reference's mutants that lose points.

A mutant that no check can tell from the reference, because it does the same, stands with a reason in `equivalent.toml`:

    [[mutant]]
    id = "relu: x.clamp(min=0) -> x.clamp(min=0.0)"
    why = "the same number"
"""

import hashlib
import multiprocessing
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import torch
from pydantic import Field

from grader.checks.answers import LiveAnswers
from grader.checks.declare import Check
from grader.judge import judge_with
from grader.mutants import Mutant, mutants
from grader.protocol import Job, Plain, Progress, Report, Status
from grader.sandbox import open_sandbox
from grader.sandbox.base import Sandbox
from grader.sandbox.options import Options
from grader.spec import Assignment, BrokenAssignment, load_assignment
from grader.verify import patient

EQUIVALENT = "equivalent.toml"
ENOUGH = 0.95
PATIENCE = 4  # an endless loop has to be waited for, so less than verify has
TRIES = 3

_sandbox: Sandbox | None = None  # of this worker process, which ends with it
_caught: dict[str, str] = {}  # by function: the check that caught its last mutant, in this worker process


class Equivalent(Plain):
    id: str
    why: str = Field(min_length=8)


class Tried(Plain):
    """What became of one mutant: `lost_in` is the first check that took points, or why the file could not even be loaded;
    `failed` is how the sandbox failed each time it was tried."""

    id: str
    line: int
    lost_in: str | None = None
    equivalent: str | None = None
    failed: str | None = None


class Unjudged(Exception):
    """The sandbox, not the mutant, is at fault."""


class Mutation(Plain):
    """All mutants of one reference. `stale` are ids in equivalent.toml that no surviving mutant has."""

    tried: list[Tried]
    stale: list[str]

    @property
    def killed(self) -> int:
        return sum(tried.lost_in is not None for tried in self.tried)

    @property
    def equivalent(self) -> int:
        return sum(tried.equivalent is not None for tried in self.tried)

    @property
    def survivors(self) -> list[Tried]:
        return [tried for tried in self.tried if not (tried.lost_in or tried.equivalent or tried.failed)]

    @property
    def unjudged(self) -> list[Tried]:
        return [tried for tried in self.tried if tried.failed is not None]

    @property
    def score(self) -> float:
        """The share of mutants that lose points, of those that are not equivalent."""
        counted = self.killed + len(self.survivors)
        return self.killed / counted if counted else 1.0

    @property
    def ok(self) -> bool:
        return self.score >= ENOUGH and not self.stale and not self.unjudged


class PointsLost(Exception):
    """Enough is known: nothing more need run."""


def mutate(assignment: Assignment, *, workers: int = 2, progress: Callable[[int, int, str], None] = lambda *_: None) -> Mutation:
    """Judge every mutant in the real sandbox. Checks that train run only for those that nothing else has caught."""
    found = mutants(assignment.reference_source)
    equivalent = equivalents(assignment.folder)
    context = multiprocessing.get_context("spawn")
    tried: dict[str, Tried] = {}
    with ProcessPoolExecutor(workers, context, _begin, (str(assignment.isolation),)) as pool:
        running = [pool.submit(try_mutant, assignment.folder, mutant) for mutant in found]
        for finished in as_completed(running):
            one = finished.result()
            tried[one.id] = one.model_copy(update={"equivalent": equivalent.get(one.id)}) if _survives(one) else one
            progress(len(tried), len(found), "mutants")
    in_order = [tried[mutant.id] for mutant in found]
    return Mutation(tried=in_order, stale=sorted(set(equivalent) - {one.id for one in in_order if one.equivalent or one.failed}))


def _survives(tried: Tried) -> bool:
    return tried.lost_in is None and tried.failed is None


def equivalents(folder: Path) -> dict[str, str]:
    """The reasons by mutant. Raises BrokenAssignment where the file is not as it should be."""
    path = folder / EQUIVALENT
    if not path.is_file():
        return {}
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
        return {entry.id: entry.why for entry in map(Equivalent.model_validate, listed)}
    except (ValueError, TypeError) as error:
        raise BrokenAssignment(f"{folder.name}/{EQUIVALENT}", str(error)) from error


def _begin(isolation: str) -> None:
    global _sandbox
    torch.set_num_threads(1)
    _sandbox = open_sandbox("auto", isolation, Options(pool=1))


def try_mutant(folder: Path, mutant: Mutant, sandbox: Sandbox | None = None) -> Tried:
    """Where it loses its first points, if anywhere; a sandbox that fails gets another try."""
    assignment = patient(load_assignment(folder), PATIENCE).model_copy(update={"mistakes": (), "forbidden": []})
    failed = ""
    for _ in range(TRIES):
        try:
            lost = _where_it_loses(assignment, mutant, sandbox or _sandbox)
            return Tried(id=mutant.id, line=mutant.line, lost_in=lost)
        except Unjudged as unjudged:
            failed = str(unjudged)
    return Tried(id=mutant.id, line=mutant.line, failed=failed)


def _where_it_loses(assignment: Assignment, mutant: Mutant, sandbox: Sandbox) -> str | None:
    """The id of a check, or a fault's code. What caught the function's last mutant is asked first, what trains last."""
    function = mutant.id.partition(":")[0]
    seed = hashlib.sha256(mutant.id.encode()).hexdigest()
    job = Job(assignment.folder, {f"{assignment.module}.py": mutant.source.encode()}, seed)
    for checks in filter(None, _in_turn(assignment.checks, _caught.get(function))):
        found = _first_loss(assignment.model_copy(update={"checks": checks}), job, sandbox)
        if found is not None:
            _caught[function] = found
            return found
    return None


def _in_turn(checks: tuple[Check, ...], first: str | None) -> Iterator[tuple[Check, ...]]:
    """The checks in the order in which they are worth asking: quick ones at once, then those that train."""
    yield tuple(sorted((check for check in checks if check.diagnose), key=lambda check: check.id != first))
    yield tuple(check for check in checks if not check.diagnose)


def _first_loss(assignment: Assignment, job: Job, sandbox: Sandbox) -> str | None:
    lost: list[str] = []

    def stop_early(progress: Progress) -> None:
        lost.extend(mark.id for mark in progress.marks if mark.is_done and mark.points != mark.max_points)
        if lost:
            raise PointsLost

    try:
        report = judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=sandbox, progress=stop_early)
    except PointsLost:
        return lost[0]
    return next(_losses(report), None)


def _losses(report: Report) -> Iterator[str]:
    if report.status is Status.system_fault:
        raise Unjudged(report.fault.message.en)
    if report.status is not Status.graded:
        yield str(report.fault.code)
    yield from (result.id for result in report.checks if result.points != result.max_points)
