"""Holding a `VisibleSubmission` is the permission to see it: one's own, or any of a course one is staff of."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from server.accounts.access import CurrentUser
from server.courses.access import check_may_change
from server.courses.models import Role
from server.database import SessionDep
from server.declarations.rules import OnlyAuthors
from server.errors import NotFound, StaffOnly
from server.submissions import service
from server.submissions.models import Submission


@dataclass(frozen=True)
class View:
    """A submission together with the role in which it is seen."""

    submission: Submission
    role: Role


def require_view(submission_id: int, user: CurrentUser, session: SessionDep, request: Request) -> View:
    found = service.find_visible(session, submission_id=submission_id, user=user)
    if found is None:
        raise NotFound
    submission, role, standing = found
    check_may_change(standing, request)
    return View(submission, role)


SubmissionView = Annotated[View, Depends(require_view, scope="function")]


async def require_submission(view: SubmissionView) -> Submission:
    return view.submission


VisibleSubmission = Annotated[Submission, Depends(require_submission, scope="function")]


async def require_staff(view: SubmissionView) -> Submission:
    if not view.role.is_staff:
        raise StaffOnly
    return view.submission


StaffSubmission = Annotated[Submission, Depends(require_staff, scope="function")]


async def require_own(view: SubmissionView, user: CurrentUser) -> Submission:
    """One's own, or the team's: of others staff may read what was declared, and say nothing in their place."""
    if view.role.is_staff and view.submission.author_id != user.id:
        raise OnlyAuthors
    return view.submission


OwnSubmission = Annotated[Submission, Depends(require_own, scope="function")]
