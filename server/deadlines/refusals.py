"""Why dates stay as they are, and why late work is not taken."""

from collections.abc import Sequence
from datetime import datetime

from server.deadlines.rules import Cost
from server.deadlines.wording import cost_in_words
from server.errors import AppError

NAMED = 5  # of those affected, in a sentence


class DatesOutOfOrder(AppError):
    status, code = 422, "dates_out_of_order"

    def __init__(self) -> None:
        super().__init__(
            "The dates are not in order: an assignment opens, is due, and closes at the same time or later.",
            "日期顺序不对：应先开放，再到截止，最后关闭（关闭时间不早于截止时间）。",
        )


class TimesOfAnExam(AppError):
    status, code = 409, "times_of_an_exam"

    def __init__(self) -> None:
        super().__init__(
            "This is an exam: its window is moved in its set-up, where you see first who could start when, and more time is "
            "given there as well.",
            "这是一场考试：请在考试设置中调整窗口（会先显示谁在何时可以开始），加时也在那里办理。",
        )


class BadDate(AppError):
    status, code = 422, "bad_date"

    def __init__(self, field: str, text: str) -> None:
        super().__init__(
            f"“{text}” is not a date; write it as 2026-03-22 23:59.",
            f"“{text}”不是有效的日期，请写成 2026-03-22 23:59。",
            field=field,
        )


class ReasonMissing(AppError):
    status, code = 422, "reason_missing"

    def __init__(self) -> None:
        super().__init__(
            "Say why: it stands beside the change for good.", "请写明原因：它会与这次改动一起长期保留。", field="reason"
        )


class ChangedMeanwhile(AppError):
    status, code = 409, "changed_meanwhile"

    def __init__(self, version: int) -> None:
        super().__init__(
            "Somebody has changed this since you opened the page. Nothing was overwritten: what you typed is still in the "
            "fields, and what holds now stands above them. Sending it again puts yours in its place.",
            "在您打开页面之后，有人改过这里。没有任何内容被覆盖：您填写的仍在输入框中，当前生效的显示在上方；再次提交将以您的为准。",
            version=version,
        )


class MakesWorkLate(AppError):
    status, code = 409, "makes_work_late"

    def __init__(self, logins: Sequence[str]) -> None:
        some, n, more = ", ".join(logins[:NAMED]), len(logins), max(0, len(logins) - NAMED)
        more_en, more_zh = (f" and {more} more", f" 等，另有 {more} 人") if more else ("", "")
        super().__init__(
            f"This would make work late, or later, that is handed in already: of {n} {'student' if n == 1 else 'students'} "
            f"({some}{more_en}). Confirm it if that is meant.",
            f"这样改会使 {n} 名学生已提交的作业变为迟交，或迟交更久（{some}{more_zh}）。如确需如此，请确认。",
            students=list(logins),
        )


class NoSuchRecipient(AppError):
    status, code = 422, "no_such_recipient"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is neither the login of a student nor the name of a section of this course.",
            f"{name} 既不是本课程学生的登录名，也不是班级名称。",
            field="recipient",
        )


class AddsNoTime(AppError):
    status, code = 422, "adds_no_time"

    def __init__(self) -> None:
        super().__init__(
            "An extension gives more time: name hours to add, or dates later than the assignment's.",
            "延期只能增加时间：请填写要增加的小时数，或晚于作业原定时间的日期。",
        )


class TakenBackAlready(AppError):
    status, code = 409, "taken_back_already"

    def __init__(self) -> None:
        super().__init__("This extension was taken back already.", "这次延期已经收回。")


class GraceDaysUsedUp(AppError):
    """`login`: whose; in a team it may be another member's."""

    status, code = 409, "grace_days_used_up"

    def __init__(self, cost: Cost, login: str) -> None:
        days = cost.late_days
        super().__init__(
            f"This was due {days} begun {'day' if days == 1 else 'days'} ago, and {login} has {cost.grace_days} grace "
            f"{'day' if cost.grace_days == 1 else 'days'} left; the course takes nothing beyond them.",
            f"已超过截止时间 {days} 天（不足一天按一天计），{login} 剩余的宽限日为 {cost.grace_days} 个；"
            "用完后本课程不再接收迟交的作业。",
            late_days=days,
            grace_days_left=cost.grace_days,
        )


class LateNeedsConfirmation(AppError):
    status, code = 409, "late_needs_confirmation"

    def __init__(self, cost: Cost, due_at: datetime) -> None:
        said = cost_in_words(cost)
        super().__init__(
            f"It was due {due_at:%d %b %Y %H:%M %Z}. Handing in now {said.en}. Nothing was handed in yet: confirm to do it.",
            f"截止时间是 {due_at:%Y-%m-%d %H:%M %Z}。现在提交{said.zh}。尚未提交：确认后才会提交。",
            late_days=cost.late_days,
            grace_days=cost.grace_days,
            grace_days_left=cost.left,
            percent=float(cost.percent),
        )
