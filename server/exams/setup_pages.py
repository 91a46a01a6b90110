"""Pages before an exam: its set-up, the checklist, and everybody's time."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import client_address
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Enrollment, Role
from server.courses.sections import list_sections
from server.database import SessionDep
from server.deadlines.pages import read_moment, spelled
from server.errors import AppError, NotFound
from server.exams import accommodations, checklist, invigilation, rules, setup, staff_rules
from server.exams.access import StaffExam
from server.exams.models import Exam, Grant
from server.exams.rules import Window
from server.exams.setup import Plan
from server.exams.staff_refusals import BadMinutes, ShowsSooner, UnreadableList
from server.exams.staff_rules import MOST_REASON
from server.exams.staff_views import address_of, shared_by_pages
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/exams/{exam}")

MOST_BYTES, MOST_ENCODED = 1 << 20, 2 << 20
EVERYBODY = "*"
Word = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4000)]
Flag = Annotated[bool, Form()]
Reason = Annotated[str, Form(max_length=4 * MOST_REASON)]


def require_assignment(exam: str, staff: StaffMembership, session: SessionDep) -> Assignment:
    """For staff: also one that is no exam yet."""
    found = assignments.find_assignment(session, course=staff.course, slug=exam)
    if found is None:
        raise NotFound
    return found


StaffAssignment = Annotated[Assignment, Depends(require_assignment, scope="function")]


@dataclass(frozen=True)
class Tried:
    """What was sent and refused: by which form, why, and what stood in it."""

    form: str = ""
    refusal: AppError | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    plan: Plan | None = None


@router.get("/setup")
def show(
    page: PageDep, assignment: StaffAssignment, staff: StaffMembership, session: SessionDep, settings: SettingsDep
) -> Response:
    return show_setup(page, session, settings, assignment, staff)


@dataclass(frozen=True)
class SetUpForm:
    """As a browser sends it. The three lists belong together, a row for each section; blank: everybody else's window."""

    opens_at: Word = ""
    closes_at: Word = ""
    minutes: Annotated[int, Form()] = 0
    is_practice: Flag = False
    asks_to_move: Flag = False
    networks: Long = ""
    check_limit: Annotated[int, Form(ge=0, le=1000)] = 20
    fair_wait_s: Annotated[int, Form(gt=0, le=3600)] = 20
    moderated_percent: Annotated[int, Form(ge=0, le=100)] = 0
    honour_en: Long = ""
    honour_zh: Long = ""
    section: Annotated[Sequence[str], Form()] = ()
    section_opens: Annotated[Sequence[str], Form()] = ()
    section_closes: Annotated[Sequence[str], Form()] = ()

    def rows(self) -> list[tuple[str, str, str]]:
        return list(zip(self.section, self.section_opens, self.section_closes, strict=False))

    def plan(self, before: Plan, zone: ZoneInfo) -> Plan:
        """A field that was left as it stood keeps its seconds. Raises BadDate."""
        rows = {name: (opens, closes) for name, opens, closes in self.rows() if opens.strip() or closes.strip()}
        windows = before.windows or {}
        return Plan(
            window=read_window(self.opens_at, self.closes_at, before.window, zone),
            minutes=self.minutes,
            is_practice=self.is_practice,
            asks_to_move=self.asks_to_move,
            networks=tuple(self.networks.replace(",", "\n").split("\n")),
            check_limit=self.check_limit,
            fair_wait_s=self.fair_wait_s,
            moderated_percent=self.moderated_percent,
            honour_en=self.honour_en.strip() or None,
            honour_zh=self.honour_zh.strip() or None,
            windows={name: read_window(*pair, windows.get(name, before.window), zone) for name, pair in rows.items()},
        )


def read_window(opens: str, closes: str, before: Window, zone: ZoneInfo) -> Window:
    """Of a half that was left blank, what stood there."""
    return Window(
        read_end(opens, before.opens_at, zone, "opens_at"),
        read_end(closes, before.closes_at, zone, "closes_at"),
    )


def read_end(text: str, stood: datetime, zone: ZoneInfo, name: str) -> datetime:
    moment = read_moment(text, zone, name)
    return stood if moment is None or text == spelled(stood, zone) else moment


