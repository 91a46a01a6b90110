"""Noting what students contribute, drawing one of them, and asking for solutions that are worth showing."""

import secrets
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.rules import check_may_tell
from server.attendance import queries as attendance
from server.attendance.models import Presence, RollCall
from server.attendance.rules import NoSuchStudent
from server.audit import write_line
from server.courses.models import Course
from server.participation import queries, rules
from server.participation.models import (
    ColdCall,
    Contribution,
    InvitationState,
    Note,
    PointTable,
    Presentation,
    Reply,
    ShownAs,
)
from server.submissions.models import Submission

FIELDS = ("question", "answer", "presentation", "other", "most")
DEFAULTS = dict(zip(FIELDS, map(Decimal, (1, 1, 3, 1, 10)), strict=True))


def points_table(session: Session, course: Course) -> dict[str, Decimal]:
    """What a contribution of each kind gives, and `most`."""
    table = queries.find_table(session, course=course)
    return {name: getattr(table, name) for name in FIELDS} if table else dict(DEFAULTS)


def set_points(session: Session, *, course: Course, wanted: dict[str, Decimal], by: User) -> None:
    """For notes from now on; those that stand keep their points. `most` counts at once."""
    for value in wanted.values():
        rules.check_points(value)
    if not wanted.get("most", Decimal(1)):
        raise rules.BadPoints
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))
    before = points_table(session, course)
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if not changed:
        return
    table = queries.find_table(session, course=course) or PointTable(course_id=course.id, **DEFAULTS)
    for name, value in changed.items():
        setattr(table, name, value)
    session.add(table)
    session.flush()
    facts = {"before": {name: f"{before[name]:f}" for name in changed}, "now": {name: f"{changed[name]:f}" for name in changed}}
    write_line(session, course=course, actor=by, action="participation.points_set", **facts)


def add_note(
    session: Session,
    *,
    course: Course,
    login: str,
    kind: Contribution,
    text: str,
    by: User,
    points: Decimal | None = None,
) -> Note:
    """`points`: other than the course's table says."""
    student = attendance.find_student(session, course=course, login=login.strip().lower())
    if student is None:
        raise NoSuchStudent(login)
    if len(text) > rules.MAX_TEXT:
        raise rules.TextTooLong
    worth = points_table(session, course)[kind] if points is None else rules.check_points(points)
    note = Note(course=course, student=student.user, kind=kind, points=worth, text=text.strip() or None, recorded_by=by)
    session.add(note)
    session.flush()
    facts = {"note": note.id, "student": student.user.login, "kind": kind, "points": f"{worth.normalize():f}"}
    write_line(session, course=course, actor=by, action="participation.noted", **facts)
    return note


def take_back(session: Session, *, course: Course, note_id: int, by: User, now: datetime) -> Note:
    """It stays to be read and counts no more. A second time it changes nothing."""
    note = queries.get_note(session, course=course, note_id=note_id)
    if note.taken_back_at is None:
        note.taken_back_at = now
        session.flush()
        facts = {"note": note.id, "student": note.student.login, "points": f"{note.points.normalize():f}"}
        write_line(session, course=course, actor=by, action="participation.taken_back", **facts)
    return note


def points(session: Session, course: Course) -> dict[int, rules.Points]:
    """What counts for everybody in the course, by the ids of its students; in a fixed number of queries."""
    most, noted = points_table(session, course)["most"], queries.noted_points(session, course=course)
    students = attendance.student_ids(session, course=course)
    return {each: rules.points_of([noted.get(each, Decimal())], most=most) for each in students}


def draw(session: Session, *, roll_call: RollCall, by: User) -> ColdCall:
    """One of those present; the course's row is locked, so that two draws at once know of each other."""
    course = roll_call.course
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))
    newest = attendance.newest_sightings(session, course=course, roll_call=roll_call).get(roll_call.id, {})
    there = {each for each, sighting in newest.items() if sighting.presence in (Presence.present, Presence.late)}
    people = {each.user.login: each.user for each in attendance.list_students(session, course=course) if each.user_id in there}
    times = queries.times_drawn(session, course=course)
    pool = [rules.Candidate(login, times.get(user.id, 0)) for login, user in people.items()]
    seed = secrets.token_hex(8)
    chosen = rules.draw_one(pool, seed=seed)
    found = ColdCall(roll_call=roll_call, student=people[chosen.login], seed=seed, pool=[asdict(each) for each in pool])
    found.drawn_by_id = by.id
    session.add(found)
    session.flush()
    facts = {"roll_call": roll_call.id, "draw": found.id, "student": chosen.login, "seed": seed}
    write_line(session, course=course, actor=by, action="participation.drawn", **facts)
    return found


def record_reply(session: Session, *, draw: ColdCall, reply: Reply, text: str, by: User) -> ColdCall:
    """An answer becomes a note with the course's points for one."""
    if draw.reply is not None:
        raise rules.AlreadyReplied(draw.reply)
    course = draw.roll_call.course
    draw.reply = reply
    if reply is Reply.answered:
        facts = {"login": draw.student.login, "kind": Contribution.answer, "text": text or draw.roll_call.title}
        draw.note_id = add_note(session, course=course, by=by, **facts).id
    session.flush()
    told = {"draw": draw.id, "student": draw.student.login, "before": None, "now": reply}
    write_line(session, course=course, actor=by, action="participation.replied", **told)
    return draw


def invite(session: Session, *, submission: Submission, word: str, by: User) -> Presentation:
    """Ask its author to present a solution. Asking again changes nothing."""
    found = queries.find_presentation(session, submission=submission)
    if found is not None:
        return found
    check_may_tell(submission.assignment)
    found = Presentation(submission=submission, invited_by=by, word=word.strip()[: rules.MAX_TEXT] or None)
    session.add(found)
    session.flush()
    facts = {"assignment": submission.assignment.slug, "submission": submission.id, "student": submission.author.login}
    write_line(session, course=submission.assignment.course, actor=by, action="participation.invited", **facts)
    return found


def answer_invitation(session: Session, *, submission: Submission, accept: bool, now: datetime) -> Presentation:
    found = get_invitation(session, submission)
    if found.state is not InvitationState.invited:
        raise rules.AlreadyAnswered(found.state)
    found.state = InvitationState.accepted if accept else InvitationState.declined
    found.answered_at = now
    session.flush()
    return found


def consent(session: Session, *, submission: Submission, shown_as: ShownAs | None) -> Presentation:
    """Its author alone decides whether the course sees a solution; None takes it back at once."""
    found = get_invitation(session, submission)
    found.shown_as = shown_as
    session.flush()
    return found


def get_invitation(session: Session, submission: Submission) -> Presentation:
    found = queries.find_presentation(session, submission=submission)
    if found is None:
        raise rules.NotInvited
    return found
