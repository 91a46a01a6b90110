"""Pages of attendance: the matrix and a roll call for staff, the wall, signing in, and a student's own page."""

import secrets
from datetime import date
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser, client_address, is_https
from server.attendance import leave as leaves
from server.attendance import queries, rules, service
from server.attendance.access import MemberRollCall, StaffRollCall
from server.attendance.exports import as_csv
from server.attendance.models import LeaveState, Presence, RollCall
from server.attendance.views import entries_of, lines_of, own_line, tally
from server.courses.access import Membership, StaffMembership
from server.courses.models import Course, Enrollment
from server.database import Now, SessionDep
from server.errors import AppError
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/attendance")

DEVICE_COOKIE, DEVICE_S = "gradus_device", 365 * 24 * 3600
Word = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=rules.MAX_REASON)]


def address_of(course: Course, roll_call: RollCall | None = None) -> str:
    return f"/courses/{course.slug}/attendance" + (f"/{roll_call.id}" if roll_call else "")


@router.get("")
def show(page: PageDep, membership: Membership, session: SessionDep, section: str | None = None) -> Response:
    if membership.role.is_staff:
        return show_overview(page, session, membership, section=section or None)
    return show_own(page, session, membership)


def show_overview(
    page: Page,
    session: Session,
    staff: Enrollment,
    *,
    section: str | None = None,
    typed: dict[str, Any] | None = None,
    refusal: AppError | None = None,
) -> Response:
    """`typed`: what stood in the form and was refused."""
    roll_calls, lines = lines_of(session, course=staff.course, now=page.now, section=section)
    return page.show(
        "attendance/overview.html",
        status=refusal.status if refusal else 200,
        zone=staff.course.time_zone,
        course=staff.course,
        address=address_of(staff.course),
        roll_calls=roll_calls,
        lines=lines,
        words=rules.WORDS,
        section=section,
        sections=queries.list_sections(session, course=staff.course),
        leaves=queries.list_leaves(session, course=staff.course),
        leave_words=rules.LEAVE_WORDS,
        typed=typed or {"title": "", "section": "", "minutes": 10, "late_after": 5},
        problem=refusal and refusal.message,
    )


def show_own(
    page: Page,
    session: Session,
    member: Enrollment,
    *,
    typed: dict[str, Any] | None = None,
    refusal: AppError | None = None,
) -> Response:
    today = rules.day_of(page.now, member.course.time_zone)
    return page.show(
        "attendance/own.html",
        status=refusal.status if refusal else 200,
        zone=member.course.time_zone,
        course=member.course,
        address=address_of(member.course),
        line=own_line(session, member=member, now=page.now),
        words=rules.WORDS,
        leaves=queries.list_leaves(session, course=member.course, student=member.user),
        leave_words=rules.LEAVE_WORDS,
        today=today.isoformat(),
        typed=typed or {"first_day": today.isoformat(), "last_day": today.isoformat(), "reason": ""},
        longest=rules.MAX_REASON,
        problem=refusal and refusal.message,
    )


@router.post("")
def open_roll_call(
    page: PageDep,
    staff: StaffMembership,
    session: SessionDep,
    now: Now,
    title: Word = "",
    section: Word = "",
    minutes: Annotated[int, Form()] = 10,
    late_after: Annotated[int, Form()] = 5,
    by_name: Annotated[bool, Form()] = False,
) -> Response:
    """On to the roll call; or back to the form, with what was typed."""
    if by_name:
        minutes = late_after = 0
    typed = {"title": title, "section": section, "minutes": minutes, "late_after": late_after}
    try:
        roll_call = service.open_roll_call(
            session, course=staff.course, title=title, section=section or None, minutes=minutes, late_after=late_after,
            by=staff.user, now=now,
        )  # fmt: skip
    except AppError as refusal:
        return show_overview(page, session, staff, typed=typed, refusal=refusal)
    return go_to(address_of(staff.course, roll_call))


@router.get("/export")
def export(staff: StaffMembership, session: SessionDep, now: Now, section: str | None = None) -> Response:
    roll_calls, lines = lines_of(session, course=staff.course, now=now, section=section or None)
    headers = {"content-disposition": f'attachment; filename="{staff.course.slug}-attendance.csv"'}
    text = as_csv(roll_calls, lines, zone=staff.course.time_zone)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/leave")
