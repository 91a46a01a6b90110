"""A roster, and links of invitations, as CSV for a spreadsheet."""

from collections.abc import Iterable

from server.courses.invitations import Link
from server.courses.models import Enrollment, Role
from server.spreadsheet import as_csv

ROLE_WORDS = {Role.student: "student", Role.ta: "TA", Role.instructor: "instructor"}
COLUMNS = ("学号", "姓名", "邮箱", "班级", "角色", "登录名", "状态")


def roster_csv(members: Iterable[Enrollment]) -> str:
    """It can be imported again as it is."""
    return as_csv([COLUMNS, *(row_of(each) for each in members)])


def row_of(member: Enrollment) -> tuple[str | None, ...]:
    user, section = member.user, member.section.name if member.section else None
    role = ROLE_WORDS[member.role]
    return user.student_number, user.display_name, user.email, section, role, user.login, member.standing


def links_csv(links: Iterable[Link], base: str) -> str:
    head = "学号", "姓名", "邮箱", "班级", "登录名", "邀请链接"
    return as_csv([head, *((*row_of(link.member)[:4], link.member.user.login, address_of(link, base)) for link in links)])


def address_of(link: Link, base: str) -> str:
    return f"{base.rstrip('/')}/invitations/{link.token}"
