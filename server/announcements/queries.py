"""Reading announcements, as far as somebody may."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from server.announcements import rules
from server.announcements.models import Announcement, OwnDraft, Reader
from server.courses.models import Course, Enrollment, Section
from server.errors import NotFound

MOST = 200


def list_announcements(session: Session, *, reader: Enrollment, now: datetime, limit: int = MOST) -> list[Announcement]:
    """Pinned first, then newest. Students see what is out and meant for them; staff all."""
    query = select(Announcement).where(Announcement.course_id == reader.course_id)
    if not reader.role.is_staff:
        mine = or_(Announcement.section_id.is_(None), Announcement.section_id == reader.section_id)
        query = query.where(Announcement.withdrawn_at.is_(None), Announcement.publish_at <= now, mine)
    first = Announcement.pinned & Announcement.withdrawn_at.is_(None)
    return list(
        session.scalars(query.order_by(first.desc(), Announcement.publish_at.desc(), Announcement.id.desc()).limit(limit))
    )


def get_announcement(session: Session, *, reader: Enrollment, announcement_id: int, now: datetime) -> Announcement:
    """404 as well for what is not out yet, withdrawn, or for another section, unless one is of the staff."""
    query = select(Announcement).where(Announcement.course_id == reader.course_id, Announcement.id == announcement_id)
    found = session.scalar(query.options(selectinload(Announcement.revisions)))
    if found is None:
        raise NotFound
    is_mine = rules.is_for(found.section_id, of_reader=reader.section_id) and rules.is_public(span_of(found), now=now)
    if not (reader.role.is_staff or is_mine):
        raise NotFound
    return found


def span_of(announcement: Announcement) -> rules.Span:
    return rules.Span(announcement.publish_at, announcement.changed_at, announcement.withdrawn_at)


def unread_among(session: Session, *, listed: Sequence[Announcement], reader: Enrollment, now: datetime) -> set[int]:
    """Ids of those that are news to this reader; nobody finds his own words new."""
    read_at = session.scalar(select(Reader.read_at).where(Reader.enrollment_id == reader.id))
    theirs = [each for each in listed if each.author_id != reader.user_id]
    return {each.id for each in theirs if rules.is_unread(span_of(each), read_at=read_at, now=now)}


def list_sections(session: Session, *, course: Course) -> list[Section]:
    return list(session.scalars(select(Section).where(Section.course_id == course.id).order_by(Section.name)))


def list_drafts(session: Session, *, course: Course) -> list[OwnDraft]:
    return list(session.scalars(select(OwnDraft).where(OwnDraft.course_id == course.id).order_by(OwnDraft.name)))


def get_draft(session: Session, *, course: Course, draft_id: int) -> OwnDraft:
    found = session.scalar(select(OwnDraft).where(OwnDraft.course_id == course.id, OwnDraft.id == draft_id))
    if found is None:
        raise NotFound
    return found
