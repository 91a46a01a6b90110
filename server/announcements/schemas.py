"""JSON shapes of announcements."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from server.announcements.models import Announcement, OwnDraft
from server.announcements.views import Notice
from server.channels.models import Occasion


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewAnnouncement(Strict):
    """`publish_at` without an offset is in the course's time zone; left out: now."""

    title: str
    text: str = Field(description="Markdown; formulas as in handouts.")
    section: str = Field("", description="The name of a section; left out: everybody.")
    publish_at: str = ""
    pinned: bool = False


class ChangedAnnouncement(NewAnnouncement):
    """`version`: of the announcement as it was read; another one in the meantime is refused."""

    version: int


class Withdrawal(Strict):
    version: int
    reason: str = Field("", max_length=1000)


class AnnouncementOut(BaseModel):
    id: int
    title: str
    text: str
    section: str | None
    author: str | None
    occasion: Occasion
    pinned: bool
    publish_at: datetime
    changed_at: datetime | None
    withdrawn_at: datetime | None
    unread: bool
    version: int

    @classmethod
    def of(cls, notice: Notice) -> Self:
        announcement = notice.announcement
        return cls(
            id=announcement.id,
            title=announcement.title,
            text=announcement.text,
            section=announcement.section.name if announcement.section else None,
            author=announcement.author.display_name if announcement.author else None,
            occasion=announcement.occasion,
            pinned=announcement.pinned,
            publish_at=announcement.publish_at,
            changed_at=announcement.changed_at,
            withdrawn_at=announcement.withdrawn_at,
            unread=notice.is_unread,
            version=announcement.version,
        )


class RevisionOut(BaseModel):
    title: str
    text: str
    author: str | None
    saved_at: datetime


class HistoryOut(BaseModel):
    announcement: AnnouncementOut
    revisions: list[RevisionOut]

    @classmethod
    def of(cls, announcement: Announcement, *, now: datetime) -> Self:
        revisions = [
            RevisionOut(
                title=each.title, text=each.text, saved_at=each.saved_at, author=each.author.display_name if each.author else None
            )
            for each in announcement.revisions
        ]
        return cls(announcement=AnnouncementOut.of(Notice.of(announcement, unread=set(), now=now)), revisions=revisions)


class NewDraft(Strict):
    name: str
    title: str
    text: str


class DraftOut(BaseModel):
    """`key` names a built-in draft; of a course's own, `id` removes it. `open`: placeholders to be filled by hand."""

    id: int | None
    key: str
    name: str
    title: str
    text: str
    open: list[str]


class OwnDraftOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    title: str
    text: str

    @classmethod
    def of(cls, draft: OwnDraft) -> Self:
        return cls.model_validate(draft)
