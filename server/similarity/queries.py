"""Reading comparisons: how far one is, its pairs with what belongs to them, and what people thought of those."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH, distinct_on
from sqlalchemy.orm import Session, aliased

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course, Enrollment, Role, Section
from server.errors import NotFound
from server.similarity.keys import LEFT, RIGHT, keys
from server.similarity.models import (
    Archive,
    ArchivedWork,
    ArchiveKind,
    Comparison,
    ComparisonState,
    Opinion,
    Review,
    SimilarPair,
)
from server.similarity.rules import NotCompared

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What is shown of a comparison; left out, everything is."""

    section_id: int | None = None  # either side is in it
    past: bool | None = None  # with works of past terms and archives, or within the class
    decided: bool | None = None  # somebody has said something that was not taken back
    opinion: Opinion | None = None
    at_least: float = 0.0
    person: str = ""  # part of a name or login of either side
    added_later: bool | None = None


@dataclass(frozen=True)
class SideRow:
    """One of the two. Of another course's student the reader sees a name only as staff there; else login and id are None."""

    submission_id: int | None
    student_id: int | None
    login: str | None
    name: str
    attempt: int | None
    received_at: datetime | None
    section: str | None
    archive: str | None = None  # the name of the archive, or of the course of a past term
    archive_kind: ArchiveKind | None = None

    @property
    def is_past(self) -> bool:
        return self.archive is not None


@dataclass(frozen=True)
class ReviewRow:
    opinion: Opinion
    note: str | None
    reviewer: str
    at: datetime


@dataclass(frozen=True)
class PairRow:
    """`features` and `functions` count what nobody else has, `few` what few have; None until the evidence was gathered."""

    id: int
    key: str
    similarity: float
    left: SideRow
    right: SideRow
    features: int | None
    functions: int | None
    few: int | None  # where a third one has the same, nothing is theirs alone
    closest: tuple[int, int] | None  # (works, features): of those the fewest works have, so many; None where it is not known
    facts: list[dict[str, Any]]
    added_later: bool
    review: ReviewRow | None  # the newest, unless it was taken back


@dataclass(frozen=True)
class Page:
    rows: list[PairRow]
    total: int
    offset: int


def newest(session: Session, *, assignment: Assignment) -> Comparison | None:
    """In whatever state: its progress is what a person sees."""
    return session.scalar(_of(assignment).limit(1))


def newest_done(session: Session, *, assignment: Assignment) -> Comparison | None:
    return session.scalar(_of(assignment).where(Comparison.state == ComparisonState.done).limit(1))


def get_newest_done(session: Session, *, assignment: Assignment) -> Comparison:
    """Raises NotCompared."""
    found = newest_done(session, assignment=assignment)
    if found is None:
        raise NotCompared
    return found


def _of(assignment: Assignment) -> Select[tuple[Comparison]]:
    return select(Comparison).where(Comparison.assignment_id == assignment.id).order_by(Comparison.id.desc())


def get_pair(session: Session, *, assignment: Assignment, pair_id: int) -> SimilarPair:
    """Raises NotFound; of an earlier comparison, too, since somebody may have kept the address."""
    mine = SimilarPair.id == pair_id, Comparison.assignment_id == assignment.id
    found = session.scalar(select(SimilarPair).join(Comparison, SimilarPair.comparison).where(*mine))
    if found is None:
        raise NotFound
    return found


def reviews_of(session: Session, *, assignment: Assignment, keys: Iterable[str]) -> dict[str, Review]:
    """The newest of each pair, by its key; one that was taken back is among them, without an opinion."""
    mine = Review.assignment_id == assignment.id, Review.pair_key.in_(list(keys))
    query = select(Review).where(*mine).ext(distinct_on(Review.pair_key)).order_by(Review.pair_key, Review.id.desc())
    return {review.pair_key: review for review in session.scalars(query)}


