"""What boards are made of, read from runs: so a board cannot disagree with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Float, Row, Select, and_, func, literal, null, or_, select, true
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases.points import changes_of
from server.courses.models import Course, Enrollment, Role
from server.courses.service import is_active_student
from server.grading.models import Choice, Measurement, Run
from server.leaderboard.standings import Entrant
from server.submissions.models import Submission
from server.teams.models import Team, TeamMember


@dataclass(frozen=True)
class Person:
    """A student of the course, and the team that he stands for, if any."""

    id: int
    login: str
    name: str
    team_id: int | None
    team_name: str | None

    @property
    def entrant(self) -> Entrant:
        return Entrant("person", self.id) if self.team_id is None else Entrant("team", self.team_id)


def list_people(session: Session, *, assignment: Assignment) -> list[Person]:
    """Only students stand on boards, not staff who try the assignment out; who has withdrawn only beside mates who have not."""
    query = (
        select(User.id, User.login, User.display_name, Team.id, Team.name)
        .join(Enrollment, Enrollment.user_id == User.id)
        .outerjoin(TeamMember, _is_in_a_team(assignment, User.id))
        .outerjoin(Team, Team.id == TeamMember.team_id)
        .where(Enrollment.course_id == assignment.course_id, Enrollment.role == Role.student)
        .where(or_(is_active_student(), TeamMember.team_id.in_(living_teams(assignment))))
        .order_by(TeamMember.joined_at, User.login)
    )
    return [Person(*row) for row in session.execute(query)]


def living_teams(assignment: Assignment) -> Select:
    """Those in which somebody is left: what a mate who has withdrawn handed in still counts for them."""
    here = (Enrollment.user_id == TeamMember.user_id) & (Enrollment.course_id == assignment.course_id)
    joined = TeamMember.assignment_id == assignment.id, TeamMember.joined_at.is_not(None)
    return select(TeamMember.team_id).join(Enrollment, here).where(*joined, is_active_student())


def changes_by_hand(session: Session, *, assignment: Assignment) -> dict[int, Decimal]:
    """What staff have taken off or given back, by student: it counts for points, never for a place."""
    return changes_of(session, assignment=assignment)


def entries(
    *, assignment: Assignment, metric: str | None, is_competition: bool, with_items: bool = False, after_run: int = 0
) -> Select:
    """Author, time of the run, and an Entry's fields, of the runs with a higher id, in their order."""
    query = _measured(with_items) if is_competition else _scored(metric)
    return (
        query.join(Submission, Submission.id == Run.submission_id)
        .where(Submission.assignment_id == assignment.id, Run.id > after_run)
        .order_by(Run.id)
    )


OF_EVERY_RUN = Submission.author_id, Run.created_at, Submission.id, Submission.attempt, Submission.received_at, Run.id


def _measured(with_items: bool) -> Select:
    halves = (
        Measurement.public, Measurement.public_low, Measurement.public_high,
        Measurement.private, Measurement.private_low, Measurement.private_high,
    )  # fmt: skip
    items = Measurement.public_items if with_items else null()
    return (
        select(*OF_EVERY_RUN, *halves, null(), Choice.chosen_at, items)
        .select_from(Run)
        .outerjoin(Measurement, Measurement.run_id == Run.id)
        .outerjoin(Choice, Choice.submission_id == Run.submission_id)
    )


def _scored(metric: str | None) -> Select:
    """Of a homework: its points, and beside them the public metric if it has one."""
    public = Run.report["metrics"][metric]["public"].astext.cast(Float) if metric else null()
    nothing = [literal(None)] * 5
    return select(*OF_EVERY_RUN, Run.score.cast(Float), *nothing, public).select_from(Run)


def items_of(session: Session, run_ids: Iterable[int]) -> dict[int, bytes]:
    """What each public item gave, packed, by run."""
    query = select(Measurement.run_id, Measurement.public_items).where(Measurement.run_id.in_(run_ids))
    return dict(session.execute(query).all())


def stamp(session: Session, *, assignment: Assignment) -> Row[Any]:
    """The clock; then what changes when something other than a run may have changed the board: people, teams, choices."""
    joined = TeamMember.assignment_id == assignment.id, TeamMember.joined_at.is_not(None)
    chosen = (
        select(func.count(), func.max(Choice.chosen_at))
        .join(Submission, Submission.id == Choice.submission_id)
        .where(Submission.assignment_id == assignment.id)
        .subquery()
    )
    of_course = Course.id == Enrollment.course_id, Course.id == assignment.course_id
    people = select(func.count(), func.max(Enrollment.id), func.max(Course.roster_version)).where(*of_course).subquery()
    teams = select(func.count(), func.max(TeamMember.joined_at), func.sum(TeamMember.team_id)).where(*joined).subquery()
    together = people.join(teams, true()).join(chosen, true())
    return session.execute(select(func.clock_timestamp(), people, teams, chosen).select_from(together)).one()


def _is_in_a_team(assignment: Assignment, user_id: Any) -> Any:
    return and_(TeamMember.assignment_id == assignment.id, TeamMember.user_id == user_id, TeamMember.joined_at.is_not(None))
