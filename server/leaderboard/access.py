"""Holding a `VisibleBoard` is the permission to see it: which of the boards it is follows from role, time and wish."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from server.assignments import service as assignments
from server.assignments.access import StaffAssignment, VisibleAssignment
from server.courses.access import Membership
from server.database import Now, SessionDep
from server.errors import NotFound
from server.leaderboard.boards import Boards
from server.leaderboard.views import Board, open_board
from server.settings import SettingsDep

HalfWanted = Annotated[
    Literal["public", "private"] | None,
    Query(description="Which scores of a competition; left out, the private ones once they are released."),
]


async def find_boards(request: Request) -> Boards:
    return request.app.state.boards


BoardsDep = Annotated[Boards, Depends(find_boards)]


def require_board(
    assignment: VisibleAssignment,
    membership: Membership,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    half: HalfWanted = None,
) -> Board:
    if assignment.is_exam and not membership.role.is_staff:
        raise NotFound  # nobody reads others' points of an exam, after the release neither
    return open_board(
        session,
        boards=boards,
        assignment=assignment,
        manifest=assignments.manifest_of(assignment, root=settings.assignments),
        folder=assignments.folder_of(assignment, root=settings.assignments),
        membership=membership,
        now=now,
        half=half,
    )


VisibleBoard = Annotated[Board, Depends(require_board, scope="function")]


async def require_staff_board(board: VisibleBoard, _: StaffAssignment) -> Board:
    return board


StaffBoard = Annotated[Board, Depends(require_staff_board, scope="function")]
