"""From what was measured to a verdict: each finding with what to do about it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.protocol import Text

SLOW_MS = 1000.0  # p95 of a save; above it students feel that the room hangs
TO_BE_READ = frozenset({"accommodations", "sections"})  # of the checklist: may be meant


@dataclass(frozen=True)
class Measured:
    """errors: by kind of request and what was wrong. unanswered: whom the clock has not handed in, or no verdict was given."""

    students: int
    started: int
    errors: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lost: Sequence[str] = ()
    left_out: Sequence[str] = ()
    save_p95_ms: float | None = None
    fair_wait_s: int = 20
    check_delay_s: float | None = None
    still_running: Sequence[str] = ()
    ungraded: Sequence[str] = ()
    outage_s: int = 0
    has_archive: bool = True
    networks: Sequence[str] = ()
    is_let_in: bool = True
    checklist: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Finding:
    """is_problem: the exam is not ready with it."""

    code: str
    is_problem: bool
    seen: Text
    next_step: Text


def findings(found: Measured) -> list[Finding]:
    """Problems first."""
    return sorted(
        [*of_sitting(found), *of_requests(found), *of_judging(found), *of_the_day(found)], key=lambda each: not each.is_problem
    )


def is_ready(found: Iterable[Finding]) -> bool:
    return not any(each.is_problem for each in found)


def of_sitting(found: Measured) -> Iterator[Finding]:
    if found.started < found.students:
        yield problem(
            "not_started",
            Text(
                en=f"{found.students - found.started} of {found.students} could not begin",
                zh=f"{found.students} 人中有 {found.students - found.started} 人未能开始",
            ),
            Text(
                en="Look at the errors of “POST start” and “GET paper” below; does the paper open for staff?",
                zh="请查看下方“POST start”和“GET paper”的错误，并确认教学人员能打开试卷。",
            ),
        )
    if found.lost:
        yield problem(
            "lost_saves",
            Text(
                en=f"{len(found.lost)} saves were acknowledged and are not there: {some(found.lost)}",
                zh=f"有 {len(found.lost)} 次保存已确认但未找到：{some(found.lost)}",
            ),
            Text(
                en="Do not hold the exam on this platform before the operators have found out why.",
                zh="在管理员查明原因之前，请勿在此平台上举行考试。",
            ),
        )
    if found.left_out:
        yield remark(
            "left_out",
            Text(en=f"fields could not be handed in: {some(found.left_out)}", zh=f"部分内容无法交卷：{some(found.left_out)}"),
            Text(
                en="They stay saved. Look whether the question wants what its text asks for.",
                zh="内容仍有保存。请检查题目要求与答题格式是否一致。",
            ),
        )


def of_requests(found: Measured) -> Iterator[Finding]:
    if found.errors:
        named = [f"{kind}: {what} ×{count}" for (kind, what), count in sorted(found.errors.items(), key=lambda each: -each[1])]
        yield problem(
            "errors",
            Text(
                en=f"{sum(found.errors.values())} requests went wrong: {some(named)}",
                zh=f"有 {sum(found.errors.values())} 个请求出错：{some(named)}",
            ),
            Text(
                en="Look into the log of the web process at that time, and at the connection between here and the server.",
                zh="请查看该时段网站进程的日志，以及本机与服务器之间的网络。",
            ),
        )
    if found.save_p95_ms is not None and found.save_p95_ms > SLOW_MS:
        yield problem(
            "slow_saves",
            Text(
                en=f"one save in twenty took longer than {found.save_p95_ms:.0f} ms",
                zh=f"有 5% 的保存耗时超过 {found.save_p95_ms:.0f} 毫秒",
            ),
            Text(
                en="Give the web server and the database more of the machine, or rehearse nearer to it.",
                zh="请为网站服务器和数据库提供更多资源，或在离服务器更近的网络试考。",
            ),
        )


def of_judging(found: Measured) -> Iterator[Finding]:
    more = Text(
        en="Keep processes free for exams: GRADUS_EXAM_WORKERS, or a worker with --queues exam (docs/operators.md, Exams). "
        "If these minutes were too few for so many checks, rehearse longer.",
        zh="请为考试预留评测进程：设置 GRADUS_EXAM_WORKERS，或单独启动 --queues exam 的进程；"
        "若时间过短导致检查过于集中，请延长试考"
        "（见 docs/operators.md 的 Exams 一节）。",
    )
    if found.check_delay_s is not None and found.check_delay_s > found.fair_wait_s:
        yield problem(
            "slow_checks",
            Text(
                en=f"a run of the checks waited {found.check_delay_s:.0f} s for the judge; {found.fair_wait_s} s are fair",
                zh=f"有检查等待评测 {found.check_delay_s:.0f} 秒，超过合理的 {found.fair_wait_s} 秒",
            ),
            more,
        )
    if found.still_running:
        yield problem(
            "not_closed",
            Text(
                en=f"the clock has not handed in: {some(found.still_running)}", zh=f"到时未自动交卷：{some(found.still_running)}"
            ),
            Text(
                en="Look into the log of the web process: its thread “exams heart” closes what is over.",
                zh="请查看网站进程的日志，到时交卷由其中的“exams heart”线程完成。",
            ),
        )
    if found.ungraded:
        yield problem(
            "not_graded",
            Text(en=f"{len(found.ungraded)} works have no verdict yet", zh=f"有 {len(found.ungraded)} 份答卷尚无评测结果"),
            Text(
                en=f"Is a worker there, and does gradus doctor find nothing? {more.en}",
                zh=f"请确认评测进程在运行，并运行 gradus doctor 检查。{more.zh}",
            ),
        )
    if found.outage_s:
        yield problem(
            "outage",
            Text(
                en=f"the platform stood still for {found.outage_s} s, which were given back",
                zh=f"平台曾停顿 {found.outage_s} 秒，已补时",
            ),
            Text(
                en="Look what else the machine did at that time (a backup, an update), and keep it away from the exam.",
                zh="请查明当时机器上还在运行什么（备份、更新等），避免与考试同时进行。",
            ),
        )
    if not found.has_archive:
        yield problem(
            "no_archive",
            Text(
                en="the archive of the exam could not be downloaded, so nothing could be compared",
                zh="无法下载考试归档，因此未能比对",
            ),
            Text(en="Look into the log of the web process, then rehearse again.", zh="请查看网站进程的日志，然后重新试考。"),
        )


def of_the_day(found: Measured) -> Iterator[Finding]:
    """From where the class has to come, and what the checklist says beside."""
    if found.networks:
        inside = (
            ("this computer is in one of them", "本机在其中") if found.is_let_in else ("this computer is in none", "本机不在其中")
        )
        yield remark(
            "networks",
            Text(
                en=f"the class must come from {', '.join(found.networks)}; {inside[0]}",
                zh=f"考生须从 {'、'.join(found.networks)} 访问；{inside[1]}",
            ),
            Text(
                en="Open the exam's page once on a computer of the room: the door says whether it is let in.",
                zh="请在考场电脑上打开一次考试页面，入口处会显示是否允许进入。",
            ),
        )
    for item in found.checklist:
        if not item["is_ok"] and item["id"] != "rehearsed":
            make = remark if item["id"] in TO_BE_READ or item["by_hand"] else problem
            title, seen, step = (item[name] or {"en": "", "zh": ""} for name in ("title", "seen", "next_step"))
            yield make(
                f"checklist_{item['id']}",
                Text(en=f"{title['en']}: {seen['en']}", zh=f"{title['zh']}：{seen['zh']}"),
                Text(**step),
            )


def problem(code: str, seen: Text, next_step: Text) -> Finding:
    return Finding(code, True, seen, next_step)


def remark(code: str, seen: Text, next_step: Text) -> Finding:
    return Finding(code, False, seen, next_step)


def some(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