def ask_for_leave(
    page: PageDep,
    membership: Membership,
    session: SessionDep,
    now: Now,
    first_day: Word = "",
    last_day: Word = "",
    reason: Annotated[str, Form(max_length=4 * rules.MAX_REASON)] = "",
) -> Response:
    if not service.is_student(membership):
        raise rules.StudentsOnly
    try:
        days = {"first_day": read_day(first_day), "last_day": read_day(last_day)}
        leaves.ask(session, member=membership, **days, reason=reason, now=now)
    except AppError as refusal:
        typed = {"first_day": first_day, "last_day": last_day, "reason": reason}
        return show_own(page, session, membership, typed=typed, refusal=refusal)
    return go_to(address_of(membership.course))


def read_day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise rules.BadLeave from error


@router.post("/leave/{leave_id}/answer")
def answer_leave(
    leave_id: int,
    staff: StaffMembership,
    session: SessionDep,
    now: Now,
    state: Annotated[LeaveState, Form()] = LeaveState.declined,
    word: Long = "",
) -> Response:
    leaves.answer(
        session, course=staff.course, leave_id=leave_id, approve=state is LeaveState.approved, word=word, by=staff.user, now=now
    )
    return go_to(f"{address_of(staff.course)}#leave")


@router.post("/leave/{leave_id}/withdraw")
def withdraw_leave(leave_id: int, membership: Membership, session: SessionDep) -> Response:
    leaves.withdraw(session, member=membership, leave_id=leave_id)
    return go_to(address_of(membership.course))


@router.get("/{roll_call_id}")
def show_roll_call(page: PageDep, roll_call: StaffRollCall, session: SessionDep) -> Response:
    return show_entries(page, session, roll_call)


def show_entries(page: Page, session: Session, roll_call: RollCall, *, refusal: AppError | None = None) -> Response:
    entries = entries_of(session, roll_call=roll_call, now=page.now)
    return page.show(
        "attendance/roll_call.html",
        status=refusal.status if refusal else 200,
        zone=roll_call.course.time_zone,
        course=roll_call.course,
        entries=entries,
        tally=tally(entries),
        is_open=page.now < roll_call.closes_at,
        problem=refusal and refusal.message,
        **shared_by_rows(roll_call),
    )


def show_row(page: Page, session: Session, roll_call: RollCall, login: str, *, refusal: AppError | None = None) -> Response:
    """One name alone, for a page that stays; a refusal stands in it."""
    found = [each for each in entries_of(session, roll_call=roll_call, now=page.now) if each.student.user.login == login]
    if not found:
        raise rules.NoSuchStudent(login)
    problem = refusal and refusal.message
    zone = roll_call.course.time_zone
    return page.show("attendance/row.html", zone=zone, entry=found[0], row_problem=problem, **shared_by_rows(roll_call))


def shared_by_rows(roll_call: RollCall) -> dict[str, Any]:
    return {
        "address": address_of(roll_call.course),
        "roll_call": roll_call,
        "words": rules.WORDS,
        "keys": {"p": Presence.present, "l": Presence.late, "a": Presence.absent, "e": Presence.excused},
        "longest": rules.MAX_REASON,
    }


@router.post("/{roll_call_id}/close")
def close(roll_call: StaffRollCall, staff: CurrentUser, session: SessionDep, now: Now) -> Response:
    service.close(session, roll_call=roll_call, by=staff, now=now)
    return go_to(address_of(roll_call.course, roll_call))


@router.post("/{roll_call_id}/marks")
def mark(
    page: PageDep,
    request: Request,
    roll_call: StaffRollCall,
    staff: CurrentUser,
    session: SessionDep,
    presence: Annotated[Presence, Form()] = Presence.present,
    login: Word = "",
    reason: Long = "",
    seen: Annotated[int, Form()] = 0,
) -> Response:
    """Back to the same name; or the page at once, with what somebody else has said meanwhile."""
    refusal, alone = None, "hx-request" in request.headers
    try:
        service.mark(session, roll_call=roll_call, login=login, presence=presence, reason=reason, seen=seen, by=staff)
    except AppError as error:
        refusal = error
    if alone:
        return show_row(page, session, roll_call, login, refusal=refusal)
    if refusal:
        return show_entries(page, session, roll_call, refusal=refusal)
    return go_to(f"{address_of(roll_call.course, roll_call)}#student-{login}")


