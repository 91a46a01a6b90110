"""The leaderboard as a page."""

from fastapi import APIRouter
from fastapi.responses import Response

from server.database import SessionDep
from server.leaderboard.access import VisibleBoard
from server.leaderboard.api import Search, Start
from server.leaderboard.views import page_of
from server.web.page import PageDep

router = APIRouter()

ROWS = 50


@router.get("/courses/{course}/assignments/{assignment}/leaderboard")
def show(page: PageDep, board: VisibleBoard, session: SessionDep, start: Start = 0, search: Search = "") -> Response:
    return page.show(
        "leaderboard/board.html",
        zone=board.assignment.course.time_zone,
        course=board.assignment.course,
        assignment=board.assignment,
        manifest=board.manifest,
        board=board,
        shown=page_of(session, board, start=start, limit=ROWS, search=search),
    )
