"""Holding a `Membership` or a `VisibleCourse` is the permission to see that course."""

from typing import Annotated

from fastapi import Depends

from server.accounts.access import CurrentUser
from server.courses import service
from server.courses.integrity import InstructorsOnly
from server.courses.models import Course, Enrollment, Role
from server.database import SessionDep
from server.errors import NotFound, StaffOnly


def require_membership(course: str, user: CurrentUser, session: SessionDep) -> Enrollment:
    """The asking person's place in the course of the path; 404 for everybody else."""
    enrollment = service.find_enrollment(session, course_slug=course, user=user)
    if enrollment is None:
        raise NotFound
    return enrollment


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
