"""Courses as JSON."""

from fastapi import APIRouter

from server.accounts.access import CurrentUser
from server.courses import service
from server.courses.access import Membership, StaffMembership
from server.courses.schemas import CourseOut, PersonOut
from server.database import SessionDep

router = APIRouter(prefix="/api/v1/courses", tags=["courses"])


@router.get("")
def list_mine(user: CurrentUser, session: SessionDep) -> list[CourseOut]:
    return [CourseOut.of(enrollment) for enrollment in service.list_enrollments(session, user=user)]


@router.get("/{course}")
def show(membership: Membership) -> CourseOut:
    return CourseOut.of(membership)


@router.get("/{course}/people")
def list_people(staff: StaffMembership, session: SessionDep) -> list[PersonOut]:
    return [PersonOut.of(enrollment) for enrollment in service.list_people(session, course=staff.course)]
