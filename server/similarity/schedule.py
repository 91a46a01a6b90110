"""What the sweep looks for: assignments that have closed, and submissions that came after their comparison."""

from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from grader.similarity.storage import VERSION
from server.assignments.models import Assignment
from server.courses.models import Enrollment, Role
from server.similarity import rules, service
from server.similarity.models import Comparison, ComparisonState, StoredFingerprint
from server.submissions.models import Job, State, Submission

CLOCK = func.clock_timestamp()
RECENTLY = timedelta(days=7)  # what closed before is compared when somebody asks
AT_ONCE = 20
UNDONE = (ComparisonState.waiting, ComparisonState.running)
UNDECIDED = (State.received, State.queued, State.running)


def request_due(session: Session) -> int:
    """Once nothing more can be handed in, all is compared without anybody asking; how many."""
    is_there = or_(Comparison.created_at >= Assignment.closes_at, Comparison.state.in_(UNDONE))
    compared = select(Comparison.id).where(Comparison.assignment_id == Assignment.id, is_there)
    closed = Assignment.closes_at < CLOCK, Assignment.closes_at > CLOCK - RECENTLY
    place = (Enrollment.user_id == Submission.author_id) & (Enrollment.course_id == Assignment.course_id)
    authors = (
        select(func.count(Submission.author_id.distinct()))
        .outerjoin(Enrollment, place)
        .where(Submission.assignment_id == Assignment.id, or_(Enrollment.role.is_(None), Enrollment.role == Role.student))
        .correlate(Assignment)
        .scalar_subquery()
    )
    due = select(Assignment).where(*closed, ~compared.exists(), authors > 1).order_by(Assignment.closes_at)
    due = due.limit(AT_ONCE).with_for_update(skip_locked=True, of=Assignment)
    asked_for = 0
    for assignment in session.scalars(due):
        try:
            service.request_comparison(session, assignment=assignment, requested_by=None)
            asked_for += 1
        except (rules.NothingToCompare, rules.AlreadyComparing):
            continue  # one team alone has handed in, or somebody has asked this moment
    return asked_for


def late_submissions(session: Session) -> list[int]:
    """Judged, by students, and in no comparison yet, where the newest one is done: it is asked again until they are."""
    newer = aliased(Comparison)
    is_newest = ~select(newer.id).where(newer.assignment_id == Comparison.assignment_id, newer.id > Comparison.id).exists()
    place = (Enrollment.user_id == Submission.author_id) & (Enrollment.course_id == Assignment.course_id)
    has_print = StoredFingerprint.submission_id == Submission.id, StoredFingerprint.version == VERSION
    undecided = select(Job.id).where(Job.submission_id == Submission.id, Job.state.in_(UNDECIDED))
    query = (
        select(Submission.id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Comparison, Comparison.assignment_id == Assignment.id)
        .outerjoin(Enrollment, place)
        .where(Comparison.state == ComparisonState.done, Comparison.index_sha256.is_not(None), is_newest)
        .where(Submission.received_at > Comparison.started_at, or_(Enrollment.role.is_(None), Enrollment.role == Role.student))
        .where(~select(StoredFingerprint.submission_id).where(*has_print).exists(), ~undecided.exists())
    )
    return list(session.scalars(query.order_by(Submission.id).limit(AT_ONCE)))
