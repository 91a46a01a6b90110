"""Holding a `StaffExtension` is the permission of the course's staff to see it and take it back."""

from typing import Annotated

from fastapi import Depends

from server.assignments.access import StaffAssignment
from server.database import SessionDep
from server.deadlines import queries
from server.deadlines.models import Extension


def require_extension(extension_id: int, assignment: StaffAssignment, session: SessionDep) -> Extension:
    return queries.get_extension(session, assignment=assignment, extension_id=extension_id)


StaffExtension = Annotated[Extension, Depends(require_extension, scope="function")]
