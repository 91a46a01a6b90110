"""Codes on the wall, whether one counts, and what share of a course somebody was there. Values in, answer out."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from grader.protocol import Text
from server.attendance.models import LeaveState, Presence
from server.errors import AppError

ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"  # nothing that looks like something else: no 0 O, 1 I L, 2 Z, 5 S, 8 B
CODE_LENGTH, STEP_S = 6, 15
MAX_MINUTES, MAX_TITLE, MAX_REASON, MAX_LEAVE_DAYS = 180, 120, 500, 60
MAX_WRONG, WRONG_WINDOW = 5, timedelta(minutes=2)
LATE_WEIGHT = Decimal("0.5")


class StudentsOnly(AppError):
    status, code = 403, "students_only"

    def __init__(self) -> None:
        super().__init__("Only students sign in and ask for leave.", "签到和请假只面向学生。")


class NotInThisSection(AppError):
    status, code = 409, "not_in_this_section"

    def __init__(self, section: str) -> None:
        super().__init__(
            f"This roll call is for {section}, and you are not in it. If you should be, tell the staff.",
            f"本次签到面向 {section}，你不在该班。如有误，请联系教学人员。",
        )


class AlreadySeen(AppError):
    status, code = 409, "already_seen"

    def __init__(self, presence: Presence) -> None:
        word = WORDS[presence]
        super().__init__(
            f"You already stand as {word.en}; there is nothing more to do.",
            f"已有你的记录：{word.zh}，无需再次签到。",
        )


class RollCallClosed(AppError):
    status, code = 409, "roll_call_closed"

    def __init__(self) -> None:
        super().__init__(
            "The time to sign in is over. If you are in the room, tell the staff: they can put it right.",
            "签到时间已过。如果你在教室，请告诉教学人员，由他们更正。",
        )


class OldCode(AppError):
    status, code = 409, "old_code"

    def __init__(self) -> None:
        super().__init__(
            "This code was on the wall earlier and counts no more. Type the one that is there now.",
            "这是先前的签到码，已失效。请输入投影上当前的签到码。",
            field="code",
        )


class NotTheCode(AppError):
    status, code = 409, "wrong_code"

    def __init__(self) -> None:
        super().__init__(
            f"This is not the code on the wall. It has {CODE_LENGTH} characters and changes every {STEP_S} seconds.",
            f"签到码不对。签到码共 {CODE_LENGTH} 位，每 {STEP_S} 秒更换一次。",
            field="code",
        )


class TooManyWrongCodes(AppError):
    status, code = 429, "too_many_wrong_codes"

    def __init__(self, again_at: datetime, now: datetime) -> None:
        seconds = max(1, round((again_at - now).total_seconds()))
        super().__init__(
            f"Too many wrong codes. Try again in {seconds} s; the staff can also mark you by hand.",
            f"输错次数过多，请 {seconds} 秒后再试；也可以请教学人员手动登记。",
            headers={"Retry-After": str(seconds)},
        )


class MarkedMeanwhile(AppError):
    """Two of the staff mark the same student; the second is told what the first has said."""

    status, code = 409, "marked_meanwhile"

    def __init__(self, by: str, presence: Presence, seen: int) -> None:
        word = WORDS[presence]
        super().__init__(
            f"{by} has marked this student as {word.en} since you looked. Nothing was overwritten; mark again if yours is right.",
            f"在你查看之后，{by} 已将该生记为“{word.zh}”。没有任何内容被覆盖；如以你的为准，请再次登记。",
            seen=seen,
        )


class ReasonMissing(AppError):
    status, code = 422, "reason_missing"

    def __init__(self) -> None:
        super().__init__("Say why this student is excused.", "请填写准假的理由。", field="reason")


class BadWindow(AppError):
    status, code = 422, "bad_window"

    def __init__(self) -> None:
        super().__init__(
            f"A roll call takes up to {MAX_MINUTES} minutes, and who is late is decided within them.",
            f"签到时长不超过 {MAX_MINUTES} 分钟，迟到界线须在时长之内。",
            field="late_after",
        )


class BadTitle(AppError):
    status, code = 422, "bad_title"

    def __init__(self) -> None:
        super().__init__(
            f"A roll call needs a title of at most {MAX_TITLE} characters.",
            f"请填写点名的名称，不超过 {MAX_TITLE} 个字符。",
            field="title",
        )


class NoSuchSection(AppError):
    status, code = 422, "no_such_section"

    def __init__(self, name: str) -> None:
        super().__init__(f"This course has no section {name}.", f"本课程没有名为 {name} 的班级。", field="section")


class NoSuchStudent(AppError):
    status, code = 422, "no_such_student"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"No student of this course has the login {login}.", f"本课程没有登录名为 {login} 的学生。", field="login"
        )


class BadLeave(AppError):
    status, code = 422, "bad_leave"

    def __init__(self) -> None:
        super().__init__(
            f"Leave needs a reason, and a last day that is not before the first and at most {MAX_LEAVE_DAYS} days after it.",
            f"请假须写明理由；结束日期不能早于开始日期，且不超过 {MAX_LEAVE_DAYS} 天。",
            field="last_day",
        )


class LeaveInThePast(AppError):
    status, code = 422, "leave_in_the_past"

    def __init__(self) -> None:
        super().__init__(
            "Leave is asked for in advance. For a day that is over, write to the staff.",
            "请假须提前申请；已过去的日期请直接联系教学人员。",
            field="first_day",
        )


class LeaveAnswered(AppError):
    status, code = 409, "leave_answered"

    def __init__(self, state: LeaveState) -> None:
        word = LEAVE_WORDS[state]
        super().__init__(f"This request is {word.en} by now; nothing was changed.", f"该申请的状态已是“{word.zh}”，未作改动。")


WORDS = {
    Presence.present: Text(en="present", zh="出勤"),
    Presence.late: Text(en="late", zh="迟到"),
    Presence.absent: Text(en="absent", zh="缺勤"),
    Presence.excused: Text(en="excused", zh="请假"),
}
LEAVE_WORDS = {
    LeaveState.asked: Text(en="waiting for an answer", zh="待批复"),
    LeaveState.approved: Text(en="approved", zh="已批准"),
    LeaveState.declined: Text(en="declined", zh="未批准"),
    LeaveState.withdrawn: Text(en="withdrawn", zh="已撤回"),
}


def step_of(opened_at: datetime, now: datetime) -> int:
    """The number of codes that were on the wall before this one."""
    return max(0, int((now - opened_at).total_seconds() // STEP_S))


def code_at(secret: str, step: int) -> str:
    digest = hmac.new(secret.encode(), step.to_bytes(8, "big"), hashlib.sha256).digest()
    number = int.from_bytes(digest[:16], "big")
    characters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


def tidy_code(typed: str) -> str:
    """As people type it: small letters, gaps, dashes."""
    return "".join(character for character in typed.upper() if character.isalnum())


def check_code(typed: str, *, secret: str, opened_at: datetime, now: datetime) -> None:
    """The code on the wall counts, and the one before it. Raises OldCode or NotTheCode."""
    typed, step = tidy_code(typed), step_of(opened_at, now)
    if not typed.isascii():
        raise NotTheCode
    fits = [each for each in range(step + 1) if hmac.compare_digest(typed, code_at(secret, each))]
    if not fits:
        raise NotTheCode
    if fits[-1] < step - 1:
        raise OldCode


def check_wrong_codes(wrong_at: Iterable[datetime], *, now: datetime) -> None:
    """So many in the last two minutes, and the next has to wait until the oldest of them is forgotten."""
    recent = sorted(at for at in wrong_at if at > now - WRONG_WINDOW)
    if len(recent) >= MAX_WRONG:
        raise TooManyWrongCodes(recent[-MAX_WRONG] + WRONG_WINDOW, now)


def presence_at(now: datetime, *, late_from: datetime, closes_at: datetime) -> Presence:
    if now >= closes_at:
        raise RollCallClosed
    return Presence.late if now >= late_from else Presence.present


def check_window(minutes: int, late_after: int) -> None:
    if not (0 <= late_after <= minutes <= MAX_MINUTES):
        raise BadWindow


def check_leave(first_day: date, last_day: date, reason: str, *, today: date) -> None:
    if not reason.strip() or len(reason) > MAX_REASON or not 0 <= (last_day - first_day).days <= MAX_LEAVE_DAYS:
        raise BadLeave
    if first_day < today:
        raise LeaveInThePast


def day_of(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class Share:
    """What somebody was there for. `fraction` is None where nothing has counted yet."""

    present: int = 0
    late: int = 0
    absent: int = 0
    excused: int = 0
    fraction: Decimal | None = None  # 0..1


def share_of(presences: Iterable[Presence], *, late_weight: Decimal = LATE_WEIGHT) -> Share:
    """Present, and late by its weight, of all that is not excused. late_weight: 0..1."""
    seen = list(presences)
    present, late, absent, excused = map(seen.count, (Presence.present, Presence.late, Presence.absent, Presence.excused))
    counted = len(seen) - excused
    fraction = Decimal(present + late * late_weight) / counted if counted else None
    return Share(present, late, absent, excused, fraction)
