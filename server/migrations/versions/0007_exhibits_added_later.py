"""exhibits that are added to a case later"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BEFORE = ("opened", "told", "stated", "decided", "returned", "seconded", "closed", "reopened", "erased")


def upgrade() -> None:
    allow_kinds(*BEFORE, "added")


def downgrade() -> None:
    """The exhibits stay; that they came later is not known any more."""
    op.execute("DELETE FROM case_events WHERE kind = 'added'")
    allow_kinds(*BEFORE)


def allow_kinds(*kinds: str) -> None:
    name = op.f("ck_case_events_eventkind")
    op.drop_constraint(name, "case_events", type_="check")
    op.create_check_constraint(name, "case_events", f"kind IN ({', '.join(map(repr, kinds))})")
