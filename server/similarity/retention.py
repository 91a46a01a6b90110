"""What is kept of comparisons, and for how long: pairs, evidence and what staff wrote of them speak of persons."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.assignments.models import Assignment
from server.audit import write_line
from server.courses.models import Course
from server.settings import Settings
from server.similarity import index_store
from server.similarity.models import Comparison, ComparisonState, Review

LEAST = timedelta(days=30)  # longer than a deadline asks for comparisons, so that none is made only to be erased

log = logging.getLogger(__name__)


def erase_due(session: Session, *, now: datetime, settings: Settings) -> list[int]:
    """Erase all comparisons of the assignments whose time is over, and what was said of their pairs; the assignments' ids.

    The time is the course's for cases, counted from the closing, or from the newest comparison if somebody asked for one later.
    Works and fingerprints stay, as long as submissions do: later terms are held against them.
    """
    newest = func.max(Comparison.created_at)
    candidates = (
        select(Assignment, newest)
        .join(Comparison, Comparison.assignment_id == Assignment.id)
        .group_by(Assignment.id, Course.id)
        .join(Course, Course.id == Assignment.course_id)
        .where(Assignment.closes_at <= now - LEAST)
        .having(~func.bool_or(Comparison.state.in_((ComparisonState.waiting, ComparisonState.running))))
        .order_by(Assignment.id)
    )
    due = [assignment for assignment, made_at in session.execute(candidates) if erased_from(assignment, made_at) <= now]
    for assignment in due:
        erase(session, assignment, settings=settings)
    return [assignment.id for assignment in due]


def erased_from(assignment: Assignment, made_at: datetime) -> datetime:
    kept = max(LEAST, timedelta(days=assignment.course.cases_kept_days))
    return max(assignment.closes_at, made_at) + kept


def erase(session: Session, assignment: Assignment, *, settings: Settings) -> None:
    of_it = Comparison.assignment_id == assignment.id
    index_store.forget(session, of_it, settings=settings)
    session.execute(delete(Comparison).where(of_it))
    session.execute(delete(Review).where(Review.assignment_id == assignment.id))
    write_line(session, course=assignment.course, actor=None, action="integrity.comparisons_erased", assignment=assignment.slug)
    log.info("The comparisons of assignment %s were erased", assignment.id)
