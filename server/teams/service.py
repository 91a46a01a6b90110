"""Founding, inviting, joining and leaving; what staff change by hand leaves an audit line.

Who changes a team holds the lock of the person (the enrollment's row, under which attempts are counted, too) and then that of the
team's row: two who accept at the same moment, or one who accepts and hands in, come one after the other.
"""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.accounts.service import tidy_login
from server.assignments.models import Assignment
from server.audit import write_line
from server.courses.models import Enrollment, Role, Standing
from server.courses.service import is_active_student
from server.errors import NotFound
from server.teams import queries, rules
from server.teams.models import Team, TeamMember


def create_team(session: Session, *, assignment: Assignment, founder: User, name: str, now: datetime) -> Team:
    tidy = rules.tidy_name(name)
    lock_person(session, assignment=assignment, user=founder)
    check_free(session, assignment=assignment, user=founder)
    check_name(session, assignment=assignment, name=tidy)
    team = Team(assignment_id=assignment.id, name=tidy)
    session.add(team)
    session.flush()
    add_member(session, team=team, user=founder, invited_by=None, joined_at=now)
    return team


def invite(session: Session, *, team: Team, login: str, by: User, assignment: Assignment, team_size: int) -> TeamMember:
    """Doing it again changes nothing; who has declined may be invited once more."""
    hold(session, team)
    check_member(team, by)
    guest = get_student(session, assignment=assignment, login=login)
    known = next((member for member in team.members if member.user_id == guest.id), None)
    if known is not None:
        return known
    check_free(session, assignment=assignment, user=guest)
    if queries.has_submitted(session, team=team):
        raise rules.TeamHasSubmitted
    if len(team.members) >= team_size:
        raise rules.TeamIsFull(team_size)
    return add_member(session, team=team, user=guest, invited_by=by, joined_at=None)


def take_back(session: Session, *, team: Team, login: str, by: User, assignment: Assignment) -> None:
    """An invitation that has not been answered. The guest's lock first, so that it cannot be accepted meanwhile."""
    guest = get_student(session, assignment=assignment, login=login, may_have_left=True)
    lock_person(session, assignment=assignment, user=guest)
    hold(session, team)
    check_member(team, by)
    if not any(member.user_id == guest.id and member.joined_at is None for member in team.members):
        raise rules.NotInvited(guest.login)
    remove(session, team=team, user=guest)


def accept(session: Session, *, team_id: int, assignment: Assignment, user: User, team_size: int, now: datetime) -> Team:
    """What he has handed in alone counts for the team from now on. His other invitations are gone."""
    lock_person(session, assignment=assignment, user=user)
    invitation = get_invitation(session, assignment=assignment, user=user, team_id=team_id)
    hold(session, invitation.team)
    check_free(session, assignment=assignment, user=user)
    check_can_join(session, team=invitation.team, assignment=assignment, user=user, team_size=team_size)
    invitation.joined_at = now
    session.flush()
    for other in queries.list_invitations(session, assignment=assignment, user=user):
        session.delete(other)
    session.flush()
    return invitation.team


def check_can_join(session: Session, *, team: Team, assignment: Assignment, user: User, team_size: int) -> None:
    """Raise why he cannot, if so: it is full, it has handed in, or together they have used more than a team may."""
    members = [member.user_id for member in team.members if member.joined_at]
    if len(members) >= team_size:
        raise rules.TeamIsFull(team_size)
    if queries.has_submitted(session, team=team):
        raise rules.TeamHasSubmitted
    used, scored = queries.count_attempts_of(session, assignment=assignment, user_ids=[user.id, *members])
    if used > assignment.attempt_limit:
        raise rules.TooManyTogether(used, assignment.attempt_limit)
    if assignment.scored_limit is not None and scored > assignment.scored_limit:
        raise rules.TooManyScoredTogether(scored, assignment.scored_limit)


def decline(session: Session, *, team_id: int, assignment: Assignment, user: User) -> None:
    lock_person(session, assignment=assignment, user=user)
    session.delete(get_invitation(session, assignment=assignment, user=user, team_id=team_id))
    session.flush()


def leave(session: Session, *, team: Team, assignment: Assignment, user: User) -> None:
    """The last one to leave ends the team."""
    lock_person(session, assignment=assignment, user=user)
    hold(session, team)
    if queries.has_submitted(session, team=team):
        raise rules.TeamHasSubmitted
    remove(session, team=team, user=user)


def remove(session: Session, *, team: Team, user: User) -> None:
    member = next((member for member in team.members if member.user_id == user.id), None)
    if member is None:
        raise NotFound
    session.delete(member)
    session.flush()
    session.expire(team, ["members"])
    if not any(member.joined_at for member in team.members):
        session.delete(team)
        session.flush()


def put_member(
    session: Session, *, team: Team, login: str, assignment: Assignment, staff: User, reason: str, now: datetime
) -> None:
    """Staff put somebody into a team, whatever it has handed in."""
    rules.check_reason(reason)
    user = get_student(session, assignment=assignment, login=login)
    lock_person(session, assignment=assignment, user=user)
    hold(session, team)
    check_free(session, assignment=assignment, user=user)
    for invitation in queries.list_invitations(session, assignment=assignment, user=user):
        session.delete(invitation)
    session.flush()
    add_member(session, team=team, user=user, invited_by=staff, joined_at=now)
    note(session, team=team, assignment=assignment, staff=staff, action="team.member_added", login=user.login, reason=reason)


