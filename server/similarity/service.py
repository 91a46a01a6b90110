"""What staff do with comparisons: ask for one, say what they think of a pair."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import write_line
from server.broker import COMPARE, MAINTENANCE
from server.outbox import run_after_commit
from server.similarity import rules
from server.similarity.keys import key_of
from server.similarity.models import Comparison, Opinion, Review, SimilarPair
from server.similarity.population import population_of


def request_comparison(session: Session, *, assignment: Assignment, requested_by: User | None) -> Comparison:
    """Have all works compared, by a worker. `requested_by` is None where the deadline asks for it."""
    population = population_of(session, assignment=assignment)
    if population.students < 2 and not (population.students and population.past):
        raise rules.NothingToCompare
    comparison = Comparison(assignment=assignment, requested_by_id=requested_by.id if requested_by else None)
    try:
        with session.begin_nested():
            session.add(comparison)
            session.flush()
    except IntegrityError as error:  # one at a time, says an index
        raise rules.AlreadyComparing from error
    write_line(
        session,
        course=assignment.course,
        actor=requested_by,
        action="integrity.comparison_requested",
        assignment=assignment.slug,
        comparison=comparison.id,
    )
    run_after_commit(session, COMPARE, comparison.id, queue=MAINTENANCE)
    return comparison


def review(session: Session, *, pair: SimilarPair, reviewer: User, opinion: Opinion | None, note: str | None) -> Review:
    """Add what a person thinks of a pair; None takes back what was thought before. The note stays out of the audit log."""
    assignment = pair.comparison.assignment
    key = key_of(session, pair=pair)
    found = Review(
        assignment_id=assignment.id, pair_key=key, opinion=opinion, note=(note or "").strip() or None, reviewer=reviewer
    )
    session.add(found)
    session.flush()
    write_line(
        session,
        course=assignment.course,
        actor=reviewer,
        action="integrity.pair_reviewed",
        assignment=assignment.slug,
        pair=pair.id,
        pair_key=key,
        opinion=opinion.value if opinion else None,
    )
    return found


def reviews_of_pair(session: Session, *, pair: SimilarPair) -> list[Review]:
    """What was thought of it, the newest first."""
    mine = Review.assignment_id == pair.comparison.assignment_id, Review.pair_key == key_of(session, pair=pair)
    return list(session.scalars(select(Review).where(*mine).order_by(Review.id.desc())))
