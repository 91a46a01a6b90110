"""Pages for staff: the dates of an assignment with everybody's extensions, and the course's late policy."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.assignments import service as assignments
from server.assignments.access import StaffAssignment
from server.assignments.models import Assignment
from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Enrollment, Role
from server.courses.service import list_people
from server.database import SessionDep
from server.deadlines import queries, refusals, service
from server.deadlines.access import StaffExtension
from server.deadlines.models import AfterGrace, LateKind, LatePolicy
from server.deadlines.rules import Dates
from server.deadlines.service import NewExtension, PolicySettings
from server.deadlines.views import announcement_of, bar_of
from server.deadlines.wording import policy_in_words
from server.errors import AppError
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}")

DATES = "/assignments/{assignment}/dates"
Word = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=service.MAX_REASON)]
Version = Annotated[int, Form()]
Confirmed = Annotated[bool, Form()]
Percent = Annotated[Decimal, Form(ge=0, le=100, decimal_places=2)]
PerDay = Annotated[Decimal, Form(gt=0, le=100, decimal_places=2)]
NAMES = ("opens_at", "due_at", "closes_at")
BLANK = {"recipient": "", "reason": "", "plus_hours": "", "due_at": "", "closes_at": "", "is_shared": False}


@dataclass(frozen=True)
class Tried:
    """What was sent and refused: by which form, why, and what stood in it."""

    form: str = ""
    refusal: AppError | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@router.get(DATES)
def show(
    page: PageDep, assignment: StaffAssignment, staff: StaffMembership, session: SessionDep, settings: SettingsDep
) -> Response:
    return show_dates(page, session, settings, assignment, staff)


@router.post(DATES)
def move(
    page: PageDep,
    assignment: StaffAssignment,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    opens_at: Word = "",
    due_at: Word = "",
    closes_at: Word = "",
    reason: Reason = "",
    version: Version = 0,
    confirm: Confirmed = False,
) -> Response:
    """Back to the page; or that page at once, with what was typed and why nothing moved."""
    typed = {"opens_at": opens_at, "due_at": due_at, "closes_at": closes_at, "reason": reason}
    try:
        service.move_dates(
            session,
            assignment=assignment,
            dates=read_dates(assignment, typed),
            reason=reason,
            by=staff.user,
            root=settings.assignments,
            version=version,
            now=page.now,
            is_confirmed=confirm,
        )
    except AppError as refusal:
        return show_dates(page, session, settings, assignment, staff, Tried("move", refusal, typed))
    return go_to(address_of(assignment))


def read_dates(assignment: Assignment, typed: dict[str, str]) -> Dates:
    """In the course's zone. A field that was left as it stood keeps its seconds."""
    zone = ZoneInfo(assignment.course.time_zone)
    before = queries.dates_of(assignment)
    found = {}
    for name in NAMES:
        stood = getattr(before, name)
        moment = read_moment(typed[name], zone, name)
        found[name] = stood if moment is None or typed[name] == spelled(stood, zone) else moment
    return Dates(**found)


def read_moment(text: str, zone: ZoneInfo, name: str) -> datetime | None:
    """None where nothing was typed. Raises BadDate."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError as error:
        raise refusals.BadDate(name, text) from error


def spelled(moment: datetime, zone: ZoneInfo) -> str:
    """As a field of dates and times wants it."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


@router.post(DATES + "/policy")
def override(
    page: PageDep,
    assignment: StaffAssignment,
    instructor: InstructorMembership,
    session: SessionDep,
    settings: SettingsDep,
    kind: Annotated[LateKind | None, Form()] = None,
    percent_per_day: PerDay = Decimal(10),
    at_least_percent: Percent = Decimal(0),
    after_grace: Annotated[AfterGrace, Form()] = AfterGrace.refused,
    version: Version = 0,
) -> Response:
    """A policy of its own, or without a kind the course's again."""
    try:
        if kind is None:
            service.drop_policy(session, assignment=assignment, by=instructor.user, version=version)
        else:
            new = PolicySettings(kind, percent_per_day, at_least_percent, 0, after_grace)
            service.set_policy(
                session, course=assignment.course, assignment=assignment, settings=new, by=instructor.user, version=version
            )
    except AppError as refusal:
        typed = {
            "kind": kind, "percent_per_day": percent_per_day, "at_least_percent": at_least_percent, "after_grace": after_grace,
        }  # fmt: skip
        return show_dates(page, session, settings, assignment, instructor, Tried("policy", refusal, typed))
    return go_to(address_of(assignment))


@router.post(DATES + "/extensions")
def extend(
    page: PageDep,
    assignment: StaffAssignment,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    recipient: Word = "",
    reason: Reason = "",
    plus_hours: Word = "",
    due_at: Word = "",
    closes_at: Word = "",
    is_shared: Annotated[bool, Form()] = False,
) -> Response:
    """Back to the page, where it stands in the list."""
    typed = {
        "recipient": recipient, "reason": reason, "plus_hours": plus_hours, "due_at": due_at, "closes_at": closes_at,
        "is_shared": is_shared,
    }  # fmt: skip
    zone = ZoneInfo(assignment.course.time_zone)
    try:
        moments = {name: read_moment(typed[name], zone, name) for name in ("due_at", "closes_at")}
        new = NewExtension(recipient, reason, plus_hours=read_hours(plus_hours), is_shared=is_shared, **moments)
        service.extend(session, assignment=assignment, new=new, by=staff.user)
    except AppError as refusal:
        return show_dates(page, session, settings, assignment, staff, Tried("extend", refusal, typed))
    return go_to(address_of(assignment) + "#extensions")


