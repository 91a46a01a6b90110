"""Holding a `VisibleAssignment` is the permission to see it."""

from typing import Annotated

from fastapi import Depends

from server.assignments import rules, service
from server.assignments.models import Assignment
from server.courses.access import Membership, StaffMembership
from server.database import Now, SessionDep
from server.errors import NotFound


def require_assignment(assignment: str, membership: Membership, session: SessionDep, now: Now) -> Assignment:
    found = service.find_assignment(session, course=membership.course, slug=assignment)
    if found is None or not rules.can_see(found, role=membership.role, now=now):
        raise NotFound
    return found


VisibleAssignment = Annotated[Assignment, Depends(require_assignment, scope="function")]


async def require_staff(assignment: VisibleAssignment, _: StaffMembership) -> Assignment:
    return assignment


StaffAssignment = Annotated[Assignment, Depends(require_staff, scope="function")]
