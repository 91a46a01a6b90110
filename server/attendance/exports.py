"""Attendance as a file: a line for each student, a column for each roll call."""

from collections.abc import Sequence

from server import spreadsheet
from server.attendance.models import RollCall
from server.attendance.rules import day_of
from server.attendance.views import Line

LEADING = ("login", "name", "section")
COUNTS = ("present", "late", "absent", "excused")


def as_csv(roll_calls: Sequence[RollCall], lines: Sequence[Line], *, zone: str) -> str:
    titles = [f"{day_of(each.opened_at, zone)} {each.title}" for each in roll_calls]
    return spreadsheet.as_csv([(*LEADING, *titles, *COUNTS, "fraction"), *map(_row, lines)])


def _row(line: Line) -> tuple[object, ...]:
    user, section = line.student.user, line.student.section
    states = [cell.presence.value if cell.presence else "" for cell in line.cells]
    fraction = "" if line.share.fraction is None else f"{line.share.fraction:.4f}"
    counts = [getattr(line.share, name) for name in COUNTS]
    return user.login, user.display_name, section.name if section else "", *states, *counts, fraction
