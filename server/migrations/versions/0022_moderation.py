"""moderation of exams: the sample and second markings"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
POINTS = sa.Numeric(precision=12, scale=4)


def upgrade() -> None:
    op.create_table(
        "moderation_draws",
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("pool", JSON, nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["users.id"], name=op.f("fk_moderation_draws_drawn_by_id")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.assignment_id"], name=op.f("fk_moderation_draws_exam_id")),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_moderation_draws")),
    )
    op.create_table(
        "moderated_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("points", POINTS, nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("marked_by_id", sa.Integer(), nullable=True),
        sa.Column("marked_at", MOMENT, nullable=True),
        sa.Column("settled_points", POINTS, nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(points IS NULL) = (marked_by_id IS NULL)", name=op.f("ck_moderated_marks_marked_by_somebody")),
        sa.CheckConstraint("(settled_at IS NULL) = (reason IS NULL)", name=op.f("ck_moderated_marks_settled_with_a_reason")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.assignment_id"], name=op.f("fk_moderated_marks_exam_id")),
        sa.ForeignKeyConstraint(["marked_by_id"], ["users.id"], name=op.f("fk_moderated_marks_marked_by_id")),
        sa.ForeignKeyConstraint(["question_id"], ["marked_questions.id"], name=op.f("fk_moderated_marks_question_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["users.id"], name=op.f("fk_moderated_marks_settled_by_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_moderated_marks_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderated_marks")),
        sa.UniqueConstraint("submission_id", "question_id", name=op.f("uq_moderated_marks_submission_id_question_id")),
    )
    op.create_index(op.f("ix_moderated_marks_exam_id"), "moderated_marks", ["exam_id"])


def downgrade() -> None:
    op.drop_table("moderated_marks")
    op.drop_table("moderation_draws")
