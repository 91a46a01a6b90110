"""Spot checks as JSON, for staff alone."""

from fastapi import APIRouter

from server.accounts.access import CurrentUser
from server.assignments.access import StaffAssignment
from server.database import Now, SessionDep
from server.leaderboard.access import StaffBoard
from server.spotchecks import queries, service
from server.spotchecks.access import StaffCheck, StaffDraw
from server.spotchecks.schemas import DrawOut, NewSpotCheck, Reading, ReplayOut, SpotCheckOut

router = APIRouter(prefix="/api/v1/courses/{course}/assignments/{assignment}/spot-checks", tags=["spot checks"])


@router.get("")
def list_all(assignment: StaffAssignment, session: SessionDep) -> list[SpotCheckOut]:
    """Newest first."""
    return [SpotCheckOut.of(check) for check in queries.list_checks(session, assignment=assignment)]


@router.post("", status_code=201)
def draw(board: StaffBoard, staff: CurrentUser, new: NewSpotCheck, session: SessionDep) -> SpotCheckOut:
    """Draw a sample of those who have handed in."""
    check = service.draw(session, board=board, per_section=new.per_section, seed=new.seed, readers=new.readers, by=staff)
    return SpotCheckOut.of(check)


@router.get("/{check_id}")
def show(assignment: StaffAssignment, check: StaffCheck, session: SessionDep) -> ReplayOut:
    """With the pool and the history from which anybody can draw the same sample again."""
    return ReplayOut.of_history(check, queries.logins_drawn(session, course=assignment.course, before=check.id))


@router.get("/draws/{draw_id}")
def show_draw(draw: StaffDraw) -> DrawOut:
    return DrawOut.of(draw)


@router.put("/draws/{draw_id}")
def record(draw: StaffDraw, staff: CurrentUser, reading: Reading, session: SessionDep, now: Now) -> DrawOut:
    """Keep what came of the talk. 409 where somebody has saved meanwhile."""
    answers = [each.model_dump() for each in reading.answers]
    kept = service.record(
        session,
        draw=draw,
        version=reading.version,
        by=staff,
        answers=answers,
        impression=reading.impression,
        note=reading.note,
        now=now,
    )
    return DrawOut.of(kept)
