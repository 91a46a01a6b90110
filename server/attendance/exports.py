"""Attendance as a file: a line for each student, a column for each roll call."""

import csv
import io
from collections.abc import Sequence

from server.attendance.models import RollCall
from server.attendance.rules import day_of
from server.attendance.views import Line
from server.leaderboard.exports import FORMULA

LEADING = ("login", "name", "section")
COUNTS = ("present", "late", "absent", "excused")


def as_csv(roll_calls: Sequence[RollCall], lines: Sequence[Line], *, zone: str) -> str:
    """UTF-8 with a mark, so that spreadsheets read the names; what would be a formula there is made text."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    titles = [f"{day_of(each.opened_at, zone)} {each.title}" for each in roll_calls]
    writer.writerow([_cell(value) for value in (*LEADING, *titles, *COUNTS, "fraction")])
    writer.writerows([_cell(value) for value in _row(line)] for line in lines)
    return buffer.getvalue()


def _row(line: Line) -> tuple[object, ...]:
    user, section = line.student.user, line.student.section
    states = [cell.presence.value if cell.presence else "" for cell in line.cells]
    fraction = "" if line.share.fraction is None else f"{line.share.fraction:.4f}"
    counts = [getattr(line.share, name) for name in COUNTS]
    return user.login, user.display_name, section.name if section else "", *states, *counts, fraction


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
