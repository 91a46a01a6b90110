"""Announcements of a course: all of them, one with its history, and the form in which staff write."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.announcements import queries, rules, service, views
from server.announcements.access import StaffAnnouncement, StaffDraft, VisibleAnnouncement
from server.announcements.drafts import BUILT_IN
from server.announcements.models import Announcement, OwnDraft
from server.announcements.views import Notice
from server.assignments import service as assignments
from server.courses.access import Membership, StaffMembership
from server.courses.models import Course, Enrollment
from server.database import Now, SessionDep
from server.errors import AppError
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/announcements")

LONGEST = 4 * rules.MAX_TEXT  # what is too long by less is refused in words, with all that was typed


@dataclass(frozen=True)
class Typed:
    """What stands in the form."""

    title: str = ""
    text: str = ""
    section: str = ""
    publish_at: str = ""
    pinned: bool = False
    version: int = 0

    @classmethod
    def of(cls, announcement: Announcement) -> "Typed":
        return cls(
            title=announcement.title,
            text=announcement.text,
            section=announcement.section.name if announcement.section else "",
            publish_at=views.typed_moment(announcement.publish_at, announcement.course),
            pinned=announcement.pinned,
            version=announcement.version,
        )

    def wording(self, session: Session, course: Course) -> dict[str, Any]:
        """As the service takes it. Raises what is wrong with section and time."""
        return {
            "title": self.title,
            "text": self.text,
            "pinned": self.pinned,
            "section": service.find_section(session, course=course, name=self.section),
            "publish_at": rules.read_moment(self.publish_at, zone=ZoneInfo(course.time_zone)),
        }


async def read_form(
    title: Annotated[str, Form(max_length=LONGEST)] = "",
    text: Annotated[str, Form(max_length=LONGEST)] = "",
    section: Annotated[str, Form(max_length=200)] = "",
    publish_at: Annotated[str, Form(max_length=40)] = "",
    pinned: Annotated[bool, Form()] = False,
    version: Annotated[int, Form()] = 0,
) -> Typed:
    return Typed(title, text, section, publish_at, pinned, version)


TypedForm = Annotated[Typed, Depends(read_form)]


@router.get("")
def show_all(page: PageDep, reader: Membership, session: SessionDep) -> Response:
    """Whoever opens it has read them; on this page what was new is still marked so."""
    notices = views.notices_for(session, reader=reader, now=page.now)
    service.mark_read(session, reader=reader, now=page.now)
    return page.show("announcements/list.html", **shared(reader), notices=notices)


@router.get("/new")
def write(
    page: PageDep,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    draft: str = "",
    assignment: str = "",
    language: str = "",
) -> Response:
    """An empty form, or one that a draft has filled."""
    course, language = staff.course, views.language_of(language or page.language)
    chosen = views.find_draft(queries.list_drafts(session, course=course), draft)
    about = views.get_assignment(session, course=course, slug=assignment)
    filled = chosen and views.fill_draft(
        session, course=course, draft=chosen, assignment=about, language=language, settings=settings, now=page.now
    )
    typed = Typed(title=filled.title, text=filled.text) if filled else Typed()
    picked = {"draft": draft, "assignment": assignment, "language": language}
    return show_form(page, session, settings, staff, typed, picked=picked, left_open=filled.open if filled else [])


@router.post("")
def publish(
    page: PageDep, staff: StaffMembership, by: CurrentUser, typed: TypedForm, session: SessionDep, settings: SettingsDep
) -> Response:
    try:
        service.publish(session, course=staff.course, by=by, now=page.now, **typed.wording(session, staff.course))
    except AppError as refusal:
        return show_form(page, session, settings, staff, typed, refusal=refusal)
    return go_to(address_of(staff.course))


@router.post("/preview")
def preview(
    page: PageDep, request: Request, staff: StaffMembership, typed: TypedForm, session: SessionDep, settings: SettingsDep
) -> Response:
    """A piece of the page while somebody types; without a script the form again, with the preview under it."""
    if "hx-request" in request.headers:
        return page.show("announcements/preview.html", typed=typed)
    return show_form(page, session, settings, staff, typed, is_preview=True)


@router.get("/drafts")
def show_drafts(page: PageDep, staff: StaffMembership, session: SessionDep) -> Response:
    return show_own_drafts(page, session, staff)


@router.post("/drafts")
def keep_draft(
    page: PageDep,
    staff: StaffMembership,
    by: CurrentUser,
    session: SessionDep,
    name: Annotated[str, Form(max_length=LONGEST)] = "",
    title: Annotated[str, Form(max_length=LONGEST)] = "",
    text: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    typed = {"name": name, "title": title, "text": text}
    try:
        service.keep_draft(session, course=staff.course, by=by, **typed)
    except AppError as refusal:
        return show_own_drafts(page, session, staff, typed=typed, refusal=refusal)
    return go_to(f"{address_of(staff.course)}/drafts")


@router.post("/drafts/{draft_id}/remove")
def remove_draft(staff: StaffMembership, draft: StaffDraft, by: CurrentUser, session: SessionDep) -> Response:
    service.remove_draft(session, course=staff.course, by=by, draft=draft)
    return go_to(f"{address_of(staff.course)}/drafts")


@router.get("/{announcement_id}")
def show(page: PageDep, reader: Membership, announcement: VisibleAnnouncement) -> Response:
    notice = Notice.of(announcement, unread=set(), now=page.now)
    return page.show("announcements/announcement.html", **shared(reader), notice=notice, problem=None)


@router.get("/{announcement_id}/edit")
def edit(
    page: PageDep, staff: StaffMembership, announcement: StaffAnnouncement, session: SessionDep, settings: SettingsDep
) -> Response:
    return show_form(page, session, settings, staff, Typed.of(announcement), announcement=announcement)


@router.post("/{announcement_id}")
def change(
    page: PageDep,
    staff: StaffMembership,
    announcement: StaffAnnouncement,
    by: CurrentUser,
    typed: TypedForm,
    session: SessionDep,
    settings: SettingsDep,
) -> Response:
    """Back to the list; or the form at once, with what was typed and what somebody else has saved."""
    try:
        wording = typed.wording(session, staff.course)
        service.change(session, announcement=announcement, by=by, version=typed.version, now=page.now, **wording)
    except AppError as refusal:
        return show_form(page, session, settings, staff, typed, announcement=announcement, refusal=refusal)
    return go_to(f"{address_of(staff.course)}/{announcement.id}")


@router.post("/{announcement_id}/withdraw")
def withdraw(
    page: PageDep,
    staff: StaffMembership,
    announcement: StaffAnnouncement,
    by: CurrentUser,
    session: SessionDep,
    now: Now,
    version: Annotated[int, Form()] = 0,
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    try:
        service.withdraw(session, announcement=announcement, by=by, version=version, reason=reason, now=now)
    except AppError as refusal:
        notice = Notice.of(announcement, unread=set(), now=now)
        context = shared(staff) | {"notice": notice, "problem": refusal.message}
        return page.show("announcements/announcement.html", status=refusal.status, **context)
    return go_to(address_of(staff.course))


def shared(reader: Enrollment) -> dict[str, Any]:
    course = reader.course
    return {"course": course, "zone": course.time_zone, "role": reader.role, "address": address_of(course)}


def show_form(
    page: Page,
    session: Session,
    settings: Settings,
    staff: Enrollment,
    typed: Typed,
    *,
    announcement: Announcement | None = None,
    refusal: AppError | None = None,
    picked: Mapping[str, str] | None = None,
    left_open: list[str] | None = None,
    is_preview: bool = False,
) -> Response:
    """`announcement`: the one that is edited, as it stands now; `picked`: the draft that was asked for."""
    listed = assignments.list_assignments(session, course=staff.course, role=staff.role)
    is_conflict = isinstance(refusal, rules.ChangedMeanwhile)
    if is_conflict and announcement is not None:
        typed = Typed(**asdict(typed) | {"version": announcement.version})  # saved again, it is saved knowingly
    return page.show(
        "announcements/form.html",
        status=refusal.status if refusal else 200,
        **shared(staff),
        typed=typed,
        announcement=announcement,
        is_out=announcement is not None and announcement.publish_at <= page.now,
        theirs=announcement if is_conflict else None,
        problem=refusal and refusal.message,
        sections=queries.list_sections(session, course=staff.course),
        drafts=BUILT_IN,
        own_drafts=queries.list_drafts(session, course=staff.course),
        titles={each.slug: assignments.manifest_of(each, root=settings.assignments).title for each in listed},
        picked=picked or {"draft": "", "assignment": "", "language": page.language},
        left_open=left_open or [],
        is_preview=is_preview or bool(typed.text),
        longest=rules,
    )


def show_own_drafts(
    page: Page,
    session: Session,
    staff: Enrollment,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response:
    drafts: list[OwnDraft] = queries.list_drafts(session, course=staff.course)
    return page.show(
        "announcements/drafts.html",
        status=refusal.status if refusal else 200,
        **shared(staff),
        drafts=drafts,
        typed=typed or {"name": "", "title": "", "text": ""},
        problem=refusal and refusal.message,
        longest=rules,
    )


def address_of(course: Course) -> str:
    return f"/courses/{course.slug}/announcements"
