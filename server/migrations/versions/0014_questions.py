"""questions: answers and attachments among a submission's files, drafts of answers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
BEFORE, AFTER = ("uploaded", "collected"), ("uploaded", "collected", "answers", "attachment")


def upgrade() -> None:
    allow_kinds(AFTER)
    create_answer_drafts()


def allow_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f("ck_submission_files_filekind"), "submission_files", type_="check")
    op.create_check_constraint(op.f("ck_submission_files_filekind"), "submission_files", f"kind IN ({listed})")


def create_answer_drafts() -> None:
    op.create_table(
        "answer_drafts",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attachments", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("files_saved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_answer_drafts_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_answer_drafts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("assignment_id", "user_id", name=op.f("pk_answer_drafts")),
    )
    op.create_index(op.f("ix_answer_drafts_user_id"), "answer_drafts", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("answer_drafts")
    op.execute("DELETE FROM submission_files WHERE kind IN ('answers', 'attachment')")
    allow_kinds(BEFORE)
