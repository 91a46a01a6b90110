"""Why staff cannot do something to an exam: what happened, why, and what to do next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server.errors import AppError
from server.exams.staff_rules import LEFT_AFTER, MOST_MINUTES, MOST_NETWORKS

LEFT = int(LEFT_AFTER.total_seconds() // 60)


class ShowsSooner(AppError):
    """groups: as the simulation has them."""

    status, code = 409, "shows_sooner"

    def __init__(self, reasons: Sequence[str], simulation: dict[str, Any]) -> None:
        super().__init__(
            "By this change somebody could read the questions earlier than before. Nothing was changed: look at who could start "
            "when, and confirm it if that is meant.",
            "这样改会让一部分人更早看到题目。目前没有任何改动：请查看谁在何时可以开始，如确需如此，请确认。",
            reasons=list(reasons),
            simulation=simulation,
        )


class BadWindow(AppError):
    status, code = 422, "bad_window"

    def __init__(self, section: str | None) -> None:
        whose, whose_zh = (f"of {section}", f"“{section}”的") if section else ("of the exam", "考试的")
        super().__init__(
            f"The window {whose} closes before it opens. Give it a time to close that is later.",
            f"{whose_zh}关闭时间早于开放时间，请把关闭时间改晚。",
            section=section,
        )


class NoSuchSection(AppError):
    status, code = 422, "no_such_section"

    def __init__(self, name: str) -> None:
        super().__init__(f"This course has no section {name}.", f"本课程没有班级“{name}”。", section=name)


class BadNetwork(AppError):
    status, code = 422, "bad_network"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text}” is no network. Write it as 10.20.0.0/16, or one address as 10.20.3.4; at most {MOST_NETWORKS}.",
            f"“{text}”不是有效的网络地址。请写成 10.20.0.0/16，单个地址写成 10.20.3.4，最多 {MOST_NETWORKS} 个。",
            field="networks",
        )


class BadMinutes(AppError):
    status, code = 422, "bad_minutes"

    def __init__(self) -> None:
        super().__init__(
            f"Say how much time: whole minutes from 1 to {MOST_MINUTES}, or for an accommodation a share from 1 to 300 %.",
            f"请填写时间：1 至 {MOST_MINUTES} 的整数分钟；便利安排也可填 1 至 300 的百分比。",
            field="minutes",
        )


class HasWork(AppError):
    status, code = 409, "has_work"

    def __init__(self) -> None:
        super().__init__(
            "Students have handed in to this assignment, so its questions are known; it cannot become an exam. "
            "Put the exam into a folder of its own.",
            "已有学生向这份作业提交，题目已为人所知，不能改成考试。请为考试单独建一个文件夹。",
        )


class HasSittings(AppError):
    status, code = 409, "has_sittings"

    def __init__(self) -> None:
        super().__init__(
            "Students have begun this exam. It stays an exam, and of the same kind; times and rules can still be changed.",
            "已有学生开始考试，考试不能取消，也不能在正式与练习之间切换；时间和规则仍可修改。",
        )


class HasRecords(AppError):
    status, code = 409, "has_records"

    def __init__(self) -> None:
        super().__init__(
            "Something was said or time was granted in this exam, and both are kept for good; it stays an exam. "
            "Move its window if it is not held.",
            "本场考试已有通知或加时记录，这些记录会长期保留，因此不能取消。若不举行，请调整考试窗口。",
        )


class ReleasedAlready(AppError):
    status, code = 409, "released_already"

    def __init__(self) -> None:
        super().__init__(
            "The results of this exam are released. What is wrong in them is corrected by a regrade request or by a rerun.",
            "本场考试的成绩已经公布，有误之处请通过复核申请或重新评测更正。",
        )


class NoStudents(AppError):
    status, code = 422, "no_students"

    def __init__(self, unknown: Sequence[str] = ()) -> None:
        named = ", ".join(unknown[:5])
        super().__init__(
            f"These are no students of this course: {named}. Nobody was given time." if unknown else "Name at least one student.",
            f"以下不是本课程的学生：{named}，没有给任何人加时。" if unknown else "请至少指定一名学生。",
            students=list(unknown),
        )


class NobodySits(AppError):
    status, code = 409, "nobody_sits"

    def __init__(self) -> None:
        super().__init__(
            "All of them have handed in, so more time would change nothing. To let somebody go on, reopen the sitting.",
            "所选学生均已交卷，加时不起作用。若要让某人继续作答，请重新开放其考试。",
        )


class TakenBackAlready(AppError):
    status, code = 409, "taken_back_already"

    def __init__(self) -> None:
        super().__init__("This time has been taken back already.", "这段时间此前已经收回。")


class GivenByItself(AppError):
    status, code = 409, "given_by_itself"

    def __init__(self) -> None:
        super().__init__(
            "The platform gave this time for what it owed; that is never taken back.",
            "这段时间是平台因自身原因补给的，不能收回。",
        )


class TimeInUse(AppError):
    """end_without: when the student's time would be over."""

    status, code = 409, "time_in_use"

    def __init__(self, end_without: datetime) -> None:
        super().__init__(
            f"Without it this student's time would be over at {end_without:%H:%M:%S}, which is past or less than {LEFT} minutes "
            "from now. It stays, so that nobody is cut off while he writes.",
            f"收回后，该学生的时间将于 {end_without:%H:%M:%S} 结束，已经过去或不足 {LEFT} 分钟。"
            "为避免作答中途被打断，这段时间予以保留。",
            end_without=end_without.isoformat(),
        )


