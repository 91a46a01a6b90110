"""Categories and columns, what people have set in them by hand, lines, and whom the staff have written to."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Course
from server.database import Base


class ColumnKind(StrEnum):
    """Where a column's points come from."""

    assignment = "assignment"
    attendance = "attendance"
    participation = "participation"
    manual = "manual"  # typed by staff


class MarkKind(StrEnum):
    points = "points"  # in place of what the column gives by itself
    excused = "excused"
    cleared = "cleared"  # what the column gives by itself counts again


class ContactState(StrEnum):
    open = "open"
    written = "written"
    answered = "answered"
    closed = "closed"


class Gradebook(Base):
    """What a course has settled beside its categories. `version` is of all of it, and raised under the course's row."""

    __tablename__ = "gradebooks"

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    is_shown: Mapped[bool] = mapped_column(default=False, server_default=false())  # students see their own sheet
    is_over: Mapped[bool] = mapped_column(default=False, server_default=false())  # the term: attendance and the like are final
    version: Mapped[int] = mapped_column(default=1)


class GradeCategory(Base):
    """`weight`: percent of the grade. `drops`: how many of the lowest are left out."""

    __tablename__ = "grade_categories"
    __table_args__ = (
        CheckConstraint("weight >= 0 AND weight <= 100", name="weight_is_a_percentage"),
        CheckConstraint("drops >= 0", name="drops_are_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    weight: Mapped[Decimal]
    drops: Mapped[int] = mapped_column(default=0)
    position: Mapped[int]


class GradeColumn(Base):
    """`category_id` None: shown, counts nothing. A column is never deleted, since marks stand in it.

    `key`: how people and programs name it: the assignment's slug, `attendance`, `participation`, `manual-1`.
    """

    __tablename__ = "grade_columns"
    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        CheckConstraint("full_points > 0", name="full_points_are_positive"),
        CheckConstraint("(kind = 'assignment') = (assignment_id IS NOT NULL)", name="assignment_where_it_is_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("grade_categories.id", ondelete="SET NULL"), index=True)
    key: Mapped[str]
    kind: Mapped[ColumnKind]
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), unique=True)
    title: Mapped[str | None]  # of what staff type; the others have their own
    full_points: Mapped[Decimal]
    position: Mapped[int]

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    assignment: Mapped[Assignment | None] = relationship(lazy="joined")


class ColumnMark(Base):
    """What somebody has set for one student in one column; the newest counts. A trigger allows only additions."""

    __tablename__ = "column_marks"
    __table_args__ = (
        CheckConstraint("(kind = 'points') = (points IS NOT NULL)", name="points_where_it_has_some"),
        CheckConstraint("points >= 0", name="points_are_not_negative"),
        Index("ix_column_marks_column_id_student_id_id", "column_id", "student_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    column_id: Mapped[int] = mapped_column(ForeignKey("grade_columns.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[MarkKind]
    points: Mapped[Decimal | None]
    reason: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    by: Mapped[User] = relationship(foreign_keys=by_id, lazy="joined", innerjoin=True)


class GradeOverride(Base):
    """A final grade set by a person; None: what the columns give counts again. The newest counts; only additions."""

    __tablename__ = "grade_overrides"
    __table_args__ = (
        CheckConstraint("grade >= 0 AND grade <= 100", name="grade_is_a_percentage"),
        Index("ix_grade_overrides_course_id_student_id_id", "course_id", "student_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    grade: Mapped[Decimal | None]
    reason: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    by: Mapped[User] = relationship(foreign_keys=by_id, lazy="joined", innerjoin=True)


class GradeLine(Base):
    """A letter, or a pass, and the least grade that it takes."""

    __tablename__ = "grade_lines"
    __table_args__ = (
        UniqueConstraint("course_id", "name"),
        CheckConstraint("least >= 0 AND least <= 100", name="least_is_a_percentage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    name: Mapped[str]
    least: Mapped[Decimal]


class Contact(Base):
    """How far the staff have come with a student on the early-warning list; the newest counts. Only additions."""

    __tablename__ = "grade_contacts"
    __table_args__ = (Index("ix_grade_contacts_course_id_student_id_id", "course_id", "student_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    state: Mapped[ContactState]
    note: Mapped[str]
    text: Mapped[str] = mapped_column(default="", server_default="")  # what the student was sent with it
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    by: Mapped[User] = relationship(foreign_keys=by_id, lazy="joined", innerjoin=True)
