"""Drafts for what a course usually tells. Each is to be read and edited before it goes out."""

from dataclasses import dataclass
from enum import StrEnum

from grader.protocol import Text


class Kind(StrEnum):
    is_out = "is_out"
    due_soon = "due_soon"
    date_moved = "date_moved"
    scores_out = "scores_out"
    exam_rules = "exam_rules"
    class_cancelled = "class_cancelled"


@dataclass(frozen=True)
class Draft:
    """`needs_assignment`: its placeholders are filled from one."""

    name: Text
    title: Text
    text: Text
    needs_assignment: bool


FROM_ASSIGNMENT = frozenset({"assignment", "opens", "due", "closes", "left", "attempts", "link"})
BY_HAND = frozenset({"old_due", "reason", "place", "start", "minutes", "date"})
NAMES = FROM_ASSIGNMENT | BY_HAND | {"course"}

BUILT_IN: dict[Kind, Draft] = {
    Kind.is_out: Draft(
        name=Text(en="An assignment is out", zh="作业发布"),
        title=Text(en="{assignment} is out", zh="{assignment} 已发布"),
        text=Text(
            en=(
                "[{assignment}]({link}) is open. It is due **{due}**; late work is taken until {closes}.\n\n"
                "You have {attempts} attempts. Start early: the first one shows you what the checks look at."
            ),
            zh=(
                "[{assignment}]({link}) 现已开放，截止时间 **{due}**，最晚可补交至 {closes}。\n\n"
                "共有 {attempts} 次提交机会。建议尽早提交一次，先看看检查哪些内容。"
            ),
        ),
        needs_assignment=True,
    ),
    Kind.due_soon: Draft(
        name=Text(en="Due soon", zh="临近截止"),
        title=Text(en="{assignment} is due in {left}", zh="距 {assignment} 截止还有 {left}"),
        text=Text(
            en=(
                "[{assignment}]({link}) is due **{due}**.\n\n"
                "If you have handed in already, there is nothing you need to do. "
                "If something does not run, ask before the last evening."
            ),
            zh="[{assignment}]({link}) 将于 **{due}** 截止。\n\n已提交的同学无需再做什么；代码跑不通的，请别等到最后一晚再问。",
        ),
        needs_assignment=True,
    ),
    Kind.date_moved: Draft(
        name=Text(en="A date has moved", zh="时间调整"),
        title=Text(en="New date for {assignment}", zh="{assignment} 时间调整"),
        text=Text(
            en=(
                "[{assignment}]({link}) was due {old_due}. It is now due **{due}**, and late work is taken until {closes}.\n\n"
                "Why: {reason}"
            ),
            zh="[{assignment}]({link}) 原定 {old_due} 截止，现改为 **{due}**，最晚可补交至 {closes}。\n\n原因：{reason}",
        ),
        needs_assignment=True,
    ),
    Kind.scores_out: Draft(
        name=Text(en="Scores are out", zh="成绩公布"),
        title=Text(en="Scores of {assignment} are out", zh="{assignment} 成绩已公布"),
        text=Text(
            en=(
                "You can see your score of [{assignment}]({link}), check by check.\n\n"
                "If something looks wrong to you, tell us which check and why."
            ),
            zh="[{assignment}]({link}) 的成绩已可查看，每项检查都有明细。\n\n如有疑问，请说明是哪一项检查、你认为问题在哪里。",
        ),
        needs_assignment=True,
    ),
    Kind.exam_rules: Draft(
        name=Text(en="Rules of an exam", zh="考试须知"),
        title=Text(en="Exam: {date}, {place}", zh="考试安排：{date}，{place}"),
        text=Text(
            en=(
                "- **When and where.** {date}, {start}, {place}; {minutes} minutes.\n"
                "- **Bring** your student card. Be there ten minutes earlier and sign in once to see that it works.\n"
                "- **Allowed:** …\n- **Not allowed:** …\n"
                "- **If your machine fails,** raise your hand: what you saved is kept, and the time is given back."
            ),
            zh=(
                "- **时间地点：**{date} {start}，{place}，时长 {minutes} 分钟。\n"
                "- **请携带**学生证，提前十分钟到场并登录一次，确认可用。\n"
                "- **允许使用：**……\n- **不得使用：**……\n"
                "- **设备出现故障**请举手：已保存的内容不会丢失，耽误的时间会补回。"
            ),
        ),
        needs_assignment=False,
    ),
    Kind.class_cancelled: Draft(
        name=Text(en="Class is cancelled", zh="停课通知"),
        title=Text(en="No class on {date}", zh="{date} 停课"),
        text=Text(
            en="There is no class on {date}. Why: {reason}\n\nDates of assignments stay as they are.",
            zh="{date} 停课一次。原因：{reason}\n\n各项作业的截止时间不变。",
        ),
        needs_assignment=False,
    ),
}
