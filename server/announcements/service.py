"""Publishing, wording anew, withdrawing; and the drafts that a course keeps."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.announcements import rules
from server.announcements.models import Announcement, OwnDraft, Reader, Revision
from server.audit import write_line
from server.channels import service as channels
from server.channels.models import Occasion
from server.courses.models import Course, Enrollment, Section


def publish(
    session: Session,
    *,
    course: Course,
    by: User | None,
    title: str,
    text: str,
    now: datetime,
    section: Section | None = None,
    publish_at: datetime | None = None,
    pinned: bool = False,
    occasion: Occasion = Occasion.announcement,
) -> Announcement:
    """Tell a course or a section of it; now, or from `publish_at` on. Other domains call this, too."""
    announcement = Announcement(
        course=course, author=by, section=section, occasion=occasion, pinned=pinned, created_at=now,
        title=rules.tidy_line(title), text=rules.tidy_text(text), publish_at=rules.check_moment(publish_at, now=now),
    )  # fmt: skip
    session.add(announcement)
    session.flush()
    keep_wording(session, announcement, by=by, now=now)
    note(session, announcement, by, "announcement.published", now=facts_of(announcement))
    if section is None:  # a course's groups hold everybody
        tell_channels(session, announcement, now=now)
    return announcement


def change(
    session: Session,
    *,
    announcement: Announcement,
    by: User,
    title: str,
    text: str,
    pinned: bool,
    section: Section | None,
    publish_at: datetime | None,
    version: int,
    now: datetime,
) -> Announcement:
    """Save another wording or time. What it said before stays in its revisions; `publish_at` counts only until it is out."""
    tidy = {"title": rules.tidy_line(title), "text": rules.tidy_text(text)}
    announcement = hold(session, announcement, version)
    before, is_out = facts_of(announcement), announcement.publish_at <= now
    if not is_out:
        announcement.publish_at = rules.check_moment(publish_at, now=now)
    is_reworded = tidy != {"title": announcement.title, "text": announcement.text}
    announcement.title, announcement.text = tidy["title"], tidy["text"]
    announcement.pinned, announcement.section = pinned, section
    if is_reworded:
        announcement.changed_at = now if is_out else None
        keep_wording(session, announcement, by=by, now=now)
    session.flush()
    after = facts_of(announcement)
    if announcement.section is not None:
        channels.call_off(session, subject=subject_of(announcement), course=announcement.course)
    elif not is_out:
        tell_channels(session, announcement, now=now)
    if is_reworded or after != before:
        note(session, announcement, by, "announcement.changed", before=before, now=after)
    return announcement


def withdraw(session: Session, *, announcement: Announcement, by: User, version: int, reason: str, now: datetime) -> None:
    """Students no longer see it; staff do, with what it said."""
    announcement = hold(session, announcement, version)
    announcement.withdrawn_at = now
    session.flush()
    channels.call_off(session, subject=subject_of(announcement), course=announcement.course)
    note(session, announcement, by, "announcement.withdrawn", reason=reason.strip())


def hold(session: Session, announcement: Announcement, version: int) -> Announcement:
    """Lock it as it is now. Raises ChangedMeanwhile, AlreadyWithdrawn."""
    locked = select(Announcement).where(Announcement.id == announcement.id).with_for_update(of=Announcement)
    held = session.scalars(locked.execution_options(populate_existing=True)).one()
    if held.withdrawn_at is not None:
        raise rules.AlreadyWithdrawn
    rules.check_version(version, held.version)
    return held


def keep_wording(session: Session, announcement: Announcement, *, by: User | None, now: datetime) -> None:
    wording = {"title": announcement.title, "text": announcement.text}
    session.add(Revision(announcement_id=announcement.id, author=by, saved_at=now, **wording))
    session.flush()


def subject_of(announcement: Announcement) -> str:
    return f"announcement {announcement.id}"


def tell_channels(session: Session, announcement: Announcement, *, now: datetime) -> None:
    """Have it sent when it is out, as it is worded then."""
    known = {"subject": subject_of(announcement), "course": announcement.course}
    wording = {"title": announcement.title, "text": announcement.text, "due_at": announcement.publish_at}
    channels.reword(session, **known, **wording)
    path = f"/courses/{announcement.course.slug}/announcements/{announcement.id}"
    channels.tell(session, **known, **wording, occasion=announcement.occasion, path=path, now=now)


def facts_of(announcement: Announcement) -> dict[str, object]:
    """What the audit log keeps of it; the text itself stands in the revisions."""
    return {
        "title": announcement.title,
        "section": announcement.section.name if announcement.section else None,
        "pinned": announcement.pinned,
        "publish_at": announcement.publish_at.isoformat(),
    }


def note(session: Session, announcement: Announcement, by: User | None, action: str, **more: object) -> None:
    known = {"announcement": announcement.id, "title": announcement.title}
    write_line(session, course=announcement.course, actor=by, action=action, **known, **more)


def mark_read(session: Session, *, reader: Enrollment, now: datetime) -> None:
    """Whoever has two pages open has read up to the later one."""
    read = insert(Reader).values(enrollment_id=reader.id, read_at=now)
    latest = {"read_at": func.greatest(Reader.read_at, read.excluded.read_at)}
    session.execute(read.on_conflict_do_update(index_elements=["enrollment_id"], set_=latest))


def find_section(session: Session, *, course: Course, name: str) -> Section | None:
    """None for everybody. Raises NoSuchSection."""
    if not name.strip():
        return None
    found = session.scalar(select(Section).where(Section.course_id == course.id, Section.name == name.strip()))
    if found is None:
        raise rules.NoSuchSection(name)
    return found


def keep_draft(session: Session, *, course: Course, by: User, name: str, title: str, text: str) -> OwnDraft:
    known = {"name": rules.tidy_line(name, field="name", most=rules.MAX_NAME), "title": rules.tidy_line(title)}
    draft = OwnDraft(course_id=course.id, **known, text=rules.tidy_text(text))
    count = session.scalar(select(func.count()).select_from(OwnDraft).where(OwnDraft.course_id == course.id)) or 0
    if count >= rules.MOST_DRAFTS:
        raise rules.TooManyDrafts
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:
        raise rules.NameTaken(draft.name) from None
    write_line(session, course=course, actor=by, action="announcement.draft_kept", draft=draft.name)
    return draft


def remove_draft(session: Session, *, course: Course, by: User, draft: OwnDraft) -> None:
    session.delete(draft)
    session.flush()
    facts = {"draft": draft.name, "before": {"title": draft.title, "text": draft.text}}
    write_line(session, course=course, actor=by, action="announcement.draft_removed", **facts)
