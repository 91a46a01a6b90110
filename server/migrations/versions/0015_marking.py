"""marking by hand: plans, questions, rubrics, marks, comments at lines, shares, publications"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
POINTS = sa.Numeric(precision=12, scale=4)
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    create_marking_plans()
    create_marked_questions()
    create_rubric_items()
    create_given_marks()
    create_line_comments()
    create_marker_shares()
    create_publications()


def create_marking_plans() -> None:
    op.create_table(
        "marking_plans",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("shows_unchosen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_marking_plans_assignment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_marking_plans")),
    )


def create_marked_questions() -> None:
    op.create_table(
        "marked_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("points", POINTS, nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("choose", sa.Integer(), nullable=True),
        sa.Column("scale", sa.Enum("additive", "subtractive", name="scale", **WORD), nullable=False),
        sa.Column("is_asked", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("scale_set_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_marked_questions_points_are_positive")),
        sa.CheckConstraint("(choose IS NULL) = (section IS NULL)", name=op.f("ck_marked_questions_chosen_within_a_section")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_marked_questions_assignment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marked_questions")),
        sa.UniqueConstraint("assignment_id", "name", name=op.f("uq_marked_questions_assignment_id_name")),
    )


def create_rubric_items() -> None:
    op.create_table(
        "rubric_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("points", POINTS, nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["marked_questions.id"], name=op.f("fk_rubric_items_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_items")),
    )
    op.create_index(op.f("ix_rubric_items_question_id"), "rubric_items", ["question_id"], unique=False)


def create_given_marks() -> None:
    op.create_table(
        "given_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("adjustment", POINTS, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("carried_from_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_given_marks_number_is_positive")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_given_marks_submission_id")),
        sa.ForeignKeyConstraint(["question_id"], ["marked_questions.id"], name=op.f("fk_given_marks_question_id")),
        sa.ForeignKeyConstraint(["marker_id"], ["users.id"], name=op.f("fk_given_marks_marker_id")),
        sa.ForeignKeyConstraint(["carried_from_id"], ["given_marks.id"], name=op.f("fk_given_marks_carried_from_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_marks")),
        sa.UniqueConstraint(
            "submission_id", "question_id", "number", name=op.f("uq_given_marks_submission_id_question_id_number")
        ),
    )
    op.create_index(op.f("ix_given_marks_question_id"), "given_marks", ["question_id"], unique=False)
    op.execute(APPEND_ONLY.format("given_marks"))


def create_line_comments() -> None:
    op.create_table(
        "line_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.Column("last_line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("1 <= first_line AND first_line <= last_line", name=op.f("ck_line_comments_lines_in_order")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_line_comments_submission_id")),
        sa.ForeignKeyConstraint(["question_id"], ["marked_questions.id"], name=op.f("fk_line_comments_question_id")),
        sa.ForeignKeyConstraint(["item_id"], ["rubric_items.id"], name=op.f("fk_line_comments_item_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_line_comments_author_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["users.id"], name=op.f("fk_line_comments_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_comments")),
    )
    columns = ["submission_id", "question_id"]
    op.create_index("ix_line_comments_submission_id_question_id", "line_comments", columns, unique=False)


def create_marker_shares() -> None:
    op.create_table(
        "marker_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("num_nonnulls(question_id, section_id, student_id) = 1", name=op.f("ck_marker_shares_of_one_thing")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_marker_shares_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["marker_id"], ["users.id"], name=op.f("fk_marker_shares_marker_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["marked_questions.id"], name=op.f("fk_marker_shares_question_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_marker_shares_section_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_marker_shares_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marker_shares")),
    )
    op.create_index("ix_marker_shares_assignment_id", "marker_shares", ["assignment_id"], unique=False)


def create_publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("students", JSON, nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("unmarked", sa.Integer(), nullable=False),
        sa.CheckConstraint("(section IS NULL) = (students IS NULL)", name=op.f("ck_publications_of_a_section_or_of_all")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_publications_assignment_id")),
        sa.ForeignKeyConstraint(["published_by_id"], ["users.id"], name=op.f("fk_publications_published_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_index(op.f("ix_publications_assignment_id"), "publications", ["assignment_id"], unique=False)
    op.execute(APPEND_ONLY.format("publications"))


def downgrade() -> None:
    for table in (
        "publications",
        "marker_shares",
        "line_comments",
        "given_marks",
        "rubric_items",
        "marked_questions",
        "marking_plans",
    ):
        op.drop_table(table)
