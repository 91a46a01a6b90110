"""JSON shapes of comparisons, pairs, reviews and archives."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from grader.protocol import Text
from server.similarity.models import Archive, ArchiveKind, Comparison, ComparisonState, Opinion, Review
from server.similarity.queries import Page, PairRow


class ComparisonOut(BaseModel):
    id: int
    state: ComparisonState
    requested_by: str | None  # a login; null: the deadline
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    stage: str | None  # reading, comparing, facts, evidence
    done: int  # of this stage
    total: int
    students: int
    attempts: int
    archived: int
    notes: list[Text]
    fault: str | None

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        columns = {name: getattr(comparison, name) for name in cls.model_fields if name != "requested_by"}
        return cls(**columns, requested_by=comparison.requested_by.login if comparison.requested_by else None)


class SideOut(BaseModel):
    """Of a student of another course only staff of both learn login and name."""

    submission: int | None
    login: str | None
    name: str
    attempt: int | None
    received_at: datetime | None
    section: str | None
    archive: str | None  # or the course of a past term
    archive_kind: ArchiveKind | None


class ReviewOut(BaseModel):
    opinion: Opinion | None  # null: what was said before is taken back
    note: str | None
    reviewer: str
    at: datetime

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(opinion=review.opinion, note=review.note, reviewer=review.reviewer.display_name, at=review.at)


class PairOut(BaseModel):
    """`features` and `functions` count what nobody else has, `few` what few have; null until somebody has looked at the pair."""

    id: int
    similarity: float
    left: SideOut
    right: SideOut
    features: int | None
    functions: int | None
    few: int | None
    closest: tuple[int, int] | None  # (works, features): where nothing is theirs alone, so many features only so many works have
    facts: list[dict[str, Any]]
    added_later: bool
    review: ReviewOut | None

    @classmethod
    def of(cls, row: PairRow) -> Self:
        return cls.model_validate(row_values(row), from_attributes=True)


def row_values(row: PairRow) -> dict[str, Any]:
    sides = {name: vars(side) | {"submission": side.submission_id} for name, side in (("left", row.left), ("right", row.right))}
    return vars(row) | sides


class PairsOut(BaseModel):
    """A page of the pairs of one comparison, the most similar first."""

    comparison: ComparisonOut
    pairs: list[PairOut]
    total: int
    offset: int

    @classmethod
    def of(cls, comparison: Comparison, page: Page) -> Self:
        pairs = [PairOut.of(row) for row in page.rows]
        return cls(comparison=ComparisonOut.of(comparison), pairs=pairs, total=page.total, offset=page.offset)


class NewReview(BaseModel):
    opinion: Opinion | None
    note: Annotated[str, Field(max_length=4000)] | None = None


class ArchiveOut(BaseModel):
    id: int
    name: str
    kind: ArchiveKind
    course: str | None  # whose assignment it is, where it is one of this platform
    works: int
    added_by: str | None
    added_at: datetime

    @classmethod
    def of(cls, archive: Archive, *, works: int) -> Self:
        return cls(
            id=archive.id,
            name=archive.name,
            kind=archive.kind,
            course=archive.past.course.slug if archive.past else None,
            works=works,
            added_by=archive.added_by.login if archive.added_by else None,
            added_at=archive.added_at,
        )


class NewArchive(BaseModel):
    """With `course` the same assignment there, under that course's name; else an empty archive."""

    name: str | None = None
    kind: ArchiveKind = ArchiveKind.past_term
    course: str | None = None


class ArchivedWorkOut(BaseModel):
    id: int
    name: str
    files: list[str]
