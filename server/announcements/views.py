"""Announcements as pages and the API show them, and drafts filled from what the course knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from grader.protocol import Text
from server.announcements import queries, rules
from server.announcements.drafts import BUILT_IN, NAMES, Draft, Kind
from server.announcements.models import Announcement, OwnDraft
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.channels.models import Occasion
from server.courses.models import Course, Enrollment
from server.errors import NotFound
from server.settings import Settings
from server.web import i18n, moments

NEWEST = 3  # on the course's page


@dataclass(frozen=True)
class Notice:
    """One announcement for one reader."""

    announcement: Announcement
    is_unread: bool
    is_out: bool  # students see it

    @classmethod
    def of(cls, announcement: Announcement, *, unread: set[int], now: datetime) -> Self:
        is_out = rules.is_public(queries.span_of(announcement), now=now)
        return cls(announcement, announcement.id in unread, is_out)


def notices_for(session: Session, *, reader: Enrollment, now: datetime, limit: int = queries.MOST) -> list[Notice]:
    """Pinned first, then newest."""
    listed = queries.list_announcements(session, reader=reader, now=now, limit=limit)
    unread = queries.unread_among(session, listed=listed, reader=reader, now=now)
    return [Notice.of(each, unread=unread, now=now) for each in listed]


@dataclass(frozen=True)
class Front:
    """What the course's page shows of them."""

    notices: list[Notice]
    unread: int
    has_more: bool


def front_for(session: Session, *, reader: Enrollment, now: datetime) -> Front:
    """All pinned, all news and a few more; only what is out, for staff as well. Moved dates stand on that page anyway."""
    listed = [each for each in notices_for(session, reader=reader, now=now) if each.is_out]
    notices = [each for each in listed if each.announcement.occasion is not Occasion.date_moved]
    shown = [each for place, each in enumerate(notices) if place < NEWEST or each.announcement.pinned or each.is_unread]
    return Front(shown[: 2 * NEWEST], sum(each.is_unread for each in notices), len(notices) > len(shown[: 2 * NEWEST]))


@dataclass(frozen=True)
class Filled:
    """A draft ready to be edited; `open` names what nobody but the writer knows."""

    title: str
    text: str
    open: list[str]


def fill_draft(
    session: Session,
    *,
    course: Course,
    draft: Draft | OwnDraft,
    assignment: Assignment | None,
    language: str,
    settings: Settings,
    now: datetime,
) -> Filled:
    values = {"course": course.title.in_language(language)}
    if assignment is not None:
        values |= values_of(assignment, language=language, settings=settings, now=now)
    wording = (draft.title, draft.text)
    title, text = (rules.fill(in_language(each, language), values) for each in wording)
    return Filled(title, text, rules.left_open(f"{title}\n{text}", NAMES))


def in_language(wording: Text | str, language: str) -> str:
    return wording if isinstance(wording, str) else wording.in_language(language)


def values_of(assignment: Assignment, *, language: str, settings: Settings, now: datetime) -> dict[str, str]:
    """What a draft can say of an assignment, in words of the language and in the course's zone."""
    zone = assignment.course.time_zone

    def say(moment: datetime) -> str:
        return moments.absolute(moment, language=language, zone=zone, now=now)

    return {
        "assignment": assignments.manifest_of(assignment, root=settings.assignments).title.in_language(language),
        "opens": say(assignment.opens_at),
        "due": say(assignment.due_at),
        "closes": say(assignment.closes_at),
        "left": moments.duration(assignment.due_at - now, language=language),
        "attempts": str(assignment.attempt_limit),
        "link": f"/courses/{assignment.course.slug}/assignments/{assignment.slug}",
    }


def find_draft(own: Sequence[OwnDraft], key: str) -> Draft | OwnDraft | None:
    """By what forms and commands call it: the word of a built-in one, or the name of one's own."""
    if key in list(Kind):
        return BUILT_IN[Kind(key)]
    return next((draft for draft in own if draft.name == key), None)


def typed_moment(moment: datetime, course: Course) -> str:
    """As a form's field for date and time wants it, in the course's zone."""
    return f"{moment.astimezone(ZoneInfo(course.time_zone)):%Y-%m-%dT%H:%M}"


def get_assignment(session: Session, *, course: Course, slug: str) -> Assignment | None:
    """None where none is named; 404 for one that the course does not have."""
    if not slug:
        return None
    found = assignments.find_assignment(session, course=course, slug=slug)
    if found is None:
        raise NotFound
    return found


def language_of(header: str) -> str:
    return i18n.choose_language(accept=header)
