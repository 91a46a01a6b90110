"""messages to one person, and whether that person wants them by e-mail"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
NOW = sa.text("clock_timestamp()")
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
KINDS = ("case_told", "returned_for_fix", "regrade_answered", "scores_published", "date_moved", "early_warning")
STATES = ("waiting", "sending", "sent", "failed", "unclear", "cancelled")


def upgrade() -> None:
    op.add_column("users", sa.Column("wants_mail", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    create_messages()


def create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Enum(*KINDS, name="kind", **WORD), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("mail", sa.Enum(*STATES, name="sending", **WORD), nullable=True),
        sa.Column("mail_due_at", MOMENT, nullable=True),
        sa.Column("mail_started_at", MOMENT, nullable=True),
        sa.Column("mail_tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_messages_course_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_messages_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_user_id_read_at", "messages", ["user_id", "read_at"], unique=False)
    op.create_index("ix_messages_mail_mail_due_at", "messages", ["mail", "mail_due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("messages")
    op.drop_column("users", "wants_mail")
