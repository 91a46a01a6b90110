"""the roster: student numbers, who has withdrawn, files that wait to be confirmed, invitations, course codes"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
WORD = {"native_enum": False, "create_constraint": True, "length": 20}


def upgrade() -> None:
    add_to_users()
    add_to_courses()
    add_to_enrollments()
    create_roster_files()
    create_invitations()


def add_to_users() -> None:
    op.add_column("users", sa.Column("student_number", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("made_by_course_id", sa.Integer(), nullable=True))
    op.create_unique_constraint(op.f("uq_users_student_number"), "users", ["student_number"])
    upper = "student_number = upper(student_number)"
    op.create_check_constraint(op.f("ck_users_student_number_is_upper_case"), "users", upper)
    op.create_foreign_key(
        op.f("fk_users_made_by_course_id"), "users", "courses", ["made_by_course_id"], ["id"], ondelete="SET NULL"
    )


def add_to_courses() -> None:
    op.add_column("courses", sa.Column("join_code", sa.Text(), nullable=True))
    op.add_column("courses", sa.Column("join_asks_section", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("courses", sa.Column("roster_version", sa.Integer(), server_default="0", nullable=False))
    op.create_unique_constraint(op.f("uq_courses_join_code"), "courses", ["join_code"])


def add_to_enrollments() -> None:
    standing = sa.Enum("active", "withdrawn", name="standing", **WORD)
    op.add_column("enrollments", sa.Column("standing", standing, server_default="active", nullable=False))
    op.add_column("enrollments", sa.Column("withdrawn_at", MOMENT, nullable=True))
    op.add_column("enrollments", sa.Column("withdrawn_by_id", sa.Integer(), nullable=True))
    op.add_column("enrollments", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_foreign_key(op.f("fk_enrollments_withdrawn_by_id"), "enrollments", "users", ["withdrawn_by_id"], ["id"])
    dated = "(standing = 'withdrawn') = (withdrawn_at IS NOT NULL)"
    op.create_check_constraint(op.f("ck_enrollments_withdrawn_at_some_time"), "enrollments", dated)


def create_roster_files() -> None:
    op.create_table(
        "roster_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_roster_files_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["users.id"], name=op.f("fk_roster_files_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_files")),
    )
    op.create_index(op.f("ix_roster_files_course_id"), "roster_files", ["course_id"], unique=False)


def create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrollment_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.id"], name=op.f("fk_invitations_enrollment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_invitations_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(op.f("ix_invitations_enrollment_id"), "invitations", ["enrollment_id"], unique=False)


def downgrade() -> None:
    op.drop_table("invitations")
    op.drop_table("roster_files")
    for column in ("version", "withdrawn_by_id", "withdrawn_at", "standing"):
        op.drop_column("enrollments", column)
    for column in ("roster_version", "join_asks_section", "join_code"):
        op.drop_column("courses", column)
    for column in ("made_by_course_id", "student_number"):
        op.drop_column("users", column)
