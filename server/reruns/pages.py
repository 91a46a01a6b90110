"""Pages of reruns, for staff: choosing what is judged again, and one preview with its progress and what it would change."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.assignments.access import StaffAssignment
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.database import SessionDep
from server.deadlines.queries import list_sections
from server.errors import AppError
from server.reruns import queries, rules, service
from server.reruns.access import StaffPreview
from server.reruns.models import Preview, PreviewJobState, PreviewState
from server.reruns.selection import Wanted
from server.reruns.views import bars_of, in_order, summary_of
from server.settings import Settings, SettingsDep
from server.submissions.queries import latest_by_author
from server.submissions.tried import Tried
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/assignments/{assignment}/reruns")

Word = Annotated[str, Form(max_length=500)]


@router.get("")
def show(page: PageDep, assignment: StaffAssignment, session: SessionDep, settings: SettingsDep) -> Response:
    return show_all(page, session, settings, assignment)


@router.post("")
def preview(
    page: PageDep,
    assignment: StaffAssignment,
    staff: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    which: Word = "counting",
    section: Word = "",
    check: Word = "",
    ids: Annotated[str, Form(max_length=20_000)] = "",
    reason: Word = "",
) -> Response:
    """On to the preview; or back to the form, with what was typed and why it was not begun."""
    typed = {"which": which, "section": section, "check": check, "ids": ids, "reason": reason}
    try:
        named = tuple(rules.read_ids(ids)) if which == "ids" else ()
        wanted = Wanted(every=which == "every", stuck=which == "stuck", section=section, check=check.strip(), ids=named)
        if which == "ids" and not named:
            raise rules.NotNumbers(ids)
        found = service.preview(session, assignment=assignment, wanted=wanted, reason=reason, by=staff, root=settings.assignments)
    except AppError as refusal:
        return show_all(page, session, settings, assignment, tried=Tried("preview", refusal, typed))
    return go_to(f"{address_of(assignment)}/{found.id}")


def address_of(assignment: Assignment) -> str:
    return f"/courses/{assignment.course.slug}/assignments/{assignment.slug}/reruns"


def show_all(page: Page, session: Session, settings: Settings, assignment: Assignment, *, tried: Tried | None = None) -> Response:
    return page.show(
        "reruns/list.html",
        status=tried.refusal.status if tried else 200,
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=manifest_of(assignment, root=settings.assignments),
        address=address_of(assignment),
        previews=queries.list_previews(session, assignment=assignment),
        sections=list_sections(session, course=assignment.course),
        checks=checks_of(session, assignment),
        tried=tried or Tried(),
        longest=rules.MAX_REASON,
    )


def checks_of(session: Session, assignment: Assignment) -> dict[str, object]:
    """Ids and titles, as the newest report that there is has them."""
    newest = max(
        (each.run for each in latest_by_author(session, assignment=assignment).values() if each.run),
        key=lambda run: run.id,
        default=None,
    )
    run = queries.find_run(session, run_id=newest.id) if newest else None
    return {each.id: each.title for each in run.read_report().checks} if run else {}


@router.get("/{preview_id}")
def show_one(page: PageDep, found: StaffPreview, session: SessionDep, settings: SettingsDep) -> Response:
    return show_preview(page, session, settings, found)


def show_preview(
    page: Page, session: Session, settings: Settings, found: Preview, *, refusal: AppError | None = None
) -> Response:
    assignment, changes = found.assignment, queries.changes_of(session, preview=found, root=settings.assignments)
    counts = queries.count_states(session, preview=found)
    left = counts[PreviewJobState.waiting] + counts[PreviewJobState.running]
    return page.show(
        "reruns/preview.html",
        status=refusal.status if refusal else 200,
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=manifest_of(assignment, root=settings.assignments),
        address=address_of(assignment),
        preview=found,
        done=counts.total() - left,
        total=counts.total(),
        is_live=found.state is PreviewState.judging and left > 0,
        changes=in_order([each for each in changes if each.changes_something or each.job.fault or each.is_newer]),
        summary=summary_of(changes),
        bars=bars_of(changes),
        problem=refusal and refusal.message,
    )


@router.post("/{preview_id}/publish")
def publish(
    page: PageDep,
    found: StaffPreview,
    staff: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    leave_out_newer: Annotated[bool, Form()] = False,
) -> Response:
    """Back to the page; or that page at once, with whose newer runs stand in the way."""
    try:
        with session.begin_nested():  # the page shows a refusal in this transaction, so what was begun is undone here
            service.publish(session, found=found, by=staff, now=page.now, leaves_out_newer=leave_out_newer)
    except AppError as refusal:
        return show_preview(page, session, settings, found, refusal=refusal)
    return go_to(f"{address_of(found.assignment)}/{found.id}")


@router.post("/{preview_id}/drop")
def drop(page: PageDep, found: StaffPreview, staff: CurrentUser, session: SessionDep, settings: SettingsDep) -> Response:
    try:
        service.drop(session, found=found, by=staff, now=page.now)
    except AppError as refusal:
        return show_preview(page, session, settings, found, refusal=refusal)
    return go_to(address_of(found.assignment))
