"""A course's learning platforms and the return of its scores, as JSON; for staff."""

from fastapi import APIRouter, Request

from server.courses.access import InstructorMembership, StaffMembership
from server.courses.roster_api import base_of
from server.database import Now, SessionDep
from server.lti import service
from server.lti.launches import reach_of
from server.lti.schemas import LinkOut, LtiOut, PlatformIn, PlatformOut, ScoreOut, SyncedOut, UrlsOut
from server.settings import Settings, SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/lti", tags=["lti"])


def urls_of(request: Request, settings: Settings) -> UrlsOut:
    base = base_of(request, settings).rstrip("/")
    return UrlsOut(login=f"{base}/lti/login", launch=f"{base}/lti/launch", keys=f"{base}/lti/jwks")


@router.get("")
def show(staff: StaffMembership, request: Request, session: SessionDep, settings: SettingsDep) -> LtiOut:
    """What a platform asks for, the platforms, and what their links lead to."""
    counts = service.counts_of(session, course=staff.course)
    return LtiOut(
        urls=urls_of(request, settings),
        platforms=[PlatformOut.of(row) for row in service.list_platforms(session, course=staff.course)],
        links=[LinkOut.of(row, counts.get(row.id, {})) for row in service.list_links(session, course=staff.course)],
    )


@router.post("/platforms", status_code=201)
def register(
    instructor: InstructorMembership, body: PlatformIn, session: SessionDep, settings: SettingsDep, now: Now
) -> PlatformOut:
    """It works once the operator has approved it."""
    fields = body.model_dump()
    platform = service.register(
        session, fields=fields, course=instructor.course, by=instructor.user, reach=reach_of(settings), now=now
    )
    return PlatformOut.of(platform)


@router.delete("/platforms/{platform_id}", status_code=204)
def remove(platform_id: int, instructor: InstructorMembership, session: SessionDep, now: Now) -> None:
    platform = service.get_platform(session, platform_id=platform_id, course=instructor.course)
    service.remove(session, platform, by=instructor.user, now=now)


@router.get("/scores")
def list_scores(staff: StaffMembership, session: SessionDep) -> list[ScoreOut]:
    """What was sent of each student, what waits, and what a platform has refused."""
    return [ScoreOut.of(row) for row in service.list_scores(session, course=staff.course)]


@router.post("/sync", status_code=202)
def sync(staff: StaffMembership, session: SessionDep, settings: SettingsDep, now: Now) -> SyncedOut:
    """Send what has changed, and once more what had failed."""
    sending = service.sync_by_hand(session, course=staff.course, by=staff.user, root=settings.assignments, now=now)
    return SyncedOut(sending=sending)
