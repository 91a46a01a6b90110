"""Holding a `Teamwork` is the permission to look at teams and, as a student, to change one's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends

from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.assignments.models import Assignment
from server.courses.access import Membership
from server.courses.models import Role
from server.database import Now, SessionDep
from server.errors import StaffOnly
from server.settings import SettingsDep
from server.teams import rules, service
from server.teams.models import Team


@dataclass(frozen=True)
class Work:
    """Somebody before the teams of an assignment."""

    assignment: Assignment
    user: User
    role: Role
    team_size: int
    now: datetime

    def check_open(self) -> None:
        """Students change teams while the assignment takes submissions."""
        zone = ZoneInfo(self.assignment.course.time_zone)
        rules.check_open(team_size=self.team_size, closes_at=self.assignment.closes_at.astimezone(zone), now=self.now)


def require_work(
    assignment: VisibleAssignment, membership: Membership, session: SessionDep, settings: SettingsDep, now: Now
) -> Work:
    competition = assignments.manifest_of(assignment, root=settings.assignments).competition
    return Work(assignment, membership.user, membership.role, competition.team_size if competition else 1, now)


Teamwork = Annotated[Work, Depends(require_work, scope="function")]


async def require_student(work: Teamwork) -> Work:
    """Who may found and join; whether still, `check_open` says."""
    if work.role.is_staff:
        raise rules.OnlyStudents
    return work


StudentWork = Annotated[Work, Depends(require_student, scope="function")]


def require_open(work: StudentWork) -> Work:
    """A student, where there are teams, in time."""
    work.check_open()
    return work


StudentTeamwork = Annotated[Work, Depends(require_open, scope="function")]


async def require_staff(work: Teamwork) -> Work:
    if not work.role.is_staff:
        raise StaffOnly
    return work


StaffTeamwork = Annotated[Work, Depends(require_staff, scope="function")]


def require_team(team_id: int, work: StaffTeamwork, session: SessionDep) -> Team:
    return service.get_team(session, assignment=work.assignment, team_id=team_id)


StaffTeam = Annotated[Team, Depends(require_team, scope="function")]
