"""JSON shapes of courses."""

from typing import Self

from pydantic import BaseModel

from grader.protocol import Text
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
