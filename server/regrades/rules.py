"""May this be asked, and what can an answer do: values in, answer out; no session, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from grader.protocol import Text
from server.errors import AppError
from server.regrades.models import RegradeState, Remedy

MAX_STATEMENT, MAX_ANSWER, MAX_DAYS, MOST_OPEN = 4000, 4000, 90, 50
NONE = Decimal(0)


@dataclass(frozen=True)
class Policy:
    """`days`: after the score, 0 where nobody can ask; `most_open`: requests of one student that wait at a time."""

    days: int = 7
    most_open: int = 3


DEFAULT = Policy()


@dataclass(frozen=True)
class Subject:
    """What can be asked about. `points`: reached in the run; None of a question that people mark."""

    id: str  # check:ID, question:ID or item:QUESTION/ID
    title: Text
    points: Decimal | None
    max_points: Decimal
    is_hidden: bool = False


STATES = {
    RegradeState.open: Text(en="open", zh="待处理"),
    RegradeState.in_progress: Text(en="being looked at", zh="处理中"),
    RegradeState.accepted: Text(en="accepted", zh="已采纳"),
    RegradeState.declined: Text(en="declined", zh="未采纳"),
    RegradeState.withdrawn: Text(en="withdrawn", zh="已撤回"),
}


class NothingToAskAbout(AppError):
    status, code = 422, "no_such_subject"

    def __init__(self) -> None:
        super().__init__(
            "The newest report of this submission has no such check, question or rubric item.",
            "该提交最新的报告中没有这个检查项、题目或评分项。",
        )


class WindowOver(AppError):
    status, code = 409, "regrade_window_over"

    def __init__(self, days: int) -> None:
        super().__init__(
            f"A regrade can be asked for within {days} {'day' if days == 1 else 'days'} of the score, and they are over. "
            "If something is wrong all the same, tell the staff.",
            f"复核须在出分后 {days} 天内提出，现已超过期限。如仍有问题，请直接联系老师。",
        )


class NotTaken(AppError):
    status, code = 409, "regrades_not_taken"

    def __init__(self) -> None:
        super().__init__("This course takes no regrade requests.", "本课程不接受复核申请。")


class TooManyOpen(AppError):
    status, code = 409, "too_many_open_regrades"

    def __init__(self, most: int) -> None:
        requests = "request waits" if most == 1 else "requests wait"
        super().__init__(
            f"{most} of your {requests} for an answer already, which is the most at a time. The next can follow an answer.",
            f"你已有 {most} 个复核申请在等待答复，已达上限；有答复后可以再提。",
            most=most,
        )


class AskedAlready(AppError):
    status, code = 409, "asked_already"

    def __init__(self) -> None:
        super().__init__(
            "This was asked about already, and the answer is on its way.", "已经有人就这一项提出复核，正在等待答复。"
        )


class StatementMissing(AppError):
    status, code = 422, "statement_missing"

    def __init__(self) -> None:
        super().__init__(
            "Say what you think is wrong: whoever looks at it begins there.",
            "请写明你认为哪里不对：处理的老师会从这里看起。",
            field="statement",
        )


class AnswerMissing(AppError):
    status, code = 422, "answer_missing"

    def __init__(self) -> None:
        super().__init__("Write an answer: the student reads it.", "请写答复：学生会看到。", field="answer")


class TextTooLong(AppError):
    status, code = 422, "text_too_long"

    def __init__(self, most: int, field: str) -> None:
        super().__init__(f"At most {most} characters fit here.", f"这里最多 {most} 个字符。", field=field)


class AlreadyAnswered(AppError):
    status, code = 409, "already_answered"

    def __init__(self, state: RegradeState) -> None:
        word = STATES[state]
        super().__init__(f"This request is {word.en} already; nothing was changed.", f"该申请的状态已是“{word.zh}”，未作改动。")


class ChangedMeanwhile(AppError):
    status, code = 409, "changed_meanwhile"

    def __init__(self, version: int) -> None:
        super().__init__(
            "Somebody has changed this since you opened the page. Nothing was overwritten: what you typed is still in the "
            "fields. Sending it again puts yours in its place.",
            "在您打开页面之后，有人改过这里。没有任何内容被覆盖：您填写的仍在输入框中，再次提交将以您的为准。",
            version=version,
        )


class BadPoints(AppError):
    status, code = 422, "bad_points"

    def __init__(self, least: Decimal, most: Decimal) -> None:
        super().__init__(
            f"What is given or taken here lies between {least.normalize():f} and {most.normalize():f} points, and is not 0.",
            f"这里可增减的分数在 {least.normalize():f} 到 {most.normalize():f} 之间，且不为 0。",
            field="points",
        )


class NoSuchStaff(AppError):
    status, code = 422, "no_such_staff"

    def __init__(self, login: str) -> None:
        super().__init__(f"{login} is not of this course's staff.", f"{login} 不是本课程的教师或助教。", field="to")


class BadPolicy(AppError):
    status, code = 422, "bad_regrade_policy"

    def __init__(self) -> None:
        super().__init__(
            f"A window has 0 to {MAX_DAYS} days, and a student 1 to {MOST_OPEN} open requests.",
            f"期限为 0 到 {MAX_DAYS} 天，每名学生最多 1 到 {MOST_OPEN} 个待处理申请。",
            field="days",
        )


def scored_at(run_at: datetime, published_at: datetime | None, released_at: datetime | None = None) -> datetime:
    """When all points were there to be seen: those of people too, and of an exam after its release."""
    return max(each for each in (run_at, published_at, released_at) if each)


def closes_at(policy: Policy, scored_at: datetime) -> datetime:
    return scored_at + timedelta(days=policy.days)


def check_can_ask(policy: Policy, *, scored_at: datetime, waiting: int, now: datetime) -> None:
    """Raise why nothing can be asked now, if anything."""
    if policy.days == 0:
        raise NotTaken
    if now >= closes_at(policy, scored_at):
        raise WindowOver(policy.days)
    if waiting >= policy.most_open:
        raise TooManyOpen(policy.most_open)


def check_policy(policy: Policy) -> None:
    if not (0 <= policy.days <= MAX_DAYS and 1 <= policy.most_open <= MOST_OPEN):
        raise BadPolicy


@dataclass(frozen=True)
class Room:
    """Between which points an answer may give or take."""

    least: Decimal
    most: Decimal


def whole_of(subject: str) -> str:
    """The question of a rubric item, of which its points are a part; anything else stands for itself."""
    kind, _, name = subject.partition(":")
    return f"question:{name.partition('/')[0]}" if kind == "item" else subject


def room_of(subject: Subject, given: Decimal) -> Room:
    """What is left of a check or question after what was `given` before: it never falls below 0 or rises above its most."""
    if subject.points is None:  # the mark itself is not known here
        return Room(-subject.max_points - given, subject.max_points - given)
    stands = min(max(subject.points + given, NONE), subject.max_points)
    return Room(-stands, subject.max_points - stands)


def check_points(points: Decimal, room: Room) -> None:
    if not points.is_finite() or points == 0 or not room.least <= points <= room.most:
        raise BadPoints(room.least, room.most)


def checked_statement(text: str) -> str:
    text = text.strip()
    if not text:
        raise StatementMissing
    if len(text) > MAX_STATEMENT:
        raise TextTooLong(MAX_STATEMENT, "statement")
    return text


def checked_answer(text: str) -> str:
    text = text.strip()
    if not text:
        raise AnswerMissing
    if len(text) > MAX_ANSWER:
        raise TextTooLong(MAX_ANSWER, "answer")
    return text


@dataclass(frozen=True)
class Answer:
    """`remedy` and `points`: of an accepted one."""

    text: str
    is_accepted: bool
    remedy: Remedy | None = None
    points: Decimal | None = None

    @property
    def state(self) -> RegradeState:
        return RegradeState.accepted if self.is_accepted else RegradeState.declined

    def facts(self) -> dict[str, Any]:
        """For the audit log."""
        points = {} if self.points is None else {"points": f"{self.points.normalize():f}"}
        return {"now": self.state, "remedy": self.remedy, **points}
