"""what student code logs while it is judged"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    logged = sa.Column("logged", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False)
    op.add_column("jobs", logged)


def downgrade() -> None:
    op.drop_column("jobs", "logged")
