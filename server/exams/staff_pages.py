"""Pages while an exam runs: everybody at a glance, one student's sitting and what can be done to it, the clock on the wall."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.access import StaffMembership
from server.courses.sections import list_sections
from server.database import SessionDep
from server.errors import AppError, NotFound
from server.exams import invigilation, live, queries
from server.exams.access import StaffExam
from server.exams.live import Line
from server.exams.models import Exam, Grant, MissedSave, Sitting, SittingEvent
from server.exams.setup_pages import Reason, Tried, Word, read_time
from server.exams.staff_api import count_fields
from server.exams.staff_rules import MOST_REASON
from server.exams.staff_views import NEEDS, address_of, shared_by_pages
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/exams/{exam}")

REFRESH_S, MOST_ON_WALL = 5, 3
Notice = Annotated[str, Form(max_length=2 * invigilation.MOST_SAID)]


@router.get("/live")
def show(page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep, section: str | None = None) -> Response:
    return show_live(page, session, settings, exam, section=section or None)


@router.get("/live/table")
def show_table(
    page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep, section: str | None = None
) -> Response:
    """What the page asks for every few seconds."""
    return page.show("exams/live_table.html", **table_of(page, session, settings, exam, section or None))


def show_live(
    page: Page, session: Session, settings: Settings, exam: Exam, *, section: str | None = None, tried: Tried | None = None
) -> Response:
    tried = tried or Tried()
    return page.show(
        "exams/live.html",
        status=tried.refusal.status if tried.refusal else 200,
        sections=[each.name for each in list_sections(session, course=exam.assignment.course)],
        notices=invigilation.list_notices(session, exam=exam),
        tried=tried,
        typed={"text_en": "", "text_zh": "", "to": ""} | tried.fields,
        problem=tried.refusal and tried.refusal.message,
        longest=invigilation.MOST_SAID,
        **table_of(page, session, settings, exam, section),
    )


def table_of(page: Page, session: Session, settings: Settings, exam: Exam, section: str | None) -> dict[str, Any]:
    lines = live.lines_of(session, exam=exam, now=page.now, section=section)
    key = settings.derive_key("places")
    return shared_by_pages(exam.assignment, settings) | {
        "exam": exam,
        "lines": lines,
        "counts": live.counts_of(lines),
        "fields": count_fields(exam, settings),
        "needs": NEEDS,
        "section": section,
        "last_end": live.last_end(lines, page.now),
        "digest": lambda address: live.digest_of(key, address),
        "refresh_s": REFRESH_S,
    }


@router.post("/live/places/{place_id}")
def permit(
    page: PageDep,
    exam: StaffExam,
    place_id: int,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    decision: Word = "",
    section: Word = "",
) -> Response:
    """Back to the page, or for a page that stays to the table."""
    refusal = None
    try:
        invigilation.permit(session, exam=exam, place_id=place_id, by=staff.user, is_permitted=decision == "permit", now=page.now)
    except NotFound:
        raise
    except AppError as error:
        refusal = error
    if "hx-request" in page.request.headers:
        return page.show("exams/live_table.html", **table_of(page, session, settings, exam, section or None))
    if refusal:
        return show_live(page, session, settings, exam, tried=Tried("places", refusal))
    return go_to(f"{address_of(exam.assignment)}/live")


@router.post("/live/notices")
def say(
    page: PageDep,
    exam: StaffExam,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    text_en: Notice = "",
    text_zh: Notice = "",
    to: Word = "",
) -> Response:
    """Back to the page; or that page at once, with what was typed."""
    try:
        invigilation.say(session, exam=exam, by=staff.user, text_en=text_en, text_zh=text_zh, section=to or None)
    except AppError as refusal:
        typed = {"text_en": text_en, "text_zh": text_zh, "to": to}
        return show_live(page, session, settings, exam, tried=Tried("notice", refusal, typed))
    return go_to(f"{address_of(exam.assignment)}/live#notices")


@router.get("/live/students/{login}")
def show_student(page: PageDep, exam: StaffExam, login: str, session: SessionDep, settings: SettingsDep) -> Response:
    return show_one(page, session, settings, exam, login)


def show_one(page: Page, session: Session, settings: Settings, exam: Exam, login: str, tried: Tried | None = None) -> Response:
    tried, line = tried or Tried(), get_line(page, session, exam, login)
    key = settings.derive_key("places")
    return page.show(
        "exams/student.html",
        status=tried.refusal.status if tried.refusal else 200,
        exam=exam,
        line=line,
        fields=count_fields(exam, settings),
        needs=NEEDS,
        grants=invigilation.list_grants(session, exam=exam, login=login),
        events=list_events(session, line),
        missed=list_missed(session, line),
        saved=queries.saved_of(session, line.sitting) if line.sitting else {},
        digest=lambda address: live.digest_of(key, address),
        tried=tried,
        typed={"minutes": "", "reason": ""} | tried.fields,
        problem=tried.refusal and tried.refusal.message,
        longest=MOST_REASON,
        **shared_by_pages(exam.assignment, settings),
    )


def get_line(page: Page, session: Session, exam: Exam, login: str) -> Line:
    found = [each for each in live.lines_of(session, exam=exam, now=page.now) if each.member.user.login == login]
    if not found:
        raise NotFound
    return found[0]


def list_events(session: Session, line: Line) -> list[tuple[SittingEvent, str | None]]:
    """Of the newest sitting, newest first, with the name of who did it."""
    if line.sitting is None:
        return []
    query = select(SittingEvent, User.display_name).outerjoin(User, SittingEvent.actor_id == User.id)
    query = query.where(SittingEvent.sitting_id == line.sitting.id).order_by(SittingEvent.id.desc())
    return [(event, name) for event, name in session.execute(query)]


def list_missed(session: Session, line: Line) -> list[MissedSave]:
    if line.sitting is None:
        return []
    query = select(MissedSave).where(MissedSave.sitting_id == line.sitting.id).order_by(MissedSave.id)
    return list(session.scalars(query))


@router.post("/live/students/{login}/grants")
def grant(
    page: PageDep,
    exam: StaffExam,
    login: str,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    minutes: Word = "",
    reason: Reason = "",
) -> Response:
    try:
        chosen = invigilation.choose(session, exam=exam, logins=[login])
        known = {"exam": exam, "students": chosen, "seconds": read_time(minutes, exam), "kind": Grant.extra}
        invigilation.grant(session, **known, reason=reason, by=staff.user)
    except AppError as refusal:
        return show_one(page, session, settings, exam, login, Tried("grant", refusal, {"minutes": minutes, "reason": reason}))
    return go_to(f"{address_of(exam.assignment)}/live/students/{login}")


@router.post("/live/students/{login}/hand-in")
def hand_in(
    page: PageDep,
    exam: StaffExam,
    login: str,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    reason: Reason = "",
) -> Response:
    try:
        known = {"exam": exam, "login": login, "by": staff.user, "reason": reason}
        invigilation.hand_in_for(session, **known, settings=settings, now=page.now)
    except AppError as refusal:
        return show_one(page, session, settings, exam, login, Tried("hand-in", refusal, {"reason": reason}))
    return go_to(f"{address_of(exam.assignment)}/live/students/{login}")


@router.post("/live/students/{login}/reopen")
def reopen(
    page: PageDep,
    exam: StaffExam,
    login: str,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    minutes: Annotated[int, Form()] = 0,
    reason: Reason = "",
) -> Response:
    try:
        known = {"exam": exam, "login": login, "by": staff.user, "reason": reason}
        invigilation.reopen(session, **known, minutes=minutes, now=page.now)
    except AppError as refusal:
        return show_one(page, session, settings, exam, login, Tried("reopen", refusal, {"minutes": minutes, "reason": reason}))
    return go_to(f"{address_of(exam.assignment)}/live/students/{login}")


@router.post("/live/missed/{missed_id}/count")
def count_missed(
    page: PageDep,
    exam: StaffExam,
    missed_id: int,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    reason: Reason = "",
) -> Response:
    """Back to the student's page."""
    known = {"exam": exam, "missed_id": missed_id, "by": staff.user, "reason": reason, "now": page.now}
    count = partial(invigilation.count_missed, session, **known, settings=settings)
    return decide(page, session, settings, exam, missed_id, reason, count)


