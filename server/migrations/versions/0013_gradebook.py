"""gradebook: categories, columns, marks, overrides, lines, contacts"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
POINTS = sa.Numeric(precision=12, scale=4)
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
TABLES = ("gradebooks", "grade_categories", "grade_columns", "column_marks", "grade_overrides", "grade_lines", "grade_contacts")


def upgrade() -> None:
    create_gradebooks()
    create_grade_categories()
    create_grade_columns()
    create_column_marks()
    create_grade_overrides()
    create_grade_lines()
    create_grade_contacts()


def create_gradebooks() -> None:
    op.create_table(
        "gradebooks",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_over", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_gradebooks_course_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_gradebooks")),
    )


def create_grade_categories() -> None:
    op.create_table(
        "grade_categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weight", POINTS, nullable=False),
        sa.Column("drops", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("weight >= 0 AND weight <= 100", name=op.f("ck_grade_categories_weight_is_a_percentage")),
        sa.CheckConstraint("drops >= 0", name=op.f("ck_grade_categories_drops_are_not_negative")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_grade_categories_course_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_categories")),
    )
    op.create_index(op.f("ix_grade_categories_course_id"), "grade_categories", ["course_id"], unique=False)


def create_grade_columns() -> None:
    kinds = sa.Enum("assignment", "attendance", "participation", "manual", name="columnkind", **WORD)
    op.create_table(
        "grade_columns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("full_points", POINTS, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("full_points > 0", name=op.f("ck_grade_columns_full_points_are_positive")),
        sa.CheckConstraint(
            "(kind = 'assignment') = (assignment_id IS NOT NULL)", name=op.f("ck_grade_columns_assignment_where_it_is_one")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_grade_columns_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["category_id"], ["grade_categories.id"], name=op.f("fk_grade_columns_category_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_grade_columns_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_columns")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_grade_columns_course_id_key")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_grade_columns_assignment_id")),
    )
    op.create_index(op.f("ix_grade_columns_category_id"), "grade_columns", ["category_id"], unique=False)


def create_column_marks() -> None:
    op.create_table(
        "column_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("column_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("points", "excused", "cleared", name="markkind", **WORD), nullable=False),
        sa.Column("points", POINTS, nullable=True),
        *by_somebody("reason"),
        sa.CheckConstraint("(kind = 'points') = (points IS NOT NULL)", name=op.f("ck_column_marks_points_where_it_has_some")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_column_marks_points_are_not_negative")),
        sa.ForeignKeyConstraint(["column_id"], ["grade_columns.id"], name=op.f("fk_column_marks_column_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_column_marks_student_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_column_marks_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_marks")),
    )
    op.create_index(op.f("ix_column_marks_student_id"), "column_marks", ["student_id"], unique=False)
    op.create_index("ix_column_marks_column_id_student_id_id", "column_marks", ["column_id", "student_id", "id"], unique=False)
    op.execute(APPEND_ONLY.format("column_marks"))


def by_somebody(words: str) -> list[sa.Column]:
    return [
        sa.Column(words, sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, server_default=NOW, nullable=False),
    ]


def create_grade_overrides() -> None:
    op.create_table(
        "grade_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("grade", POINTS, nullable=True),
        *by_somebody("reason"),
        sa.CheckConstraint("grade >= 0 AND grade <= 100", name=op.f("ck_grade_overrides_grade_is_a_percentage")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_grade_overrides_course_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_grade_overrides_student_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_grade_overrides_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_overrides")),
    )
    op.create_index(op.f("ix_grade_overrides_student_id"), "grade_overrides", ["student_id"], unique=False)
    columns = ["course_id", "student_id", "id"]
    op.create_index("ix_grade_overrides_course_id_student_id_id", "grade_overrides", columns, unique=False)
    op.execute(APPEND_ONLY.format("grade_overrides"))


def create_grade_lines() -> None:
    op.create_table(
        "grade_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("least", POINTS, nullable=False),
        sa.CheckConstraint("least >= 0 AND least <= 100", name=op.f("ck_grade_lines_least_is_a_percentage")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_grade_lines_course_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_lines")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_grade_lines_course_id_name")),
    )


def create_grade_contacts() -> None:
    op.create_table(
        "grade_contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Enum("open", "written", "answered", "closed", name="contactstate", **WORD), nullable=False),
        *by_somebody("note"),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_grade_contacts_course_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_grade_contacts_student_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_grade_contacts_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_contacts")),
    )
    op.create_index(op.f("ix_grade_contacts_student_id"), "grade_contacts", ["student_id"], unique=False)
    columns = ["course_id", "student_id", "id"]
    op.create_index("ix_grade_contacts_course_id_student_id_id", "grade_contacts", columns, unique=False)
    op.execute(APPEND_ONLY.format("grade_contacts"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