@router.get("/{roll_call_id}/wall")
def show_wall(
    page: PageDep, roll_call: StaffRollCall, session: SessionDep, settings: SettingsDep, names: bool = False
) -> Response:
    return page.show(
        "attendance/wall.html", zone=roll_call.course.time_zone, **wall_of(page, session, roll_call, settings, names)
    )


@router.get("/{roll_call_id}/wall/live")
def show_live(
    page: PageDep, roll_call: StaffRollCall, session: SessionDep, settings: SettingsDep, names: bool = False
) -> Response:
    return page.show(
        "attendance/live.html", zone=roll_call.course.time_zone, **wall_of(page, session, roll_call, settings, names)
    )


def wall_of(page: Page, session: Session, roll_call: RollCall, settings: Settings, names: bool) -> dict[str, Any]:
    """`names`: whether whoever has just come is named for all to read."""
    entries = entries_of(session, roll_call=roll_call, now=page.now)
    counts = tally(entries)
    code = rules.code_at(roll_call.secret, rules.step_of(roll_call.opened_at, page.now))
    base = (settings.public_url or str(page.request.base_url)).rstrip("/")
    link = f"{base}{address_of(roll_call.course, roll_call)}/sign-in"
    came = [each for each in entries if each.presence in (Presence.present, Presence.late)]
    elapsed = (page.now - roll_call.opened_at).total_seconds()
    return {
        "course": roll_call.course,
        "address": address_of(roll_call.course, roll_call),
        "roll_call": roll_call,
        "is_open": page.now < roll_call.closes_at,
        "is_late": page.now >= roll_call.late_from,
        "code": code,
        "seconds_left": int(rules.STEP_S - elapsed % rules.STEP_S) or 1,
        "step_s": rules.STEP_S,
        "picture": qr_code(f"{link}?code={code}"),
        "here": len(came),
        "all": len(entries),
        "excused": counts[Presence.excused],
        "names": names,
        "came": [each.student.user.display_name for each in came] if names else [],
    }


def qr_code(text: str) -> Markup:
    """Dark on light, with its quiet zone, whatever the page around it looks like."""
    made = segno.make(text, error="m", micro=False)
    return Markup(made.svg_inline(scale=8, border=4, dark="#000", light="#fff", omitsize=True))


@router.get("/{roll_call_id}/sign-in")
def show_sign_in(
    page: PageDep, roll_call: MemberRollCall, membership: Membership, session: SessionDep, code: str = ""
) -> Response:
    return show_form(page, session, roll_call, membership, code=rules.tidy_code(code)[: rules.CODE_LENGTH])


def show_form(
    page: Page, session: Session, roll_call: RollCall, member: Enrollment, *, code: str, refusal: AppError | None = None
) -> Response:
    sighting = queries.find_newest(session, roll_call=roll_call, student=member.user)
    return page.show(
        "attendance/sign_in.html",
        status=refusal.status if refusal else 200,
        zone=roll_call.course.time_zone,
        course=roll_call.course,
        address=address_of(roll_call.course),
        roll_call=roll_call,
        is_open=page.now < roll_call.closes_at,
        is_student=service.is_student(member),
        sighting=sighting,
        words=rules.WORDS,
        code=code,
        length=rules.CODE_LENGTH,
        step_s=rules.STEP_S,
        problem=refusal and refusal.message,
    )


@router.post("/{roll_call_id}/sign-in")
def sign_in(
    page: PageDep,
    request: Request,
    roll_call: MemberRollCall,
    membership: Membership,
    session: SessionDep,
    settings: SettingsDep,
    code: Word = "",
) -> Response:
    """Back to the page, which says that it is done; or the form at once, with the reason."""
    mark_of_browser = request.cookies.get(DEVICE_COOKIE) or secrets.token_hex(16)
    device = service.Device(mark_of_browser, client_address(request)).digests(settings.derive_key("attendance"))
    try:
        service.sign_in(session, roll_call=roll_call, member=membership, code=code, device=device)
    except rules.StudentsOnly:
        raise
    except AppError as refusal:
        return show_form(page, session, roll_call, membership, code=code, refusal=refusal)
    response = go_to(f"{address_of(roll_call.course, roll_call)}/sign-in")
    secure = is_https(request, settings)
    response.set_cookie(
        DEVICE_COOKIE, mark_of_browser, max_age=DEVICE_S, path="/courses", secure=secure, httponly=True, samesite="lax"
    )
    return response
