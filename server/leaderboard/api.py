"""The leaderboard's door for programs."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import StaffAssignment, VisibleAssignment
from server.database import Now, SessionDep
from server.leaderboard import choices, events, results, service
from server.leaderboard.access import BoardsDep, StaffBoard, VisibleBoard
from server.leaderboard.exports import as_csv
from server.leaderboard.schemas import EarnedOut, LeaderboardOut, PointsOut, ResultOut
from server.leaderboard.views import page_of
from server.settings import SettingsDep
from server.submissions.access import SubmissionView, VisibleSubmission

router = APIRouter(prefix="/api/v1", tags=["leaderboard"])

BOARD = "/courses/{course}/assignments/{assignment}/leaderboard"

PAGE, MOST = 100, 500

Start = Annotated[int, Query(ge=0, description="How many places to skip.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Search = Annotated[str, Query(max_length=100, description="Only rows whose name holds this; staff also find logins.")]


@router.get(BOARD)
def show(board: VisibleBoard, session: SessionDep, start: Start = 0, limit: Limit = PAGE, search: Search = "") -> LeaderboardOut:
    """A page of the board, one's own row beside it, baselines, and which ranks cannot be told apart."""
    return LeaderboardOut.of(board, page_of(session, board, start=start, limit=limit, search=search))


@router.get(BOARD + "/events")
def follow(assignment: VisibleAssignment, settings: SettingsDep) -> StreamingResponse:
    """Server-sent events: `here` at first, then `changed`, at most once a second, when the board may have changed."""
    stream = events.follow(assignment.id, redis_url=settings.redis_url)
    return StreamingResponse(stream, media_type=events.MEDIA_TYPE, headers=events.HEADERS)


@router.get(BOARD + "/download", response_class=Response)
def download(board: VisibleBoard, session: SessionDep, format: Annotated[Literal["csv", "json"], Query()] = "csv") -> Response:
    """The whole board as a file."""
    found = LeaderboardOut.of(board, page_of(session, board, start=0, limit=len(board.live.board)))
    name = f"{found.course}-{found.assignment}-{found.half}.{format}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if format == "json":
        return Response(found.model_dump_json(), media_type="application/json", headers=headers)
    return Response(as_csv(found.rows, for_staff=board.role.is_staff), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(BOARD + "/points")
def points(board: StaffBoard, session: SessionDep) -> PointsOut:
    """What everybody gets for the competition, by the public or the private half: look before you release it."""
    rows = [EarnedOut.of(earned) for earned in service.preview(session, board)]
    return PointsOut(half=board.half, phase=board.phase, released_at=board.assignment.released_at, rows=rows)


@router.get("/submissions/{submission_id}/result")
def result(view: SubmissionView, boards: BoardsDep, session: SessionDep, settings: SettingsDep) -> ResultOut:
    """What one submission reached in its competition, as far as its reader may know by now."""
    manifest = assignments.manifest_of(view.submission.assignment, root=settings.assignments)
    return ResultOut.of(results.get_result(session, view, boards=boards, manifest=manifest))


@router.post("/submissions/{submission_id}/choice", status_code=204)
def choose(submission: VisibleSubmission, user: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now) -> None:
    """Mark it as final: the best of those that are counts for the private score."""
    manifest = assignments.manifest_of(submission.assignment, root=settings.assignments)
    choices.choose(session, submission=submission, manifest=manifest, user=user, now=now)


@router.delete("/submissions/{submission_id}/choice", status_code=204)
def take_back(submission: VisibleSubmission, user: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now) -> None:
    """It is no longer final."""
    manifest = assignments.manifest_of(submission.assignment, root=settings.assignments)
    choices.take_back(session, submission=submission, manifest=manifest, user=user, now=now)


@router.post(BOARD + "/release", status_code=204)
def release(assignment: StaffAssignment, staff: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now) -> None:
    """Open private scores and points to the students."""
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    service.release(session, assignment=assignment, manifest=manifest, staff=staff, now=now)


@router.delete(BOARD + "/release", status_code=204)
def withdraw(assignment: StaffAssignment, staff: CurrentUser, session: SessionDep) -> None:
    """Close them again."""
    service.withdraw(session, assignment=assignment, staff=staff)