@router.post("/setup")
def set_up(
    page: PageDep,
    assignment: StaffAssignment,
    instructor: InstructorMembership,
    session: SessionDep,
    settings: SettingsDep,
    form: Annotated[SetUpForm, Depends()],
    version: Annotated[int, Form()] = 0,
    confirm: Flag = False,
    moves_running: Flag = False,
) -> Response:
    """Back to the page; or that page at once, with what was typed, who could start when, and why nothing was changed."""
    zone = ZoneInfo(assignment.course.time_zone)
    tried = Tried("setup", fields=vars(form) | {"rows": {name: pair for name, *pair in form.rows()}})
    try:
        plan = form.plan(setup.plan_of(session, assignment), zone)
        tried = Tried("setup", fields=tried.fields, plan=plan)
        known = {"assignment": assignment, "plan": plan, "by": instructor.user, "version": version, "now": page.now}
        setup.set_up(session, **known, is_confirmed=confirm, moves_running=moves_running)
    except AppError as refusal:
        return show_setup(page, session, settings, assignment, instructor, replace(tried, refusal=refusal))
    return go_to(f"{address_of(assignment)}/setup")


@router.post("/setup/unmake")
def unmake(
    page: PageDep,
    assignment: StaffAssignment,
    instructor: InstructorMembership,
    session: SessionDep,
    settings: SettingsDep,
    version: Annotated[int, Form()] = 0,
) -> Response:
    """To the assignment that it is then."""
    exam = session.get(Exam, assignment.id)
    try:
        if exam is not None:
            setup.unmake(session, exam=exam, by=instructor.user, version=version)
    except AppError as refusal:
        return show_setup(page, session, settings, assignment, instructor, Tried("unmake", refusal))
    return go_to(f"/courses/{assignment.course.slug}/assignments/{assignment.slug}")


def show_setup(
    page: Page, session: Session, settings: Settings, assignment: Assignment, staff: Enrollment, tried: Tried | None = None
) -> Response:
    tried = tried or Tried()
    zone, exam = ZoneInfo(assignment.course.time_zone), session.get(Exam, assignment.id)
    plan = setup.plan_of(session, assignment)
    sections = [each.name for each in list_sections(session, course=assignment.course)]
    here = client_address(page.request)
    return page.show(
        "exams/setup.html",
        status=tried.refusal.status if tried.refusal else 200,
        exam=exam,
        plan=plan,
        sections=sections,
        typed=fields_of(plan, sections, zone) | tried.fields,
        version=exam.version if exam else 0,
        can_set=staff.role is Role.instructor,
        has_sittings=exam is not None and setup.has_sittings(session, exam),
        simulation=simulate(session, assignment, tried, page.now),
        needs_confirmation=isinstance(tried.refusal, ShowsSooner),
        tried=tried,
        problem=tried.refusal and tried.refusal.message,
        client_here=here,
        is_let_in=rules.is_allowed_from(here, plan.networks),
        longest=staff_rules.MOST_MINUTES,
        **shared_by_pages(assignment, settings),
    )


def simulate(session: Session, assignment: Assignment, tried: Tried, now: datetime) -> setup.Simulation | None:
    """Of what was typed; None where it cannot be so."""
    if tried.plan is None:
        return None
    try:
        return setup.simulate(session, assignment=assignment, plan=tried.plan, now=now)
    except AppError:
        return None


def fields_of(plan: Plan, sections: list[str], zone: ZoneInfo) -> dict[str, Any]:
    """What stands in the form at first."""
    names = ("minutes", "is_practice", "asks_to_move", "check_limit", "fair_wait_s", "moderated_percent")
    windows = plan.windows or {}
    return {name: getattr(plan, name) for name in names} | {
        "opens_at": spelled(plan.window.opens_at, zone),
        "closes_at": spelled(plan.window.closes_at, zone),
        "networks": "\n".join(plan.networks),
        "honour_en": plan.honour_en or "",
        "honour_zh": plan.honour_zh or "",
        "rows": {name: spelled_window(windows.get(name), zone) for name in sections},
    }


def spelled_window(window: Window | None, zone: ZoneInfo) -> tuple[str, str]:
    return (spelled(window.opens_at, zone), spelled(window.closes_at, zone)) if window else ("", "")


@router.get("/setup/checklist")
def show_checklist(page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep) -> Response:
    """Alone it is a page, in the set-up it is put in when that is there: the workers are given a second to answer."""
    items = checklist.checklist(session, exam=exam, settings=settings, now=page.now)
    template = "checklist" if "hx-request" in page.request.headers else "checklist_page"
    return page.show(f"exams/{template}.html", items=items, **shared_by_pages(exam.assignment, settings))


@router.post("/setup/ticks")
def tick(
    exam: StaffExam, staff: StaffMembership, session: SessionDep, settings: SettingsDep, item: Word = "", note: Word = ""
) -> Response:
    checklist.tick(session, exam=exam, item=item, note=note, by=staff.user, settings=settings)
    return go_to(f"{address_of(exam.assignment)}/setup/checklist")


