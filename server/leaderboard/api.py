"""The leaderboard's door for programs."""

from fastapi import APIRouter

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.courses.access import Membership
from server.database import SessionDep
from server.leaderboard import queries
from server.leaderboard.schemas import LeaderboardOut, RowOut
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/assignments/{assignment}/leaderboard", tags=["leaderboard"])


@router.get("")
def show(
    assignment: VisibleAssignment, user: CurrentUser, membership: Membership, session: SessionDep, settings: SettingsDep
) -> LeaderboardOut:
    leaderboard = assignments.manifest_of(assignment, root=settings.assignments).leaderboard
    metric = leaderboard.metric if leaderboard else None
    rows = queries.rank(session, assignment=assignment, metric=metric)
    shown = [RowOut.of(row, me=user.id, for_staff=membership.role.is_staff) for row in rows]
    return LeaderboardOut(course=assignment.course.slug, assignment=assignment.slug, metric=metric, rows=shown)
