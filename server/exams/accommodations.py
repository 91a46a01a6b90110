"""Accommodations from a list: login, minutes or a share in percent, reason. Importing it twice gives nothing twice."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Enrollment
from server.courses.roster_files import Sheet, read_sheet
from server.exams import invigilation, staff_rules
from server.exams.models import Exam, Grant, TimeGrant
from server.exams.staff_refusals import UnreadableList
from server.exams.staff_rules import MOST_MINUTES, MOST_REASON

HEADS = {
    "login": ("login", "登录名", "student", "学号", "student_number"),
    "minutes": ("minutes", "分钟", "加时", "加时分钟", "extra", "percent"),
    "reason": ("reason", "原因", "理由"),
}
MOST_PERCENT = 300


@dataclass(frozen=True)
class Wanted:
    """One line: so much in all, of which so much is new."""

    line: int
    member: Enrollment
    stated_s: int
    new_s: int
    reason: str


@dataclass(frozen=True)
class Preview:
    """faults: in English and in Chinese, of lines that cannot be read; nothing is given while there are any."""

    wanted: list[Wanted]
    faults: list[tuple[str, str]]


def preview(session: Session, *, exam: Exam, content: bytes) -> Preview:
    """Raises UnreadableRoster for a file that is no table."""
    sheet = read_sheet(content)
    columns = columns_of(sheet)
    if missing := [name for name in HEADS if name not in columns]:
        return Preview([], [(f"the column {', '.join(missing)} is missing", f"缺少列：{'、'.join(missing)}")])
    known = members_by_name(session, exam)
    has = accommodated_of(session, exam)
    wanted: dict[int, Wanted] = {}
    faults: list[tuple[str, str]] = []
    for line, cells in sheet.rows:
        login, minutes, reason = (cells[columns[name]].strip() if columns[name] < len(cells) else "" for name in HEADS)
        member, seconds = known.get(login.lower()), read_time(minutes, exam.minutes)
        if member is None:
            faults.append(
                (f"line {line}: {login or '–'} is no student of this course", f"第 {line} 行：{login or '–'} 不是本课程学生")
            )
        elif member.user_id in wanted:
            faults.append((f"line {line}: {login} stands there twice", f"第 {line} 行：{login} 重复出现"))
        elif seconds is None:
            faults.append((f"line {line}: “{minutes}” is no time", f"第 {line} 行：“{minutes}”不是有效的时间"))
        elif not reason:
            faults.append((f"line {line}: the reason is missing", f"第 {line} 行：缺少原因"))
        else:
            new_s = staff_rules.still_missing_s(seconds, has.get(member.user_id, 0))
            wanted[member.user_id] = Wanted(line, member, seconds, new_s, reason[:MOST_REASON])
    return Preview(list(wanted.values()), faults)


def columns_of(sheet: Sheet) -> dict[str, int]:
    """By our name for it, where it stands."""
    heads = [head.strip().lower() for head in sheet.header]
    return {name: heads.index(word) for name, words in HEADS.items() for word in reversed(words) if word in heads}


def read_time(text: str, working_minutes: int) -> int | None:
    """Seconds: `30` are minutes, `25%` is a share of the working time. None for what is neither."""
    number = text.removesuffix("%").removesuffix("％").strip()
    if not number.isdecimal() or not number.isascii() or len(number) > 4:
        return None
    if number != text.strip():
        return (
            staff_rules.seconds_of(percent=int(number), working_minutes=working_minutes)
            if 0 < int(number) <= MOST_PERCENT
            else None
        )
    return (
        staff_rules.seconds_of(minutes=int(number), working_minutes=working_minutes) if 0 < int(number) <= MOST_MINUTES else None
    )


def members_by_name(session: Session, exam: Exam) -> Mapping[str, Enrollment]:
    """By login, and by student number where nobody has it for a login."""
    students = invigilation.list_students(session, course=exam.assignment.course)
    by_number = {each.user.student_number.lower(): each for each in students if each.user.student_number}
    return by_number | {each.user.login.lower(): each for each in students}


def accommodated_of(session: Session, exam: Exam) -> dict[int, int]:
    """Seconds by student that were given as accommodations and not taken back."""
    mine = TimeGrant.exam_id == exam.assignment_id
    back = select(TimeGrant.cause).where(mine, TimeGrant.kind == Grant.taken_back)
    sums = select(TimeGrant.student_id, func.sum(TimeGrant.seconds)).where(mine, TimeGrant.kind == Grant.accommodation)
    named = func.concat("grant ", TimeGrant.id)
    return dict(session.execute(sums.where(named.not_in(back)).group_by(TimeGrant.student_id)).all())


def checked_preview(session: Session, *, exam: Exam, content: bytes) -> Preview:
    """Raises UnreadableList where a line cannot be read."""
    found = preview(session, exam=exam, content=content)
    if found.faults:
        raise UnreadableList([en for en, _ in found.faults], [zh for _, zh in found.faults])
    return found


def give(session: Session, *, exam: Exam, content: bytes, by: User) -> list[Wanted]:
    """All of the list, or with a fault in it nothing; what was given."""
    new = [each for each in checked_preview(session, exam=exam, content=content).wanted if each.new_s]
    for each in new:
        known = {"exam": exam, "students": [each.member], "seconds": each.new_s, "kind": Grant.accommodation}
        invigilation.grant(session, **known, reason=each.reason, by=by)
    return new
