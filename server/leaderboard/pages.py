"""The leaderboard as a page: the whole one, the part of it that is fetched anew when something has changed, and its points."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import StaffAssignment
from server.database import Now, SessionDep
from server.leaderboard import service
from server.leaderboard.access import HalfWanted, StaffBoard, VisibleBoard
from server.leaderboard.api import Search, Start
from server.leaderboard.plots import histogram, progress_of
from server.leaderboard.rules import can_release
from server.leaderboard.table import Look, table_of
from server.leaderboard.views import Board, full_score, known_cutoffs, page_of
from server.settings import SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter()

BOARD = "/courses/{course}/assignments/{assignment}/leaderboard"
ROWS = 50
ON_A_WALL = 500  # the projector scrolls through them
TOP = 3

Display = Annotated[bool, Query(description="For a projector: large, dark, scrolling by itself.")]


async def read_look(start: Start = 0, search: Search = "", half: HalfWanted = None, display: Display = False) -> Look:
    return Look(start=start, search=search.strip(), half=half, display=display)


LookDep = Annotated[Look, Depends(read_look)]


@router.get(BOARD)
def show(page: PageDep, board: VisibleBoard, session: SessionDep, look: LookDep) -> Response:
    template = "leaderboard/display.html" if look.display else "leaderboard/board.html"
    return page.show(template, **board_context(page, board, session, look))


@router.get(BOARD + "/live")
def live(page: PageDep, board: VisibleBoard, session: SessionDep, look: LookDep) -> Response:
    """The part of the page that changes; fetched anew after every event."""
    part = "leaderboard/wall.html" if look.display else "leaderboard/live.html"
    return page.show("leaderboard/part.html", part=part, **board_context(page, board, session, look))


def place_query(rank: int) -> str:
    """Of an address: the page on which a rank stands."""
    return Look(start=(rank - 1) // ROWS * ROWS).query()


def board_context(page: Page, board: Board, session: SessionDep, look: Look) -> dict[str, Any]:
    assignment = board.assignment
    size = ON_A_WALL if look.display else ROWS
    shown = page_of(session, board, start=look.start, limit=size, search=look.search)
    span = {"starts_at": assignment.opens_at, "ends_at": min(page.now, assignment.closes_at)}
    return context_of(board) | {
        "shown": shown,
        "look": look,
        "table": table_of(shown, look, size=size, **span),
        "progress": progress_of(shown.progress, shown.baselines if board.half == "public" else (), **span),
        "cutoffs": known_cutoffs(board),
        "top": TOP,
    }


def context_of(board: Board) -> dict[str, Any]:
    """What every page of a board has in hand."""
    competition = board.manifest.competition
    return {
        "zone": board.assignment.course.time_zone,
        "course": board.assignment.course,
        "assignment": board.assignment,
        "address": f"/courses/{board.assignment.course.slug}/assignments/{board.assignment.slug}",
        "manifest": board.manifest,
        "competition": competition,
        "decimals": competition.decimals if competition else 3,
        "max_score": full_score(board),
        "board": board,
        "for_staff": board.role.is_staff,
        "can_release": can_release(board.assignment, board.manifest, now=board.now),
    }


@router.get(BOARD + "/points")
def points(page: PageDep, board: StaffBoard, look: LookDep, session: SessionDep) -> Response:
    """What everybody would get, before it is released; the spread is that of all, whoever is on the page."""
    everybody = service.preview(session, board)
    found = service.search_earned(everybody, look.search)
    end = look.start + ROWS
    return page.show(
        "leaderboard/points.html",
        **context_of(board),
        look=look,
        rows=found[look.start : end],
        found=len(found),
        people=len(everybody),
        previous=max(0, look.start - ROWS) if look.start else None,
        next=end if end < len(found) else None,
        bars=histogram([row.total for row in everybody], full_score(board)),
    )


@router.post(BOARD + "/release")
def release(assignment: StaffAssignment, staff: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now) -> Response:
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    service.release(session, assignment=assignment, manifest=manifest, staff=staff, now=now)
    return go_to(BOARD.format(course=assignment.course.slug, assignment=assignment.slug))


@router.post(BOARD + "/withdraw")
def withdraw(assignment: StaffAssignment, staff: CurrentUser, session: SessionDep) -> Response:
    service.withdraw(session, assignment=assignment, staff=staff)
    return go_to(BOARD.format(course=assignment.course.slug, assignment=assignment.slug))
