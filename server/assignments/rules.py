"""Who sees an assignment when."""

from datetime import datetime

from server.assignments.models import Assignment
from server.courses.models import Role
from server.errors import AppError


class HandedInInTheRoom(AppError):
    status, code = 409, "exam_room"

    def __init__(self) -> None:
        super().__init__(
            "This is an exam: it is written and handed in in the exam room alone. Open it from the course's exams.",
            "这是一场考试，只能在考场页面作答和交卷。请从课程的“考试”列表进入。",
        )


class NotReleasedYet(AppError):
    """Something would tell students of an exam before it is released."""

    status, code = 409, "exam_not_released"

    def __init__(self) -> None:
        super().__init__(
            "This exam has not been released, and this would show students some of it. Nothing was changed; "
            "do it after the release.",
            "本场考试尚未发布成绩，这样做会让学生提前看到部分内容。未作任何改动，请在发布之后再进行。",
        )


def is_held_back(assignment: Assignment, *, role: Role) -> bool:
    """An exam before its release: what a student gets of it comes from `server.exams` alone (in practice, `exam_results` too)."""
    return assignment.is_exam and assignment.released_at is None and not role.is_staff


def can_see(assignment: Assignment, *, role: Role, now: datetime) -> bool:
    """Staff see everything; students what is meant to be visible and has opened, and an exam once it is released."""
    is_open = assignment.visible and assignment.opens_at <= now
    return role.is_staff or (is_open and not is_held_back(assignment, role=role))


def is_listed(assignment: Assignment, *, role: Role) -> bool:
    """An assignment that opens later is announced by its title and dates."""
    return role.is_staff or assignment.visible


def check_has_doors(assignment: Assignment) -> None:
    """Raises HandedInInTheRoom: for everybody, staff too, and also after the release."""
    if assignment.is_exam:
        raise HandedInInTheRoom


def check_may_tell(assignment: Assignment) -> None:
    """Raises NotReleasedYet where students would be told of an exam that is not released."""
    if is_held_back(assignment, role=Role.student):
        raise NotReleasedYet
