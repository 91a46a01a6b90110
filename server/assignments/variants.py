"""Which paper a person has: a seed that only the server's key and the assignment's own id make, so that it can be drawn again."""

import logging

from grader.questions.judging import paper_of
from grader.questions.manifest import Variants
from grader.questions.paper import Paper
from grader.seeds import new_seed
from grader.spec import BrokenAssignment, Manifest
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


def variant_of(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> str:
    """64 hex digits: of the assignment, or of one person in it."""
    whose = f"{assignment.id}:{user_id}" if manifest.variants is Variants.student else str(assignment.id)
    return new_seed(settings.derive_key("questions"), whose)


def draw_paper_of(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> Paper:
    """With its answers: nothing of it reaches a page but through `server.questions.views`. Raises PaperUnavailable."""
    folder = folder_of(assignment, root=settings.assignments)
    try:
        return paper_of(folder, manifest, variant_of(assignment, manifest, user_id=user_id, settings=settings))
    except BrokenAssignment as broken:
        log.exception("The questions of %s cannot be drawn", assignment.slug)
        raise PaperUnavailable(assignment.slug) from broken
