"""returns for a fix and what they cost, regrade requests, previews of reruns"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
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
    add_submission_to_point_changes()
    create_regrade_policies()
    create_regrade_requests()
    create_previews()
    create_preview_jobs()
    create_preview_reports()


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


def add_submission_to_point_changes() -> None:
    op.add_column("point_changes", sa.Column("submission_id", sa.Integer(), nullable=True))
    name = op.f("fk_point_changes_submission_id")
    op.create_foreign_key(name, "point_changes", "submissions", ["submission_id"], ["id"])
    op.create_index(op.f("ix_point_changes_submission_id"), "point_changes", ["submission_id"], unique=False)


def create_regrade_policies() -> None:
    op.create_table(
        "regrade_policies",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("most_open", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("days >= 0", name=op.f("ck_regrade_policies_days_are_not_negative")),
        sa.CheckConstraint("most_open > 0", name=op.f("ck_regrade_policies_most_open_is_positive")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_regrade_policies_course_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_regrade_policies")),
    )


def create_regrade_requests() -> None:
    states = sa.Enum("open", "in_progress", "accepted", "declined", "withdrawn", name="regradestate", **WORD)
    op.create_table(
        "regrade_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("asked_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("remedy", sa.Enum("points", "rerun", name="remedy", **WORD), nullable=True),
        sa.Column("points", POINTS, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_regrade_requests_{name}"))
            for name, condition in {
                "answered_with_its_state": "(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)",
                "remedy_where_accepted": "(state = 'accepted') = (remedy IS NOT NULL)",
                "points_with_their_remedy": "(points IS NOT NULL) = (remedy IS NOT DISTINCT FROM 'points')",
                "in_progress_with_somebody": "state <> 'in_progress' OR assigned_to_id IS NOT NULL",
            }.items()
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_regrade_requests_submission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_regrade_requests_run_id")),
        *(
            sa.ForeignKeyConstraint([name], ["users.id"], name=op.f(f"fk_regrade_requests_{name}"))
            for name in ("student_id", "assigned_to_id", "answered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_requests")),
    )
    op.create_index(op.f("ix_regrade_requests_student_id"), "regrade_requests", ["student_id"], unique=False)
    waits, columns = sa.text("state IN ('open', 'in_progress')"), ["submission_id", "subject"]
    op.create_index("uq_regrade_requests_waiting", "regrade_requests", columns, unique=True, postgresql_where=waits)


def create_previews() -> None:
    op.create_table(
        "previews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("wanted", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Enum("judging", "published", "dropped", name="previewstate", **WORD), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'judging') = (decided_at IS NULL)", name=op.f("ck_previews_decided_with_its_state")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_previews_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["requested_by_id"], ["users.id"], name=op.f("fk_previews_requested_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_previews_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previews")),
    )
    op.create_index(op.f("ix_previews_assignment_id"), "previews", ["assignment_id"], unique=False)


def create_preview_jobs() -> None:
    states = sa.Enum("waiting", "running", "judged", "failed", name="previewjobstate", **WORD)
    op.create_table(
        "preview_jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("preview_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("base_run_id", sa.Integer(), nullable=True),
        sa.Column("state", states, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_preview_jobs_lease_while_running")),
        sa.ForeignKeyConstraint(["preview_id"], ["previews.id"], name=op.f("fk_preview_jobs_preview_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_preview_jobs_submission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["base_run_id"], ["runs.id"], name=op.f("fk_preview_jobs_base_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview_jobs")),
        sa.UniqueConstraint("preview_id", "submission_id", name=op.f("uq_preview_jobs_preview_id_submission_id")),
    )
    waits = sa.text("state IN ('waiting', 'running')")
    op.create_index("ix_preview_jobs_waiting", "preview_jobs", ["preview_id", "id"], unique=False, postgresql_where=waits)


def create_preview_reports() -> None:
    op.create_table(
        "preview_reports",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Enum("graded", "ungradable", "system_fault", name="status", **WORD), nullable=False),
        sa.Column("score", POINTS, nullable=False),
        sa.Column("max_score", POINTS, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("versions", JSON, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["preview_jobs.id"], name=op.f("fk_preview_reports_job_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_preview_reports")),
    )
    op.execute(APPEND_ONLY.format("preview_reports"))


def downgrade() -> None:
    op.drop_column("point_changes", "submission_id")
    for table in (
        "preview_reports",
        "preview_jobs",
        "previews",
        "regrade_requests",
        "regrade_policies",
        "returns",
        "return_policies",
    ):
        op.drop_table(table)
