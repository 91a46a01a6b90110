"""A roster as CSV for a spreadsheet. What would be a formula there is made text by an apostrophe before it."""

import csv
import io
from collections.abc import Iterable, Sequence

from server.courses.invitations import Link
from server.courses.models import Enrollment, Role

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
ROLE_WORDS = {Role.student: "student", Role.ta: "TA", Role.instructor: "instructor"}
COLUMNS = ("学号", "姓名", "邮箱", "班级", "角色", "登录名", "状态")
MARK = "\ufeff"  # by which Excel knows UTF-8


def guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(STARTS_FORMULA) else cell


def write_csv(rows: Iterable[Sequence[str | None]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([guarded(cell or "") for cell in row] for row in rows)
    return MARK + text.getvalue()


def roster_csv(members: Iterable[Enrollment]) -> str:
    """It can be imported again as it is."""
    return write_csv([COLUMNS, *(row_of(each) for each in members)])


def row_of(member: Enrollment) -> tuple[str | None, ...]:
    user, section = member.user, member.section.name if member.section else None
    role = ROLE_WORDS[member.role]
    return user.student_number, user.display_name, user.email, section, role, user.login, member.standing


def links_csv(links: Iterable[Link], base: str) -> str:
    head = "学号", "姓名", "邮箱", "班级", "登录名", "邀请链接"
    return write_csv([head, *((*row_of(link.member)[:4], link.member.user.login, address_of(link, base)) for link in links)])


def address_of(link: Link, base: str) -> str:
    return f"{base.rstrip('/')}/invitations/{link.token}"
