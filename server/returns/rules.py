"""May this be returned, and what stands of it: values in, answer out. What it costs is in `server/deadlines/rules.py`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from grader.protocol import Text
from server.errors import AppError
from server.returns.models import Return

MAX_REASON, MAX_DAYS = 2000, 60


@dataclass(frozen=True)
class Policy:
    """What a fix loses of its score, in percent, and within how many days it has to come."""

    percent: Decimal = Decimal(10)
    days: int = 7

    def until(self, now: datetime) -> datetime:
        return now + timedelta(days=self.days)


DEFAULT = Policy()


class Standing(StrEnum):
    open = "open"
    fixed = "fixed"
    lapsed = "lapsed"
    taken_back = "taken_back"


def standing_of(found: Return, now: datetime) -> Standing:
    if found.taken_back_at is not None:
        return Standing.taken_back
    if found.fix_id is not None:
        return Standing.fixed
    return Standing.open if now < found.until else Standing.lapsed


STANDINGS = {
    Standing.open: Text(en="waits for the fix", zh="待重交"),
    Standing.fixed: Text(en="handed in again", zh="已重交"),
    Standing.lapsed: Text(en="nothing came in time", zh="逾期未重交"),
    Standing.taken_back: Text(en="taken back", zh="已撤回"),
}


class NotJudgedYet(AppError):
    status, code = 409, "not_judged_yet"

    def __init__(self) -> None:
        super().__init__(
            "This submission has no verdict yet, so nobody knows what there is to fix. Return it once it is graded.",
            "该提交尚无评测结果，还不知道需要修改什么。请等评测完成后再退回。",
        )


class NotInCompetitions(AppError):
    status, code = 409, "not_in_competitions"

    def __init__(self) -> None:
        super().__init__(
            "In a competition nothing is returned: one more submission after the close would be a place on the board.",
            "竞赛不设退回重交：截止后多一次提交会影响排名。",
        )


class NotInExams(AppError):
    status, code = 409, "not_in_exams"

    def __init__(self) -> None:
        super().__init__(
            "An exam is written in one sitting, so nothing of it is returned for a fix. Points can be given by a regrade.",
            "考试在一次作答中完成，不设退回重交。如需加分，请通过成绩复核处理。",
        )


class ReturnedAlready(AppError):
    status, code = 409, "returned_already"

    def __init__(self, found: Return) -> None:
        super().__init__(
            f"{found.returned_by.display_name} has returned attempt {found.submission.attempt} for a fix already, and it still "
            "waits. Nothing was changed.",
            f"{found.returned_by.display_name} 已将第 {found.submission.attempt} 次提交退回修改，仍在等待重交；未作改动。",
        )


class ReasonMissing(AppError):
    status, code = 422, "reason_missing"

    def __init__(self) -> None:
        super().__init__(
            "Say what has to be fixed: the student reads it and has one try.",
            "请写明需要修改什么：学生会看到，并且只有一次重交机会。",
            field="reason",
        )


class ReasonTooLong(AppError):
    status, code = 422, "reason_too_long"

    def __init__(self) -> None:
        super().__init__(f"A reason has at most {MAX_REASON} characters.", f"原因不超过 {MAX_REASON} 个字符。", field="reason")


class FixedAlready(AppError):
    status, code = 409, "fixed_already"

    def __init__(self) -> None:
        super().__init__("The fix is handed in already, so the return cannot be taken back.", "已经重交，不能再撤回这次退回。")


class BadPolicy(AppError):
    status, code = 422, "bad_return_policy"

    def __init__(self) -> None:
        super().__init__(
            f"A fix costs between 0 and 100 percent of its score and has between 1 and {MAX_DAYS} days.",
            f"重交扣分须在 0 到 100 % 之间，期限须在 1 到 {MAX_DAYS} 天之间。",
            field="percent",
        )


class ChangedMeanwhile(AppError):
    status, code = 409, "changed_meanwhile"

    def __init__(self, version: int) -> None:
        super().__init__(
            "Somebody has changed this since you opened the page. Nothing was overwritten: what holds now stands on the page.",
            "在您打开页面之后，有人改过这里。没有任何内容被覆盖，页面上是当前生效的设置。",
            version=version,
        )


def check_policy(policy: Policy) -> None:
    if not (policy.percent.is_finite() and 0 <= policy.percent <= 100 and 1 <= policy.days <= MAX_DAYS):
        raise BadPolicy


def checked_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if len(reason) > MAX_REASON:
        raise ReasonTooLong
    return reason
