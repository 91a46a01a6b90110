"""What happened in the demo's classroom: roll calls, leave to answer, questions that were asked. Once; later starts leave it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.attendance import leave, queries, rules, service
from server.attendance.models import Presence
from server.courses.models import Course
from server.database import current_time
from server.demo import cast
from server.participation import service as participation
from server.participation.models import Contribution

# A letter for each student of the cast, in its order: present, late, absent, excused.
HELD = [("Week 1", 14, "pppplppppp"), ("Week 2", 7, "ppapppplpe"), ("Week 3", 1, "plppapppap")]
LETTERS = {presence.value[0]: presence for presence in Presence}
NOTED = [
    ("linxiao", Contribution.question, "Why does He initialisation need the factor of two?"),
    ("amara", Contribution.answer, "ReLU halves the variance, so twice as much goes in."),
    ("mateo", Contribution.presentation, "Showed how he tests gradients."),
]


def hold_classes(session: Session, *, course: Course, staff: User, people: dict[str, User]) -> None:
    if queries.list_roll_calls(session, course=course):
        return
    now = current_time(session)
    for title, days_ago, letters in HELD:
        hold_class(session, course, staff, title, letters, now=now - timedelta(days=days_ago))
    for login, kind, text in NOTED:
        participation.add_note(session, course=course, login=login, kind=kind, text=text, by=staff)
    ask_for_leave(session, course, people["ravi"], now=now)


def hold_class(session: Session, course: Course, staff: User, title: str, letters: str, *, now: datetime) -> None:
    window = {"section": None, "minutes": 0, "late_after": 0, "by": staff, "now": now}
    roll_call = service.open_roll_call(session, course=course, title=title, **window)
    for person, letter in zip(cast.STUDENTS, letters, strict=True):
        seen = {"presence": LETTERS[letter], "reason": "ill" if letter == "e" else "", "seen": None}
        service.mark(session, roll_call=roll_call, login=person.login, by=staff, **seen)


def ask_for_leave(session: Session, course: Course, student: User, *, now: datetime) -> None:
    first_day = rules.day_of(now, course.time_zone) + timedelta(days=3)
    member = queries.find_student(session, course=course, login=student.login)
    days = {"first_day": first_day, "last_day": first_day + timedelta(days=1)}
    leave.ask(session, member=member, **days, reason="A programming contest in Hangzhou.", now=now)
