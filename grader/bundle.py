"""What a student gets of an assignment: starter, handout, and public checks that run without the reference."""

import ast
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import tomli_w

from grader.checks.answers import Answers, RecordingAnswers, ReplayedAnswers
from grader.checks.declare import Check, checks_of
from grader.diagnosis import rehearse
from grader.reading.trees import parse
from grader.runner.wire import WireError, decode, encode
from grader.spec import MANIFEST, SAMPLE, Assignment, BrokenAssignment, Manifest, load_manifest
from grader.variants.binding import handout_of, told_constants
from grader.variants.filling import EXAMPLE, NotFillable, example_of
from grader.variants.variant import Variant

CHECKS = "public_checks.py"
CASES = "public_cases.grd"
CONSTANTS = "constants.py"  # read, never run
SEEDS = 3


@dataclass(frozen=True)
class Bundle:
    """A pulled folder: an assignment without reference and hidden checks, and the recorded answers by seed."""

    assignment: Assignment
    cases: Mapping[str, Mapping[str, list[Any]]]

    def answers(self, seed: str) -> Callable[[Check], Answers]:
        return lambda check: ReplayedAnswers(self.cases[seed][check.id])


def build_bundle(assignment: Assignment) -> dict[str, bytes]:
    """The files by name. Nothing in them was made from a hidden check or from the reference's source.

    Where a table is handed in there are no checks for students to run, and a sample of a table instead of the starter.
    """
    folder = assignment.folder
    files = {path.name: handout_of(path, assignment.variant).encode() for path in sorted(folder.glob("handout.*.md"))}
    files |= {f"assets/{path.name}": path.read_bytes() for path in sorted(folder.glob("assets/*")) if path.is_file()}
    files |= {f"data/{path.name}": path.read_bytes() for path in sorted(folder.glob("data/*")) if path.is_file()}
    files[MANIFEST] = tomli_w.dumps(_public_manifest(assignment)).encode()
    if not (assignment.wants_code or assignment.wants_table):
        return files  # questions are each student's own, so they come from the server
    if assignment.tables:
        return files | {SAMPLE: assignment.tables.sample.data}
    files["starter.py"] = assignment.starter_source.encode()
    if told := told_constants(folder, assignment.variant):
        files[CONSTANTS] = f"{EXAMPLE} = {told.numbers!r}\n".encode()
    files[CHECKS] = public_source(assignment).encode()
    files[CASES] = _record(assignment)
    return files


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a .zip whose bytes depend on nothing else."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def is_bundle(folder: Path) -> bool:
    return (folder / CASES).is_file() and (folder / CHECKS).is_file()


def load_bundle(folder: Path) -> Bundle:
    """Read a pulled folder."""
    manifest = load_manifest(folder)
    try:
        cases = decode((folder / CASES).read_bytes())
    except (OSError, WireError) as error:
        raise BrokenAssignment(folder / CASES, f"cannot be read: {error}; pull the assignment again") from error
    assignment = Assignment.model_construct(
        **{name: getattr(manifest, name) for name in Manifest.model_fields},
        folder=folder,
        reference=None,
        reference_source="",
        starter_source="",
        checks=checks_of(_executed(folder / CHECKS)),
        mistakes=(),
        accepted=(),
        variant=_constants(folder),
    )
    return Bundle(assignment, cases)


def _constants(folder: Path) -> Variant:
    path = folder / CONSTANTS
    try:
        return example_of(path.read_text(encoding="utf-8")) if path.is_file() else Variant()
    except (OSError, SyntaxError, ValueError, NotFillable) as error:
        raise BrokenAssignment(path, f"cannot be read: {error}; pull the assignment again") from error


def public_source(assignment: Assignment) -> str:
    """checks.py cut down to the public checks, what they use, and the imports for that."""
    tree = parse((assignment.folder / "checks.py").read_text(encoding="utf-8"))
    wanted = {check.id for check in assignment.checks if check.is_in_bundle}
    kept, names = set(), set(wanted)
    while more := [node for node in tree.body if node not in kept and _binds(node) & names]:
        kept |= set(more)
        names |= {inner.id for node in more for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    body = [_cut(node, names) for node in tree.body if node in kept]
    return '"""The public checks of this assignment; answers to them are recorded beside this file."""\n\n' + "\n\n".join(
        ast.unparse(node) for node in body
    )


def _binds(node: ast.stmt) -> set[str]:
    """The names that a top-level statement makes."""
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Import() | ast.ImportFrom():
            return {_bound(alias) for alias in node.names}
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]


def _cut(node: ast.stmt, names: set[str]) -> ast.stmt:
    """An import without the names that nobody kept uses; everything else as it is."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        node.names = [alias for alias in node.names if _bound(alias) in names]
    return node


def _public_manifest(assignment: Assignment) -> dict[str, Any]:
    fields = {
        "id",
        "kind",
        "title",
        "summary",
        "week",
        "module",
        "required",
        "device",
        "isolation",
        "limits",
        "parts",
        "forbidden",
    }
    return assignment.model_dump(mode="json", include=fields, exclude_none=True)  # TOML has no null


def _record(assignment: Assignment) -> bytes:
    """The reference's answers to every public check, for a few fixed seeds."""
    public = [check for check in assignment.checks if check.is_in_bundle]
    cases = {seed: {check.id: _answers_to(assignment, check, seed) for check in public} for seed in _seeds(assignment.id)}
    try:
        return encode(cases)
    except WireError as error:
        raise BrokenAssignment(assignment.folder / "checks.py", f"its public checks cannot be recorded: {error}") from error


def _answers_to(assignment: Assignment, check: Check, seed: str) -> list[Any]:
    recorder = RecordingAnswers(assignment.reference)
    _, ended = rehearse(assignment, check, seed, assignment.reference_source, answers=recorder)
    if ended is not None:
        raise BrokenAssignment(assignment.folder / "checks.py", f"{check.id}: the reference does not pass: {ended}") from ended
    return recorder.records


def _seeds(assignment_id: str) -> list[str]:
    return [hashlib.sha256(f"public case {n} of {assignment_id}".encode()).hexdigest() for n in range(SEEDS)]


def _executed(path: Path) -> ModuleType:
    module = ModuleType("gradus_public_checks")
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
    except Exception as error:
        raise BrokenAssignment(path, f"cannot be run: {type(error).__name__}: {error}; pull it again") from error
    return module
