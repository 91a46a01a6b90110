"""Holding a `StaffCheck` or a `StaffDraw` is the permission of the course's staff to see it and write in it."""

from typing import Annotated

from fastapi import Depends

from server.assignments.access import StaffAssignment
from server.database import SessionDep
from server.spotchecks import queries
from server.spotchecks.models import Draw, SpotCheck


def require_check(check_id: int, assignment: StaffAssignment, session: SessionDep) -> SpotCheck:
    return queries.get_check(session, assignment=assignment, check_id=check_id)


StaffCheck = Annotated[SpotCheck, Depends(require_check, scope="function")]


def require_draw(draw_id: int, assignment: StaffAssignment, session: SessionDep) -> Draw:
    return queries.get_draw(session, assignment=assignment, draw_id=draw_id)


StaffDraw = Annotated[Draw, Depends(require_draw, scope="function")]
