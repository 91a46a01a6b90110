"""Teams as JSON."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, StringConstraints

from server.courses.schemas import AuditLineOut
from server.teams.models import Team, TeamMember
from server.teams.rules import MAX_REASON, MIN_REASON

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=MIN_REASON, max_length=MAX_REASON)]


class NewTeam(BaseModel):
    name: Name


class NewInvitation(BaseModel):
    login: Name


class Renaming(BaseModel):
    name: Name
    reason: Reason


class MemberOut(BaseModel):
    login: str
    name: str
    invited_at: datetime
    joined_at: datetime | None  # None: has not answered yet

    @classmethod
    def of(cls, member: TeamMember) -> Self:
        return cls(
            login=member.user.login, name=member.user.display_name, invited_at=member.invited_at, joined_at=member.joined_at
        )


class TeamOut(BaseModel):
    id: int
    name: str
    members: list[MemberOut]

    @classmethod
    def of(cls, team: Team) -> Self:
        return cls(id=team.id, name=team.name, members=[MemberOut.of(member) for member in team.members])


class TeamsOut(BaseModel):
    """Of a student: the own team, open invitations and what staff changed about both. Of staff: all teams."""

    team_size: int
    team: TeamOut | None
    invitations: list[TeamOut]
    changes: list[AuditLineOut]  # newest first
    teams: list[TeamOut] | None
