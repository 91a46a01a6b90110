"""Holding an announcement or a draft is the permission to see it, or, as staff, to change it."""

from typing import Annotated

from fastapi import Depends

from server.announcements import queries
from server.announcements.models import Announcement, OwnDraft
from server.courses.access import Membership, StaffMembership
from server.database import Now, SessionDep


def require_visible(announcement_id: int, reader: Membership, session: SessionDep, now: Now) -> Announcement:
    return queries.get_announcement(session, reader=reader, announcement_id=announcement_id, now=now)


VisibleAnnouncement = Annotated[Announcement, Depends(require_visible, scope="function")]


def require_staff_announcement(announcement_id: int, staff: StaffMembership, session: SessionDep, now: Now) -> Announcement:
    return queries.get_announcement(session, reader=staff, announcement_id=announcement_id, now=now)


StaffAnnouncement = Annotated[Announcement, Depends(require_staff_announcement, scope="function")]


def require_draft(draft_id: int, staff: StaffMembership, session: SessionDep) -> OwnDraft:
    return queries.get_draft(session, course=staff.course, draft_id=draft_id)


StaffDraft = Annotated[OwnDraft, Depends(require_draft, scope="function")]
