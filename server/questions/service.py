"""Drafts of answers: saved as one types, picked up on another device, never overwritten unseen. And what was handed in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.protocol import Feedback
from grader.questions.attachments import check_attachment
from grader.refusals import BadSubmission
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.rules import check_has_doors
from server.deadlines.queries import closed_for_all
from server.questions import rules
from server.questions.models import AnswerDraft
from server.submissions import blobs
from server.submissions.rules import UnusableUpload
from server.submissions.service import keep_bytes


@dataclass(frozen=True)
class Typed:
    """A form as it came in. version: of the draft that it was made from. removed: questions whose file is taken away."""

    answers: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)  # by question
    removed: frozenset[str] = frozenset()
    version: int = 0


def find_draft(session: Session, *, assignment: Assignment, user: User) -> AnswerDraft | None:
    return session.get(AnswerDraft, (assignment.id, user.id))


def save_draft(session: Session, *, assignment: Assignment, user: User, typed: Typed, store: str, now: datetime) -> AnswerDraft:
    """Raises SavedElsewhere where somebody else, or another tab, has saved meanwhile; saving the same twice is once."""
    check_has_doors(assignment)
    if len(json.dumps(typed.answers).encode()) > rules.MOST_BYTES:
        raise rules.DraftTooLong
    draft = lock_draft(session, assignment=assignment, user=user)
    attachments = {id: kept for id, kept in draft.attachments.items() if id not in typed.removed}
    is_same = (dict(typed.answers), attachments) == (draft.answers, draft.attachments)
    if is_same and not typed.files:
        return draft
    takes_nothing = is_same and not set(typed.files) & set(draft.attachments)  # a file beside what was saved a moment ago
    if typed.version != draft.version and not takes_nothing:
        zone = ZoneInfo(assignment.course.time_zone)
        raise rules.SavedElsewhere(draft.saved_at.astimezone(zone), draft.version)
    if draft.files_saved + len(typed.files) > rules.MOST_FILES:
        raise rules.TooManyFiles
    attachments |= keep_files(session, typed.files, store=store)
    draft.answers, draft.attachments = dict(typed.answers), attachments
    draft.files_saved += len(typed.files)
    draft.version, draft.saved_at = draft.version + 1, now
    session.flush()
    return draft


def lock_draft(session: Session, *, assignment: Assignment, user: User) -> AnswerDraft:
    """The row of this person, made if there is none: two tabs that save at once take turns."""
    blank = {"assignment_id": assignment.id, "user_id": user.id, "version": 0}
    session.execute(insert(AnswerDraft).values(blank).on_conflict_do_nothing())
    mine = AnswerDraft.assignment_id == assignment.id, AnswerDraft.user_id == user.id
    return session.scalars(select(AnswerDraft).where(*mine).with_for_update().execution_options(populate_existing=True)).one()


def keep_files(session: Session, files: Mapping[str, tuple[str, bytes]], *, store: str) -> dict[str, dict[str, Any]]:
    """Bytes first; what is no PDF or picture is refused before anything is kept."""
    kept = {}
    for id, (name, content) in files.items():
        try:
            check_attachment(name, content)
        except BadSubmission as bad:
            raise UnusableUpload(bad.message.en, bad.message.zh) from bad
        kept[id] = {"name": name, "sha256": blobs.digest(content), "size_bytes": len(content)}
    if files:
        keep_bytes(session, [content for _, content in files.values()], store=store)
    return kept


def files_of_draft(draft: AnswerDraft, *, store: str) -> dict[str, bytes]:
    """By question."""
    return {id: blobs.read(store, kept["sha256"]) for id, kept in draft.attachments.items()}


def stage_of(session: Session, *, assignment: Assignment, now: datetime) -> Feedback:
    """Up to which of them questions are due. Of an exam all are judged at once, and nothing is shown before its release."""
    if assignment.is_exam:
        return Feedback.after_release
    closed_at = closed_for_all(session, assignments=[assignment])[assignment.id]
    return rules.stage_at(now, closed_at=closed_at, released_at=assignment.released_at)
