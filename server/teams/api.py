"""The teams' door for programs."""

from typing import Annotated

from fastapi import APIRouter, Query

from server.courses.schemas import AuditLineOut
from server.database import SessionDep
from server.teams import queries, service
from server.teams.access import StaffTeam, StaffTeamwork, StudentTeamwork, Teamwork, Work
from server.teams.schemas import NewInvitation, NewTeam, Reason, Renaming, TeamOut, TeamsOut

router = APIRouter(prefix="/api/v1/courses/{course}/assignments/{assignment}/teams", tags=["teams"])

Why = Annotated[Reason, Query(description="Stands in the audit log.")]


@router.get("")
def show(work: Teamwork, session: SessionDep) -> TeamsOut:
    """One's own team and invitations; staff also see all teams."""
    return teams_of(work, session)


@router.post("", status_code=201)
def create(work: StudentTeamwork, new: NewTeam, session: SessionDep) -> TeamOut:
    """Found a team and be its first member."""
    team = service.create_team(session, assignment=work.assignment, founder=work.user, name=new.name, now=work.now)
    return TeamOut.of(team)


@router.post("/invitations", status_code=201)
def invite(work: StudentTeamwork, new: NewInvitation, session: SessionDep) -> TeamsOut:
    """Invite another student of the course into one's own team."""
    team = service.get_own_team(session, assignment=work.assignment, user=work.user)
    service.invite(session, team=team, login=new.login, by=work.user, assignment=work.assignment, team_size=work.team_size)
    return teams_of(work, session)


@router.delete("/invitations/{login}")
def take_back(work: StudentTeamwork, login: str, session: SessionDep) -> TeamsOut:
    """Take an invitation back that has not been answered; any member of the team may."""
    team = service.get_own_team(session, assignment=work.assignment, user=work.user)
    service.take_back(session, team=team, login=login, by=work.user, assignment=work.assignment)
    return teams_of(work, session)


@router.post("/{team_id}/accept")
def accept(work: StudentTeamwork, team_id: int, session: SessionDep) -> TeamsOut:
    """Join. What one has handed in alone counts for the team from now on."""
    service.accept(session, team_id=team_id, assignment=work.assignment, user=work.user, team_size=work.team_size, now=work.now)
    return teams_of(work, session)


@router.post("/{team_id}/decline")
def decline(work: StudentTeamwork, team_id: int, session: SessionDep) -> TeamsOut:
    service.decline(session, team_id=team_id, assignment=work.assignment, user=work.user)
    return teams_of(work, session)


@router.post("/leave")
def leave(work: StudentTeamwork, session: SessionDep) -> TeamsOut:
    """As long as the team has not handed in."""
    team = service.get_own_team(session, assignment=work.assignment, user=work.user)
    service.leave(session, team=team, assignment=work.assignment, user=work.user)
    return teams_of(work, session)


@router.patch("/{team_id}")
def rename(work: StaffTeamwork, team: StaffTeam, renaming: Renaming, session: SessionDep) -> TeamOut:
    service.rename(session, team=team, name=renaming.name, assignment=work.assignment, staff=work.user, reason=renaming.reason)
    return TeamOut.of(team)


@router.delete("/{team_id}", status_code=204)
def dissolve(work: StaffTeamwork, team: StaffTeam, session: SessionDep, reason: Why) -> None:
    """Everybody stands alone again."""
    service.dissolve(session, team=team, assignment=work.assignment, staff=work.user, reason=reason)


@router.put("/{team_id}/members/{login}", status_code=204)
def put_member(work: StaffTeamwork, team: StaffTeam, login: str, session: SessionDep, reason: Why) -> None:
    """Put somebody into a team, whatever it has handed in."""
    service.put_member(session, team=team, login=login, assignment=work.assignment, staff=work.user, reason=reason, now=work.now)


@router.delete("/{team_id}/members/{login}", status_code=204)
def take_member(work: StaffTeamwork, team: StaffTeam, login: str, session: SessionDep, reason: Why) -> None:
    """Take somebody out of a team, or back the invitation that he has not answered."""
    service.take_member(session, team=team, login=login, assignment=work.assignment, staff=work.user, reason=reason)


def teams_of(work: Work, session: SessionDep) -> TeamsOut:
    own = queries.find_team(session, assignment=work.assignment, user=work.user)
    invitations = queries.list_invitations(session, assignment=work.assignment, user=work.user)
    changes = queries.list_changes(session, assignment=work.assignment, user=work.user, team=own)
    everybody = queries.list_teams(session, assignment=work.assignment) if work.role.is_staff else None
    return TeamsOut(
        team_size=work.team_size,
        team=TeamOut.of(own) if own else None,
        invitations=[TeamOut.of(invitation.team) for invitation in invitations],
        changes=[AuditLineOut.of(line) for line in changes],
        teams=None if everybody is None else [TeamOut.of(team) for team in everybody],
    )
