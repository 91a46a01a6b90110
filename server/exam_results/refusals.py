"""Why something about releasing or moderating an exam is not done: what happened, why, and what to do next."""

from datetime import datetime
from decimal import Decimal

from server.errors import AppError


class StillSitting(AppError):
    status, code = 409, "still_sitting"

    def __init__(self, ends_at: datetime, running: int) -> None:
        super().__init__(
            f"The exam can be released once nobody can sit it any more: the last window closes at {ends_at:%d %b %Y %H:%M %Z}, "
            f"and {running} {'student is' if running == 1 else 'students are'} still sitting.",
            f"须等所有人考完才能发布：最后一个场次于 {ends_at:%Y-%m-%d %H:%M %Z} 结束，目前还有 {running} 名学生正在作答。",
            ends_at=ends_at.isoformat(),
            running=running,
        )


class ReleasedAlready(AppError):
    status, code = 409, "released_already"

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"This exam was released at {at:%d %b %Y %H:%M %Z}. Students see their papers since then.",
            f"本场考试已于 {at:%Y-%m-%d %H:%M %Z} 发布，学生从那时起可以查看答卷。",
        )


class NotReadyForRelease(AppError):
    status, code = 409, "not_ready_for_release"

    def __init__(self, ungraded: int, unmarked: int, unmoderated: int) -> None:
        super().__init__(
            f"Something is still open: {ungraded} works without a verdict of the judge, {unmarked} answers without a mark, "
            f"{unmoderated} second markings to compare. Finish it, or confirm that you release all the same.",
            f"仍有未完成的工作：{ungraded} 份答卷没有评测结果，{unmarked} 个回答没有评分，{unmoderated} 项复评没有处理。"
            "请先完成，或确认仍要发布。",
            ungraded=ungraded,
            unmarked=unmarked,
            unmoderated=unmoderated,
        )


class NoTwoPapers(AppError):
    """login: of whom there is no paper; None where both are the same."""

    status, code = 404, "no_two_papers"

    def __init__(self, login: str | None) -> None:
        super().__init__(
            f"There is no paper of “{login}”. Choose a login from the list." if login is not None else "Choose two students.",
            f"没有“{login}”的答卷，请从列表中选择。" if login is not None else "请选择两名不同的学生。",
        )


class DrawnAlready(AppError):
    status, code = 409, "sample_drawn_already"

    def __init__(self) -> None:
        super().__init__(
            "The sample of this exam was drawn already, and stays as it is.", "本场考试的复评样本已经抽取，不再更改。"
        )


class NothingToModerate(AppError):
    status, code = 409, "nothing_to_moderate"

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to draw: a sample needs works, questions that people mark, and a share above 0 % in the set-up.",
            "没有可抽取的内容：需要有答卷、有人工评分的题目，并在设置中把复评比例设为大于 0%。",
        )


class MarkedByYou(AppError):
    status, code = 409, "marked_by_you"

    def __init__(self) -> None:
        super().__init__(
            "The first mark of this answer is yours. Somebody else has to give the second one.",
            "这个回答的第一次评分是您给的，复评须由另一位老师完成。",
        )


class SettledAlready(AppError):
    status, code = 409, "moderation_not_open"

    def __init__(self) -> None:
        super().__init__(
            "This cannot be given now: a second marking is given once, and settled once, when both marks are there.",
            "现在不能进行此操作：复评只能给一次；两次评分齐全之后，也只能裁定一次。",
        )


class BadSecondPoints(AppError):
    status, code = 422, "bad_points"

    def __init__(self, most: Decimal) -> None:
        super().__init__(
            f"Points lie between 0 and {most.normalize():f}, with at most two decimals.",
            f"分数须在 0 到 {most.normalize():f} 之间，最多两位小数。",
            field="points",
        )


class ReasonMissing(AppError):
    status, code = 422, "reason_missing"

    def __init__(self) -> None:
        super().__init__("Say why: it stands in the audit log.", "请写明原因，它会记入审计日志。", field="reason")
