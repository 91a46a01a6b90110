"""What a course has settled about honest work: whether sources are asked for, in which words, and how cases are heard."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.courses.models import Asking, Course
from server.errors import AppError

NAMES = ("asks_sources", "honour_en", "honour_zh", "tells_students", "second_eyes", "cases_kept_days")
MAX_HONOUR, MAX_DAYS = 5000, 3650


class BadSetting(AppError):
    status, code = 422, "bad_setting"


class InstructorsOnly(AppError):
    status, code = 403, "instructors_only"

    def __init__(self) -> None:
        super().__init__("Only an instructor of the course can change this.", "只有本课程的主讲教师可以更改。")


def settings_of(course: Course) -> dict[str, Any]:
    return {name: getattr(course, name) for name in NAMES}


def change(session: Session, *, course: Course, by: User | None, settings: Mapping[str, Any]) -> list[str]:
    """Set what is named and differs, and write down before and after; the names of what has changed."""
    before = settings_of(course)
    now = {name: checked(name, value) for name, value in settings.items()}
    changed = [name for name in NAMES if name in now and now[name] != before[name]]
    for name in changed:
        setattr(course, name, now[name])
    if changed:
        session.flush()
        facts = {"before": {name: before[name] for name in changed}, "now": {name: now[name] for name in changed}}
        write_line(session, course=course, actor=by, action="course.integrity", **facts)
    return changed


def checked(name: str, value: Any) -> Any:
    """A value as it is stored; wording without a word is none. Raises BadSetting."""
    if name in ("honour_en", "honour_zh"):
        value = (value or "").replace("\r\n", "\n").strip() or None
        if value and len(value) > MAX_HONOUR:
            raise BadSetting(
                f"The wording may have at most {MAX_HONOUR} characters.", f"说明文字不超过 {MAX_HONOUR} 个字符。", field=name
            )
    if name == "cases_kept_days" and not 1 <= value <= MAX_DAYS:
        raise BadSetting(
            f"Cases are kept for 1 to {MAX_DAYS} days after they were closed.",
            f"案件在结案后保留 1 至 {MAX_DAYS} 天。",
            field=name,
        )
    return Asking(value) if name == "asks_sources" else value
