"""Courses as JSON."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from server.accounts.access import CurrentUser
from server.audit import list_lines
from server.courses import integrity, service
from server.courses.access import InstructorMembership, Membership, StaffMembership
from server.courses.schemas import AuditLineOut, CourseOut, IntegrityChange, IntegrityOut, PersonOut
from server.database import SessionDep

router = APIRouter(prefix="/api/v1/courses", tags=["courses"])

PAGE, MOST = 100, 500

# As large as the column: beyond it nothing has such a number.
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only lines with a smaller id.")]


@router.get("")
def list_mine(user: CurrentUser, session: SessionDep) -> list[CourseOut]:
    return [CourseOut.of(enrollment) for enrollment in service.list_enrollments(session, user=user)]


@router.get("/{course}")
def show(membership: Membership) -> CourseOut:
    return CourseOut.of(membership)


@router.get("/{course}/people")
def list_people(staff: StaffMembership, session: SessionDep) -> list[PersonOut]:
    return [PersonOut.of(enrollment) for enrollment in service.list_people(session, course=staff.course)]


@router.get("/{course}/audit")
def list_changes(
    staff: StaffMembership,
    session: SessionDep,
    response: Response,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = PAGE,
) -> list[AuditLineOut]:
    """What staff have changed by hand, newest first. Where there are more lines, `Link` names the next page."""
    lines = list_lines(session, course=staff.course, before=before, limit=limit + 1)
    if len(lines) > limit:
        response.headers["Link"] = f'<?{urlencode({"before": lines[limit - 1].id, "limit": limit})}>; rel="next"'
    return [AuditLineOut.of(line) for line in lines[:limit]]


@router.get("/{course}/integrity")
def show_integrity(staff: StaffMembership) -> IntegrityOut:
    return IntegrityOut.of(staff.course)


@router.patch("/{course}/integrity")
def change_integrity(instructor: InstructorMembership, wanted: IntegrityChange, session: SessionDep) -> IntegrityOut:
    """Set what is sent; the audit log keeps before and after."""
    settings = wanted.model_dump(exclude_unset=True)
    integrity.change(session, course=instructor.course, by=instructor.user, settings=settings)
    return IntegrityOut.of(instructor.course)
