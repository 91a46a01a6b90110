"""The page of a course's channels: what there is, what went out, and a form for another one."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.channels import queries, rules, service
from server.channels.access import OwnChannel, OwnDelivery
from server.channels.models import Kind, Occasion
from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Course, Enrollment, Role
from server.database import Now, SessionDep
from server.errors import AppError
from server.settings import SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/channels")

Word = Annotated[str, Form(max_length=4 * rules.MAX_ADDRESS)]


@router.get("")
def show(page: PageDep, staff: StaffMembership, session: SessionDep) -> Response:
    return show_channels(page, session, staff)


@router.post("")
def add(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    settings: SettingsDep,
    kind: Annotated[Kind, Form()] = Kind.wecom,
    name: Word = "",
    address: Word = "",
    signing: Word = "",
    occasions: Annotated[list[Occasion] | None, Form()] = None,
) -> Response:
    known = {"kind": kind, "name": name, "occasions": occasions or []}
    try:
        service.add(
            session,
            course=instructor.course,
            by=instructor.user,
            address=address,
            signing=signing,
            settings=settings,
            **known,
        )
    except AppError as refusal:
        return show_channels(page, session, instructor, typed=known, refusal=refusal)  # keys are pasted anew, as passwords are
    return go_to(address_of(instructor.course))


@router.post("/deliveries/{delivery_id}/again")
def try_again(page: PageDep, instructor: InstructorMembership, delivery: OwnDelivery, session: SessionDep, now: Now) -> Response:
    try:
        service.try_again(session, delivery=delivery, by=instructor.user, now=now)
    except AppError as refusal:
        return show_channels(page, session, instructor, refusal=refusal)
    return go_to(f"{address_of(instructor.course)}#sent")


@router.post("/{channel_id}/test")
def send_test(instructor: InstructorMembership, channel: OwnChannel, session: SessionDep, now: Now) -> Response:
    service.send_test(session, channel=channel, by=instructor.user, now=now)
    return go_to(f"{address_of(instructor.course)}#sent")


@router.post("/{channel_id}/remove")
def remove(instructor: InstructorMembership, channel: OwnChannel, session: SessionDep, now: Now) -> Response:
    service.remove(session, channel=channel, by=instructor.user, now=now)
    return go_to(address_of(instructor.course))


def show_channels(
    page: Page,
    session: Session,
    staff: Enrollment,
    *,
    typed: dict[str, Any] | None = None,
    refusal: AppError | None = None,
) -> Response:
    course, empty = staff.course, {"kind": Kind.wecom, "name": "", "occasions": list(Occasion)}
    deliveries = queries.list_deliveries(session, course=course)
    return page.show(
        "channels/list.html",
        status=refusal.status if refusal else 200,
        course=course,
        zone=course.time_zone,
        address=address_of(course),
        can_change=staff.role is Role.instructor,
        channels=service.list_channels(session, course=course),
        deliveries=deliveries,
        is_live=any(map(service.is_on_its_way, deliveries)),
        kinds=list(Kind),
        starts=rules.STARTS,
        typed=typed or empty,
        problem=refusal and refusal.message,
    )


def address_of(course: Course) -> str:
    return f"/courses/{course.slug}/channels"
