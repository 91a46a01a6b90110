"""A course's page of learning platforms: what to copy, what is linked, where scores are on their way."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Enrollment, Role
from server.database import Now, SessionDep
from server.errors import AppError
from server.lti import service
from server.lti.api import urls_of
from server.lti.launches import reach_of, title_of
from server.lti.models import Returning
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/lti")

Line = Annotated[str, Form(max_length=1000)]
SHOWN = 300


@router.get("")
def show(request: Request, page: PageDep, staff: StaffMembership, session: SessionDep, settings: SettingsDep) -> Response:
    return show_all(request, page, staff, session, settings)


def show_all(
    request: Request,
    page: Page,
    staff: Enrollment,
    session: Session,
    settings: Settings,
    *,
    typed: dict[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response:
    """`typed`: what stood in the form and was refused."""
    course = staff.course
    scores = service.list_scores(session, course=course)
    links = service.list_links(session, course=course)
    order = [Returning.failed, Returning.waiting, Returning.sending, Returning.sent]
    return page.show(
        "lti/course.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        can_change=staff.role is Role.instructor,
        urls=urls_of(request, settings),
        platforms=service.list_platforms(session, course=course),
        links=links,
        titles={each.assignment_id: title_of(each.assignment, settings.assignments) for each in links if each.assignment},
        counts=service.counts_of(session, course=course),
        scores=sorted(scores, key=lambda row: order.index(row.state))[:SHOWN],
        total=len(scores),
        typed=typed or {},
        problem=refusal and refusal.message,
        wrong=getattr(refusal, "field", None),
    )


@router.post("")
def register(
    request: Request,
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    name: Line = "",
    issuer: Line = "",
    client_id: Line = "",
    deployments: Line = "",
    auth_url: Line = "",
    token_url: Line = "",
    jwks_url: Line = "",
) -> Response:
    typed = {
        "name": name, "issuer": issuer, "client_id": client_id, "deployments": deployments,
        "auth_url": auth_url, "token_url": token_url, "jwks_url": jwks_url,
    }  # fmt: skip
    try:
        service.register(session, fields=typed, course=instructor.course, by=instructor.user, reach=reach_of(settings), now=now)
    except AppError as refusal:
        return show_all(request, page, instructor, session, settings, typed=typed, refusal=refusal)
    return go_to(f"/courses/{instructor.course.slug}/lti")


@router.post("/sync")
def sync(staff: StaffMembership, session: SessionDep, settings: SettingsDep, now: Now) -> Response:
    service.sync_by_hand(session, course=staff.course, by=staff.user, root=settings.assignments, now=now)
    return go_to(f"/courses/{staff.course.slug}/lti#scores")


@router.post("/platforms/{platform_id}/remove")
def remove(platform_id: int, instructor: InstructorMembership, session: SessionDep, now: Now) -> Response:
    platform = service.get_platform(session, platform_id=platform_id, course=instructor.course)
    service.remove(session, platform, by=instructor.user, now=now)
    return go_to(f"/courses/{instructor.course.slug}/lti")
