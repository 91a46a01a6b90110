"""The lanes of exams, in which a person may have a job beside one of homework; when a worker first took a job"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ORDINARY, EXAM = ("cpu", "gpu"), ("exam", "exam_gpu")


def upgrade() -> None:
    allow_queues(*ORDINARY, *EXAM)
    op.add_column("jobs", sa.Column("first_started_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE jobs SET first_started_at = started_at")
    op.drop_index("uq_jobs_one_running_per_author", "jobs")
    one_running("uq_jobs_one_running_per_author", f"state = 'running' AND queue IN ({listed(ORDINARY)})")
    one_running("uq_jobs_one_running_exam_per_author", f"state = 'running' AND queue IN ({listed(EXAM)})")


def downgrade() -> None:
    """Who judges in an exam lane right now loses his lease, and the job waits in an ordinary one."""
    op.drop_index("uq_jobs_one_running_exam_per_author", "jobs")
    op.drop_index("uq_jobs_one_running_per_author", "jobs")
    op.execute(f"UPDATE jobs SET state = 'queued', lease_until = NULL WHERE state = 'running' AND queue IN ({listed(EXAM)})")
    op.execute("UPDATE jobs SET queue = CASE queue WHEN 'exam' THEN 'cpu' ELSE 'gpu' END WHERE queue IN ('exam', 'exam_gpu')")
    one_running("uq_jobs_one_running_per_author", "state = 'running'")
    op.drop_column("jobs", "first_started_at")
    allow_queues(*ORDINARY)


def one_running(name: str, when: str) -> None:
    op.create_index(name, "jobs", ["author_id"], unique=True, postgresql_where=sa.text(when))


def allow_queues(*queues: str) -> None:
    name = op.f("ck_jobs_queue")
    op.drop_constraint(name, "jobs", type_="check")
    op.create_check_constraint(name, "jobs", f"queue IN ({listed(queues)})")


def listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))
