"""What all pages of an exam's staff share."""

from typing import Any

from grader.protocol import Text
from server.assignments.models import Assignment
from server.deadlines.service import title_of
from server.exams.staff_rules import Need
from server.settings import Settings

NEEDS = {
    Need.asks_to_move: Text(en="asks to move", zh="请求换设备"),
    Need.missed: Text(en="saves to decide about", zh="有保存待裁定"),
    Need.away: Text(en="away", zh="离线"),
    Need.changed: Text(en="address or browser changed", zh="地址或浏览器有变"),
    Need.slow_checks: Text(en="checks wait", zh="检查排队中"),
}


def address_of(assignment: Assignment) -> str:
    return f"/courses/{assignment.course.slug}/exams/{assignment.slug}"


def shared_by_pages(assignment: Assignment, settings: Settings) -> dict[str, Any]:
    return {
        "course": assignment.course,
        "zone": assignment.course.time_zone,
        "assignment": assignment,
        "title": title_of(assignment, settings.assignments),
        "address": address_of(assignment),
    }
