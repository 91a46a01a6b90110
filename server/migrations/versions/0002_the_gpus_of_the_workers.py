"""the GPUs of the workers"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("memory_bytes", sa.BigInteger(), nullable=False),
        sa.Column("idle_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("ready", "quarantined", name="devicestate", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("set_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_back_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'quarantined') = (why IS NOT NULL)", name=op.f("ck_devices_quarantine_has_a_reason")),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_devices")),
    )


def downgrade() -> None:
    op.drop_table("devices")
