"""JSON shapes of courses."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from grader.protocol import Text
from server.audit import AuditLine
from server.courses.integrity import MAX_DAYS, MAX_HONOUR, settings_of
from server.courses.models import Asking, Course, Enrollment, Role


class CourseOut(BaseModel):
    slug: str
    title: Text
    time_zone: str
    role: Role
    asks_sources: Asking

    @classmethod
    def of(cls, enrollment: Enrollment) -> Self:
        course = enrollment.course
        return cls(
            slug=course.slug,
            title=course.title,
            time_zone=course.time_zone,
            role=enrollment.role,
            asks_sources=course.asks_sources,
        )


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


class IntegrityOut(BaseModel):
    """What the course has settled; wording that is null is ours."""

    asks_sources: Asking
    honour_en: str | None
    honour_zh: str | None
    tells_students: bool
    second_eyes: bool
    cases_kept_days: int

    @classmethod
    def of(cls, course: Course) -> Self:
        return cls(**settings_of(course))


class IntegrityChange(BaseModel):
    """Only what is sent is set; wording that is sent as null or empty is ours again."""

    model_config = ConfigDict(extra="forbid")

    asks_sources: Asking = Asking.asked
    honour_en: str | None = Field(None, max_length=MAX_HONOUR)
    honour_zh: str | None = Field(None, max_length=MAX_HONOUR)
    tells_students: bool = True
    second_eyes: bool = False
    cases_kept_days: int = Field(730, ge=1, le=MAX_DAYS)
