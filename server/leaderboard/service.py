"""From the board to points: what everybody would get, and opening it to the students."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from grader.competition.reward import Points
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import write_line
from server.deadlines.queries import closed_for_all
from server.leaderboard import rules
from server.leaderboard.queries import Person, changes_by_hand
from server.leaderboard.views import Board, reward_of


@dataclass(frozen=True)
class Earned:
    """What one person gets for the competition: what the gradebook counts."""

    person: Person
    rank: int
    value: float
    points: Points
    change: Decimal | None  # that the staff have made by hand, below 0

    @property
    def total(self) -> Decimal:
        return max(Decimal(0), self.points.total + (self.change or 0))


def preview(session: Session, board: Board) -> list[Earned]:
    """The points of everybody by this board, as they are or would be released; a team's members get the same, before changes."""
    changes = changes_by_hand(session, assignment=board.assignment)
    with board.live.lock:
        ranked = enumerate(board.live.board.order, start=1)
        return [
            Earned(person, rank, standing.value, reward_of(board, standing.value, rank), changes.get(person.id))
            for rank, standing in ranked
            for person in board.live.members[standing.entrant]
        ]


def search_earned(rows: Sequence[Earned], search: str) -> list[Earned]:
    """Those whose name, login or team's name holds the text; everybody where it is empty."""
    wanted = search.strip().casefold()
    return [row for row in rows if any(wanted in name.casefold() for name in names_of(row.person))]


def names_of(person: Person) -> list[str]:
    return [person.name, person.login, person.team_name or ""]


def release(session: Session, *, assignment: Assignment, manifest: Manifest, staff: User, now: datetime) -> None:
    """Open private scores and points to the students. Doing it twice changes nothing."""
    rules.check_is_no_exam(assignment)
    closes_at = closed_for_all(session, assignments=[assignment])[assignment.id]
    rules.check_can_release(manifest, closes_at=closes_at, now=now)
    if assignment.released_at is None:
        assignment.released_at = now
        write_line(session, course=assignment.course, actor=staff, action="leaderboard.released", assignment=assignment.slug)


def withdraw(session: Session, *, assignment: Assignment, staff: User) -> None:
    """Take the release back, because something was wrong with it."""
    rules.check_is_no_exam(assignment)
    if assignment.released_at is not None:
        assignment.released_at = None
        write_line(session, course=assignment.course, actor=staff, action="leaderboard.withdrawn", assignment=assignment.slug)
