"""Which variant a person has: a seed that only the server's key and the assignment's own id make, so that it can be drawn again.

The seed draws the questions and the constants of the code; each person reads his own and no one else's.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from grader.questions.judging import paper_of
from grader.questions.manifest import Variants
from grader.questions.paper import Paper
from grader.seeds import new_seed
from grader.spec import BrokenAssignment, Manifest
from grader.variants.binding import variant_of_seed
from grader.variants.variant import Variant
from server.assignments.content import Starter, read_handout, read_starter
from server.assignments.models import Assignment
from server.assignments.service import folder_of
from server.errors import AppError
from server.settings import Settings

log = logging.getLogger(__name__)


class PaperUnavailable(AppError):
    """questions.py is at fault, which its authors have to repair."""

    status, code = 503, "paper_unavailable"

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"The questions of {slug} cannot be shown at the moment; this is not your fault. Please tell the course staff.",
            f"暂时无法显示 {slug} 的题目，这不是你的问题，请告知课程教学人员。",
        )


class VariantUnavailable(AppError):
    """variant.py, or a text that it fills, is at fault."""

    status, code = 503, "variant_unavailable"

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"Your copy of {slug} cannot be made at the moment; this is not your fault. Please tell the course staff.",
            f"暂时无法生成你的 {slug}，这不是你的问题，请告知课程教学人员。",
        )


def variant_of(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> str:
    """64 hex digits: of the assignment, or of one person in it."""
    whose = f"{assignment.id}:{user_id}" if manifest.variants is Variants.student else str(assignment.id)
    return new_seed(settings.derive_key("questions"), whose)


def constants_of(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> Variant:
    """What handout and starter of this person state; nothing where they are the same for everybody. Raises VariantUnavailable."""
    folder = folder_of(assignment, root=settings.assignments)
    seed = variant_of(assignment, manifest, user_id=user_id, settings=settings)
    with _told_to_staff(assignment):
        return variant_of_seed(folder, seed)


def own_handout(assignment: Assignment, manifest: Manifest, *, user_id: int, language: str, settings: Settings) -> str:
    """With this person's constants in it. Raises VariantUnavailable."""
    variant = constants_of(assignment, manifest, user_id=user_id, settings=settings)
    with _told_to_staff(assignment):
        return read_handout(folder_of(assignment, root=settings.assignments), language=language, variant=variant)


def own_starter(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> Starter:
    """With this person's constants in it. Raises NotFound, VariantUnavailable."""
    variant = constants_of(assignment, manifest, user_id=user_id, settings=settings)
    with _told_to_staff(assignment):
        return read_starter(folder_of(assignment, root=settings.assignments), manifest, variant)


@contextmanager
def _told_to_staff(assignment: Assignment) -> Iterator[None]:
    try:
        yield
    except BrokenAssignment as broken:
        log.exception("The variants of %s cannot be made", assignment.slug)
        raise VariantUnavailable(assignment.slug) from broken


def draw_paper_of(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> Paper:
    """With its answers: nothing of it reaches a page but through `server.questions.views`. Raises PaperUnavailable."""
    folder = folder_of(assignment, root=settings.assignments)
    try:
        return paper_of(folder, manifest, variant_of(assignment, manifest, user_id=user_id, settings=settings))
    except BrokenAssignment as broken:
        log.exception("The questions of %s cannot be drawn", assignment.slug)
        raise PaperUnavailable(assignment.slug) from broken
