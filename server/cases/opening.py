"""What a case starts from: similar pairs of one assignment, or a submission by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases import queries, rules, service
from server.cases.exhibits import exhibit_of_submission, exhibits_of_pairs
from server.cases.models import Case
from server.courses.models import Course
from server.settings import Settings
from server.similarity import service as similarity
from server.similarity.models import Opinion, SimilarPair
from server.submissions.models import Submission


@dataclass(frozen=True)
class Start:
    assignment: Assignment
    pairs: tuple[SimilarPair, ...]
    submission: Submission | None

    @property
    def works(self) -> list[Submission]:
        pairs = [work for pair in self.pairs for work in (pair.left, pair.right) if work is not None]
        return pairs + ([self.submission] if self.submission else [])


def get_start(session: Session, *, course: Course, pair_ids: Sequence[int], submission_id: int | None) -> Start:
    """Raises NotFound, or NothingToShow where it is neither the one nor the other."""
    if bool(pair_ids) == (submission_id is not None) or len(set(pair_ids)) > rules.MOST_EXHIBITS:
        raise rules.NothingToShow
    if submission_id is not None:
        submission = queries.get_submission(session, course=course, submission_id=submission_id)
        return Start(submission.assignment, (), submission)
    pairs = queries.list_pairs(session, course=course, pair_ids=pair_ids)
    if len({pair.comparison.assignment_id for pair in pairs}) > 1:
        raise rules.NothingToShow
    return Start(pairs[0].comparison.assignment, tuple(pairs), None)


def open_from(
    session: Session, *, start: Start, opened_by: User, reason: str, logins: Sequence[str], settings: Settings, now: datetime
) -> Case:
    """Each of the pairs is marked as one of which a case was opened."""
    exhibits = exhibits_of_pairs(session, pairs=start.pairs, settings=settings)
    if start.submission is not None:
        exhibits.append(exhibit_of_submission(session, submission=start.submission, settings=settings))
    case = service.open_case(
        session, assignment=start.assignment, opened_by=opened_by, reason=reason, logins=logins, exhibits=exhibits, now=now
    )
    for pair in start.pairs:
        similarity.review(session, pair=pair, reviewer=opened_by, opinion=Opinion.case, note=None)
    return case
