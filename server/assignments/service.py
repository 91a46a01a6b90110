"""What is set in a course, and the folder with its content."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.spec import Manifest, load_manifest
from server.assignments import rules
from server.assignments.models import Assignment, Counts
from server.courses.models import Course, Role


def create_assignment(
    session: Session,
    *,
    course: Course,
    slug: str,
    opens_at: datetime,
    due_at: datetime,
    closes_at: datetime,
    attempt_limit: int,
    per_day: int,
    counts: Counts = Counts.best,
    visible: bool = True,
    scored_limit: int | None = None,
    scored_per_day: int | None = None,
) -> Assignment:
    assignment = Assignment(
        course=course, slug=slug, opens_at=opens_at, due_at=due_at, closes_at=closes_at,
        attempt_limit=attempt_limit, per_day=per_day, counts=counts, visible=visible,
        scored_limit=scored_limit, scored_per_day=scored_per_day,
    )  # fmt: skip
    session.add(assignment)
    session.flush()
    return assignment


def limits_of(manifest: Manifest) -> dict[str, Any]:
    """What the folder says of quotas and of what counts, as columns of the assignment."""
    quota, competition = manifest.submissions, manifest.competition
    scored = {"scored_limit": competition.scored, "scored_per_day": competition.scored_per_day} if competition else {}
    return {"attempt_limit": quota.attempts, "per_day": quota.per_day, "counts": Counts(quota.counts), **scored}


def find_assignment(session: Session, *, course: Course, slug: str) -> Assignment | None:
    return session.scalar(select(Assignment).where(Assignment.course_id == course.id, Assignment.slug == slug))


def list_assignments(session: Session, *, course: Course, role: Role) -> list[Assignment]:
    """What this role may know of, soonest deadline first."""
    query = select(Assignment).where(Assignment.course_id == course.id).order_by(Assignment.due_at, Assignment.id)
    return [found for found in session.scalars(query) if rules.is_listed(found, role=role)]


def folder_of(assignment: Assignment, *, root: Path) -> Path:
    """Where its content is: handout, starter, checks."""
    return root / assignment.slug


def manifest_of(assignment: Assignment, *, root: Path) -> Manifest:
    """Title, limits and parts, without loading torch."""
    return load_manifest(folder_of(assignment, root=root))
