"""Decisions about announcements: wording, time, who sees what, and placeholders of drafts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from server.errors import AppError

MAX_TITLE, MAX_TEXT, MAX_NAME = 200, 20_000, 80
MOST_DRAFTS = 50
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class EmptyWording(AppError):
    status, code = 422, "empty_wording"

    def __init__(self, field: str) -> None:
        en, zh = {"title": ("a title", "标题"), "text": ("a text", "正文"), "name": ("a name", "名称")}[field]
        super().__init__(f"It needs {en}.", f"请填写{zh}。", field=field)


class TooLong(AppError):
    status, code = 422, "too_long"

    def __init__(self, field: str, *, most: int, length: int) -> None:
        en, zh = {"title": ("title", "标题"), "text": ("text", "正文"), "name": ("name", "名称")}[field]
        super().__init__(
            f"The {en} has {length} characters; at most {most} fit.", f"{zh}有 {length} 个字符，最多 {most} 个。", field=field
        )


class BadMoment(AppError):
    status, code = 422, "bad_moment"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not a time. Write it as 2026-03-22 08:00, in the course's time zone.",
            f"“{text}”不是有效时间。请按 2026-03-22 08:00 的格式填写（课程所在时区）。",
            field="publish_at",
        )


class MomentOver(AppError):
    status, code = 422, "moment_over"

    def __init__(self) -> None:
        super().__init__(
            "This time is over. Choose a later one, or publish now.",
            "这个时间已经过去。请另选时间，或改为立即发布。",
            field="publish_at",
        )


class NoSuchSection(AppError):
    status, code = 422, "no_such_section"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no section {name!r} in this course.", f"本课程没有名为“{name}”的班级。", field="section")


class AlreadyWithdrawn(AppError):
    status, code = 409, "already_withdrawn"

    def __init__(self) -> None:
        super().__init__("This announcement was withdrawn. Write a new one instead.", "这条公告已撤回，不能再改动。请另写一条。")


class ChangedMeanwhile(AppError):
    status, code = 409, "changed_meanwhile"

    def __init__(self, version: int) -> None:
        super().__init__(
            "Somebody has changed this since you opened it. Nothing was saved. What you wrote is still here; "
            "compare it with what stands there now, then save again.",
            "你打开之后，已有人改动过，因此没有保存。你写的内容仍在下方；请与现在的内容对照后再保存。",
            version=version,
        )


class NameTaken(AppError):
    status, code = 409, "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a draft named {name!r} already.", f"已有名为“{name}”的草稿。", field="name")


class TooManyDrafts(AppError):
    status, code = 409, "too_many_drafts"

    def __init__(self) -> None:
        super().__init__(
            f"A course keeps at most {MOST_DRAFTS} drafts. Remove one first.",
            f"每门课程最多保存 {MOST_DRAFTS} 份草稿，请先删除一份。",
        )


@dataclass(frozen=True)
class Span:
    """When an announcement shows."""

    publish_at: datetime
    changed_at: datetime | None
    withdrawn_at: datetime | None


def is_public(span: Span, *, now: datetime) -> bool:
    return span.withdrawn_at is None and span.publish_at <= now


def is_unread(span: Span, *, read_at: datetime | None, now: datetime) -> bool:
    """News is what was published, or worded anew, after the reader has last looked."""
    if not is_public(span, now=now):
        return False
    newest = max(span.publish_at, span.changed_at or span.publish_at)
    return read_at is None or newest > read_at


def is_for(section_id: int | None, *, of_reader: int | None) -> bool:
    return section_id is None or section_id == of_reader


def tidy_line(text: str, *, field: str = "title", most: int = MAX_TITLE) -> str:
    line = " ".join(text.split())
    if not line:
        raise EmptyWording(field)
    if len(line) > most:
        raise TooLong(field, most=most, length=len(line))
    return line


def tidy_text(text: str) -> str:
    tidy = text.replace("\r\n", "\n").strip()
    if not tidy:
        raise EmptyWording("text")
    if len(tidy) > MAX_TEXT:
        raise TooLong("text", most=MAX_TEXT, length=len(tidy))
    return tidy


def read_moment(text: str, *, zone: ZoneInfo) -> datetime | None:
    """What a form or a command line says, in the course's zone where it names none; nothing: None, which means now."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadMoment(text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def check_moment(wanted: datetime | None, *, now: datetime) -> datetime:
    if wanted is None:
        return now
    if wanted < now:
        raise MomentOver
    return wanted


def check_version(seen: int, now: int) -> None:
    if seen != now:
        raise ChangedMeanwhile(now)


def fill(draft: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their names; braces of anything else, such as a formula's, stay as they are."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), draft)


def left_open(text: str, names: frozenset[str]) -> list[str]:
    """Known placeholders that nothing has filled, in the order in which they stand."""
    return [name for name in dict.fromkeys(PLACEHOLDER.findall(text)) if name in names]
