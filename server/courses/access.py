"""Holding a `Membership` or a `VisibleCourse` is the permission to see that course."""

from typing import Annotated

from fastapi import Depends, Request

from server.accounts.access import SAFE_METHODS, CurrentUser
from server.courses import service
from server.courses.integrity import InstructorsOnly
from server.courses.models import Course, Enrollment, Role, Standing
from server.courses.roster_refusals import Withdrawn
from server.database import SessionDep
from server.errors import NotFound, StaffOnly


def require_place(course: str, user: CurrentUser, session: SessionDep) -> Enrollment:
    """The asking person's place in the course of the path, also of a student who has withdrawn; 404 for everybody else."""
    enrollment = service.find_enrollment(session, course_slug=course, user=user)
    if enrollment is None or not (enrollment.is_active or enrollment.role is Role.student):
        raise NotFound
    return enrollment


Place = Annotated[Enrollment, Depends(require_place, scope="function")]


async def require_membership(place: Place, request: Request) -> Enrollment:
    """Whoever has withdrawn reads, and changes nothing."""
    check_may_change(place.standing, request)
    return place


def check_may_change(standing: Standing, request: Request) -> None:
    """Raise Withdrawn for a request that would change something."""
    if standing is Standing.withdrawn and request.method not in SAFE_METHODS:
        raise Withdrawn


Membership = Annotated[Enrollment, Depends(require_membership, scope="function")]


async def require_course(membership: Membership) -> Course:
    return membership.course


VisibleCourse = Annotated[Course, Depends(require_course, scope="function")]


async def require_staff(membership: Membership) -> Enrollment:
    if not membership.role.is_staff:
        raise StaffOnly
    return membership


StaffMembership = Annotated[Enrollment, Depends(require_staff, scope="function")]


async def require_instructor(membership: StaffMembership) -> Enrollment:
    if membership.role is not Role.instructor:
        raise InstructorsOnly
    return membership


InstructorMembership = Annotated[Enrollment, Depends(require_instructor, scope="function")]
