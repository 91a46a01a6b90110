"""Which paper a person has: a seed that only the server's key and the assignment's own id make, so that it can be drawn again."""

from pathlib import Path

from grader.questions.judging import paper_of
from grader.questions.manifest import Variants
from grader.questions.paper import Paper
from grader.seeds import new_seed
from grader.spec import Manifest
from server.assignments.models import Assignment
from server.assignments.service import folder_of
from server.settings import Settings


def variant_of(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> str:
    """64 hex digits: of the assignment, or of one person in it."""
    whose = f"{assignment.id}:{user_id}" if manifest.variants is Variants.student else str(assignment.id)
    return new_seed(settings.derive_key("questions"), whose)


def draw_paper_of(assignment: Assignment, manifest: Manifest, *, user_id: int, settings: Settings) -> Paper:
    """With its answers: nothing of it reaches a page but through `server.questions.views`. Raises BrokenAssignment."""
    folder: Path = folder_of(assignment, root=settings.assignments)
    return paper_of(folder, manifest, variant_of(assignment, manifest, user_id=user_id, settings=settings))
