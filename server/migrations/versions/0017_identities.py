"""accounts elsewhere: links, sign-ins under way, those that were turned away"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
JSON = postgresql.JSONB(astext_type=sa.Text())
WORD = {"native_enum": False, "create_constraint": True, "length": 20}


def upgrade() -> None:
    create_identities()
    create_departures()
    create_turned_away()


def create_identities() -> None:
    ways = sa.Enum("person", "number", "email", "operator", "created", name="linkedby", **WORD)
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("linked_by", ways, nullable=False),
        sa.Column("linked_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identities_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_user_id"), "identities", ["user_id"], unique=False)
    holds = sa.text("removed_at IS NULL")
    op.create_index("uq_identities_issuer_subject", "identities", ["issuer", "subject"], unique=True, postgresql_where=holds)
    op.create_index("uq_identities_issuer_user_id", "identities", ["issuer", "user_id"], unique=True, postgresql_where=holds)


def create_departures() -> None:
    op.create_table(
        "departures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_departures_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departures")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_departures_state_hash")),
    )
    op.create_index(op.f("ix_departures_expires_at"), "departures", ["expires_at"], unique=False)


def create_turned_away() -> None:
    op.create_table(
        "turned_away",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("claimed", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turned_away")),
        sa.UniqueConstraint("code", name=op.f("uq_turned_away_code")),
    )


def downgrade() -> None:
    for table in ("turned_away", "departures", "identities"):
        op.drop_table(table)
