"""late policies, extensions, and the history of dates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    create_late_policies()
    create_extensions()
    create_date_changes()


def create_late_policies() -> None:
    op.create_table(
        "late_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Enum("none", "percentage", "grace", name="latekind", **WORD), nullable=False),
        sa.Column("percent_per_day", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("at_least_percent", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("after_grace", sa.Enum("refused", "percentage", name="aftergrace", **WORD), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "percent_per_day > 0 AND percent_per_day <= 100", name=op.f("ck_late_policies_percent_per_day_is_a_percentage")
        ),
        sa.CheckConstraint(
            "at_least_percent >= 0 AND at_least_percent <= 100", name=op.f("ck_late_policies_at_least_percent_is_a_percentage")
        ),
        sa.CheckConstraint("grace_days >= 0", name=op.f("ck_late_policies_grace_days_are_not_negative")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_late_policies_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_late_policies_course_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_policies")),
    )
    op.create_index(
        "uq_late_policies_course", "late_policies", ["course_id"], unique=True, postgresql_where=sa.text("assignment_id IS NULL")
    )
    op.create_index(
        "uq_late_policies_assignment",
        "late_policies",
        ["assignment_id"],
        unique=True,
        postgresql_where=sa.text("assignment_id IS NOT NULL"),
    )


def create_extensions() -> None:
    op.create_table(
        "extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("closes_at", MOMENT, nullable=True),
        sa.Column("plus_hours", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("takes_back_id", sa.Integer(), nullable=True),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "(takes_back_id IS NOT NULL)::int + (student_id IS NOT NULL)::int + (section_id IS NOT NULL)::int = 1",
            name=op.f("ck_extensions_for_one_or_taken_back"),
        ),
        sa.CheckConstraint(
            "takes_back_id IS NOT NULL OR plus_hours IS NOT NULL OR due_at IS NOT NULL OR closes_at IS NOT NULL",
            name=op.f("ck_extensions_moves_something"),
        ),
        sa.CheckConstraint("plus_hours > 0", name=op.f("ck_extensions_plus_hours_are_positive")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_extensions_assignment_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["users.id"], name=op.f("fk_extensions_given_by_id")),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_extensions_section_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_extensions_student_id")),
        sa.ForeignKeyConstraint(["takes_back_id"], ["extensions.id"], name=op.f("fk_extensions_takes_back_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
        sa.UniqueConstraint("takes_back_id", name=op.f("uq_extensions_takes_back_id")),
    )
    op.create_index(op.f("ix_extensions_assignment_id"), "extensions", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_extensions_student_id"), "extensions", ["student_id"], unique=False)
    op.execute(APPEND_ONLY.format("extensions"))


def create_date_changes() -> None:
    op.create_table(
        "date_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_date_changes_assignment_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["users.id"], name=op.f("fk_date_changes_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_changes")),
    )
    op.create_index(op.f("ix_date_changes_assignment_id"), "date_changes", ["assignment_id"], unique=False)
    op.execute(APPEND_ONLY.format("date_changes"))


def downgrade() -> None:
    for table in ("date_changes", "extensions", "late_policies"):
        op.drop_table(table)