@router.get("/time")
def show_time(page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep) -> Response:
    return show_grants(page, session, settings, exam)


@router.post("/time/grants")
def grant(
    page: PageDep,
    exam: StaffExam,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    recipient: Word = "",
    minutes: Word = "",
    kind: Annotated[Grant, Form()] = Grant.extra,
    reason: Reason = "",
) -> Response:
    """To a student by login, to a section by its name, or with `*` to all."""
    typed = {"recipient": recipient, "minutes": minutes, "kind": kind, "reason": reason}
    try:
        seconds = read_time(minutes, exam)
        chosen = choose(session, exam, recipient.strip())
        invigilation.grant(session, exam=exam, students=chosen, seconds=seconds, kind=kind, reason=reason, by=staff.user)
    except AppError as refusal:
        return show_grants(page, session, settings, exam, Tried("grant", refusal, typed))
    return go_to(f"{address_of(exam.assignment)}/time")


def choose(session: Session, exam: Exam, recipient: str) -> list[Enrollment]:
    if recipient == EVERYBODY:
        return invigilation.choose(session, exam=exam, everybody=True)
    sections = {each.name for each in list_sections(session, course=exam.assignment.course)}
    known = {"section": recipient} if recipient in sections else {"logins": [recipient] if recipient else []}
    return invigilation.choose(session, exam=exam, **known)


def read_time(text: str, exam: Exam) -> int:
    """Seconds, of minutes or of a share such as 25%. Raises BadMinutes."""
    seconds = accommodations.read_time(text.strip(), exam.minutes)
    if seconds is None:
        raise BadMinutes
    return seconds


@router.post("/time/grants/{grant_id}/take-back")
def take_back(
    page: PageDep,
    exam: StaffExam,
    grant_id: int,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    reason: Reason = "",
) -> Response:
    try:
        invigilation.take_back(session, exam=exam, grant_id=grant_id, reason=reason, by=staff.user, now=page.now)
    except NotFound:
        raise
    except AppError as refusal:
        return show_grants(page, session, settings, exam, Tried(f"back-{grant_id}", refusal, {"why": reason}))
    return go_to(f"{address_of(exam.assignment)}/time")


@router.post("/time/accommodations")
async def import_list(
    page: PageDep,
    exam: StaffExam,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    file: UploadFile | None = None,
    encoded: Annotated[str, Form(max_length=MOST_ENCODED)] = "",
) -> Response:
    """First what a file would give, then, with what that page sends back, the giving."""
    content = await file.read(MOST_BYTES) if file is not None else b""
    return await run_in_threadpool(look_or_give, page, session, settings, exam, staff, content, encoded)


def look_or_give(
    page: Page, session: Session, settings: Settings, exam: Exam, staff: Enrollment, content: bytes, encoded: str
) -> Response:
    try:
        if encoded:
            accommodations.give(session, exam=exam, content=decoded(encoded), by=staff.user)
            return go_to(f"{address_of(exam.assignment)}/time")
        found = accommodations.preview(session, exam=exam, content=content)
    except AppError as refusal:
        return show_grants(page, session, settings, exam, Tried("import", refusal))
    return show_grants(page, session, settings, exam, preview=found, encoded=base64.b64encode(content).decode())


def decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise UnreadableList(["the list was changed on the way"], ["名单在传送中被改动"]) from error


def show_grants(
    page: Page,
    session: Session,
    settings: Settings,
    exam: Exam,
    tried: Tried | None = None,
    *,
    preview: accommodations.Preview | None = None,
    encoded: str = "",
) -> Response:
    tried = tried or Tried()
    grants = invigilation.list_grants(session, exam=exam)
    students = invigilation.list_students(session, course=exam.assignment.course)
    blank = {"recipient": "", "minutes": "", "kind": Grant.accommodation, "reason": "", "why": ""}
    return page.show(
        "exams/time.html",
        status=tried.refusal.status if tried.refusal else 200,
        exam=exam,
        grants=grants,
        taken_back={each.cause for each, _ in grants if each.kind is Grant.taken_back},
        by_staff=invigilation.BY_STAFF,
        everybody=EVERYBODY,
        students=students,
        sections=[each.name for each in list_sections(session, course=exam.assignment.course)],
        tried=tried,
        typed=blank | tried.fields,
        problem=tried.refusal and tried.refusal.message,
        preview=preview,
        encoded=encoded,
        longest=MOST_REASON,
        **shared_by_pages(exam.assignment, settings),
    )