def read_hours(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isdecimal() and 0 < int(text) <= service.MAX_HOURS):
        raise refusals.AddsNoTime
    return int(text)


@router.post(DATES + "/extensions/{extension_id}/take-back")
def take_back(
    page: PageDep,
    assignment: StaffAssignment,
    extension: StaffExtension,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    reason: Reason = "",
    confirm: Confirmed = False,
) -> Response:
    """Back to the page; or that page at once, where somebody's work would become late by it."""
    try:
        service.take_back(
            session,
            assignment=assignment,
            extension=extension,
            reason=reason,
            by=staff.user,
            root=settings.assignments,
            is_confirmed=confirm,
        )
    except AppError as refusal:
        return show_dates(page, session, settings, assignment, staff, Tried(f"back-{extension.id}", refusal, {"reason": reason}))
    return go_to(address_of(assignment) + "#extensions")


def show_dates(
    page: Page, session: Session, settings: Settings, assignment: Assignment, staff: Enrollment, tried: Tried | None = None
) -> Response:
    tried = tried or Tried()
    course, zone = assignment.course, ZoneInfo(assignment.course.time_zone)
    own = queries.find_policy(session, course=course, assignment=assignment)
    of_course = queries.find_policy(session, course=course)
    extensions = queries.list_extensions(session, assignment_ids=[assignment.id])
    stand = {name: spelled(getattr(assignment, name), zone) for name in NAMES}
    return page.show(
        "deadlines/dates.html",
        status=tried.refusal.status if tried.refusal else 200,
        zone=course.time_zone,
        course=course,
        assignment=assignment,
        manifest=assignments.manifest_of(assignment, root=settings.assignments),
        address=address_of(assignment),
        can_set=staff.role is Role.instructor,
        bar=bar_of(assignment, extensions, page.now),
        extensions=extensions,
        changes=[announcement_of(each) for each in queries.list_changes(session, assignment=assignment)],
        version=queries.version_of(session, assignment=assignment),
        policy=policy_in_words(policy_of(own or of_course), of_course.grace_days if of_course else 0),
        own=own,
        recipients=recipients_of(session, assignment),
        tried=tried,
        problem=tried.refusal and tried.refusal.message,
        needs_confirmation=isinstance(tried.refusal, refusals.MakesWorkLate),
        typed={"move": stand | {"reason": ""}, "policy": fields_of(own), "extend": BLANK} | {tried.form: tried.fields},
        longest=service.MAX_REASON,
    )


def policy_of(row: LatePolicy | None) -> Any:
    return queries.policy_of(row) if row else queries.FREE


def fields_of(row: LatePolicy | None) -> dict[str, Any]:
    names = ("kind", "percent_per_day", "at_least_percent", "grace_days", "after_grace")
    if row is None:
        return dict(zip(names, (None, Decimal(10), Decimal(0), 0, AfterGrace.refused), strict=True))
    return {name: getattr(row, name) for name in names}


def recipients_of(session: Session, assignment: Assignment) -> list[tuple[str, str]]:
    """What may be typed, and what is read beside it: sections, then students."""
    sections = [(each.name, "") for each in queries.list_sections(session, course=assignment.course)]
    people = [each for each in list_people(session, course=assignment.course) if each.role is Role.student]
    return sections + [(each.user.login, each.user.display_name) for each in people]


def address_of(assignment: Assignment) -> str:
    return f"/courses/{assignment.course.slug}/assignments/{assignment.slug}/dates"


@router.get("/late-policy")
def show_policy(page: PageDep, staff: StaffMembership, session: SessionDep) -> Response:
    return show_course_policy(page, session, staff)


@router.post("/late-policy")
def set_policy(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    kind: Annotated[LateKind, Form()],
    percent_per_day: PerDay = Decimal(10),
    at_least_percent: Percent = Decimal(0),
    grace_days: Annotated[int, Form(ge=0, le=service.MAX_GRACE_DAYS)] = 0,
    after_grace: Annotated[AfterGrace, Form()] = AfterGrace.refused,
    version: Version = 0,
) -> Response:
    """Back to the page; or that page at once, with what was typed beside what holds."""
    new = PolicySettings(kind, percent_per_day, at_least_percent, grace_days, after_grace)
    try:
        service.set_policy(session, course=instructor.course, assignment=None, settings=new, by=instructor.user, version=version)
    except AppError as refusal:
        return show_course_policy(page, session, instructor, Tried("policy", refusal, vars(new)))
    return go_to(f"/courses/{instructor.course.slug}/late-policy")


def show_course_policy(page: Page, session: Session, staff: Enrollment, tried: Tried | None = None) -> Response:
    tried, course = tried or Tried(), staff.course
    row = queries.find_policy(session, course=course)
    fields = fields_of(row) | ({} if row else {"kind": LateKind.none})
    return page.show(
        "deadlines/policy.html",
        status=tried.refusal.status if tried.refusal else 200,
        zone=course.time_zone,
        course=course,
        can_set=staff.role is Role.instructor,
        policy=policy_in_words(policy_of(row), row.grace_days if row else 0),
        typed=tried.fields or fields,
        version=row.version if row else 0,
        most_days=service.MAX_GRACE_DAYS,
        problem=tried.refusal and tried.refusal.message,
    )
