"""Fingerprints, archives, and comparisons with the pairs that they found."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import Base
from server.submissions.models import Submission


class StoredFingerprint(Base):
    """What `grader.similarity.storage` keeps of a submission; made once, and anew only by another version of the engine."""

    __tablename__ = "fingerprints"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ArchiveKind(StrEnum):
    past_term = "past_term"
    public = "public"  # solutions that anybody can find
    template = "template"  # code that was given out: what stands in it is nobody's


class Archive(Base):
    """Works beside which those of one assignment are compared: uploaded, or those of another course's assignment, `past`."""

    __tablename__ = "archives"
    __table_args__ = (UniqueConstraint("assignment_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[ArchiveKind]
    past_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    works: Mapped[list["ArchivedWork"]] = relationship(order_by="ArchivedWork.id", back_populates="archive", passive_deletes=True)
    past: Mapped[Assignment | None] = relationship(foreign_keys=past_id, lazy="joined")
    added_by: Mapped[User | None] = relationship(lazy="joined")


class ArchivedWork(Base):
    """`files` is `[{"name", "sha256"}, …]`, in the blob store."""

    __tablename__ = "archived_works"
    __table_args__ = (UniqueConstraint("archive_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    archive_id: Mapped[int] = mapped_column(ForeignKey("archives.id", ondelete="CASCADE"))
    name: Mapped[str]
    files: Mapped[list[Any]]
    version: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    archive: Mapped[Archive] = relationship(back_populates="works", lazy="joined", innerjoin=True)


class ComparisonState(StrEnum):
    waiting = "waiting"
    running = "running"
    done = "done"
    failed = "failed"

    @property
    def is_final(self) -> bool:
        return self in (ComparisonState.done, ComparisonState.failed)


class Comparison(Base):
    """One time that all works of an assignment were compared. The newest finished one is what staff look at."""

    __tablename__ = "comparisons"
    __table_args__ = (
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
        Index(
            "uq_comparisons_one_at_a_time",
            "assignment_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the deadline asked for it
    state: Mapped[ComparisonState] = mapped_column(default=ComparisonState.waiting)
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    sent_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    stage: Mapped[str | None]  # a word: reading, comparing, facts, evidence
    done: Mapped[int] = mapped_column(default=0)  # of this stage
    total: Mapped[int] = mapped_column(default=0)
    students: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    archived: Mapped[int] = mapped_column(default=0)
    notes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # what could not be read, and why
    fault: Mapped[str | None]  # for staff: why the last try failed
    index_sha256: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"))  # what one more submission is held against

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    requested_by: Mapped[User | None] = relationship(lazy="joined")


class SimilarPair(Base):
    """Two works of different people. The right one may be of a past term, then `right` or `archived` says which.

    `facts` are signals beside the text, `[{"kind", …}, …]`, each shown by itself; `evidence` is where the two are alike.
    """

    __tablename__ = "similar_pairs"
    __table_args__ = (
        CheckConstraint("(right_id IS NULL) <> (archived_id IS NULL)", name="one_right_side"),
        Index("ix_similar_pairs_comparison_id_similarity", "comparison_id", text("similarity DESC")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comparison_id: Mapped[int] = mapped_column(ForeignKey("comparisons.id", ondelete="CASCADE"))
    similarity: Mapped[float]
    left_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    right_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    archived_id: Mapped[int | None] = mapped_column(ForeignKey("archived_works.id", ondelete="CASCADE"))
    added_later: Mapped[bool] = mapped_column(default=False)  # by a submission that came after the comparison
    facts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    evidence: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)

    comparison: Mapped[Comparison] = relationship()
    left: Mapped[Submission] = relationship(foreign_keys=left_id)
    right: Mapped[Submission | None] = relationship(foreign_keys=right_id)
    archived: Mapped[ArchivedWork | None] = relationship()


class Opinion(StrEnum):
    nothing = "nothing"  # looked at, nothing to follow up
    unsure = "unsure"
    case = "case"  # a case was opened


class Review(Base):
    """What a person thought of a pair. Only added, until all is erased; the newest counts, also when works are compared anew.

    `pair_key` names the two by people and archived works, the smaller first: `user:12|user:40`, `user:12|archived:7`.
    """

    __tablename__ = "pair_reviews"
    __table_args__ = (Index("ix_pair_reviews_assignment_id_pair_key_id", "assignment_id", "pair_key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    pair_key: Mapped[str]
    opinion: Mapped[Opinion | None]  # None: taken back
    note: Mapped[str | None]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    reviewer: Mapped[User] = relationship(lazy="joined", innerjoin=True)
