"""Holding a `StaffRollCall` is the permission of the course's staff; a `MemberRollCall` is one of one's own course."""

from typing import Annotated

from fastapi import Depends

from server.attendance import queries
from server.attendance.models import RollCall
from server.courses.access import Membership, StaffMembership
from server.database import SessionDep


def require_staff_roll_call(roll_call_id: int, staff: StaffMembership, session: SessionDep) -> RollCall:
    return queries.get_roll_call(session, course=staff.course, roll_call_id=roll_call_id)


StaffRollCall = Annotated[RollCall, Depends(require_staff_roll_call, scope="function")]


def require_member_roll_call(roll_call_id: int, membership: Membership, session: SessionDep) -> RollCall:
    return queries.get_roll_call(session, course=membership.course, roll_call_id=roll_call_id)


MemberRollCall = Annotated[RollCall, Depends(require_member_roll_call, scope="function")]
