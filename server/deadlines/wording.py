"""Lateness in one sentence, in both languages; pages, terminal and refusals say the same."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from grader.protocol import Text
from server.deadlines.models import LateKind
from server.deadlines.rules import Cost, Counted, Dates, Deduction, Policy, Why
from server.web import moments

DATES = {
    "opens_at": Text(en="Opening", zh="开放"),
    "due_at": Text(en="Due date", zh="截止"),
    "closes_at": Text(en="Closing", zh="关闭"),
}


def figure(value: Decimal) -> str:
    """16.4, 65, 0.25."""
    return f"{value.quantize(Decimal('0.01')).normalize():f}"


def days_en(days: int, what: str = "day") -> str:
    return f"{days} {what}{'' if days == 1 else 's'}"


def cost_in_words(cost: Cost) -> Text:
    """The end of a sentence: "costs 1 grace day (2 left)", "costs 10 % of the score it reaches"."""
    en, zh = [], []
    if cost.grace_days:
        en.append(f"{days_en(cost.grace_days, 'grace day')} ({cost.left} left after it)")
        zh.append(f"会用掉 {cost.grace_days} 个宽限日（之后还剩 {cost.left} 个）")
    if cost.percent:
        en.append(f"{figure(cost.percent)} % of the score it reaches")
        zh.append(f"会扣去所得分数的 {figure(cost.percent)} %")
    return Text(en=f"costs {' and '.join(en)}", zh="，并".join(zh))


def score_in_words(counted: Counted) -> Text | None:
    """ "82 − 16.4 (2 days late, 10 % a day) = 65.6"; None where neither lateness nor a return changed anything."""
    deduction, days = counted.deduction, counted.late_days
    if deduction is None:
        return covered_in_words(counted) if counted.grace_days else None
    if deduction.why is Why.returned:
        return sum_in_words(counted, returned_in_words(deduction, counted))
    if deduction.why is Why.not_covered:
        return Text(
            en=f"does not count: {days_en(days)} late, and no grace days are left for it",
            zh=f"不计入成绩：迟交 {days} 天，已没有可用的宽限日",
        )
    if deduction.why is Why.newest_reached_less:
        less = Text(en="the latest attempt came too late to count and reached less", zh="最近一次提交因迟交不计入，且得分更低")
        return sum_in_words(counted, less)
    return sum_in_words(counted, late_in_words(deduction, counted))


def late_in_words(deduction: Deduction, counted: Counted) -> Text:
    """ "2 days late, 10 % a day", and after it what a return takes besides."""
    days, per_day = counted.late_days, figure(deduction.percent_per_day)
    grace_en = f", {counted.grace_days} of them covered by grace days" if counted.grace_days else ""
    grace_zh = f"，其中 {counted.grace_days} 天用宽限日抵扣" if counted.grace_days else ""
    also = returned_in_words(deduction, None) if deduction.returned_percent else Text(en="", zh="")
    return Text(
        en=f"{days_en(days)} late{grace_en}, {per_day} % a day{'; ' if also.en else ''}{also.en}",
        zh=f"迟交 {days} 天{grace_zh}，每天扣 {per_day} %{'；' if also.zh else ''}{also.zh}",
    )


def returned_in_words(deduction: Deduction, counted: Counted | None) -> Text:
    """ "returned for a fix: 10 % less"; with `counted`, which grace days cover its lateness."""
    percent, spent = figure(deduction.returned_percent), counted.grace_days if counted else 0
    grace_en = f"; {days_en(counted.late_days)} late, covered by {days_en(spent, 'grace day')}" if spent else ""
    grace_zh = f"；迟交 {counted.late_days} 天，用 {spent} 个宽限日抵扣" if spent else ""
    return Text(en=f"returned for a fix: {percent} % less{grace_en}", zh=f"退回修改后重交：扣 {percent} %{grace_zh}")


def sum_in_words(counted: Counted, why: Text) -> Text:
    sum_ = f"{figure(counted.score)} − {figure(counted.deduction.points)} ({{}}) = {figure(counted.total)}"
    return Text(en=sum_.format(why.en), zh=sum_.replace("(", "（").replace(")", "）").format(why.zh))


def covered_in_words(counted: Counted) -> Text:
    spent = counted.grace_days
    return Text(
        en=f"{days_en(counted.late_days)} late, covered by {days_en(spent, 'grace day')}",
        zh=f"迟交 {counted.late_days} 天，用 {spent} 个宽限日抵扣，不扣分",
    )


def policy_in_words(policy: Policy, budget: int) -> Text:
    """What a student has to know before being late."""
    percent = figure(policy.percent_per_day)
    floor_en = f", but at least {figure(policy.at_least_percent)} % of it stays" if policy.at_least_percent else ""
    floor_zh = f"，但至少保留 {figure(policy.at_least_percent)} %" if policy.at_least_percent else ""
    share = Text(
        en=f"each begun day takes {percent} % of the score{floor_en}",
        zh=f"每迟交一天（不足一天按一天计）扣去得分的 {percent} %{floor_zh}",
    )
    if policy.kind is LateKind.none:
        return Text(en="Late work costs nothing until it closes.", zh="关闭之前迟交不扣分。")
    if policy.kind is LateKind.percentage:
        return Text(en=f"When late, {share.en}.", zh=f"{share.zh}。")
    after = share if policy.takes_percent else Text(en="late work is not taken any more", zh="不再接收迟交的作业")
    return Text(
        en=f"Each begun day late takes one of your {days_en(budget, 'grace day')} in this course; after that {after.en}.",
        zh=f"每迟交一天（不足一天按一天计）用掉一个宽限日，本课程共 {budget} 个；用完后{after.zh}。",
    )


def move_in_words(title: Text, before: Dates, after: Dates, reason: str, *, zone: str, now: datetime) -> tuple[str, str]:
    """Title and Markdown of an announcement. A group reads it as it is, so it says both languages."""
    heading = f"{title.zh}：时间调整 · {title.en}: dates have moved"
    zh, en = (moves_in(language, before, after, zone=zone, now=now) for language in ("zh_CN", "en"))
    return heading, f"{zh}。原因：{reason}\n\n{en}. Why: {reason}"


def moves_in(language: str, before: Dates, after: Dates, *, zone: str, now: datetime) -> str:
    """ "Due date: Sun 22 Mar 23:59 → **Wed 25 Mar 23:59**", of each date that has moved."""

    def say(moment: datetime) -> str:
        return moments.absolute(moment, language=language, zone=zone, now=now)

    colon, joint = ("：", "；") if language != "en" else (": ", "; ")
    stood, moved = asdict(before), asdict(after)
    changed = [name for name in DATES if stood[name] != moved[name]]
    return joint.join(
        f"{DATES[name].in_language(language)}{colon}{say(stood[name])} → **{say(moved[name])}**" for name in changed
    )
