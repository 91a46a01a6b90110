"""What a student has in an assignment by now, changes included: no verdict takes more than that."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from server.assignments import service as assignments
from server.cases.models import Party
from server.cases.points import changes_of
from server.courses.models import Enrollment
from server.leaderboard.boards import Boards
from server.leaderboard.views import find_row, open_board
from server.settings import Settings


def score_of(
    session: Session, *, party: Party, staff: Enrollment, boards: Boards, settings: Settings, now: datetime
) -> Decimal | None:
    """As the staff's board has it, with all changes, so perhaps below 0; None for who has no score yet."""
    assignment = party.case.assignment
    board = open_board(
        session,
        boards=boards,
        assignment=assignment,
        manifest=assignments.manifest_of(assignment, root=settings.assignments),
        folder=assignments.folder_of(assignment, root=settings.assignments),
        membership=staff,
        now=now,
    )
    row = find_row(board, party.student_id)
    changes = changes_of(session, assignment=assignment, student_ids=[party.student_id])
    return row.points + changes.get(party.student_id, 0) if row else None
