"""LTI: platforms, keys, links, scores on their way back"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
POINTS = sa.Numeric(precision=12, scale=4)
WORD = {"native_enum": False, "create_constraint": True, "length": 20}


def upgrade() -> None:
    create_platforms()
    create_keys()
    create_links()
    create_scores()


def create_platforms() -> None:
    texts = ("name", "issuer", "client_id", "auth_url", "token_url", "jwks_url")
    op.create_table(
        "lti_platforms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("deployments", JSON, nullable=False),
        sa.Column("links_by", JSON, nullable=False),
        sa.Column("creates_accounts", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_lti_platforms_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_lti_platforms_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_platforms")),
    )
    op.create_index(op.f("ix_lti_platforms_course_id"), "lti_platforms", ["course_id"], unique=False)
    holds, columns = sa.text("removed_at IS NULL"), ["issuer", "client_id"]
    op.create_index("uq_lti_platforms_issuer_client_id", "lti_platforms", columns, unique=True, postgresql_where=holds)


def create_keys() -> None:
    op.create_table(
        "lti_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public", JSON, nullable=False),
        sa.Column("made_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_lti_keys_name")),
    )


def create_links() -> None:
    op.create_table(
        "lti_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("deployment", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("lets_in", sa.Boolean(), nullable=False),
        sa.Column("lineitem_url", sa.Text(), nullable=True),
        sa.Column("lineitems_url", sa.Text(), nullable=True),
        sa.Column("looked_for_at", MOMENT, nullable=True),
        sa.Column("bound_by_id", sa.Integer(), nullable=False),
        sa.Column("bound_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["lti_platforms.id"], name=op.f("fk_lti_links_platform_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_lti_links_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_lti_links_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["bound_by_id"], ["users.id"], name=op.f("fk_lti_links_bound_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_links")),
        sa.UniqueConstraint("platform_id", "deployment", "resource", name=op.f("uq_lti_links_platform_id_deployment_resource")),
    )
    op.create_index(op.f("ix_lti_links_course_id"), "lti_links", ["course_id"], unique=False)


def create_scores() -> None:
    states = sa.Enum("waiting", "sending", "sent", "failed", name="returning", **WORD)
    op.create_table(
        "lti_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("total", POINTS, nullable=True),
        sa.Column("wanted", JSON, nullable=False),
        sa.Column("wanted_at", MOMENT, nullable=False),
        sa.Column("sent", JSON, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("state", states, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("said", JSON, nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["lti_links.id"], name=op.f("fk_lti_scores_link_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_lti_scores_student_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_scores")),
        sa.UniqueConstraint("link_id", "student_id", name=op.f("uq_lti_scores_link_id_student_id")),
    )
    op.create_index("ix_lti_scores_state_due_at", "lti_scores", ["state", "due_at"], unique=False)


def downgrade() -> None:
    for table in ("lti_scores", "lti_links", "lti_keys", "lti_platforms"):
        op.drop_table(table)
