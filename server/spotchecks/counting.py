"""Which submission of each student is read: the one that counts, or the latest where none has a score."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from server.leaderboard.views import Board
from server.submissions.models import Submission
from server.teams.models import TeamMember


def submissions_read(session: Session, board: Board) -> Mapping[int, int]:
    """Id of the student → id of the submission; members of a team share it. Who has none is not in it."""
    with board.live.lock:
        counting = {
            person.login: standing.entry.submission_id
            for standing in board.live.board.order
            for person in board.live.members[standing.entrant]
        }
        ids = {person.login: user_id for user_id, person in board.live.people.items()}
    return latest(session, board) | {ids[login]: submission for login, submission in counting.items() if login in ids}


def latest(session: Session, board: Board) -> dict[int, int]:
    """Of each student, or of his team."""
    assignment = board.assignment
    own = dict(
        session.execute(
            select(Submission.author_id, func.max(Submission.id))
            .where(Submission.assignment_id == assignment.id)
            .group_by(Submission.author_id)
        ).all()
    )
    mate = aliased(TeamMember)
    shared = dict(
        session.execute(
            select(TeamMember.user_id, func.max(Submission.id))
            .join(mate, mate.team_id == TeamMember.team_id)
            .join(Submission, (Submission.author_id == mate.user_id) & (Submission.assignment_id == TeamMember.assignment_id))
            .where(TeamMember.assignment_id == assignment.id, TeamMember.joined_at.is_not(None), mate.joined_at.is_not(None))
            .group_by(TeamMember.user_id)
        ).all()
    )
    return own | shared
