"""JSON shapes of LTI."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, Field

from grader.protocol import Text
from server.accounts.schemas import Strict
from server.lti.models import LearningPlatform, ResourceLink, ReturnedScore, Returning

Line = Field(min_length=1, max_length=1000)


class PlatformIn(Strict):
    """What the platform shows of itself when a tool is registered there."""

    name: str = Line
    issuer: str = Line
    client_id: str = Line
    deployments: str = Line  # ids, with spaces or commas between them
    auth_url: str = Line
    token_url: str = Line
    jwks_url: str = Line


class PlatformOut(BaseModel):
    id: int
    name: str
    issuer: str
    client_id: str
    deployments: list[str]
    is_approved: bool
    is_of_course: bool  # registered by its instructors, who may take it away

    @classmethod
    def of(cls, row: LearningPlatform) -> Self:
        known = {name: getattr(row, name) for name in ("id", "name", "issuer", "client_id", "deployments")}
        return cls(**known, is_approved=row.approved_at is not None, is_of_course=row.course_id is not None)


class LinkOut(BaseModel):
    id: int
    platform: str
    assignment: str | None
    lets_in: bool
    takes_scores: bool
    scores: dict[Returning, int]

    @classmethod
    def of(cls, row: ResourceLink, counts: dict[str, int]) -> Self:
        takes_scores = bool(row.assignment and (row.lineitem_url or row.lineitems_url))
        slug = row.assignment.slug if row.assignment else None
        known = {"id": row.id, "platform": row.platform.name, "assignment": slug, "lets_in": row.lets_in}
        return cls(**known, takes_scores=takes_scores, scores=counts)


class UrlsOut(BaseModel):
    """What the platform asks for."""

    login: str
    launch: str
    keys: str


class LtiOut(BaseModel):
    urls: UrlsOut
    platforms: list[PlatformOut]
    links: list[LinkOut]


class ScoreOut(BaseModel):
    id: int
    platform: str
    assignment: str  # empty where it is the course's grade
    is_course_grade: bool
    student: str
    name: str
    state: Returning
    total: Decimal | None
    grading_progress: str
    wanted_at: datetime
    sent_at: datetime | None
    tries: int
    due_at: datetime
    said: Text | None

    @classmethod
    def of(cls, row: ReturnedScore) -> Self:
        known: dict[str, Any] = {
            name: getattr(row, name) for name in ("id", "state", "total", "wanted_at", "sent_at", "tries", "due_at")
        }
        return cls(
            **known,
            platform=row.link.platform.name,
            assignment=row.link.assignment.slug if row.link.assignment else "",
            is_course_grade=row.link.assignment is None,
            student=row.student.login,
            name=row.student.display_name,
            grading_progress=row.wanted["gradingProgress"],
            said=Text(**row.said) if row.said else None,
        )


class SyncedOut(BaseModel):
    sending: int
