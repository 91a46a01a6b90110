"""A submission's result together with what it means: for the place of its author, and in points."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from grader.spec import Manifest
from server.courses.models import Enrollment
from server.leaderboard.boards import Boards
from server.leaderboard.results import Result, find_result
from server.leaderboard.rules import Phase
from server.leaderboard.views import Board, Row, find_row, full_score, open_board, reward_of
from server.submissions.access import View as Viewed


@dataclass(frozen=True)
class Outcome:
    """`row`: where its author stands; None before the board has that. `stands`: this very submission is why.

    points: by the public value (provisional), or once it is released by the private one; None where no value shows.
    """

    result: Result
    row: Row | None
    total: int
    stands: bool
    points: Decimal | None
    max_points: Decimal
    is_final: bool


def find_outcome(
    session: Session, viewed: Viewed, *, boards: Boards, manifest: Manifest, folder: Path, reader: Enrollment, now: datetime
) -> Outcome | None:
    """None where it has no result."""
    result = find_result(session, viewed, boards=boards, manifest=manifest)
    if result is None:
        return None
    board = open_board(
        session,
        boards=boards,
        assignment=viewed.submission.assignment,
        manifest=manifest,
        folder=folder,
        membership=reader,
        now=now,
    )
    row = find_row(board, viewed.submission.author_id)
    stands = row is not None and row.standing.entry.submission_id == viewed.submission.id
    is_final = board.phase is Phase.released
    value = result.private if is_final else result.value
    return Outcome(
        result=result,
        row=row,
        total=len(board.live.board),
        stands=stands,
        points=reward_of(board, value, row.rank if is_final and stands else None).total if value is not None else None,
        max_points=full_score(board),
        is_final=is_final,
    )


def own_row(board: Board) -> Row | None:
    """The reader's own place in a competition; None in a homework, where the points say it all."""
    return find_row(board, board.viewer.id) if board.manifest.competition else None
