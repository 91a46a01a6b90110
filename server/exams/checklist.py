"""What should be so before the day of an exam: looked at or, where no program can look, ticked by hand with a name."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from kombu.exceptions import OperationalError
from redis import RedisError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import BrokenAssignment, UnknownAssignment
from server.accounts.models import User
from server.assignments.fingerprint import grading_fingerprint
from server.assignments.models import Assignment
from server.assignments.service import folder_of, manifest_of
from server.audit import AuditLine, list_lines_about, write_line
from server.broker import celery
from server.courses.models import Course
from server.database import current_time
from server.errors import NotFound
from server.exams.invigilation import list_students
from server.exams.models import Exam, ExamWindow, Grant, TimeGrant
from server.exams.rehearsed import Rehearsed, newest_of
from server.settings import Settings

LEAST_FREE_BYTES = 5 << 30
CLOCK_S = 1.0
LOOK_S = 1.0  # that workers are given to answer
LANE = "exam"
TICKED = "exam.ticked"
MOST_NAMED = 8
SHOWN = 12  # characters of a content's version


class ByHand(StrEnum):
    """Nobody but a person can say these."""

    verified = "verified"
    rehearsed = "rehearsed"
    backed_up = "backed_up"


@dataclass(frozen=True)
class Tick:
    name: str
    at: datetime
    note: str
    content: str | None  # the version for which it was said


@dataclass(frozen=True)
class Item:
    """tick: of those that are said by hand, the newest one; it is ok only where it was said of the content as it is."""

    id: str
    title: Text
    is_ok: bool
    seen: Text
    next_step: Text | None = None
    by_hand: ByHand | None = None
    tick: Tick | None = None


def checklist(session: Session, *, exam: Exam, settings: Settings, now: datetime) -> list[Item]:
    content = content_of(exam.assignment, settings)
    return [
        paper(exam.assignment, settings, content),
        *ticks(session, exam, content),
        times(exam, now),
        sections(session, exam),
        elsewhere(session, exam),
        workers(),
        disk(settings),
        clock(session),
        accommodations(session, exam),
    ]


def content_of(assignment: Assignment, settings: Settings) -> str | None:
    """The version of folder and grader; None where there is no folder."""
    folder = folder_of(assignment, root=settings.assignments)
    return grading_fingerprint(folder)[:SHOWN] if folder.is_dir() else None


def paper(assignment: Assignment, settings: Settings, content: str | None) -> Item:
    title = Text(en="The paper can be read", zh="试卷可以读取")
    try:
        manifest = manifest_of(assignment, root=settings.assignments)
    except (BrokenAssignment, UnknownAssignment) as error:
        fix = Text(
            en=f"Mend the folder, then: gradus verify {assignment.slug}",
            zh=f"修复该文件夹后运行：gradus verify {assignment.slug}",
        )
        return Item("paper", title, False, Text(en=str(error)[:300], zh=str(error)[:300]), fix)
    asked = len(manifest.questions)
    seen_en = f"{asked} questions{', and code' if manifest.wants_code else ''}; content version {content}"
    seen_zh = f"{asked} 道题{'，以及代码题' if manifest.wants_code else ''}；内容版本 {content}"
    return Item("paper", title, True, Text(en=seen_en, zh=seen_zh))


HAND = {
    ByHand.verified: (
        Text(en="The reference proves itself on this content", zh="参考实现已在当前内容上通过验证"),
        Text(
            en="Run gradus verify {slug} where the content lies, and tick it when it ends well.",
            zh="在内容所在机器上运行 gradus verify {slug}，通过后在此勾选。",
        ),
    ),
    ByHand.rehearsed: (
        Text(en="It was tried out in the room", zh="已在考场试考"),
        Text(
            en="Run gradus exam rehearse {course}/{slug}: what it finds READY is ticked by itself. Or let a few people sit the "
            "practice exam on the computers of the room, hand in, and tick it.",
            zh="运行 gradus exam rehearse {course}/{slug}，试考通过后会自动勾选；"
            "也可请几位同事在考场电脑上完成一次模拟考试并交卷，再手动勾选。",
        ),
    ),
    ByHand.backed_up: (
        Text(en="The database was backed up", zh="数据库已备份"),
        Text(en="Back it up shortly before the exam, and tick it.", zh="考试前不久备份数据库，然后勾选。"),
    ),
}


def ticks(session: Session, exam: Exam, content: str | None) -> Iterator[Item]:
    """Said by somebody, by name, of the content as it is now."""
    lines = list_lines_about(session, course=exam.assignment.course, any_of=[{"exam": exam.assignment.slug}])
    said, newest = ticks_in(lines), newest_of(lines)
    for item, (title, fix) in HAND.items():
        tick = said.get(item)
        step = step_of(exam, fix)
        if item is ByHand.rehearsed and newest is not None and speaks(newest, tick, exam, content):
            yield by_rehearsal(item, title, step, newest)
            continue
        is_ok = tick is not None and (item is ByHand.backed_up or tick.content == content)
        seen = said_by(tick, is_ok=is_ok)
        if tick is None and item is ByHand.rehearsed and newest is not None:
            seen = Text(
                en=f"{newest.name} rehearsed it, of an earlier content or set-up",
                zh=f"{newest.name} 曾试考，但内容或设置此后有改动",
            )
        yield Item(item, title, is_ok, seen, None if is_ok else step, by_hand=item, tick=tick)


def said_by(tick: Tick | None, *, is_ok: bool) -> Text:
    if tick is None:
        return Text(en="nobody has said so yet", zh="还没有人确认")
    if is_ok:
        return Text(
            en=f"said by {tick.name}{': ' + tick.note if tick.note else ''}",
            zh=f"由 {tick.name} 确认{'：' + tick.note if tick.note else ''}",
        )
    return Text(en=f"said by {tick.name} of an earlier version of the content", zh=f"由 {tick.name} 确认，但内容此后有改动")


def step_of(exam: Exam, fix: Text) -> Text:
    names = {"{slug}": exam.assignment.slug, "{course}": exam.assignment.course.slug}
    en, zh = fix.en, fix.zh
    for place, name in names.items():
        en, zh = en.replace(place, name), zh.replace(place, name)
    return Text(en=en, zh=zh)


def speaks(newest: Rehearsed, tick: Tick | None, exam: Exam, content: str | None) -> bool:
    """Whether the rehearsal decides: it came after what somebody has said, and is of the exam as it is now."""
    is_newer = tick is None or tick.at < newest.at
    return is_newer and newest.holds(content=content, version=exam.version)


def by_rehearsal(item: ByHand, title: Text, step: Text, newest: Rehearsed) -> Item:
    tick = Tick(newest.name, newest.at, "", newest.content)
    return Item(item, title, newest.is_ready, newest.told, None if newest.is_ready else step, by_hand=item, tick=tick)


def ticks_in(lines: Sequence[AuditLine]) -> dict[ByHand, Tick]:
    """The newest of each. lines: newest first."""
    return {ByHand(line.subject["item"]): tick_of(line) for line in reversed(lines) if line.action == TICKED}


def tick_of(line: AuditLine) -> Tick:
    name = line.actor.display_name if line.actor else "–"
    return Tick(name, line.at, line.subject.get("note", ""), line.subject.get("content"))


def tick(session: Session, *, exam: Exam, item: str, note: str, by: User, settings: Settings) -> None:
    """Somebody says that it is done; the audit log keeps who and when."""
    if item not in list(ByHand):
        raise NotFound
    about = {"exam": exam.assignment.slug, "item": item, "note": " ".join(note.split())[:200]}
    content = content_of(exam.assignment, settings)
    write_line(session, course=exam.assignment.course, actor=by, action=TICKED, **about, content=content)


def times(exam: Exam, now: datetime) -> Item:
    """Whether the working time fits into the window at all."""
    title = Text(en="The window has room for the working time", zh="考试窗口容得下作答时长")
    window_s = (exam.assignment.closes_at - exam.assignment.opens_at).total_seconds()
    span_en, span_zh = (
        f"{int(window_s // 60)} min for {exam.minutes} min of work",
        f"窗口 {int(window_s // 60)} 分钟，作答 {exam.minutes} 分钟",
    )
    if exam.assignment.closes_at <= now:
        return Item(
            "times",
            title,
            False,
            Text(en="the window is over", zh="窗口已经结束"),
            Text(en="Set a new one above.", zh="请在上方重新设置。"),
        )
    fix = Text(
        en="Whoever starts at once has less than the working time; lengthen the window.",
        zh="即使一开放就开始也不足作答时长，请延长窗口。",
    )
    is_ok = window_s >= exam.minutes * 60
    return Item("times", title, is_ok, Text(en=span_en, zh=span_zh), None if is_ok else fix)


def sections(session: Session, exam: Exam) -> Item:
    """Where sections sit at times of their own, everybody should be in one that has."""
    title = Text(en="Everybody is in a section that has a window", zh="每名学生所在班级都有考试窗口")
    own = set(session.scalars(select(ExamWindow.section_id).where(ExamWindow.exam_id == exam.assignment_id)))
    students = list_students(session, course=exam.assignment.course)
    if not own:
        seen = Text(en=f"one window for all {len(students)} students", zh=f"全部 {len(students)} 名学生使用同一窗口")
        return Item("sections", title, True, seen)
    others = [each.user.login for each in students if each.section_id not in own]
    if not others:
        seen = Text(en=f"{len(own)} windows for {len(students)} students", zh=f"{len(students)} 名学生共 {len(own)} 个窗口")
        return Item("sections", title, True, seen)
    named = ", ".join(others[:MOST_NAMED]) + (" …" if len(others) > MOST_NAMED else "")
    seen = Text(en=f"{len(others)} sit in everybody else's window: {named}", zh=f"{len(others)} 人将使用其余学生的窗口：{named}")
    fix = Text(
        en="If that is not meant, put them into a section, or give theirs a window.",
        zh="若非本意，请将其分入班级，或为其班级设置窗口。",
    )
    return Item("sections", title, False, seen, fix)


def elsewhere(session: Session, exam: Exam) -> Item:
    """The same folder as homework of another course would show it."""
    title = Text(en="The paper is visible nowhere else", zh="试卷没有在别处公开")
    query = select(Course.slug).join(Assignment, Assignment.course_id == Course.id)
    seen_in = query.where(
        Assignment.slug == exam.assignment.slug,
        Assignment.is_exam.is_(False),
        Assignment.visible,
        Assignment.id != exam.assignment_id,
    )
    courses = list(session.scalars(seen_in.order_by(Course.slug)))
    if not courses:
        return Item("elsewhere", title, True, Text(en="no other course shows it", zh="其他课程均未显示"))
    seen = Text(en=f"shown as homework in: {', '.join(courses)}", zh=f"在以下课程中作为作业显示：{'、'.join(courses)}")
    fix = Text(en="Hide it there, or put the exam into a folder of its own.", zh="请在那里隐藏，或将考试放入单独的文件夹。")
    return Item("elsewhere", title, False, seen, fix)


def workers() -> Item:
    """Asks all workers, which takes up to a second."""
    title = Text(en="Workers take the lane of exams", zh="有评测进程处理考试队列")
    fix = Text(
        en="Start workers (gradus up starts them), then look again.", zh="请启动评测进程（gradus up 会自动启动），再刷新查看。"
    )
    try:
        queues = celery.control.inspect(timeout=LOOK_S).active_queues() or {}
    except (OperationalError, RedisError, OSError):
        return Item("workers", title, False, Text(en="the broker does not answer", zh="消息代理无响应"), fix)
    taking = sorted(name for name, taken in queues.items() if any(each["name"] == LANE for each in taken))
    if taking:
        return Item(
            "workers", title, True, Text(en=f"{len(taking)}: {', '.join(taking)}", zh=f"{len(taking)} 个：{'、'.join(taking)}")
        )
    seen = Text(
        en=f"{len(queues)} workers answer, none takes the lane “{LANE}”", zh=f"{len(queues)} 个进程有响应，均未处理“{LANE}”队列"
    )
    return Item("workers", title, False, seen, fix)


def disk(settings: Settings) -> Item:
    title = Text(en="There is room on the disk", zh="磁盘空间充足")
    folder = next(each for each in [settings.data, *settings.data.parents, Path("/")] if each.exists())
    free = shutil.disk_usage(folder).free
    seen = f"{free / (1 << 30):.1f} GiB free at {settings.data}", f"{settings.data} 可用 {free / (1 << 30):.1f} GiB"
    fix = Text(en=f"Free some: at least {LEAST_FREE_BYTES >> 30} GiB.", zh=f"请清理，至少保留 {LEAST_FREE_BYTES >> 30} GiB。")
    is_ok = free >= LEAST_FREE_BYTES
    return Item("disk", title, is_ok, Text(en=seen[0], zh=seen[1]), None if is_ok else fix)


def clock(session: Session) -> Item:
    """The database's decides; one that is off here only makes a countdown look wrong."""
    title = Text(en="The clocks of database and web server agree", zh="数据库与网站服务器时钟一致")
    asked = datetime.now(UTC)
    theirs = current_time(session)
    offset_s = (theirs - (asked + (datetime.now(UTC) - asked) / 2)).total_seconds()
    is_ok = abs(offset_s) < CLOCK_S
    fix = Text(en="Synchronise both: timedatectl set-ntp true", zh="请同步两台机器的时钟：timedatectl set-ntp true")
    return Item(
        "clock",
        title,
        is_ok,
        Text(en=f"{offset_s * 1000:+.0f} ms apart", zh=f"相差 {offset_s * 1000:+.0f} 毫秒"),
        None if is_ok else fix,
    )


def accommodations(session: Session, exam: Exam) -> Item:
    """For reading only: whether it is as many as the office has sent."""
    title = Text(en="Accommodations are entered", zh="便利安排已录入")
    given = TimeGrant.exam_id == exam.assignment_id, TimeGrant.kind == Grant.accommodation
    count = session.scalar(select(func.count(TimeGrant.student_id.distinct())).where(*given)) or 0
    seen = Text(
        en=f"for {count} {'student' if count == 1 else 'students'}; compare with the list of your office",
        zh=f"共 {count} 名学生，请与教务名单核对",
    )
    return Item("accommodations", title, True, seen)
