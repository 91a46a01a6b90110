"""Announcements as JSON."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Query

from server.accounts.access import CurrentUser
from server.announcements import queries, rules, service, views
from server.announcements.access import StaffAnnouncement, StaffDraft, VisibleAnnouncement
from server.announcements.drafts import BUILT_IN
from server.announcements.schemas import (
    AnnouncementOut,
    ChangedAnnouncement,
    DraftOut,
    HistoryOut,
    NewAnnouncement,
    NewDraft,
    OwnDraftOut,
    Withdrawal,
)
from server.announcements.views import Notice
from server.courses.access import Membership, StaffMembership
from server.database import Now, SessionDep
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/announcements", tags=["announcements"])

Language = Annotated[str, Header(alias="accept-language")]


@router.get("")
def list_all(reader: Membership, session: SessionDep, now: Now) -> list[AnnouncementOut]:
    """Pinned first, then newest. Staff also get what is not out yet and what was withdrawn."""
    return [AnnouncementOut.of(each) for each in views.notices_for(session, reader=reader, now=now)]


@router.post("", status_code=201)
def publish(staff: StaffMembership, by: CurrentUser, new: NewAnnouncement, session: SessionDep, now: Now) -> AnnouncementOut:
    """Now, or at `publish_at`."""
    course = staff.course
    announcement = service.publish(
        session,
        course=course,
        by=by,
        title=new.title,
        text=new.text,
        section=service.find_section(session, course=course, name=new.section),
        publish_at=rules.read_moment(new.publish_at, zone=ZoneInfo(course.time_zone)),
        pinned=new.pinned,
        now=now,
    )
    return AnnouncementOut.of(Notice.of(announcement, unread=set(), now=now))


@router.post("/read", status_code=204)
def mark_read(reader: Membership, session: SessionDep, now: Now) -> None:
    """All that is out counts as read."""
    service.mark_read(session, reader=reader, now=now)


@router.get("/drafts")
def list_drafts(
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    assignment: Annotated[str, Query(description="Fills in what a draft says of it.")] = "",
    language: Language = "en",
) -> list[DraftOut]:
    """The built-in ones and the course's own, filled as far as the course knows."""
    course = staff.course
    language = views.language_of(language)
    known = {
        "course": course,
        "assignment": views.get_assignment(session, course=course, slug=assignment),
        "language": language,
        "settings": settings,
        "now": now,
    }
    own = queries.list_drafts(session, course=course)
    found = [(None, kind.value, draft.name.in_language(language), draft) for kind, draft in BUILT_IN.items()]
    found += [(draft.id, draft.name, draft.name, draft) for draft in own]
    return [
        DraftOut(id=number, key=key, name=name, **vars(views.fill_draft(session, draft=draft, **known)))
        for number, key, name, draft in found
    ]


@router.post("/drafts", status_code=201)
def keep_draft(staff: StaffMembership, by: CurrentUser, new: NewDraft, session: SessionDep) -> OwnDraftOut:
    return OwnDraftOut.of(service.keep_draft(session, course=staff.course, by=by, **new.model_dump()))


@router.delete("/drafts/{draft_id}", status_code=204)
def remove_draft(staff: StaffMembership, draft: StaffDraft, by: CurrentUser, session: SessionDep) -> None:
    service.remove_draft(session, course=staff.course, by=by, draft=draft)


@router.get("/{announcement_id}")
def show(reader: Membership, announcement: VisibleAnnouncement, session: SessionDep, now: Now) -> AnnouncementOut:
    unread = queries.unread_among(session, listed=[announcement], reader=reader, now=now)
    return AnnouncementOut.of(Notice.of(announcement, unread=unread, now=now))


@router.get("/{announcement_id}/history")
def show_history(announcement: StaffAnnouncement, now: Now) -> HistoryOut:
    """Every wording it ever had, the oldest first."""
    return HistoryOut.of(announcement, now=now)


@router.put("/{announcement_id}")
def change(
    announcement: StaffAnnouncement, by: CurrentUser, wanted: ChangedAnnouncement, session: SessionDep, now: Now
) -> AnnouncementOut:
    """409 where somebody has saved meanwhile."""
    course = announcement.course
    changed = service.change(
        session,
        announcement=announcement,
        by=by,
        title=wanted.title,
        text=wanted.text,
        pinned=wanted.pinned,
        section=service.find_section(session, course=course, name=wanted.section),
        publish_at=rules.read_moment(wanted.publish_at, zone=ZoneInfo(course.time_zone)),
        version=wanted.version,
        now=now,
    )
    return AnnouncementOut.of(Notice.of(changed, unread=set(), now=now))


@router.post("/{announcement_id}/withdraw", status_code=204)
def withdraw(announcement: StaffAnnouncement, by: CurrentUser, wanted: Withdrawal, session: SessionDep, now: Now) -> None:
    service.withdraw(session, announcement=announcement, by=by, version=wanted.version, reason=wanted.reason, now=now)
