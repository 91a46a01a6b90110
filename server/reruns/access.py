"""Holding a `StaffPreview` or a `StaffRun` is the permission of the course's staff to read it and decide on it."""

from typing import Annotated

from fastapi import Depends

from server.accounts.access import CurrentUser
from server.assignments.access import StaffAssignment
from server.database import SessionDep
from server.errors import NotFound, StaffOnly
from server.grading.models import Run
from server.reruns import queries
from server.reruns.models import Preview
from server.submissions.service import find_visible


def require_preview(preview_id: int, assignment: StaffAssignment, session: SessionDep) -> Preview:
    return queries.get_preview(session, assignment=assignment, preview_id=preview_id)


StaffPreview = Annotated[Preview, Depends(require_preview, scope="function")]


def require_run(run_id: int, user: CurrentUser, session: SessionDep) -> Run:
    run = queries.find_run(session, run_id=run_id)
    found = find_visible(session, submission_id=run.submission_id, user=user) if run else None
    if found is None:
        raise NotFound
    if not found[1].is_staff:
        raise StaffOnly
    return run


StaffRun = Annotated[Run, Depends(require_run, scope="function")]
