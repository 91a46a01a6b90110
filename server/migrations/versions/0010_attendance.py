"""attendance and participation: roll calls, sightings, leave, notes, draws, presentations"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
POINTS = sa.Numeric(precision=12, scale=4)
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    create_roll_calls()
    create_sightings()
    create_wrong_codes()
    create_leaves()
    create_participation_points()
    create_participation_notes()
    create_cold_calls()
    create_presentations()


def create_roll_calls() -> None:
    op.create_table(
        "roll_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("expected", JSON, nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("late_from", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opened_at <= late_from AND late_from <= closes_at", name=op.f("ck_roll_calls_late_within_the_window")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_roll_calls_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_roll_calls_section_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["opened_by_id"], ["users.id"], name=op.f("fk_roll_calls_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_calls")),
    )
    op.create_index(op.f("ix_roll_calls_course_id"), "roll_calls", ["course_id"], unique=False)


def create_sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roll_call_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("presence", sa.Enum("present", "late", "absent", "excused", name="presence", **WORD), nullable=False),
        sa.Column("source", sa.Enum("code", "staff", "leave", name="source", **WORD), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["roll_call_id"], ["roll_calls.id"], name=op.f("fk_sightings_roll_call_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_sightings_student_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_sightings_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_student_id"), "sightings", ["student_id"], unique=False)
    columns = ["roll_call_id", "student_id", "id"]
    op.create_index("ix_sightings_roll_call_id_student_id_id", "sightings", columns, unique=False)
    op.execute(APPEND_ONLY.format("sightings"))


def create_wrong_codes() -> None:
    op.create_table(
        "wrong_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roll_call_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["roll_call_id"], ["roll_calls.id"], name=op.f("fk_wrong_codes_roll_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_wrong_codes_student_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_codes")),
    )
    op.create_index("ix_wrong_codes_roll_call_id_student_id", "wrong_codes", ["roll_call_id", "student_id"], unique=False)


def create_leaves() -> None:
    op.create_table(
        "leaves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Enum("asked", "approved", "declined", "withdrawn", name="leavestate", **WORD), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_leaves_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_leaves_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_leaves_student_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_leaves_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaves")),
    )
    op.create_index(op.f("ix_leaves_course_id"), "leaves", ["course_id"], unique=False)
    op.create_index(op.f("ix_leaves_student_id"), "leaves", ["student_id"], unique=False)


def create_participation_points() -> None:
    op.create_table(
        "participation_points",
        sa.Column("course_id", sa.Integer(), nullable=False),
        *(sa.Column(name, POINTS, nullable=False) for name in ("question", "answer", "presentation", "other", "most")),
        sa.CheckConstraint("most > 0", name=op.f("ck_participation_points_most_is_positive")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_participation_points_course_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_participation_points")),
    )


def create_participation_notes() -> None:
    kinds = sa.Enum("question", "answer", "presentation", "other", name="contribution", **WORD)
    op.create_table(
        "participation_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("points", POINTS, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("taken_back_at", MOMENT, nullable=True),
        sa.CheckConstraint("points >= 0", name=op.f("ck_participation_notes_points_are_not_negative")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_participation_notes_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_participation_notes_student_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["users.id"], name=op.f("fk_participation_notes_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation_notes")),
    )
    op.create_index(op.f("ix_participation_notes_course_id"), "participation_notes", ["course_id"], unique=False)
    op.create_index(op.f("ix_participation_notes_student_id"), "participation_notes", ["student_id"], unique=False)


def create_cold_calls() -> None:
    op.create_table(
        "cold_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roll_call_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("pool", JSON, nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("reply", sa.Enum("answered", "not_answered", "skipped", name="reply", **WORD), nullable=True),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["roll_call_id"], ["roll_calls.id"], name=op.f("fk_cold_calls_roll_call_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_cold_calls_student_id")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["users.id"], name=op.f("fk_cold_calls_drawn_by_id")),
        sa.ForeignKeyConstraint(["note_id"], ["participation_notes.id"], name=op.f("fk_cold_calls_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cold_calls")),
    )
    op.create_index(op.f("ix_cold_calls_roll_call_id"), "cold_calls", ["roll_call_id"], unique=False)


def create_presentations() -> None:
    states = sa.Enum("invited", "accepted", "declined", name="invitationstate", **WORD)
    op.create_table(
        "presentations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("word", sa.Text(), nullable=True),
        sa.Column("state", states, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("shown_as", sa.Enum("name", "pseudonym", name="shownas", **WORD), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_presentations_submission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["invited_by_id"], ["users.id"], name=op.f("fk_presentations_invited_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentations")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_presentations_submission_id")),
    )


def downgrade() -> None:
    for table in (
        "presentations",
        "cold_calls",
        "participation_notes",
        "participation_points",
        "leaves",
        "wrong_codes",
        "sightings",
        "roll_calls",
    ):
        op.drop_table(table)
