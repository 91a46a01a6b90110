"""An assignment as one variant has it: starter and reference with the constants in them.

Each variant has a reference module of its own, so that a process can judge several at once. Mistakes and other right answers are
laid over the reference's source and follow it.
"""

import hashlib
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from grader.spec import Assignment, BrokenAssignment
from grader.variants.drawn import VARIANT, BrokenVariant, draw_variant, has_variant
from grader.variants.filling import EXAMPLE, NotFillable, filled, placeholders, with_constants
from grader.variants.variant import Variant


@dataclass(frozen=True)
class _Code:
    reference_source: str
    reference: ModuleType


def variant_of_seed(folder: Path, seed: str) -> Variant:
    """Raises BrokenAssignment."""
    try:
        return draw_variant(folder, seed)
    except BrokenVariant as broken:
        raise BrokenAssignment(folder / VARIANT, str(broken)) from broken


def bound(assignment: Assignment, seed: str) -> Assignment:
    """The assignment itself where nothing is drawn. Raises BrokenAssignment."""
    if not has_variant(assignment.folder):
        return assignment
    variant = variant_of_seed(assignment.folder, seed)
    update: dict[str, object] = {"variant": variant, "variant_seed": seed}
    if assignment.starter_source:
        update["starter_source"] = starter_of(assignment.folder, variant)
    if assignment.reference is not None:
        code = _code(assignment.folder, assignment.package, seed)
        update |= {"reference_source": code.reference_source, "reference": code.reference}
    return assignment.model_copy(update=update)


@lru_cache(maxsize=256)
def _code(folder: Path, package: str, seed: str) -> _Code:
    """package: another one for each state of the folder."""
    path = folder / "reference.py"
    source = with_constants(path.read_text(encoding="utf-8"), variant_of_seed(folder, seed))
    return _Code(source, _run(path, package, source))


def _run(path: Path, package: str, source: str) -> ModuleType:
    """In no other module's way; dataclasses of the source look themselves up while it runs."""
    module = ModuleType(f"{package}.reference_{hashlib.sha256(source.encode()).hexdigest()[:12]}")
    module.__file__, module.__package__ = str(path), package
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except Exception as error:
        problem = f"cannot be run with {_constants_in(source)}: {type(error).__name__}: {error}"
        raise BrokenAssignment(path, problem) from error
    finally:
        sys.modules.pop(module.__name__, None)
    return module


def _constants_in(source: str) -> str:
    """The line that an author needs to see."""
    return next((line for line in source.split("\n") if line.startswith(f"{EXAMPLE} = ")), "this variant")[:200]


def starter_of(folder: Path, variant: Variant) -> str:
    return filled_file(folder / "starter.py", variant)


def handout_of(path: Path, variant: Variant) -> str:
    """path: of handout.en.md or handout.zh.md, whose language its wording is in."""
    return filled_file(path, variant, language=path.name.split(".")[1])


def told_constants(folder: Path, variant: Variant) -> Variant:
    """Those that handout or starter state. What only hidden checks or the reference use does not leave with students."""
    sources = [*folder.glob("handout.*.md"), folder / "starter.py"]
    told = [placeholders(path.read_text(encoding="utf-8")) for path in sources if path.is_file()]
    return variant.only(set().union(*told))


def filled_file(path: Path, variant: Variant, *, language: str = "en") -> str:
    """A file with the constants in it; as it is where the assignment draws none. Raises BrokenAssignment."""
    text = path.read_text(encoding="utf-8")
    if not has_variant(path.parent):
        return text
    try:
        return filled(text, variant, language=language)
    except NotFillable as problem:
        raise BrokenAssignment(path, str(problem)) from problem
