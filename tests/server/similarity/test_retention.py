"""Comparisons are erased when their time is over; the clock is a value."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Role
from server.models import AuditLine, Blob
from server.settings import Settings
from server.similarity import schedule
from server.similarity.models import Comparison, Opinion, Review, SimilarPair, StoredFingerprint
from server.similarity.retention import LEAST, erase_due
from server.similarity.service import review
from server.submissions import blobs

SECOND = timedelta(seconds=1)
KEPT = timedelta(days=100)


def close(session: Session, assignment: Assignment, at: datetime) -> None:
    assignment.opens_at, assignment.due_at, assignment.closes_at = at - timedelta(days=2), at, at
    assignment.course.cases_kept_days = KEPT.days
    session.commit()


def test_pairs_evidence_and_notes_go_on_the_day_and_works_stay(
    session: Session, settings: Settings, compared: Comparison, first_pair: SimilarPair, assignment: Assignment,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    review(session, pair=first_pair, reviewer=make_member("tia", Role.ta), opinion=Opinion.unsure, note="CANARY note")
    close(session, assignment, compared.created_at - timedelta(days=5))
    due, index = compared.created_at + KEPT, compared.index_sha256
    assert erase_due(session, now=due - SECOND, settings=settings) == []
    assert erase_due(session, now=due, settings=settings) == [assignment.id]
    session.commit()
    assert [session.scalars(select(kind)).all() for kind in (Comparison, SimilarPair, Review)] == [[], [], []]
    assert session.get(Blob, index) is None and not stored(settings, index)
    assert session.scalars(select(StoredFingerprint.submission_id)).all() != []
    line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert (line.action, line.actor_id, line.subject) == ("integrity.comparisons_erased", None, {"assignment": assignment.slug})
    assert erase_due(session, now=due + SECOND, settings=settings) == []


def stored(settings: Settings, sha256: str) -> bool:
    return Path(blobs.path_of(settings.blob_store.removeprefix("file://"), sha256)).exists()


def test_it_counts_from_the_closing_or_from_who_compared_later(
    session: Session, settings: Settings, compared: Comparison, assignment: Assignment
) -> None:
    closes_at = compared.created_at + timedelta(days=3)
    close(session, assignment, closes_at)
    assert erase_due(session, now=closes_at + KEPT - SECOND, settings=settings) == []
    assert erase_due(session, now=closes_at + KEPT, settings=settings) == [assignment.id]


def test_what_a_deadline_has_asked_for_is_not_erased_at_once_and_asked_for_again(
    session: Session, settings: Settings, compared: Comparison, assignment: Assignment, course: Course
) -> None:
    close(session, assignment, compared.created_at)
    course.cases_kept_days = 1
    session.commit()
    assert erase_due(session, now=compared.created_at + LEAST - SECOND, settings=settings) == []
    assert LEAST > schedule.RECENTLY
