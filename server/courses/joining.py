"""Signing up by a course's code: off until an instructor gives the course one; students only."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import rules as signing_in
from server.accounts import service as accounts
from server.accounts.models import User
from server.audit import write_line
from server.courses.models import Course, Enrollment, Role, Section
from server.courses.roster import add_enrollment, find_member, lock_roster, touch
from server.courses.roster_refusals import AlreadyHere, Withdrawn
from server.courses.sections import get_section, list_sections
from server.errors import AppError

ADDRESS = "/join"
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is read as something else
LENGTH = 8
TRIES_OF = "joins by code"  # under this name wrong codes are counted; no login has a space


class WrongCode(AppError):
    status, code = 404, "wrong_code"

    def __init__(self) -> None:
        super().__init__(
            "No course has this code. Codes are renewed now and then: ask for the newest one.",
            "没有课程使用这个选课码。选课码可能已更换，请询问最新的。",
        )


class TooManyCodes(AppError):
    status, code = 429, "too_many_codes"

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(
            f"Too many wrong codes. Please wait {headers['Retry-After']} s, then try again.",
            f"输入错误的选课码次数过多，请等待 {headers['Retry-After']} 秒后再试。",
            headers=headers,
        )


class SectionNeeded(AppError):
    status, code = 422, "section_needed"

    def __init__(self, course: Course) -> None:
        super().__init__("Choose your section, then join.", "请选择班级后再加入。")
        self.course = course


def set_code(session: Session, *, course: Course, by: User, is_on: bool, asks_section: bool) -> None:
    """A new code, so that an earlier one works no more; or none."""
    locked = lock_roster(session, course)
    locked.join_code = new_code() if is_on else None
    locked.join_asks_section = asks_section
    session.flush()
    write_line(session, course=course, actor=by, action="roster.join_code", is_on=is_on, asks_section=asks_section)


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def tidy_code(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())


def find_course(session: Session, *, code: str, user: User, now: datetime) -> Course:
    """Whose code it is. Raises WrongCode, and TooManyCodes after some of those: a code is shorter than a password."""
    place = signing_in.Place(f"person {user.id}")
    since = now - signing_in.FAILURE_WINDOW
    here, _ = accounts.count_failures(session, login=TRIES_OF, place=place, since=since)
    try:
        nobody = signing_in.Failures(0, None)
        signing_in.check_may_try(place, from_here=here, from_anywhere=nobody, now=now)
    except signing_in.TooManyFailures as refusal:
        raise TooManyCodes(refusal.headers) from refusal
    course = session.scalar(select(Course).where(Course.join_code == tidy_code(code))) if tidy_code(code) else None
    if course is None:
        accounts.remember_failure(login=TRIES_OF, place=place, now=now)
        raise WrongCode
    return course


def join(session: Session, *, code: str, user: User, section_id: int | None, now: datetime) -> Enrollment:
    """Raises SectionNeeded where the course asks for one and none was chosen; Withdrawn for whom it had let go."""
    course = lock_roster(session, find_course(session, code=code, user=user, now=now))
    known = find_member(session, course=course, login=user.login)
    if known is not None:
        raise AlreadyHere(user.login) if known.is_active else Withdrawn
    section: Section | None = None
    if course.join_asks_section and list_sections(session, course=course):
        if section_id is None:
            raise SectionNeeded(course)
        section = get_section(session, course=course, section_id=section_id)
    member = add_enrollment(session, course, user, Role.student, section)
    write_line(session, course=course, actor=user, action="roster.joined", login=user.login)
    touch(session, course)
    return member
