"""The leaderboard as a page."""

from fastapi import APIRouter
from fastapi.responses import Response

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.database import SessionDep
from server.leaderboard import queries
from server.settings import SettingsDep
from server.submissions.views import full_score
from server.web.page import PageDep

router = APIRouter()


@router.get("/courses/{course}/assignments/{assignment}/leaderboard")
def show(page: PageDep, assignment: VisibleAssignment, user: CurrentUser, session: SessionDep, settings: SettingsDep) -> Response:
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    metric = manifest.leaderboard.metric if manifest.leaderboard else None
    rows = queries.rank(session, assignment=assignment, metric=metric)
    return page.show(
        "leaderboard/board.html",
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=manifest,
        max_score=full_score(manifest),
        metric=metric,
        rows=rows,
        me=user.id,
    )
