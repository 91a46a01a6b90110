"""请假: a student asks before the day, the staff answer with a word."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.attendance import queries, rules
from server.attendance.models import Leave, LeaveState, Presence, Source
from server.attendance.service import add_sighting, is_student
from server.audit import write_line
from server.courses.models import Course, Enrollment


def ask(session: Session, *, member: Enrollment, first_day: date, last_day: date, reason: str, now: datetime) -> Leave:
    if not is_student(member):
        raise rules.StudentsOnly
    rules.check_leave(first_day, last_day, reason, today=rules.day_of(now, member.course.time_zone))
    leave = Leave(
        course_id=member.course_id,
        student=member.user,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip(),
        asked_at=now,
    )
    session.add(leave)
    session.flush()
    return leave


def withdraw(session: Session, *, member: Enrollment, leave_id: int) -> Leave:
    """Only while nobody has answered."""
    leave = queries.get_leave(session, course=member.course, leave_id=leave_id, student=member.user)
    check_is_open(leave)
    leave.state = LeaveState.withdrawn
    session.flush()
    return leave


def answer(session: Session, *, course: Course, leave_id: int, approve: bool, word: str, by: User, now: datetime) -> Leave:
    """Approved, it excuses from roll calls of these days that were held already, unless the student was there."""
    leave = queries.get_leave(session, course=course, leave_id=leave_id)
    check_is_open(leave)
    leave.state = LeaveState.approved if approve else LeaveState.declined
    leave.answer, leave.answered_by, leave.answered_at = word.strip()[: rules.MAX_REASON] or None, by, now
    session.flush()
    if approve:
        excuse(session, course, leave, by=by)
    facts = {"leave": leave.id, "student": leave.student.login, "before": LeaveState.asked, "now": leave.state}
    write_line(session, course=course, actor=by, action="attendance.leave_answered", **facts, reason=leave.answer or "")
    return leave


def check_is_open(leave: Leave) -> None:
    if leave.state is not LeaveState.asked:
        raise rules.LeaveAnswered(leave.state)


def excuse(session: Session, course: Course, leave: Leave, *, by: User) -> None:
    queries.find_student(session, course=course, login=leave.student.login, lock=True)
    newest = queries.newest_sightings(session, course=course, student=leave.student)
    for roll_call in queries.list_roll_calls(session, course=course):
        day = rules.day_of(roll_call.opened_at, course.time_zone)
        if leave.student_id not in roll_call.expected or not leave.first_day <= day <= leave.last_day:
            continue
        if leave.student_id not in newest.get(roll_call.id, {}):
            add_sighting(session, roll_call, leave.student, Presence.excused, Source.leave, by=by, reason=leave.reason)
