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
from grader.judge import judge_with
from grader.mutants import Mutant, mutants
from grader.protocol import Job, Plain, Progress, Report, Status
from grader.sandbox import open_sandbox
from grader.sandbox.base import Sandbox
from grader.sandbox.options import Options
from grader.spec import Assignment, BrokenAssignment, load_assignment

EQUIVALENT = "equivalent.toml"
ENOUGH = 0.95

_sandbox: Sandbox | None = None  # of this worker process, which ends with it


class Equivalent(Plain):
    id: str
    why: str = Field(min_length=8)


class Tried(Plain):
    """What became of one mutant: `lost_in` is the first check that took points, or why the file could not even be judged."""

    id: str
    line: int
    lost_in: str | None = None
    equivalent: str | None = None


class Mutation(Plain):
    """All mutants of one reference. `stale` are ids in equivalent.toml that no surviving mutant has."""

    tried: list[Tried]
    stale: list[str]

    @property
    def killed(self) -> int:
        return sum(tried.lost_in is not None for tried in self.tried)

    @property
    def equivalent(self) -> int:
        return len(self.tried) - self.killed - len(self.survivors)

    @property
    def survivors(self) -> list[Tried]:
        return [tried for tried in self.tried if tried.lost_in is None and tried.equivalent is None]

    @property
    def score(self) -> float:
        """The share of mutants that lose points, of those that are not equivalent."""
        counted = self.killed + len(self.survivors)
        return self.killed / counted if counted else 1.0

    @property
    def ok(self) -> bool:
        return self.score >= ENOUGH and not self.stale


class PointsLost(Exception):
    """Enough is known: nothing more need run."""


def mutate(assignment: Assignment, *, workers: int = 2, progress: Callable[[int, int, str], None] = lambda *_: None) -> Mutation:
    """Judge every mutant in the real sandbox. Checks that train run only for those that nothing else has caught."""
    found = mutants(assignment.reference_source)
    equivalent = equivalents(assignment.folder)
    context = multiprocessing.get_context("spawn")
    lost: dict[str, str | None] = {}
    with ProcessPoolExecutor(workers, context, _begin, (str(assignment.isolation),)) as pool:
        running = {pool.submit(try_mutant, assignment.folder, mutant): mutant for mutant in found}
        for finished in as_completed(running):
            lost[running[finished].id] = finished.result()
            progress(len(lost), len(found), "mutants")
    tried = [
        Tried(id=m.id, line=m.line, lost_in=lost[m.id], equivalent=None if lost[m.id] else equivalent.get(m.id)) for m in found
    ]
    return Mutation(tried=tried, stale=sorted(set(equivalent) - {one.id for one in tried if one.equivalent}))


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


def try_mutant(folder: Path, mutant: Mutant, sandbox: Sandbox | None = None) -> str | None:
    """Where it loses its first points; None where it earns all of them."""
    assignment = load_assignment(folder).model_copy(update={"mistakes": (), "forbidden": []})
    for training in (False, True):
        checks = tuple(check for check in assignment.checks if check.diagnose is not training)
        job = Job(folder, {f"{assignment.module}.py": mutant.source.encode()}, hashlib.sha256(mutant.id.encode()).hexdigest())
        found = _first_loss(assignment.model_copy(update={"checks": checks}), job, sandbox or _sandbox)
        if found is not None:
            return found
    return None


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
        raise RuntimeError(f"a mutant could not be judged: {report.fault}")
    if report.status is not Status.graded:
        yield str(report.fault.code)
    yield from (result.id for result in report.checks if result.points != result.max_points)
