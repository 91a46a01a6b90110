"""Questions that people mark, their rubrics, marks, comments at lines, shares of the work, and publications."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, func, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.protocol import Text
from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import Base


class Scale(StrEnum):
    """Where the points of a mark begin."""

    additive = "additive"  # at nothing, and items give
    subtractive = "subtractive"  # at the question's points, and items take


class MarkingPlan(Base):
    """How an assignment is marked; one without a row is marked with names, and shows students what was ticked."""

    __tablename__ = "marking_plans"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    is_anonymous: Mapped[bool] = mapped_column(default=False, server_default=false())
    shows_unchosen: Mapped[bool] = mapped_column(default=False, server_default=false())  # items that were not ticked
    version: Mapped[int] = mapped_column(default=1)


class MarkedQuestion(Base):
    """A manual question as the manifest had it when it was last looked at. `version`: of its rubric."""

    __tablename__ = "marked_questions"
    __table_args__ = (
        UniqueConstraint("assignment_id", "name"),
        CheckConstraint("points > 0", name="points_are_positive"),
        CheckConstraint("(choose IS NULL) = (section IS NULL)", name="chosen_within_a_section"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    name: Mapped[str]  # its id in the manifest
    points: Mapped[Decimal]
    section: Mapped[str | None]
    choose: Mapped[int | None]  # how many of the section count
    scale: Mapped[Scale]
    is_asked: Mapped[bool] = mapped_column(default=True, server_default=true())  # False once the manifest has it no more
    scale_set_at: Mapped[datetime | None]  # the last time
    version: Mapped[int] = mapped_column(default=1)

    assignment: Mapped[Assignment] = relationship(lazy="joined", innerjoin=True)
    items: Mapped[list["RubricItem"]] = relationship(order_by="RubricItem.position, RubricItem.id", back_populates="question")


class RubricItem(Base):
    """What a marker ticks. Marks keep which items were ticked and never their points, so an edit reaches all of them."""

    __tablename__ = "rubric_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("marked_questions.id", ondelete="CASCADE"), index=True)
    points: Mapped[Decimal]
    text_en: Mapped[str]
    text_zh: Mapped[str]
    position: Mapped[int]
    retired_at: Mapped[datetime | None]  # counts where it was ticked, and is offered no more
    changed_at: Mapped[datetime | None]  # its points or words, the last time

    question: Mapped[MarkedQuestion] = relationship(back_populates="items")

    @property
    def text(self) -> Text:
        return Text(en=self.text_en, zh=self.text_zh)


class GivenMark(Base):
    """One marking of one question of one work; the highest number counts. Only ever added."""

    __tablename__ = "given_marks"
    __table_args__ = (
        UniqueConstraint("submission_id", "question_id", "number"),
        CheckConstraint("number > 0", name="number_is_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("marked_questions.id"), index=True)
    number: Mapped[int]
    marker_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    items: Mapped[list[Any]]  # ids of rubric items
    adjustment: Mapped[Decimal]
    reason: Mapped[str | None]  # of the adjustment
    comment: Mapped[str | None]  # Markdown
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("given_marks.id"))  # of the attempt that counted before
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    marker: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class LineComment(Base):
    """Said at lines of the code that was handed in. It is withdrawn, never changed."""

    __tablename__ = "line_comments"
    __table_args__ = (
        Index("ix_line_comments_submission_id_question_id", "submission_id", "question_id"),
        CheckConstraint("1 <= first_line AND first_line <= last_line", name="lines_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("marked_questions.id"))
    file: Mapped[str]
    first_line: Mapped[int]
    last_line: Mapped[int]
    text: Mapped[str]  # Markdown
    item_id: Mapped[int | None] = mapped_column(ForeignKey("rubric_items.id"))  # which it is an instance of
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    author: Mapped[User] = relationship(foreign_keys=author_id, lazy="joined", innerjoin=True)
    item: Mapped[RubricItem | None] = relationship(lazy="joined")


class MarkerShare(Base):
    """What one of the staff marks: one student's work (a team's stands under who handed it in), a section's, or a question."""

    __tablename__ = "marker_shares"
    __table_args__ = (
        Index("ix_marker_shares_assignment_id", "assignment_id"),
        CheckConstraint("num_nonnulls(question_id, section_id, student_id) = 1", name="of_one_thing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    marker_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("marked_questions.id", ondelete="CASCADE"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id", ondelete="CASCADE"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    marker: Mapped[User] = relationship(foreign_keys=marker_id, lazy="joined", innerjoin=True)


class Publication(Base):
    """From here on students see their marks, and what changes in them. Only ever added."""

    __tablename__ = "publications"
    __table_args__ = (CheckConstraint("(section IS NULL) = (students IS NULL)", name="of_a_section_or_of_all"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), index=True)
    section: Mapped[str | None]  # its name then; None: of everybody, also of who hands in later
    students: Mapped[list[Any] | None] = mapped_column(
        JSONB(none_as_null=True)
    )  # their ids, and their mates': who changes the section keeps what was shown
    published_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    unmarked: Mapped[int]  # how many questions of works were open then

    published_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)
