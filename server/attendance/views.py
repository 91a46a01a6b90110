"""What the pages, the API and the file of attendance show: everybody in every roll call, once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.attendance import queries, rules, service
from server.attendance.models import Presence, RollCall, Sighting
from server.courses.models import Course, Enrollment


@dataclass(frozen=True)
class Cell:
    roll_call: RollCall
    presence: Presence | None  # None: not asked, or still time
    sighting: Sighting | None
    is_open: bool


@dataclass(frozen=True)
class Line:
    student: Enrollment
    cells: Sequence[Cell]
    share: rules.Share

    @property
    def percent(self) -> int | None:
        return None if self.share.fraction is None else int(self.share.fraction * 100)  # never more than it is


@dataclass(frozen=True)
class Entry:
    """One student in one roll call, as staff see it."""

    student: Enrollment
    presence: Presence | None
    sighting: Sighting | None
    same_browser: Sequence[str]  # names of others whose code came from there
    is_expected: bool


def lines_of(session: Session, *, course: Course, now: datetime, section: str | None = None) -> tuple[list[RollCall], list[Line]]:
    """Students by roll calls; of one section, or of all."""
    roll_calls = queries.list_roll_calls(session, course=course)
    newest = queries.newest_sightings(session, course=course)
    students = queries.list_students(session, course=course)
    wanted = [each for each in students if section is None or (each.section and each.section.name == section)]
    return roll_calls, [line_of(each, roll_calls, newest, now=now) for each in wanted]


def line_of(student: Enrollment, roll_calls: Sequence[RollCall], newest: queries.Newest, *, now: datetime) -> Line:
    cells = []
    for roll_call in roll_calls:
        sighting = newest.get(roll_call.id, {}).get(student.user_id)
        presence = service.presence_of(roll_call, sighting, student_id=student.user_id, now=now)
        cells.append(Cell(roll_call, presence, sighting, is_open=now < roll_call.closes_at))
    counted = [cell.presence for cell in cells if cell.presence and not cell.is_open]
    return Line(student, cells, rules.share_of(counted))


def own_line(session: Session, *, member: Enrollment, now: datetime) -> Line:
    roll_calls = queries.list_roll_calls(session, course=member.course)
    newest = queries.newest_sightings(session, course=member.course, student=member.user)
    mine = [each for each in roll_calls if member.user_id in each.expected or newest.get(each.id) or may_join(each, member, now)]
    return line_of(member, mine, newest, now=now)


def may_join(roll_call: RollCall, member: Enrollment, now: datetime) -> bool:
    return now < roll_call.closes_at and roll_call.section_id in (None, member.section_id)


def entries_of(session: Session, *, roll_call: RollCall, now: datetime) -> list[Entry]:
    """Everybody who had to be there, and who came besides, in the order of the roster."""
    newest = queries.newest_sightings(session, course=roll_call.course, roll_call=roll_call).get(roll_call.id, {})
    students = queries.list_students(session, course=roll_call.course)
    names = {each.user_id: each.user.display_name for each in students}
    by_browser: dict[str, set[int]] = {}
    for each in queries.list_by_code(session, roll_call=roll_call):
        by_browser.setdefault(each.browser or "", set()).add(each.student_id)
    expected = set(roll_call.expected)
    entries = []
    for student in students:
        sighting = newest.get(student.user_id)
        if student.user_id not in expected and sighting is None:
            continue
        others = {mate for mates in by_browser.values() if student.user_id in mates for mate in mates} - {student.user_id}
        entries.append(
            Entry(
                student=student,
                presence=service.presence_of(roll_call, sighting, student_id=student.user_id, now=now),
                sighting=sighting,
                same_browser=sorted(names[each] for each in others if each in names),
                is_expected=student.user_id in expected,
            )
        )
    return entries


def tally(entries: Sequence[Entry]) -> Counter[Presence | None]:
    return Counter(each.presence for each in entries)
