"""what integrity needs: declarations, fingerprints, comparisons, spot checks, cases"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
EVENT_KINDS = ("opened", "told", "stated", "decided", "returned", "seconded", "closed", "reopened", "erased")
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    add_columns()
    create_declarations()
    create_fingerprints()
    create_archives()
    create_archived_works()
    create_comparisons()
    create_similar_pairs()
    create_pair_reviews()
    create_spot_checks()
    create_spot_check_draws()
    create_cases()
    create_case_parties()
    create_case_events()
    create_case_exhibits()
    create_point_changes()


def add_columns() -> None:
    op.add_column(
        "courses",
        sa.Column(
            "asks_sources", sa.Enum("no", "asked", "required", name="asking", **WORD), server_default="asked", nullable=False
        ),
    )
    op.add_column("courses", sa.Column("honour_en", sa.Text(), nullable=True))
    op.add_column("courses", sa.Column("honour_zh", sa.Text(), nullable=True))
    op.add_column("courses", sa.Column("tells_students", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("courses", sa.Column("second_eyes", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("courses", sa.Column("cases_kept_days", sa.Integer(), server_default="730", nullable=False))


def create_declarations() -> None:
    op.create_table(
        "declarations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_declarations_made_by_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_declarations_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declarations")),
    )
    op.create_index(op.f("ix_declarations_submission_id"), "declarations", ["submission_id"], unique=False)
    op.execute(APPEND_ONLY.format("declarations"))


def create_fingerprints() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_fingerprints_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_fingerprints")),
    )


def create_archives() -> None:
    op.create_table(
        "archives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Enum("past_term", "public", "template", name="archivekind", **WORD), nullable=False),
        sa.Column("past_id", sa.Integer(), nullable=True),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_archives_added_by_id")),
        sa.ForeignKeyConstraint(["past_id"], ["assignments.id"], name=op.f("fk_archives_past_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_archives_assignment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archives")),
        sa.UniqueConstraint("assignment_id", "name", name=op.f("uq_archives_assignment_id_name")),
    )


def create_archived_works() -> None:
    op.create_table(
        "archived_works",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("archive_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["archive_id"], ["archives.id"], name=op.f("fk_archived_works_archive_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_works")),
        sa.UniqueConstraint("archive_id", "name", name=op.f("uq_archived_works_archive_id_name")),
    )


def create_comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Enum("waiting", "running", "done", "failed", name="comparisonstate", **WORD), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("students", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Integer(), nullable=False),
        sa.Column("notes", JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("index_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_comparisons_lease_while_running")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_comparisons_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["index_sha256"], ["blobs.sha256"], name=op.f("fk_comparisons_index_sha256")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["users.id"], name=op.f("fk_comparisons_requested_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
    )
    op.create_index(op.f("ix_comparisons_assignment_id"), "comparisons", ["assignment_id"], unique=False)
    op.create_index(
        "uq_comparisons_one_at_a_time",
        "comparisons",
        ["assignment_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )


def create_similar_pairs() -> None:
    op.create_table(
        "similar_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("left_id", sa.Integer(), nullable=False),
        sa.Column("right_id", sa.Integer(), nullable=True),
        sa.Column("archived_id", sa.Integer(), nullable=True),
        sa.Column("added_later", sa.Boolean(), nullable=False),
        sa.Column("facts", JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("evidence", JSON, nullable=True),
        sa.CheckConstraint("(right_id IS NULL) <> (archived_id IS NULL)", name=op.f("ck_similar_pairs_one_right_side")),
        sa.ForeignKeyConstraint(
            ["archived_id"], ["archived_works.id"], name=op.f("fk_similar_pairs_archived_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparisons.id"], name=op.f("fk_similar_pairs_comparison_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["left_id"], ["submissions.id"], name=op.f("fk_similar_pairs_left_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["right_id"], ["submissions.id"], name=op.f("fk_similar_pairs_right_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_similar_pairs")),
    )
    op.create_index(
        "ix_similar_pairs_comparison_id_similarity",
        "similar_pairs",
        ["comparison_id", sa.literal_column("similarity DESC")],
        unique=False,
    )
    op.create_index(op.f("ix_similar_pairs_left_id"), "similar_pairs", ["left_id"], unique=False)
    op.create_index(op.f("ix_similar_pairs_right_id"), "similar_pairs", ["right_id"], unique=False)


def create_pair_reviews() -> None:
    op.create_table(
        "pair_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("pair_key", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Enum("nothing", "unsure", "case", name="opinion", **WORD), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_pair_reviews_assignment_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_pair_reviews_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_reviews")),
    )
    op.create_index(
        "ix_pair_reviews_assignment_id_pair_key_id", "pair_reviews", ["assignment_id", "pair_key", "id"], unique=False
    )


def create_spot_checks() -> None:
    op.create_table(
        "spot_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("per_section", sa.Integer(), nullable=False),
        sa.Column("pool", JSON, nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("per_section > 0", name=op.f("ck_spot_checks_per_section_is_positive")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_spot_checks_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["users.id"], name=op.f("fk_spot_checks_drawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_checks")),
    )
    op.create_index(op.f("ix_spot_checks_assignment_id"), "spot_checks", ["assignment_id"], unique=False)


def create_spot_check_draws() -> None:
    op.create_table(
        "spot_check_draws",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spot_check_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("reader_id", sa.Integer(), nullable=True),
        sa.Column("answers", JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column(
            "impression", sa.Enum("own_work", "unsure", "not_explained", "absent", name="impression", **WORD), nullable=True
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(impression IS NULL) = (done_at IS NULL)", name=op.f("ck_spot_check_draws_done_with_an_impression")),
        sa.ForeignKeyConstraint(["reader_id"], ["users.id"], name=op.f("fk_spot_check_draws_reader_id")),
        sa.ForeignKeyConstraint(
            ["section_id"], ["sections.id"], name=op.f("fk_spot_check_draws_section_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["spot_check_id"], ["spot_checks.id"], name=op.f("fk_spot_check_draws_spot_check_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_spot_check_draws_student_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_spot_check_draws_submission_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_draws")),
        sa.UniqueConstraint("spot_check_id", "student_id", name=op.f("uq_spot_check_draws_spot_check_id_student_id")),
    )
    op.create_index(op.f("ix_spot_check_draws_student_id"), "spot_check_draws", ["student_id"], unique=False)


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_cases_assignment_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["users.id"], name=op.f("fk_cases_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_assignment_id"), "cases", ["assignment_id"], unique=False)


def create_case_parties() -> None:
    op.create_table(
        "case_parties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("heard_until", MOMENT, nullable=True),
        sa.Column("stated_at", MOMENT, nullable=True),
        sa.Column("verdict", sa.Enum("none", "warning", "points", "refer", name="verdict", **WORD), nullable=True),
        sa.Column("points", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("seconded_by_id", sa.Integer(), nullable=True),
        sa.Column("seconded_at", MOMENT, nullable=True),
        sa.Column("counts_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(points IS NOT NULL) = (verdict IS NOT DISTINCT FROM 'points')",
            name=op.f("ck_case_parties_points_with_their_verdict"),
        ),
        sa.CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name=op.f("ck_case_parties_decided_with_a_verdict")),
        sa.CheckConstraint("points > 0", name=op.f("ck_case_parties_points_are_positive")),
        sa.CheckConstraint("seconded_by_id <> decided_by_id", name=op.f("ck_case_parties_seconded_by_somebody_else")),
        sa.CheckConstraint("counts_at IS NULL OR decided_at IS NOT NULL", name=op.f("ck_case_parties_counts_once_decided")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_parties_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_case_parties_decided_by_id")),
        sa.ForeignKeyConstraint(["seconded_by_id"], ["users.id"], name=op.f("fk_case_parties_seconded_by_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_case_parties_student_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_case_parties_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_parties")),
        sa.UniqueConstraint("case_id", "student_id", name=op.f("uq_case_parties_case_id_student_id")),
    )
    op.create_index(op.f("ix_case_parties_student_id"), "case_parties", ["student_id"], unique=False)


def create_case_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Enum(*EVENT_KINDS, name="eventkind", **WORD), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("details", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_case_events_actor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["party_id"], ["case_parties.id"], name=op.f("fk_case_events_party_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index(op.f("ix_case_events_case_id"), "case_events", ["case_id"], unique=False)


def create_case_exhibits() -> None:
    op.create_table(
        "case_exhibits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("left_id", sa.Integer(), nullable=False),
        sa.Column("right_id", sa.Integer(), nullable=True),
        sa.Column("added_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_exhibits_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["left_id"], ["submissions.id"], name=op.f("fk_case_exhibits_left_id")),
        sa.ForeignKeyConstraint(["right_id"], ["submissions.id"], name=op.f("fk_case_exhibits_right_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_exhibits")),
    )
    op.create_index(op.f("ix_case_exhibits_case_id"), "case_exhibits", ["case_id"], unique=False)


def create_point_changes() -> None:
    op.create_table(
        "point_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Numeric(precision=12, scale=4), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("details", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_point_changes_actor_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_point_changes_assignment_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_point_changes_case_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_point_changes_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_changes")),
    )
    op.create_index(op.f("ix_point_changes_student_id"), "point_changes", ["student_id"], unique=False)
    op.execute(APPEND_ONLY.format("point_changes"))


def downgrade() -> None:
    for table in (
        "similar_pairs",
        "point_changes",
        "fingerprints",
        "declarations",
        "case_events",
        "case_parties",
        "case_exhibits",
        "archived_works",
        "spot_check_draws",
        "spot_checks",
        "pair_reviews",
        "comparisons",
        "cases",
        "archives",
    ):
        op.drop_table(table)
    for column in ("cases_kept_days", "second_eyes", "tells_students", "honour_zh", "honour_en", "asks_sources"):
        op.drop_column("courses", column)
