"""JSON shapes of assignments."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from grader.protocol import Points, Text
from grader.spec import Manifest
from server.assignments.models import Assignment, Counts


class PartOut(BaseModel):
    id: str
    points: Points
    title: Text


class AssignmentOut(BaseModel):
    course: str
    slug: str
    title: Text
    summary: Text | None  # null and no parts for a student before it opens
    module: str
    wants_code: bool
    has_questions: bool  # then `…/questions` has them, and answers are handed in beside code or alone
    parts: list[PartOut]
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    attempt_limit: int
    per_day: int
    counts: Counts

    @classmethod
    def of(cls, assignment: Assignment, manifest: Manifest, *, is_open: bool = True) -> Self:
        parts = [PartOut(id=part.id, points=part.points, title=part.title) for part in manifest.parts]
        return cls(
            course=assignment.course.slug,
            slug=assignment.slug,
            title=manifest.title,
            summary=manifest.summary if is_open else None,
            module=manifest.module,
            wants_code=manifest.wants_code or manifest.wants_table,
            has_questions=bool(manifest.questions),
            parts=parts if is_open else [],
            opens_at=assignment.opens_at,
            due_at=assignment.due_at,
            closes_at=assignment.closes_at,
            attempt_limit=assignment.attempt_limit,
            per_day=assignment.per_day,
            counts=assignment.counts,
        )