def take_member(session: Session, *, team: Team, login: str, assignment: Assignment, staff: User, reason: str) -> None:
    """Of somebody who has not answered yet, the invitation."""
    rules.check_reason(reason)
    user = get_student(session, assignment=assignment, login=login, may_have_left=True)
    lock_person(session, assignment=assignment, user=user)
    hold(session, team)
    is_invited = any(member.user_id == user.id and member.joined_at is None for member in team.members)
    action = "team.invitation_withdrawn" if is_invited else "team.member_removed"
    note(session, team=team, assignment=assignment, staff=staff, action=action, login=user.login, reason=reason)
    remove(session, team=team, user=user)


def rename(session: Session, *, team: Team, name: str, assignment: Assignment, staff: User, reason: str) -> None:
    rules.check_reason(reason)
    tidy = rules.tidy_name(name)
    hold(session, team)
    if tidy != team.name:
        check_name(session, assignment=assignment, name=tidy)
        note(session, team=team, assignment=assignment, staff=staff, action="team.renamed", to=tidy, reason=reason)
        team.name = tidy
        session.flush()


def dissolve(session: Session, *, team: Team, assignment: Assignment, staff: User, reason: str) -> None:
    """Everybody stands alone again, with what he has handed in himself."""
    rules.check_reason(reason)
    hold(session, team)
    members = [member.user.login for member in team.members if member.joined_at]
    note(session, team=team, assignment=assignment, staff=staff, action="team.dissolved", members=members, reason=reason)
    session.execute(delete(TeamMember).where(TeamMember.team_id == team.id))
    session.delete(team)
    session.flush()


def note(session: Session, *, team: Team, assignment: Assignment, staff: User, action: str, **more: object) -> None:
    """`team_id` stays when the name changes; by it a team finds its lines."""
    known = {"assignment": assignment.slug, "team_id": team.id, "team": team.name}
    write_line(session, course=assignment.course, actor=staff, action=action, **known, **more)


def add_member(session: Session, *, team: Team, user: User, invited_by: User | None, joined_at: datetime | None) -> TeamMember:
    member = TeamMember(
        team_id=team.id,
        assignment_id=team.assignment_id,
        user_id=user.id,
        invited_by_id=invited_by.id if invited_by else None,
        joined_at=joined_at,
    )
    session.add(member)
    session.flush()
    session.expire(team, ["members"])
    return member


def lock_person(session: Session, *, assignment: Assignment, user: User) -> Standing | None:
    """The same row under which a person's attempts are counted; None: he is not in the course."""
    mine = Enrollment.course_id == assignment.course_id, Enrollment.user_id == user.id
    return session.scalar(select(Enrollment.standing).where(*mine).with_for_update())


def lock_team(session: Session, team: Team) -> bool:
    """Whether it is still there."""
    is_there = session.scalar(select(Team.id).where(Team.id == team.id).with_for_update()) is not None
    session.expire(team, ["members"])
    return is_there


def hold(session: Session, team: Team) -> None:
    """Lock a team that is to be changed. Raises NotFound where somebody has ended it meanwhile."""
    if not lock_team(session, team):
        raise NotFound


def check_member(team: Team, user: User) -> None:
    if user.id not in {member.user_id for member in team.members if member.joined_at}:
        raise rules.NotInATeam


def check_free(session: Session, *, assignment: Assignment, user: User) -> None:
    if queries.find_team(session, assignment=assignment, user=user) is not None:
        raise rules.AlreadyInATeam(user.login)


def check_name(session: Session, *, assignment: Assignment, name: str) -> None:
    """Under a lock on the assignment that hinders no submission: two teams of one name come one after the other."""
    session.execute(select(Assignment.id).where(Assignment.id == assignment.id).with_for_update(key_share=True))
    taken = (
        select(func.count()).select_from(Team).where(Team.assignment_id == assignment.id, func.lower(Team.name) == name.lower())
    )
    if session.scalar(taken):
        raise rules.NameTaken(name)


def get_student(session: Session, *, assignment: Assignment, login: str, may_have_left: bool = False) -> User:
    """may_have_left: also who has withdrawn, for what is taken away rather than given."""
    query = (
        select(User)
        .join(Enrollment, Enrollment.user_id == User.id)
        .where(User.login == tidy_login(login), Enrollment.course_id == assignment.course_id)
        .where(Enrollment.role == Role.student if may_have_left else is_active_student())
    )
    user = session.scalar(query)
    if user is None:
        raise rules.NotAStudentHere(login)
    return user


def get_team(session: Session, *, assignment: Assignment, team_id: int) -> Team:
    team = session.scalar(select(Team).where(Team.id == team_id, Team.assignment_id == assignment.id))
    if team is None:
        raise NotFound
    return team


def get_own_team(session: Session, *, assignment: Assignment, user: User) -> Team:
    team = queries.find_team(session, assignment=assignment, user=user)
    if team is None:
        raise rules.NotInATeam
    return team


def get_invitation(session: Session, *, assignment: Assignment, user: User, team_id: int) -> TeamMember:
    found = queries.list_invitations(session, assignment=assignment, user=user)
    invitation = next((member for member in found if member.team_id == team_id), None)
    if invitation is None:
        raise NotFound
    return invitation
