"""Pages of spot checks, for staff: draws of an assignment, and one draw with its code and the form of the talk."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.database import Now, SessionDep
from server.declarations.queries import newest_of
from server.errors import AppError
from server.leaderboard.access import StaffBoard
from server.leaderboard.views import Board
from server.settings import Settings, SettingsDep
from server.spotchecks import queries, rules, service
from server.spotchecks.access import StaffDraw
from server.spotchecks.models import Draw, Impression
from server.spotchecks.views import CheckView, Talk, bars_of, view_draw
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/assignments/{assignment}/spot-checks")

Word = Annotated[str, Form(max_length=200)]
Texts = Annotated[list[str], Form(default_factory=list, max_length=rules.MAX_QUESTIONS + 2)]
Logins = Annotated[list[str], Form(default_factory=list, max_length=100)]


@router.get("")
def show(page: PageDep, board: StaffBoard, staff: CurrentUser, session: SessionDep) -> Response:
    return show_checks(page, session, board, staff)


@router.post("")
def draw(
    page: PageDep,
    board: StaffBoard,
    staff: CurrentUser,
    session: SessionDep,
    readers: Logins,
    per_section: Annotated[int, Form(ge=1, le=rules.MAX_PER_SECTION)] = 1,
    seed: Word = "",
) -> Response:
    """Draw a sample; on to the list of who was drawn."""
    try:
        service.draw(session, board=board, per_section=per_section, seed=seed.strip() or None, readers=readers, by=staff)
    except AppError as refusal:
        typed = {"per_section": per_section, "seed": seed, "readers": readers}
        return show_checks(page, session, board, staff, refusal=refusal, typed=typed)
    return go_to(address_of(board.assignment))


def show_checks(
    page: Page,
    session: Session,
    board: Board,
    staff: User,
    *,
    refusal: AppError | None = None,
    typed: dict[str, object] | None = None,
) -> Response:
    """`refusal`: why nothing was drawn; `typed`: what stood in the form."""
    assignment = board.assignment
    students = [user for user, _ in queries.list_students(session, course=assignment.course)]
    return page.show(
        "spotchecks/list.html",
        status=refusal.status if refusal else 200,
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=board.manifest,
        address=address_of(assignment),
        checks=[CheckView.of(check) for check in queries.list_checks(session, assignment=assignment)],
        bars=bars_of(queries.times_drawn(session, course=assignment.course), students),
        students=len(students),
        staff=queries.list_staff(session, course=assignment.course),
        impressions=rules.IMPRESSIONS,
        typed=typed or {"per_section": 2, "seed": "", "readers": [staff.login]},
        most=rules.MAX_PER_SECTION,
        problem=refusal and refusal.message,
    )


@router.get("/draws/{draw_id}")
def read(page: PageDep, draw: StaffDraw, session: SessionDep, settings: SettingsDep, saved: bool = False) -> Response:
    return show_draw(page, session, settings, draw, saved=saved)


@router.post("/draws/{draw_id}")
def record(
    page: PageDep,
    draw: StaffDraw,
    staff: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    question: Texts,
    answer: Texts,
    version: Annotated[int, Form()] = 0,
    impression: Annotated[Impression | None, Form()] = None,
    note: Annotated[str, Form()] = "",
) -> Response:
    """Back to the same draw; or that page at once, with what was typed beside what somebody else has saved."""
    answers = [{"question": asked, "answer": said} for asked, said in zip(question, answer, strict=False)]
    try:
        service.record(session, draw=draw, version=version, by=staff, answers=answers, impression=impression, note=note, now=now)
    except AppError as refusal:
        typed = Talk(draw.version, answers, impression or "", note, refusal, saved=draw)
        return show_draw(page, session, settings, draw, talk=typed)
    return go_to(f"{address_of(draw.spot_check.assignment)}/draws/{draw.id}?saved=1")


@router.post("/draws/{draw_id}/reader")
def assign(draw: StaffDraw, staff: CurrentUser, session: SessionDep, reader: Word = "") -> Response:
    """Give it to somebody to read."""
    service.assign(session, draw=draw, login=reader or None, by=staff)
    return go_to(f"{address_of(draw.spot_check.assignment)}/draws/{draw.id}")


def show_draw(
    page: Page, session: Session, settings: Settings, draw: Draw, *, talk: Talk | None = None, saved: bool = False
) -> Response:
    assignment = draw.spot_check.assignment
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    declared = newest_of(session, [draw.submission_id]) if draw.submission_id else {}
    view = view_draw(
        session,
        draw=draw,
        assignment=assignment,
        manifest=manifest,
        store=settings.blob_store,
        language=page.language,
        declaration=declared.get(draw.submission_id),
        talk=talk,
    )
    refusal = talk and talk.refusal
    return page.show(
        "spotchecks/draw.html",
        status=refusal.status if refusal else 200,
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=manifest,
        address=address_of(assignment),
        view=view,
        draw=draw,
        talk=view.talk,
        impressions=rules.IMPRESSIONS,
        longest=rules.MAX_TEXT,
        saved=saved,
    )


def address_of(assignment: Assignment) -> str:
    return f"/courses/{assignment.course.slug}/assignments/{assignment.slug}/spot-checks"