class NothingToAnswer(AppError):
    status, code = 409, "nothing_to_answer"

    def __init__(self) -> None:
        super().__init__(
            "This place no longer waits: somebody has answered, or the student goes on elsewhere.",
            "该请求已不再等待：已有人答复，或学生已在别处继续。",
        )


class HasNotBegun(AppError):
    status, code = 409, "has_not_begun"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} has not begun this exam; there is nothing to hand in or to reopen.",
            f"{login} 尚未开始这场考试，没有可以交卷或重新开放的内容。",
        )


class SitsAlready(AppError):
    status, code = 409, "sits_already"

    def __init__(self) -> None:
        super().__init__(
            "This sitting goes on, so there is nothing to reopen. Give extra time instead.",
            "该学生仍在考试，无需重新开放；如需延长，请直接加时。",
        )


class HandedInAlready(AppError):
    status, code = 409, "handed_in_already"

    def __init__(self, at: datetime) -> None:
        super().__init__(f"This sitting was handed in at {at:%H:%M:%S} already.", f"该学生已于 {at:%H:%M:%S} 交卷。")


class CountedAlready(AppError):
    status, code = 409, "counted_already"

    def __init__(self) -> None:
        super().__init__("This has been let count already.", "这份内容此前已经计入。")


class DismissedAlready(AppError):
    status, code = 409, "dismissed_already"

    def __init__(self) -> None:
        super().__init__(
            "This has been dismissed already. It can still be let count.", "这份内容此前已决定不计入；如有需要，仍可改为计入。"
        )


class NothingSaid(AppError):
    status, code = 422, "nothing_said"

    def __init__(self) -> None:
        super().__init__(
            "Write the notice in English and in Chinese; everybody reads one of them.",
            "请同时填写中文和英文，学生会看到其中一种。",
        )


class UnreadableList(AppError):
    status, code = 422, "unreadable_list"

    def __init__(self, faults: Sequence[str], faults_zh: Sequence[str]) -> None:
        super().__init__(
            "Nobody was given time, since lines of the list cannot be read: " + "; ".join(faults[:5]),
            "名单中有无法读取的行，没有给任何人加时：" + "；".join(faults_zh[:5]),
            faults=list(faults),
        )
