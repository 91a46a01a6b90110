"""what staff set by hand is told to the student, and so is what they write to one who is warned"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = ("case_told", "returned_for_fix", "regrade_answered", "scores_published", "date_moved", "early_warning")
ADDED = ("mark_set", "grade_set")


def upgrade() -> None:
    allow(*BEFORE, *ADDED)
    op.add_column("grade_contacts", sa.Column("text", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("grade_contacts", "text")
    op.execute("DELETE FROM messages WHERE kind IN ('mark_set', 'grade_set')")
    allow(*BEFORE)


def allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind"), "messages", type_="check")
    listed = ", ".join(f"'{each}'" for each in kinds)
    op.create_check_constraint(op.f("ck_messages_kind"), "messages", f"kind IN ({listed})")
