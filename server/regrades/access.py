"""Holding a `VisibleRequest` is the permission to read it: the staff's, or of whoever stands behind the submission."""

from typing import Annotated

from fastapi import Depends

from server.courses.access import Membership, StaffMembership
from server.database import SessionDep
from server.errors import NotFound
from server.regrades import queries
from server.regrades.models import RegradeRequest
from server.submissions.access import SubmissionView
from server.submissions.models import Submission


def require_request(request_id: int, membership: Membership, session: SessionDep) -> RegradeRequest:
    found = queries.get_request(session, course=membership.course, request_id=request_id)
    if not membership.role.is_staff and not queries.stands_with(session, request=found, user=membership.user):
        raise NotFound
    return found


VisibleRequest = Annotated[RegradeRequest, Depends(require_request, scope="function")]


def require_staff(staff: StaffMembership, request_id: int, session: SessionDep) -> RegradeRequest:
    return queries.get_request(session, course=staff.course, request_id=request_id)


StaffRequest = Annotated[RegradeRequest, Depends(require_staff, scope="function")]


async def require_asker(request: VisibleRequest, membership: Membership) -> RegradeRequest:
    if request.student_id != membership.user_id:
        raise NotFound
    return request


OwnRequest = Annotated[RegradeRequest, Depends(require_asker, scope="function")]


async def require_behind(view: SubmissionView) -> Submission:
    """Whose submission it is asks about it; the staff change what is wrong without asking."""
    if view.role.is_staff:
        raise NotFound
    return view.submission


AskableSubmission = Annotated[Submission, Depends(require_behind, scope="function")]
