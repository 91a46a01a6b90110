"""Who stands together in an assignment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import AuditLine, list_lines_about
from server.submissions.models import Submission
from server.teams.models import Team, TeamMember


def find_team(session: Session, *, assignment: Assignment, user: User) -> Team | None:
    """The one that this person has joined."""
    query = select(Team).join(TeamMember, TeamMember.team_id == Team.id)
    return session.scalar(query.where(*is_member(assignment, user)).options(selectinload(Team.members)))


def members_of(session: Session, *, assignment: Assignment, user: User) -> list[int]:
    """Ids of all with whom this person stands together, himself among them; only his where he is in no team."""
    mine = select(TeamMember.team_id).where(*is_member(assignment, user)).scalar_subquery()
    found = select(TeamMember.user_id).where(TeamMember.team_id == mine, TeamMember.joined_at.is_not(None))
    return list(session.scalars(found)) or [user.id]


def is_member(assignment: Assignment, user: User) -> tuple:
    return TeamMember.assignment_id == assignment.id, TeamMember.user_id == user.id, TeamMember.joined_at.is_not(None)


def stand_together(assignment_id: object, author_id: object, user: User) -> object:
    """SQL: whether author and user have joined the same team of the assignment."""
    other = aliased(TeamMember)
    return exists().where(
        TeamMember.assignment_id == assignment_id,
        TeamMember.user_id == author_id,
        TeamMember.joined_at.is_not(None),
        other.team_id == TeamMember.team_id,
        other.user_id == user.id,
        other.joined_at.is_not(None),
    )


def list_teams(session: Session, *, assignment: Assignment) -> list[Team]:
    query = select(Team).where(Team.assignment_id == assignment.id).order_by(Team.name)
    return list(session.scalars(query.options(selectinload(Team.members))))


def team_names(session: Session, *, assignment: Assignment) -> dict[int, str]:
    """By the ids of those who have joined one."""
    joined = TeamMember.assignment_id == assignment.id, TeamMember.joined_at.is_not(None)
    rows = session.execute(select(TeamMember.user_id, Team.name).join(Team, Team.id == TeamMember.team_id).where(*joined))
    return {row.user_id: row.name for row in rows}


def list_invitations(session: Session, *, assignment: Assignment, user: User) -> list[TeamMember]:
    """Those that this person has neither accepted nor declined."""
    return list(session.scalars(_invitations(assignment, user)))


def list_changes(session: Session, *, assignment: Assignment, user: User, team: Team | None) -> list[AuditLine]:
    """What staff have done to this person as one of a team, and to the team that he is in; newest first, and nobody else's."""
    subjects: list[dict[str, Any]] = [{"login": user.login}, {"members": [user.login]}]
    subjects += [{"team_id": team.id}] if team else []
    any_of = [{"assignment": assignment.slug} | subject for subject in subjects]
    lines = list_lines_about(session, course=assignment.course, any_of=any_of)
    return [line for line in lines if line.action.startswith("team.")]  # others may be about him and not for him


def _invitations(assignment: Assignment, user: User) -> Select:
    mine = TeamMember.assignment_id == assignment.id, TeamMember.user_id == user.id, TeamMember.joined_at.is_(None)
    return select(TeamMember).where(*mine).order_by(TeamMember.id).options(selectinload(TeamMember.team))


def count_attempts_of(session: Session, *, assignment: Assignment, user_ids: Sequence[int]) -> tuple[int, int]:
    """All that these people have handed in and that was not given back; and how many of those have a score."""
    theirs = Submission.assignment_id == assignment.id, Submission.author_id.in_(user_ids), Submission.takes_attempt
    counts = func.count(), func.count().filter(Submission.measurements.any())
    used, scored = session.execute(select(*counts).select_from(Submission).where(*theirs)).one()
    return used, scored


def has_submitted(session: Session, *, team: Team) -> bool:
    """By anybody since he joined it. What a member handed in alone before counts for the team, but does not close it."""
    as_member = Submission.author_id == TeamMember.user_id, Submission.received_at >= TeamMember.joined_at
    theirs = TeamMember.team_id == team.id, Submission.assignment_id == team.assignment_id
    return session.scalar(select(exists().where(*theirs, *as_member)))
