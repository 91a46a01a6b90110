"""JSON shapes of courses."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from grader.protocol import Text
from server.audit import AuditLine
from server.courses.models import Enrollment, Role


class CourseOut(BaseModel):
    slug: str
    title: Text
    time_zone: str
    role: Role

    @classmethod
    def of(cls, enrollment: Enrollment) -> Self:
        course = enrollment.course
        return cls(slug=course.slug, title=course.title, time_zone=course.time_zone, role=enrollment.role)


class PersonOut(BaseModel):
    login: str
    display_name: str
    role: Role

    @classmethod
    def of(cls, enrollment: Enrollment) -> Self:
        return cls(login=enrollment.user.login, display_name=enrollment.user.display_name, role=enrollment.role)


class AuditLineOut(BaseModel):
    """`action` is a word like `team.member_added`; what `subject` holds depends on it."""

    id: int
    at: datetime
    actor: str | None  # a login; null: the system
    action: str
    subject: dict[str, Any]

    @classmethod
    def of(cls, line: AuditLine) -> Self:
        actor = line.actor.login if line.actor else None
        return cls(id=line.id, at=line.at, actor=actor, action=line.action, subject=line.subject)
