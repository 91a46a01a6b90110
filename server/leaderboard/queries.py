"""Who is where: read from runs each time, so it cannot disagree with them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Float, Select, func, null, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment, Counts
from server.courses.models import Enrollment, Role
from server.grading.models import Run
from server.submissions.models import Submission


@dataclass(frozen=True)
class Row:
    """One student's place. `metric` is the public value only."""

    rank: int
    user_id: int
    login: str
    name: str
    score: Decimal
    max_score: Decimal
    metric: float | None
    received_at: datetime
    attempts: int


def rank(session: Session, *, assignment: Assignment, metric: str | None = None) -> list[Row]:
    """Students by the score that counts, then by who handed it in earlier. A newer attempt changes nothing until it is judged."""
    counted = counted_runs(assignment, metric).subquery()
    place = func.rank().over(order_by=(counted.c.score.desc(), counted.c.received_at))
    attempts = (
        select(func.count())
        .select_from(Submission)
        .where(Submission.assignment_id == assignment.id, Submission.author_id == counted.c.author_id)
        .scalar_subquery()
    )
    query = (
        select(
            place, User.id, User.login, User.display_name,
            counted.c.score, counted.c.max_score, counted.c.metric, counted.c.received_at, attempts,
        )
        .join(User, User.id == counted.c.author_id)
        .order_by(counted.c.score.desc(), counted.c.received_at, User.id)
    )  # fmt: skip
    return [Row(*row) for row in session.execute(query)]


def counted_runs(assignment: Assignment, metric: str | None) -> Select:
    """One run per student: of each attempt the newest run, of these the best or the latest attempt."""
    newest = newest_runs(assignment, metric).subquery()
    latest = (newest.c.attempt.desc(),)
    best = newest.c.score.desc(), newest.c.received_at, newest.c.attempt
    order = latest if assignment.counts is Counts.latest else best
    return select(newest).ext(distinct_on(newest.c.author_id)).order_by(newest.c.author_id, *order)


def newest_runs(assignment: Assignment, metric: str | None) -> Select:
    """Only students are ranked, not staff who try the assignment out."""
    public = Run.report["metrics"][metric]["public"].astext.cast(Float) if metric else null().cast(Float)
    is_student = (Enrollment.course_id == assignment.course_id) & (Enrollment.role == Role.student)
    return (
        select(Submission.author_id, Submission.attempt, Submission.received_at, Run.score, Run.max_score, public.label("metric"))
        .join(Run, Run.submission_id == Submission.id)
        .join(Enrollment, is_student & (Enrollment.user_id == Submission.author_id))
        .where(Submission.assignment_id == assignment.id)
        .ext(distinct_on(Run.submission_id))
        .order_by(Run.submission_id, Run.number.desc())
    )
