"""An assignment is a folder; this reads it, and says which file and which field is wrong when it cannot."""

import ast
import hashlib
import importlib
import os
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from pydantic import ConfigDict, Field, SkipValidation, ValidationError, model_validator

from grader.competition.manifest import Competition
from grader.competition.uploads import READER, SUFFIXES, collect_predictions
from grader.exam import Exam
from grader.policy import REFLECTION, REFLECTION_MEANS
from grader.protocol import Plain, Text
from grader.questions.manifest import Question, Section, Variants, points_of, problem_with
from grader.reading.trees import parse
from grader.refusals import BadSubmission
from grader.sandbox.base import Isolation, Limits
from grader.variants.drawn import VARIANT, BrokenVariant, draw_variant, has_variant
from grader.variants.filling import NotFillable, example_of, filled
from grader.variants.variant import Variant

MANIFEST = "assignment.toml"
SAMPLE = "sample.csv"  # what there is instead of a starter where a table is handed in
TOTAL_POINTS = 100
EXAMPLE_SEED = "00"
PROJECT = Path(__file__).parent.parent


class BrokenAssignment(Exception):
    """The assignment is at fault: staff have to repair it, and no student pays for it."""

    def __init__(self, where: Path | str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = str(where)
        self.problem = problem


class UnknownAssignment(LookupError):
    """No folder answers to this id or path."""


class Part(Plain):
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    points: Decimal = Field(gt=0)
    title: Text


class Forbidden(Plain):
    """Names that students must not use; the checks of `parts` fail where they do, and the names raise when called.

    operators: reported to staff where they ran, and never worth points: the count comes out of the sandbox.
    """

    rule: str
    parts: list[str] = Field(default_factory=list)
    names: list[str] = Field(default_factory=list)
    operators: list[str] = Field(default_factory=list)  # "aten::convolution": seen when it runs, reported to staff
    message: Text


class Submissions(Plain):
    attempts: int = Field(50, gt=0)
    per_day: int = Field(20, gt=0)
    counts: Literal["best", "latest"] = "best"


class Leaderboard(Plain):
    metric: str
    direction: Literal["max", "min"] = "max"


class Evidence(Plain):
    """What is kept beside the verdict."""

    operators: bool | None = None  # count them: in all checks or in none; left out, where a rule names some


class Difficulty(Plain):
    """How far the variants of a student may lie apart: the reference's operators, as a share of their median."""

    band: float = Field(0.25, ge=0, le=1)


class Manifest(Plain):
    """What `assignment.toml` says."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    kind: Literal["homework", "exam", "competition"] = "homework"
    title: Text
    summary: Text
    week: int = Field(1, ge=1)
    module: str = Field("solution", pattern=r"^[a-z][a-z0-9_]*$")
    required: list[str] = Field(default_factory=list)  # none where a table is handed in
    device: Literal["cpu", "cuda", "auto"] = "cpu"
    isolation: Isolation = Isolation.fork  # exams and competitions: fresh, unless they say otherwise
    limits: Limits = Limits()
    submissions: Submissions = Submissions()
    leaderboard: Leaderboard | None = None
    competition: Competition | None = None
    parts: list[Part] = Field(min_length=1)
    questions: list[Question] = Field(default_factory=list)
    variants: Variants = Variants.assignment
    sections: list[Section] = Field(default_factory=list)
    difficulty: Difficulty = Difficulty()
    exam: Exam | None = None
    forbidden: list[Forbidden] = Field(default_factory=list)
    evidence: Evidence = Evidence()

    @property
    def wants_table(self) -> bool:
        """Predictions are handed in, not code."""
        return self.competition is not None and self.competition.accepts == "predictions"

    @property
    def wants_code(self) -> bool:
        """Else questions alone are answered, and nothing is run."""
        return bool(self.required)

    def message_of(self, rule: str) -> Text | None:
        """What a rule asks for instead; None for one that the assignment no longer has."""
        if rule == REFLECTION:
            return REFLECTION_MEANS
        return next((forbidden.message for forbidden in self.forbidden if forbidden.rule == rule), None)

    @model_validator(mode="before")
    @classmethod
    def _isolate_by_kind(cls, data: Any) -> Any:
        """Where most is at stake, a submission shares its sandbox with none before it."""
        if isinstance(data, dict) and data.get("kind") in ("exam", "competition"):
            return {"isolation": Isolation.fresh} | data
        return data


class Overlay(Plain):
    """A variation of the reference: its source followed by this one is the submission it stands for."""

    id: str
    path: Path
    source: str
    explanation: Text | None = None
    checks: list[str] | None = None  # the only checks that it may explain


class Table(Plain):
    """A file of predictions as a student would hand it in."""

    id: str
    data: bytes
    files: dict[str, bytes]  # as it is judged


class Tables(Plain):
    """What stands in the place of code where predictions are handed in. The last baseline is the reference."""

    baselines: list[Table]
    accepted: list[Table]
    mistakes: list[Table]
    sample: Table  # what students begin with

    @property
    def reference(self) -> Table:
        return self.baselines[-1]


class Assignment(Manifest):
    """The manifest together with what the judge needs. Never leaves the trusted side."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    folder: Path
    package: str = ""  # under which its modules are imported
    reference: SkipValidation[ModuleType | None]
    reference_source: str
    starter_source: str
    checks: SkipValidation[tuple[Any, ...]]  # of grader.checks.Check, whose package needs torch
    mistakes: tuple[Overlay, ...]
    accepted: tuple[Overlay, ...]
    baseline_sources: dict[str, str] = Field(default_factory=dict)  # whole submissions, by id; "reference" is the reference
    variant: SkipValidation[Variant] = Variant()  # until a seed is bound, the example in the reference
    variant_seed: str | None = None
    tables: Tables | None = None  # then the reference is what runs: the reader of tables

    def part(self, part_id: str) -> Part:
        return next(part for part in self.parts if part.id == part_id)

    def submission_of(self, overlay: Overlay) -> str:
        """The whole file that an overlay stands for."""
        return joined(self.reference_source, overlay.source)


def assignment_folders(root: Path | None = None) -> list[Path]:
    """Every assignment of this project, or of GRADUS_ASSIGNMENTS."""
    root = root or Path(os.environ.get("GRADUS_ASSIGNMENTS") or PROJECT / "assignments")
    return sorted(path.parent for path in root.glob(f"*/{MANIFEST}"))


def find_folder(name: str | Path) -> Path:
    """The folder of an assignment given by its path or by its id."""
    path = Path(name)
    if (path / MANIFEST).is_file():
        return path.resolve()
    for folder in assignment_folders():
        if folder.name == str(name):
            return folder.resolve()
    known = ", ".join(folder.name for folder in assignment_folders()) or "none"
    raise UnknownAssignment(f"There is no assignment {str(name)!r}. Known: {known}.")


def load_manifest(name: str | Path) -> Manifest:
    """Only `assignment.toml`: what pages need, without importing torch. Read again only after the file has changed."""
    path = find_folder(name) / MANIFEST
    seen = path.stat()
    return _read_manifest(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=256)
def _read_manifest(path: Path, _changed: int, _size: int) -> Manifest:
    try:
        manifest = Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenAssignment(path, f"is not valid TOML: {error}") from error
    except ValidationError as error:
        raise BrokenAssignment(path, _first_problem(error)) from error
    _check_manifest(path, manifest)
    return manifest


_cache: dict[Path, tuple[str, Assignment]] = {}
_lock = threading.RLock()


def load_assignment(name: str | Path) -> Assignment:
    """The whole assignment, loaded once and again only after a file of it has changed."""
    folder = find_folder(name)
    with _lock:
        fingerprint = _fingerprint(folder)
        cached = _cache.get(folder)
        if cached is None or cached[0] != fingerprint:
            _cache[folder] = (fingerprint, _load(folder, fingerprint))
        return _cache[folder][1]


@lru_cache(maxsize=512)
def joined(reference: str, overlay: str) -> str:
    """One source out of two; `from __future__` lines must stand before everything else."""
    futures, bodies = [], []
    for source in (reference, overlay):
        future, body = _split_future(source)
        futures += future
        bodies.append(body)
    return "\n".join([*dict.fromkeys(futures), *bodies])


def _split_future(source: str) -> tuple[list[str], str]:
    lines = source.splitlines()
    future = [node for node in parse(source).body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    taken = {number for node in future for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    kept = ["" if number in taken else line for number, line in enumerate(lines, start=1)]
    return [ast.unparse(node) for node in future], "\n".join(kept) + "\n"


def _fingerprint(folder: Path) -> str:
    files = sorted([folder / MANIFEST, *(path for path in folder.rglob("*") if path.suffix in (".py", *SUFFIXES))])
    stamps = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return hashlib.sha256(repr(stamps).encode()).hexdigest()[:16]


def _load(folder: Path, fingerprint: str) -> Assignment:
    manifest = load_manifest(folder)
    if manifest.questions and not manifest.wants_code:
        return _questions_alone(folder, manifest)
    from grader.checks.declare import checks_of  # torch takes seconds to import; load_manifest does without

    package = _package(folder, fingerprint)
    assignment = Assignment.model_construct(
        **{name: getattr(manifest, name) for name in Manifest.model_fields},
        folder=folder,
        package=package,
        checks=checks_of(_module(package, folder, "checks")),
        **(_tables(folder, manifest) if manifest.wants_table else _sources(folder, manifest, package)),
    )
    _check_competition(folder / MANIFEST, manifest)
    _check_checks(folder / "checks.py", assignment)
    return assignment


def _questions_alone(folder: Path, manifest: Manifest) -> Assignment:
    """Nothing that is run, so nothing to import."""
    fields = {name: getattr(manifest, name) for name in Manifest.model_fields}
    nothing = {"reference": None, "reference_source": "", "starter_source": "", "checks": (), "mistakes": (), "accepted": ()}
    assignment = Assignment.model_construct(**fields, **nothing, folder=folder)
    _check_competition(folder / MANIFEST, manifest)
    _check_checks(folder / MANIFEST, assignment)
    return assignment


def _sources(folder: Path, manifest: Manifest, package: str) -> dict[str, Any]:
    """What is there where code is handed in."""
    source = _read(folder / "reference.py")
    variant = _example(folder, source)
    return {
        "reference": _module(package, folder, "reference"),
        "reference_source": source,
        "starter_source": _starter(folder, variant),
        "variant": variant,
        "mistakes": tuple(_overlays(folder / "mistakes", explained=True)),
        "accepted": tuple(_overlays(folder / "accepted", explained=False)),
        "baseline_sources": _baselines(folder, manifest),
    }


def _tables(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """What is there where a table is handed in: no overlays, and a reader of ours that the checks talk to."""
    tables = Tables(
        baselines=[_baseline_table(folder, baseline.id) for baseline in manifest.competition.baselines],
        accepted=[_table(path) for path in _table_paths(folder, "accepted/*")],
        mistakes=[_table(path) for path in _table_paths(folder, "mistakes/*")],
        sample=_table(folder / SAMPLE),
    )
    no_code = {"reference": None, "starter_source": "", "mistakes": (), "accepted": ()}
    return {**no_code, "reference_source": READER.decode(), "tables": tables}


def _package(folder: Path, fingerprint: str) -> str:
    """A package of its own for each version of each folder: two assignments never share a module."""
    name = f"gradus_assignment_{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}_{fingerprint}"
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package
    return name


def _module(package: str, folder: Path, name: str) -> ModuleType:
    path = folder / f"{name}.py"
    if not path.is_file():
        raise BrokenAssignment(path, "is missing")
    try:
        return importlib.import_module(f"{package}.{name}")
    except Exception as error:
        raise BrokenAssignment(path, f"cannot be imported: {type(error).__name__}: {error}") from error


def _example(folder: Path, source: str) -> Variant:
    """Judged where no seed says otherwise: the constants that the reference itself names, and of the rest what one seed draws."""
    try:
        return Variant(**{**draw_variant(folder, EXAMPLE_SEED), **(example_of(source) if has_variant(folder) else {})})
    except BrokenVariant as problem:
        raise BrokenAssignment(folder / VARIANT, str(problem)) from problem
    except NotFillable as problem:
        raise BrokenAssignment(folder / "reference.py", str(problem)) from problem


def _starter(folder: Path, variant: Variant) -> str:
    """With the example's constants; a name that it lacks stays open here, and `gradus verify` says so."""
    path = folder / "starter.py"
    if not has_variant(folder):
        return _read(path)
    with suppress(NotFillable, OSError):
        return filled(path.read_text(encoding="utf-8"), variant)
    return _read(path)


def _read(path: Path) -> str:
    try:
        source = path.read_text(encoding="utf-8")
        parse(source)
    except OSError as error:
        raise BrokenAssignment(path, "is missing or cannot be read") from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise BrokenAssignment(path, f"is not valid Python: {error}") from error
    return source


def _baselines(folder: Path, manifest: Manifest) -> dict[str, str]:
    if manifest.competition is None:
        return {}
    paths = {
        b.id: folder / ("reference.py" if b.id == "reference" else f"baselines/{b.id}.py") for b in manifest.competition.baselines
    }
    return {id: _read(path) for id, path in paths.items()}


def _baseline_table(folder: Path, id: str) -> Table:
    found = _table_paths(folder, f"baselines/{id}.*")
    if len(found) != 1:
        raise BrokenAssignment(folder / f"baselines/{id}.csv", f"one table is wanted, .csv or .parquet; there are {len(found)}")
    return _table(found[0]).model_copy(update={"id": id})


def _table_paths(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.suffix in SUFFIXES)


def _table(path: Path) -> Table:
    try:
        data = path.read_bytes()
        return Table(id=path.name, data=data, files=collect_predictions({path.name: data}))
    except OSError as error:
        raise BrokenAssignment(path, "is missing or cannot be read") from error
    except BadSubmission as bad:
        raise BrokenAssignment(path, bad.message.en) from bad


def _overlays(folder: Path, *, explained: bool) -> Iterable[Overlay]:
    for path in sorted(folder.glob("*.py")):
        source = _read(path)
        try:
            explanation = _constant(source, "EXPLANATION")
            if explained and explanation is None:
                raise BrokenAssignment(path, "EXPLANATION = {'en': …, 'zh': …} is missing")
            yield Overlay(id=path.stem, path=path, source=source, explanation=explanation, checks=_constant(source, "CHECKS"))
        except ValidationError as error:
            raise BrokenAssignment(path, _first_problem(error)) from error


def _constant(source: str, name: str) -> Any:
    """The literal assigned to a module's constant, without running the module."""
    for node in parse(source).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return ast.literal_eval(node.value)
    return None


def _check_manifest(path: Path, manifest: Manifest) -> None:
    repeated = [name for name, n in Counter(part.id for part in manifest.parts).items() if n > 1]
    if repeated:
        raise BrokenAssignment(path, f"parts: the id {repeated[0]!r} occurs twice")
    total = sum(part.points for part in manifest.parts)
    if total != TOTAL_POINTS:
        raise BrokenAssignment(path, f"parts: points add up to {total}, not {TOTAL_POINTS}")
    known = {part.id for part in manifest.parts}
    if problem := problem_with(manifest.questions, manifest.sections, sorted(known)):
        raise BrokenAssignment(path, problem)
    for rule in manifest.forbidden:
        if not rule.names and not rule.operators:
            raise BrokenAssignment(path, f"forbidden.{rule.rule}: names or operators must say what is forbidden")
        if wrong := [name for name in rule.operators if "::" not in name]:
            raise BrokenAssignment(path, f"forbidden.{rule.rule}.operators: write aten::{wrong[0]}, not {wrong[0]}")
        if rule.rule == REFLECTION:
            raise BrokenAssignment(path, f"forbidden.{rule.rule}: this name is taken by a rule of ours; choose another")
        if unknown := set(rule.parts) - known:
            raise BrokenAssignment(path, f"forbidden.{rule.rule}.parts: there is no part {min(unknown)!r}")


def _check_competition(path: Path, manifest: Manifest) -> None:
    if (manifest.kind == "competition") != (manifest.competition is not None):
        raise BrokenAssignment(path, "kind: a competition has [competition], and nothing else has it")
    if manifest.competition is not None and manifest.leaderboard is None:
        raise BrokenAssignment(path, "leaderboard: a competition needs a metric")
    if not (manifest.wants_table or manifest.wants_code or manifest.questions):
        raise BrokenAssignment(path, "required: say which names students have to write")
    if manifest.wants_table and (manifest.required or manifest.forbidden):
        raise BrokenAssignment(path, "required, forbidden: a table of predictions has no names; leave them out")


def _check_checks(path: Path, assignment: Assignment) -> None:
    known = {part.id for part in assignment.parts}
    for check in assignment.checks:
        if assignment.wants_table and check.local:
            raise BrokenAssignment(path, f"{check.id}: write local=False; no copy of a student's can read a table of predictions")
        if check.part not in known:
            raise BrokenAssignment(path, f"{check.id}: there is no part {check.part!r}")
        if check.points <= 0:
            raise BrokenAssignment(path, f"{check.id}: points must be positive")
    for part in assignment.parts:
        asked = [question for question in assignment.questions if question.part == part.id]
        sections = [each for each in assignment.sections if each.id in {question.section for question in asked}]
        total = sum((check.points for check in assignment.checks if check.part == part.id), points_of(asked, sections))
        if total != part.points:
            of = "its checks and questions add" if asked else "its checks add"
            raise BrokenAssignment(path, f"part {part.id}: {of} up to {total} points, the part has {part.points}")
    ids = {check.id for check in assignment.checks}
    for overlay in assignment.mistakes:
        if unknown := set(overlay.checks or []) - ids:
            raise BrokenAssignment(overlay.path, f"CHECKS: there is no check {min(unknown)!r}")


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    field = ".".join(str(step) for step in problem["loc"]) or "the file"
    return f"{field}: {problem['msg']} (found {problem['input']!r:.80})"
