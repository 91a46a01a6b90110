"""What is kept of a closed case, and for how long: afterwards that there was one, its verdicts and their points."""

import logging
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.cases import rules, service
from server.cases.models import Case, Event, EventKind, Exhibit

log = logging.getLogger(__name__)


def erase_due(session: Session, *, now: datetime) -> list[int]:
    """Erase every case whose time is over; their ids. Doing it again finds none of them."""
    closed = select(Case).where(Case.closed_at <= now, Case.erased_at.is_(None)).order_by(Case.id).with_for_update(of=Case)
    due = [case for case in session.scalars(closed) if erased_from(case) <= now]
    for case in due:
        erase(session, case, now=now)
    return [case.id for case in due]


def erased_from(case: Case) -> datetime | None:
    """When the contents go; None while the case is open."""
    if case.closed_at is None:
        return None
    kept_days = case.assignment.course.cases_kept_days
    return rules.erased_from(case.closed_at, verdicts=[party.verdict for party in case.parties], kept_days=kept_days)


def erase(session: Session, case: Case, *, now: datetime) -> None:
    """Exhibits, and everything that anybody has written."""
    session.execute(delete(Exhibit).where(Exhibit.case_id == case.id))
    session.execute(update(Event).where(Event.case_id == case.id).values(text=None))
    case.reason, case.erased_at = None, now
    service.add_event(session, case, EventKind.erased, actor=None, now=now)
    service.note(session, case, None, "case.erased")
    log.info("The contents of case %s were erased", case.id)