def list_pairs(
    session: Session,
    *,
    comparison: Comparison,
    filters: Filters | None = None,
    viewer: User | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> Page:
    """The most similar first, in one query. Without a viewer nobody of another course is named."""
    query = _filtered(_rows(comparison, viewer), filters or Filters(), viewer)
    rows = session.execute(query.offset(offset).limit(limit)).all()
    total = rows[0].total if rows else (_count(session, comparison, viewer, filters) if offset else 0)
    return Page([_row(row) for row in rows], total, offset)


def get_row(session: Session, *, pair: SimilarPair, viewer: User | None) -> PairRow:
    """One pair as it stands in the list."""
    return _row(session.execute(_rows(pair.comparison, viewer).where(SimilarPair.id == pair.id)).one())


def _count(session: Session, comparison: Comparison, viewer: User | None, filters: Filters | None) -> int:
    query = _filtered(_rows(comparison, viewer), filters or Filters(), viewer)
    return session.scalar(query.with_only_columns(func.count()).order_by(None)) or 0


def neighbours(
    session: Session, *, comparison: Comparison, pair_id: int, filters: Filters | None = None
) -> tuple[int | None, int | None]:
    """(the pair before, the pair after) in the order of the list, by these filters; the pair itself need not pass them."""
    here = session.execute(select(SimilarPair.similarity, SimilarPair.id).where(SimilarPair.id == pair_id)).one()
    query = _filtered(_rows(comparison, None), filters or Filters(), None).with_only_columns(SimilarPair.id).order_by(None)
    before = or_(
        SimilarPair.similarity > here.similarity, and_(SimilarPair.similarity == here.similarity, SimilarPair.id < pair_id)
    )
    after = or_(
        SimilarPair.similarity < here.similarity, and_(SimilarPair.similarity == here.similarity, SimilarPair.id > pair_id)
    )
    last = query.where(before).order_by(SimilarPair.similarity, SimilarPair.id.desc()).limit(1)
    next_ = query.where(after).order_by(SimilarPair.similarity.desc(), SimilarPair.id).limit(1)
    return session.scalar(last), session.scalar(next_)


LEFT_USER, RIGHT_USER = aliased(User), aliased(User)
LEFT_PLACE, RIGHT_PLACE = aliased(Enrollment), aliased(Enrollment)
LEFT_SECTION, RIGHT_SECTION = aliased(Section), aliased(Section)
RIGHT_ASSIGNMENT, RIGHT_COURSE = aliased(Assignment), aliased(Course)
LAST, REVIEWER = aliased(Review), aliased(User)
IS_PAST = RIGHT.assignment_id != Comparison.assignment_id
UNIQUE = cast("$.parts[*].unique", JSONPATH)
SHARED = func.jsonb_path_query_array(SimilarPair.evidence, UNIQUE).label("shared")
CLOSEST = func.jsonb_path_query_array(SimilarPair.evidence, cast("$.parts[*].closest", JSONPATH)).label("closest")
FEW = func.jsonb_path_query_array(SimilarPair.evidence, cast("$.parts[*].few", JSONPATH)).label("few")


def _rows(comparison: Comparison, viewer: User | None) -> Select:
    """Every column of a row; the reviews that count are joined by the pair's key."""
    key = keys().where(SimilarPair.comparison_id == comparison.id).subquery("keys")
    course_id = select(Assignment.course_id).where(Assignment.id == comparison.assignment_id).scalar_subquery()
    query = (
        select(
            SimilarPair.id, SimilarPair.similarity, SimilarPair.facts, SimilarPair.added_later, SHARED, FEW, CLOSEST, key.c.key,
            LEFT.id.label("left_submission"), LEFT.attempt.label("left_attempt"), LEFT.received_at.label("left_at"),
            LEFT_USER.id.label("left_user"), LEFT_USER.login.label("left_login"), LEFT_USER.display_name.label("left_name"),
            LEFT_SECTION.name.label("left_section"),
            RIGHT.id.label("right_submission"), RIGHT.attempt.label("right_attempt"), RIGHT.received_at.label("right_at"),
            RIGHT_USER.id.label("right_user"), RIGHT_USER.login.label("right_login"), RIGHT_USER.display_name.label("right_name"),
            RIGHT_SECTION.name.label("right_section"),
            IS_PAST.label("is_past"), RIGHT_COURSE.slug.label("right_course"), _may_name(viewer).label("may_name"),
            ArchivedWork.name.label("archived_name"), Archive.name.label("archive"), Archive.kind.label("archive_kind"),
            LAST.opinion, LAST.note, LAST.at.label("reviewed_at"), REVIEWER.display_name.label("reviewer"),
            func.count().over().label("total"),
        )
        .join(Comparison, Comparison.id == SimilarPair.comparison_id)
        .join(key, key.c.id == SimilarPair.id)
        .join(LEFT, LEFT.id == SimilarPair.left_id)
        .join(LEFT_USER, LEFT_USER.id == LEFT.author_id)
        .outerjoin(LEFT_PLACE, and_(LEFT_PLACE.user_id == LEFT.author_id, LEFT_PLACE.course_id == course_id))
        .outerjoin(LEFT_SECTION, LEFT_SECTION.id == LEFT_PLACE.section_id)
        .outerjoin(RIGHT, RIGHT.id == SimilarPair.right_id)
        .outerjoin(RIGHT_USER, RIGHT_USER.id == RIGHT.author_id)
        .outerjoin(RIGHT_ASSIGNMENT, RIGHT_ASSIGNMENT.id == RIGHT.assignment_id)
        .outerjoin(RIGHT_COURSE, RIGHT_COURSE.id == RIGHT_ASSIGNMENT.course_id)
        .outerjoin(RIGHT_PLACE, and_(RIGHT_PLACE.user_id == RIGHT.author_id, RIGHT_PLACE.course_id == course_id, ~IS_PAST))
        .outerjoin(RIGHT_SECTION, RIGHT_SECTION.id == RIGHT_PLACE.section_id)
        .outerjoin(ArchivedWork, ArchivedWork.id == SimilarPair.archived_id)
        .outerjoin(Archive, Archive.id == ArchivedWork.archive_id)
        .outerjoin(LAST, LAST.id == _last_review(key.c.key))
        .outerjoin(REVIEWER, REVIEWER.id == LAST.reviewer_id)
        .order_by(SimilarPair.similarity.desc(), SimilarPair.id)
    )  # fmt: skip
    return query.where(SimilarPair.comparison_id == comparison.id)


def _last_review(pair_key: ColumnElement[str]) -> ScalarSelect[int]:
    """The newest of a pair, looked up in the index: reviews of other pairs and assignments are not touched."""
    of_it = Review.assignment_id == Comparison.assignment_id, Review.pair_key == pair_key
    return select(func.max(Review.id)).where(*of_it).correlate(Comparison, pair_key.table).scalar_subquery()


def _may_name(viewer: User | None) -> ColumnElement[bool]:
    """Whether the right one is of this course, or of one in which the viewer is staff, too."""
    place = aliased(Enrollment)
    is_there = (
        place.course_id == RIGHT_ASSIGNMENT.course_id,
        place.user_id == (viewer.id if viewer else None),
        place.role != Role.student,
    )
    return or_(~IS_PAST, select(place.id).where(*is_there).exists())


def _filtered(query: Select, filters: Filters, viewer: User | None) -> Select:
    if filters.section_id is not None:
        query = query.where(or_(LEFT_SECTION.id == filters.section_id, RIGHT_SECTION.id == filters.section_id))
    if filters.past is not None:
        is_past = or_(SimilarPair.archived_id.is_not(None), IS_PAST)
        query = query.where(is_past if filters.past else ~is_past)
    if filters.decided is not None:
        query = query.where(LAST.opinion.is_not(None) if filters.decided else LAST.opinion.is_(None))
    if filters.opinion is not None:
        query = query.where(LAST.opinion == filters.opinion)
    if filters.at_least:
        query = query.where(SimilarPair.similarity >= filters.at_least)
    if filters.added_later is not None:
        query = query.where(SimilarPair.added_later.is_(filters.added_later))
    if person := filters.person.strip():
        names = [LEFT_USER.login, LEFT_USER.display_name, ArchivedWork.name]
        hits = [name.icontains(person, autoescape=True) for name in names]
        hits += [
            and_(_may_name(viewer), name.icontains(person, autoescape=True))
            for name in (RIGHT_USER.login, RIGHT_USER.display_name)
        ]
        query = query.where(or_(*hits))
    return query


def _row(row: Row) -> PairRow:
    reviewed = ReviewRow(row.opinion, row.note, row.reviewer, row.reviewed_at) if row.opinion else None
    left = SideRow(
        row.left_submission, row.left_user, row.left_login, row.left_name, row.left_attempt, row.left_at, row.left_section
    )
    return PairRow(
        id=row.id,
        key=row.key,
        similarity=row.similarity,
        left=left,
        right=_right(row),
        features=None if row.shared is None else sum(row.shared),
        functions=None if row.shared is None else sum(unique > 0 for unique in row.shared),
        few=None if row.few is None else sum(row.few),
        closest=closest_of(row.closest or []),
        facts=row.facts,
        added_later=row.added_later,
        review=reviewed,
    )


def closest_of(parts: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    """Of all functions together: of those with the fewest works."""
    known = [(works, features) for works, features in parts if works]
    fewest = min((works for works, _ in known), default=0)
    return (fewest, sum(features for works, features in known if works == fewest)) if known else None


def _right(row: Row) -> SideRow:
    if row.archive is not None:
        return SideRow(None, None, None, row.archived_name, None, None, None, row.archive, row.archive_kind)
    past = (row.right_course, ArchiveKind.past_term) if row.is_past else (None, None)
    if not row.may_name:
        return SideRow(row.right_submission, None, None, "", row.right_attempt, row.right_at, None, *past)
    name = row.right_user, row.right_login, row.right_name
    return SideRow(row.right_submission, *name, row.right_attempt, row.right_at, row.right_section, *past)
