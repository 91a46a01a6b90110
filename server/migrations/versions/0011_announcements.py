"""announcements, their wordings, readers and drafts; channels and what was sent through them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
NOW = sa.text("clock_timestamp()")
WORD = {"native_enum": False, "create_constraint": True, "length": 20}
APPEND_ONLY = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    create_announcements()
    create_announcement_revisions()
    create_announcement_readers()
    create_announcement_drafts()
    create_channels()
    create_deliveries()


def create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("occasion", sa.Enum("announcement", "date_moved", name="occasion", **WORD), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("publish_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_announcements_author_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_announcements_course_id")),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_announcements_section_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_course_id_publish_at", "announcements", ["course_id", "publish_at"], unique=False)


def create_announcement_revisions() -> None:
    op.create_table(
        "announcement_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_announcement_revisions_announcement_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_announcement_revisions_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_revisions")),
    )
    op.create_index(
        op.f("ix_announcement_revisions_announcement_id"), "announcement_revisions", ["announcement_id"], unique=False
    )
    op.execute(APPEND_ONLY.format("announcement_revisions"))


def create_announcement_readers() -> None:
    op.create_table(
        "announcement_readers",
        sa.Column("enrollment_id", sa.Integer(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.id"], name=op.f("fk_announcement_readers_enrollment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("enrollment_id", name=op.f("pk_announcement_readers")),
    )


def create_announcement_drafts() -> None:
    op.create_table(
        "announcement_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_announcement_drafts_has_a_name")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_announcement_drafts_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_drafts")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_announcement_drafts_course_id_name")),
    )


def create_channels() -> None:
    kinds = sa.Enum("wecom", "feishu", "lark", "dingtalk", "email", "webhook", name="kind", **WORD)
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("occasions", JSON, nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_channels_added_by_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_channels_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    op.create_index(op.f("ix_channels_course_id"), "channels", ["course_id"], unique=False)


def create_deliveries() -> None:
    states = sa.Enum("waiting", "sending", "sent", "failed", "unclear", "cancelled", name="sending", **WORD)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("answer", JSON, nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_deliveries_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("channel_id", "subject", name=op.f("uq_deliveries_channel_id_subject")),
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"], unique=False)


def downgrade() -> None:
    for table in (
        "deliveries",
        "channels",
        "announcement_drafts",
        "announcement_readers",
        "announcement_revisions",
        "announcements",
    ):
        op.drop_table(table)
