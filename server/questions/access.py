"""Holding an `AskedAssignment` is the permission to answer its questions: one sees it, and it has some."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from grader.questions.paper import Paper
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.access import VisibleAssignment
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.assignments.variants import draw_paper_of
from server.courses.access import Membership
from server.courses.models import Enrollment
from server.errors import NotFound
from server.settings import SettingsDep


@dataclass(frozen=True)
class OwnPaper:
    """One's own questions. The paper knows the answers, so it goes through `views` before anybody sees it."""

    assignment: Assignment
    manifest: Manifest
    paper: Paper
    membership: Enrollment

    @property
    def user(self) -> User:
        return self.membership.user


def require_paper(assignment: VisibleAssignment, membership: Membership, settings: SettingsDep) -> OwnPaper:
    manifest = manifest_of(assignment, root=settings.assignments)
    if not manifest.questions:
        raise NotFound
    paper = draw_paper_of(assignment, manifest, user_id=membership.user_id, settings=settings)
    return OwnPaper(assignment, manifest, paper, membership)


AskedAssignment = Annotated[OwnPaper, Depends(require_paper, scope="function")]
