"""what competitions need: measurements, final choices, teams, the audit log"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
PARTS_OF_A_HALF = {"": sa.Float(), "_low": sa.Float(), "_high": sa.Float(), "_items": sa.LargeBinary()}


def upgrade() -> None:
    add_columns()
    create_measurements()
    create_teams()
    create_audit_lines()


def add_columns() -> None:
    names = sa.Enum("real", "pseudonyms", name="boardnames", native_enum=False, length=20, create_constraint=True)
    op.add_column("courses", sa.Column("board_names", names, server_default="real", nullable=False))
    op.add_column("assignments", sa.Column("scored_limit", sa.Integer(), nullable=True))
    op.add_column("assignments", sa.Column("scored_per_day", sa.Integer(), nullable=True))
    op.add_column("assignments", sa.Column("released_at", MOMENT, nullable=True))


def create_measurements() -> None:
    halves = [(f"{half}{part}", kind) for half in ("public", "private") for part, kind in PARTS_OF_A_HALF.items()]
    op.create_table(
        "measurements",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id", name=op.f("fk_measurements_run_id_runs")), nullable=False),
        sa.Column(
            "submission_id",
            sa.Integer(),
            sa.ForeignKey("submissions.id", name=op.f("fk_measurements_submission_id_submissions")),
            nullable=False,
        ),
        *(sa.Column(name, kind, nullable=False) for name, kind in halves),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_measurements")),
    )
    op.create_index(op.f("ix_measurements_submission_id"), "measurements", ["submission_id"])
    op.execute(APPEND_ONLY.format("measurements"))
    op.create_table(
        "choices",
        sa.Column(
            "submission_id",
            sa.Integer(),
            sa.ForeignKey("submissions.id", ondelete="CASCADE", name=op.f("fk_choices_submission_id_submissions")),
            nullable=False,
        ),
        sa.Column("chosen_at", MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_choices")),
    )


def create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "assignment_id",
            sa.Integer(),
            sa.ForeignKey("assignments.id", ondelete="CASCADE", name=op.f("fk_teams_assignment_id_assignments")),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("assignment_id", "name", name=op.f("uq_teams_assignment_id_name")),
        sa.UniqueConstraint("id", "assignment_id", name=op.f("uq_teams_id_assignment_id")),
    )
    op.create_table(
        "team_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column(
            "user_id",
            sa.Integer(),
            sa.ForeignKey("users.id", ondelete="CASCADE", name=op.f("fk_team_members_user_id_users")),
            nullable=False,
        ),
        sa.Column(
            "invited_by_id",
            sa.Integer(),
            sa.ForeignKey("users.id", name=op.f("fk_team_members_invited_by_id_users")),
            nullable=True,
        ),
        sa.Column("invited_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("joined_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_members")),
        sa.ForeignKeyConstraint(
            ["team_id", "assignment_id"],
            ["teams.id", "teams.assignment_id"],
            ondelete="CASCADE",
            name=op.f("fk_team_members_team_id_teams"),
        ),
        sa.UniqueConstraint("team_id", "user_id", name=op.f("uq_team_members_team_id_user_id")),
    )
    op.create_index(
        "uq_team_members_one_team_each",
        "team_members",
        ["assignment_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("joined_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_team_members_user_id"), "team_members", ["user_id"])


def create_audit_lines() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("actor_id", sa.Integer(), sa.ForeignKey("users.id", name=op.f("fk_audit_lines_actor_id_users")), nullable=True),
        sa.Column(
            "course_id",
            sa.Integer(),
            sa.ForeignKey("courses.id", name=op.f("fk_audit_lines_course_id_courses")),
            nullable=False,
        ),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_lines")),
    )
    op.create_index("ix_audit_lines_course_id_id", "audit_lines", ["course_id", "id"])
    op.execute(APPEND_ONLY.format("audit_lines"))


def downgrade() -> None:
    for table in ("audit_lines", "team_members", "teams", "choices", "measurements"):
        op.drop_table(table)
    for column in ("released_at", "scored_per_day", "scored_limit"):
        op.drop_column("assignments", column)
    op.drop_column("courses", "board_names")
