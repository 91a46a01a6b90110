"""returns for a fix and what they cost, regrade requests, previews of reruns"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_regrades"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
POINTS = sa.Numeric(precision=12, scale=4)
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    create_return_policies()
    create_returns()


def create_return_policies() -> None:
    op.create_table(
        "return_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("percent", POINTS, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("percent >= 0 AND percent <= 100", name=op.f("ck_return_policies_percent_is_a_percentage")),
        sa.CheckConstraint("days > 0", name=op.f("ck_return_policies_days_are_positive")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_return_policies_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_return_policies_assignment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_policies")),
    )
    of_course, of_assignment = sa.text("assignment_id IS NULL"), sa.text("assignment_id IS NOT NULL")
    op.create_index("uq_return_policies_course", "return_policies", ["course_id"], unique=True, postgresql_where=of_course)
    columns = ["assignment_id"]
    op.create_index("uq_return_policies_assignment", "return_policies", columns, unique=True, postgresql_where=of_assignment)


def create_returns() -> None:
    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("percent", POINTS, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("returned_by_id", sa.Integer(), nullable=False),
        sa.Column("returned_at", MOMENT, nullable=False),
        sa.Column("taken_back_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_back_at", MOMENT, nullable=True),
        sa.Column("fix_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("percent >= 0 AND percent <= 100", name=op.f("ck_returns_percent_is_a_percentage")),
        sa.CheckConstraint("returned_at < until", name=op.f("ck_returns_leaves_time")),
        sa.CheckConstraint("fix_id IS NULL OR taken_back_at IS NULL", name=op.f("ck_returns_fixed_or_taken_back")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_returns_submission_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_returns_assignment_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["returned_by_id"], ["users.id"], name=op.f("fk_returns_returned_by_id")),
        sa.ForeignKeyConstraint(["taken_back_by_id"], ["users.id"], name=op.f("fk_returns_taken_back_by_id")),
        sa.ForeignKeyConstraint(["fix_id"], ["submissions.id"], name=op.f("fk_returns_fix_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("fix_id", name=op.f("uq_returns_fix_id")),
    )
    op.create_index(op.f("ix_returns_assignment_id"), "returns", ["assignment_id"], unique=False)
    holds = sa.text("taken_back_at IS NULL")
    op.create_index("uq_returns_submission_id", "returns", ["submission_id"], unique=True, postgresql_where=holds)


def downgrade() -> None:
    for table in ("returns", "return_policies"):
        op.drop_table(table)
