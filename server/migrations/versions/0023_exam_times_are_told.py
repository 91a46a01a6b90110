"""students are told when an exam is held; what came too late can be dismissed; sections with extensions can be merged"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = ("case_told", "returned_for_fix", "regrade_answered", "scores_published", "date_moved", "early_warning", "mark_set",
          "grade_set")  # fmt: skip
ADDED = ("exam_set", "exam_moved")
OF_SECTIONS = ("extensions", "exam_notices")  # rows that are only ever added, and go along when their section is merged
REFUSE = """
CREATE FUNCTION refuse_change_but_of_section() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'section_id' = to_jsonb(OLD) - 'section_id' AND EXISTS (
        SELECT FROM sections AS one JOIN sections AS other ON one.course_id = other.course_id
        WHERE one.id = OLD.section_id AND other.id = NEW.section_id
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
END $$;
"""
TRIGGER = "CREATE TRIGGER {0}_are_append_only BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION {1}()"


def upgrade() -> None:
    allow(*BEFORE, *ADDED)
    op.add_column("missed_saves", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("missed_saves", sa.Column("dismissed_by_id", sa.Integer(), nullable=True))
    op.add_column("missed_saves", sa.Column("dismissed_because", sa.Text(), nullable=True))
    name = op.f("fk_missed_saves_dismissed_by_id")
    op.create_foreign_key(name, "missed_saves", "users", ["dismissed_by_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_missed_saves_dismissed_with_a_reason"),
        "missed_saves",
        "num_nonnulls(dismissed_at, dismissed_by_id, dismissed_because) IN (0, 3)",
    )
    op.execute(REFUSE)
    guard("refuse_change_but_of_section")


def downgrade() -> None:
    guard("refuse_change")
    op.execute("DROP FUNCTION refuse_change_but_of_section()")
    op.drop_constraint(op.f("ck_missed_saves_dismissed_with_a_reason"), "missed_saves", type_="check")
    for name in ("dismissed_because", "dismissed_by_id", "dismissed_at"):
        op.drop_column("missed_saves", name)
    op.execute("DELETE FROM messages WHERE kind IN ('exam_set', 'exam_moved')")
    allow(*BEFORE)


def guard(function: str) -> None:
    for table in OF_SECTIONS:
        op.execute(f"DROP TRIGGER {table}_are_append_only ON {table}")
        op.execute(TRIGGER.format(table, function))


def allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind"), "messages", type_="check")
    listed = ", ".join(f"'{each}'" for each in kinds)
    op.create_check_constraint(op.f("ck_messages_kind"), "messages", f"kind IN ({listed})")
