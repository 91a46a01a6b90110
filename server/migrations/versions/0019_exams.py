"""exams: sittings, windows, granted time, what is saved, and what invigilators see"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    op.add_column("assignments", sa.Column("is_exam", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    create_outages()
    create_pulse()
    create_exams()
    create_exam_notices()
    create_exam_windows()
    create_sittings()
    create_time_grants()
    create_missed_saves()
    create_places()
    create_saved_answers()
    create_saved_versions()
    create_sitting_events()
    for table in ("time_grants", "sitting_events", "exam_notices"):
        op.execute(APPEND_ONLY.format(table))


def create_outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )


def create_pulse() -> None:
    op.create_table(
        "pulse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulse")),
    )


def create_exams() -> None:
    op.create_table(
        "exams",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_practice", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("asks_to_move", sa.Boolean(), nullable=False),
        sa.Column("networks", JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("check_limit", sa.Integer(), nullable=False),
        sa.Column("fair_wait_s", sa.Integer(), nullable=False),
        sa.Column("moderated_percent", sa.Integer(), nullable=False),
        sa.Column("honour_en", sa.Text(), nullable=True),
        sa.Column("honour_zh", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("check_limit >= 0", name=op.f("ck_exams_check_limit_is_not_negative")),
        sa.CheckConstraint("fair_wait_s > 0", name=op.f("ck_exams_fair_wait_is_positive")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_exams_minutes_are_positive")),
        sa.CheckConstraint("moderated_percent BETWEEN 0 AND 100", name=op.f("ck_exams_moderated_is_a_percentage")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_exams_assignment_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_exams")),
    )


def create_exam_notices() -> None:
    op.create_table(
        "exam_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.assignment_id"], name=op.f("fk_exam_notices_exam_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["users.id"], name=op.f("fk_exam_notices_said_by_id")),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_exam_notices_section_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_notices")),
    )
    op.create_index(op.f("ix_exam_notices_exam_id"), "exam_notices", ["exam_id"], unique=False)


def create_exam_windows() -> None:
    op.create_table(
        "exam_windows",
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_exam_windows_opens_before_it_closes")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.assignment_id"], name=op.f("fk_exam_windows_exam_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_exam_windows_section_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("exam_id", "section_id", name=op.f("pk_exam_windows")),
    )


def create_sittings() -> None:
    op.create_table(
        "sittings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("working_s", sa.Integer(), nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("honour", sa.Text(), nullable=False),
        sa.Column("flags", JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("last_saved_at", MOMENT, nullable=True),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("handed_in_at", MOMENT, nullable=True),
        sa.Column("handed_in_by", sa.Enum("student", "clock", "staff", name="handedinby", **WORD), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("left_out", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("(handed_in_at IS NULL) = (handed_in_by IS NULL)", name=op.f("ck_sittings_handed_in_by_somebody")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.assignment_id"], name=op.f("fk_sittings_exam_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_sittings_student_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_sittings_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sittings")),
        sa.UniqueConstraint("exam_id", "student_id", "number", name=op.f("uq_sittings_exam_id_student_id_number")),
    )
    op.create_index(
        "ix_sittings_running", "sittings", ["exam_id"], unique=False, postgresql_where=sa.text("handed_in_at IS NULL")
    )
    op.create_index(op.f("ix_sittings_student_id"), "sittings", ["student_id"], unique=False)


def create_time_grants() -> None:
    op.create_table(
        "time_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("accommodation", "extra", "queue", "outage", "taken_back", name="grant", **WORD), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("(seconds > 0) = (kind <> 'taken_back')", name=op.f("ck_time_grants_only_mistakes_take")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.assignment_id"], name=op.f("fk_time_grants_exam_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["users.id"], name=op.f("fk_time_grants_given_by_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_time_grants_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_grants")),
        sa.UniqueConstraint("exam_id", "student_id", "kind", "cause", name="uq_time_grants_cause"),
    )
    op.create_index("ix_time_grants_exam_id_student_id", "time_grants", ["exam_id", "student_id"], unique=False)


def create_missed_saves() -> None:
    op.create_table(
        "missed_saves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("why", sa.Enum("ended", "moved", "conflict", name="missed", **WORD), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=True),
        sa.Column("counted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["counted_by_id"], ["users.id"], name=op.f("fk_missed_saves_counted_by_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_missed_saves_sitting_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_saves")),
    )
    op.create_index(op.f("ix_missed_saves_sitting_id"), "missed_saves", ["sitting_id"], unique=False)


def create_places() -> None:
    op.create_table(
        "places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.Enum("active", "waiting", "left", "refused", name="placestate", **WORD), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("permitted_by_id", sa.Integer(), nullable=True),
        sa.Column("permitted_at", MOMENT, nullable=True),
        sa.CheckConstraint("(permitted_by_id IS NULL) = (permitted_at IS NULL)", name=op.f("ck_places_permitted_at_some_time")),
        sa.ForeignKeyConstraint(["permitted_by_id"], ["users.id"], name=op.f("fk_places_permitted_by_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_places_sitting_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_places_key_hash")),
    )
    op.create_index(op.f("ix_places_sitting_id"), "places", ["sitting_id"], unique=False)
    op.create_index("uq_places_one_active", "places", ["sitting_id"], unique=True, postgresql_where=sa.text("state = 'active'"))


def create_saved_answers() -> None:
    op.create_table(
        "saved_answers",
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_saved_answers_sitting_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting_id", "field", name=op.f("pk_saved_answers")),
    )


def create_saved_versions() -> None:
    op.create_table(
        "saved_versions",
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_saved_versions_sitting_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting_id", "field", "minute", name=op.f("pk_saved_versions")),
    )


def create_sitting_events() -> None:
    op.create_table(
        "sitting_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_sitting_events_actor_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_sitting_events_sitting_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_events")),
    )
    op.create_index(op.f("ix_sitting_events_sitting_id"), "sitting_events", ["sitting_id"], unique=False)


def downgrade() -> None:
    op.drop_table("sitting_events")
    op.drop_table("saved_versions")
    op.drop_table("saved_answers")
    op.drop_table("places")
    op.drop_table("missed_saves")
    op.drop_table("time_grants")
    op.drop_table("sittings")
    op.drop_table("exam_windows")
    op.drop_table("exam_notices")
    op.drop_table("exams")
    op.drop_table("pulse")
    op.drop_table("outages")
    op.drop_column("assignments", "is_exam")
