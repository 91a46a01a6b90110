"""Who sees an assignment when."""

from datetime import datetime

from server.assignments.models import Assignment
from server.courses.models import Role


def can_see(assignment: Assignment, *, role: Role, now: datetime) -> bool:
    """Staff see everything; students what is meant to be visible and has opened."""
    return role.is_staff or (assignment.visible and assignment.opens_at <= now)


def is_listed(assignment: Assignment, *, role: Role) -> bool:
    """An assignment that opens later is announced by its title and dates."""
    return role.is_staff or assignment.visible
