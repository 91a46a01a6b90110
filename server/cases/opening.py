"""What goes into a case, when it is opened or later: similar pairs of one assignment, or a submission by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases import queries, rules, service
from server.cases.exhibits import exhibit_of_submission, exhibits_of_pairs
from server.cases.models import Case
from server.cases.service import NewExhibit
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
    exhibits = exhibits_from(session, start, settings)
    case = service.open_case(
        session, assignment=start.assignment, opened_by=opened_by, reason=reason, logins=logins, exhibits=exhibits, now=now
    )
    mark_pairs(session, start, by=opened_by)
    return case


def add_from(session: Session, *, case: Case, start: Start, staff: User, version: int, settings: Settings, now: datetime) -> None:
    """To a case that is open; the pairs are marked in the same way."""
    exhibits = exhibits_from(session, start, settings)
    service.add_exhibits(session, case=case, staff=staff, exhibits=exhibits, version=version, now=now)
    mark_pairs(session, start, by=staff)


@dataclass(frozen=True)
class Offer:
    """What staff can choose from, to be added to a case."""

    pairs: Sequence[SimilarPair] = ()
    submissions: Sequence[Submission] = ()


def offer_for(session: Session, case: Case) -> Offer:
    """What is shown already is left out; nothing to a case that takes no more."""
    if case.closed_at is not None or case.erased_at is not None or len(case.exhibits) >= rules.MOST_EXHIBITS:
        return Offer()
    authors = set().union(*(service.authors_of(session, party) for party in case.parties))
    shown = {frozenset((each.left_id, each.right_id)) for each in case.exhibits}
    pairs = queries.addable_pairs(session, case=case, authors=authors)
    works = queries.addable_submissions(session, case=case, authors=authors)
    return Offer(
        [pair for pair in pairs if pair.right_id is None or frozenset((pair.left_id, pair.right_id)) not in shown],
        [work for work in works if frozenset((work.id, None)) not in shown],
    )


def exhibits_from(session: Session, start: Start, settings: Settings) -> list[NewExhibit]:
    if start.submission is not None:
        return [exhibit_of_submission(session, submission=start.submission, settings=settings)]
    return exhibits_of_pairs(session, pairs=start.pairs, settings=settings)


def mark_pairs(session: Session, start: Start, *, by: User) -> None:
    for pair in start.pairs:
        similarity.review(session, pair=pair, reviewer=by, opinion=Opinion.case, note=None)
