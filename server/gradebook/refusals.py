"""What is refused in a gradebook, in words."""

from decimal import Decimal

from server.errors import AppError


class NotSetUp(AppError):
    status, code = 409, "gradebook_not_set_up"

    def __init__(self) -> None:
        super().__init__(
            "This course has no gradebook yet. Say first which columns count how much: an instructor sets it up.",
            "本课程还没有成绩册。请先由主讲教师设置各列及其权重。",
        )


class NotShown(AppError):
    status, code = 404, "grades_not_shown"

    def __init__(self) -> None:
        super().__init__("The staff do not show grades in this course yet.", "本课程尚未向学生开放成绩。")


class SetUpMeanwhile(AppError):
    status, code = 409, "set_up_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed the set-up since you opened it. Nothing was overwritten; what you typed is still here.",
            "在你打开之后，有人修改了设置。没有任何内容被覆盖，你填写的内容仍保留在此。",
        )


class MarkedMeanwhile(AppError):
    """Two people set the same cell or grade; the second is told what the first has set."""

    status, code = 409, "grade_set_meanwhile"

    def __init__(self, by: str, seen: int) -> None:
        super().__init__(
            f"{by} has set this since you looked. Nothing was overwritten; set it again if yours is right.",
            f"在你查看之后，{by} 已作了设置。没有任何内容被覆盖；如以你的为准，请再次保存。",
            seen=seen,
        )


class ReasonMissing(AppError):
    status, code = 422, "reason_missing"

    def __init__(self) -> None:
        super().__init__(
            "Say why: the student and other staff read it.", "请填写理由：学生和其他教学人员都会看到。", field="reason"
        )


class TextTooLong(AppError):
    status, code = 422, "text_too_long"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"A message has at most {most} characters. Nothing was sent; shorten it and try again.",
            f"消息不超过 {most} 个字符。尚未发送，请缩短后重试。",
            field="text",
        )


class TextWithoutWriting(AppError):
    status, code = 422, "text_without_writing"

    def __init__(self) -> None:
        super().__init__(
            "A message is sent with the state “written” alone. Nothing was sent; choose that state, or leave the message out.",
            "只有状态为“已联系”时才会发送消息。尚未发送；请选择该状态，或不填写消息。",
            field="text",
        )


class BadPoints(AppError):
    status, code = 422, "bad_points"

    def __init__(self, full: Decimal) -> None:
        most = f"{full.normalize():f}"
        super().__init__(f"Points here are between 0 and {most}.", f"此列的分数须在 0 到 {most} 之间。", field="points")


class NoSuchColumn(AppError):
    status, code = 422, "no_such_column"

    def __init__(self, key: str) -> None:
        super().__init__(f"This gradebook has no column {key}.", f"成绩册中没有名为 {key} 的列。", field="column")
