"""Why something about marking is refused, in words its reader can act on."""

from decimal import Decimal

from server.errors import AppError

MAX_TEXT, MAX_WORDS = 20_000, 2000  # characters of a comment; of a rubric item or a reason
MAX_POINTS = Decimal(100)
MAX_ITEMS = 60  # of one rubric
MAX_COMMENTS = 200  # at the lines of one work


class MarkedMeanwhile(AppError):
    status, code = 409, "marked_meanwhile"

    def __init__(self, by: str, number: int) -> None:
        super().__init__(
            f"{by} has marked this meanwhile, so nothing of yours was saved. Both marks stand side by side below; "
            "what you typed is still in the form, and saving it again replaces theirs.",
            f"{by} 已先行评阅了此题，因此你的评分尚未保存。两份评分并列如下；你填写的内容仍在表单中，再次保存即取代对方的评分。",
            version=number,
        )


class RubricChangedMeanwhile(AppError):
    status, code = 409, "rubric_changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed this rubric meanwhile, so nothing of yours was saved. Look at what it says now and save again.",
            "评分标准已被他人改动，因此你的修改尚未保存。请先查看最新内容，再次保存。",
        )


class PlanChangedMeanwhile(AppError):
    status, code = 409, "plan_changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed how this assignment is marked meanwhile. Look at what it says now and save again.",
            "评阅设置已被他人改动。请先查看最新设置，再次保存。",
        )


class NoSuchItem(AppError):
    status, code = 422, "no_such_item"

    def __init__(self, item: int) -> None:
        super().__init__(
            f"{item} is no item of this question's rubric that can be ticked. Look at the rubric and choose again.",
            f"本题评分标准中没有可选的条目 {item}，请查看后重新选择。",
            item=item,
        )


class BadPoints(AppError):
    status, code = 422, "bad_points"

    def __init__(self, typed: str) -> None:
        super().__init__(
            f"“{typed}” is no number of points: type one between −{MAX_POINTS} and {MAX_POINTS}, with two decimals at most.",
            f"“{typed}”不是有效的分数：请填写 −{MAX_POINTS} 到 {MAX_POINTS} 之间的数，最多两位小数。",
            field="points",
        )


class ReasonMissing(AppError):
    status, code = 422, "reason_missing"

    def __init__(self) -> None:
        super().__init__(
            "Points beyond the rubric need a reason, which the student reads. Write it beside them.",
            "评分标准之外的加减分须写明理由，学生会看到。请填写在分数旁。",
            field="reason",
        )


class NothingGiven(AppError):
    status, code = 422, "nothing_given"

    def __init__(self) -> None:
        super().__init__(
            "Tick an item, change the points or write a comment: an empty mark would tell the student nothing. "
            "For full marks or none without an item, write one word of comment.",
            "请勾选条目、调整分数或填写评语：空白的评分对学生没有意义。若不勾选条目而给满分或零分，请写一句评语。",
        )


class TextTooLong(AppError):
    status, code = 422, "text_too_long"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"This text has more than {most:,} characters. Shorten it.", f"文字超过 {most} 个字符，请缩短。", most=most
        )


class TextMissing(AppError):
    status, code = 422, "text_missing"

    def __init__(self) -> None:
        super().__init__("Write the words too: nothing was said yet.", "请填写文字内容。", field="text")


class NoSuchLines(AppError):
    status, code = 422, "no_such_lines"

    def __init__(self, file: str) -> None:
        super().__init__(
            f"These lines are not in {file or 'any file'} of this work. Choose a file, and lines by the numbers beside it.",
            f"本次提交的 {file or '文件'} 中没有这些行。请选择文件，并按代码左侧的行号填写。",
            file=file,
        )


class TooMany(AppError):
    status, code = 409, "too_many"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"There is room for {most} here. Withdraw or retire one first.",
            f"此处最多 {most} 条，请先撤回或停用一条。",
            most=most,
        )


class NobodyMarks(AppError):
    status, code = 422, "nobody_marks"

    def __init__(self) -> None:
        super().__init__("Choose at least one of the staff who marks.", "请至少选择一名评阅人。", field="markers")


class NotOfTheStaff(AppError):
    status, code = 422, "not_of_the_staff"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} is not of this course's staff, so cannot mark.", f"{login} 不是本课程的教学人员，不能评阅。", login=login
        )


class StillUnmarked(AppError):
    status, code = 409, "still_unmarked"

    def __init__(self, count: int) -> None:
        answers = "answer is" if count == 1 else "answers are"
        super().__init__(
            f"{count} {answers} not marked yet. Mark them first, or confirm that you publish without: "
            "those students read that theirs is still to come.",
            f"还有 {count} 份答案尚未评阅。请先评完，或确认先行公布：未评的学生会看到“尚待评阅”。",
            unmarked=count,
        )


class PublishedAlready(AppError):
    status, code = 409, "published_already"

    def __init__(self) -> None:
        super().__init__(
            "These marks are published already; students see every change at once.", "评分已公布，之后的改动学生会立即看到。"
        )


class NothingToCarry(AppError):
    status, code = 409, "nothing_to_carry"

    def __init__(self) -> None:
        super().__init__(
            "There is no mark of the same answer in an earlier attempt. Mark it here.",
            "先前的提交中没有对相同答案的评分，请在此直接评阅。",
        )


class ConfirmChange(AppError):
    status, code = 409, "confirm_change"

    def __init__(self, works: int) -> None:
        counted = "1 mark changes" if works == 1 else f"{works} marks change"
        super().__init__(
            f"{counted} with this. See by how much, and confirm.",
            f"此改动会影响 {works} 份评分。请查看分数变化后确认。",
            works=works,
        )