@router.post("/live/missed/{missed_id}/dismiss")
def dismiss_missed(
    page: PageDep,
    exam: StaffExam,
    missed_id: int,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    reason: Reason = "",
) -> Response:
    """Back to the student's page."""
    known = {"exam": exam, "missed_id": missed_id, "by": staff.user, "reason": reason, "now": page.now}
    dismiss = partial(invigilation.dismiss_missed, session, **known)
    return decide(page, session, settings, exam, missed_id, reason, dismiss)


def decide(
    page: Page, session: Session, settings: Settings, exam: Exam, missed_id: int, reason: str, how: Callable[[], object]
) -> Response:
    """The student's page again, with the refusal where there is one."""
    login = login_of(session, exam, missed_id)
    try:
        how()
    except AppError as refusal:
        return show_one(page, session, settings, exam, login, Tried(f"missed-{missed_id}", refusal, {"reason": reason}))
    return go_to(f"{address_of(exam.assignment)}/live/students/{login}")


def login_of(session: Session, exam: Exam, missed_id: int) -> str:
    query = select(Sitting).join(MissedSave, MissedSave.sitting_id == Sitting.id).where(MissedSave.id == missed_id)
    sitting = session.scalar(query.where(Sitting.exam_id == exam.assignment_id))
    if sitting is None:
        raise NotFound
    return sitting.student.login


@router.get("/clock-wall")
def show_wall(page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep) -> Response:
    """For the projector: no name, nothing of the paper."""
    return page.show("exams/wall.html", **wall_of(session, settings, exam))


@router.get("/clock-wall/live")
def show_wall_live(page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep) -> Response:
    return page.show("exams/wall_live.html", **wall_of(session, settings, exam))


def wall_of(session: Session, settings: Settings, exam: Exam) -> dict[str, Any]:
    notices = invigilation.list_notices(session, exam=exam)
    return shared_by_pages(exam.assignment, settings) | {
        "exam": exam,
        "walls": live.windows_on_wall(session, exam),
        "notices": notices[:MOST_ON_WALL],
        "refresh_s": REFRESH_S,
    }
