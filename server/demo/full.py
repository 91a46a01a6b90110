"""`gradus demo --course full`: a course late in its term. 300 students, five homeworks, a competition, 16 roll calls.

What students handed in was judged: a few works of each assignment by this machine's workers, when the course is made. Everybody
else's attempts are copies of these with their reports as they are; nothing in a report is invented.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from grader.spec import load_manifest
from server.accounts import service as accounts
from server.accounts.credentials import hash_password
from server.accounts.models import Language, User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.attendance import service as attendance
from server.attendance.models import Presence, RollCall, Sighting, Source
from server.cases import service as cases
from server.cases.exhibits import exhibit_of_submission
from server.cases.models import Verdict
from server.courses import service as courses
from server.courses.models import Course, Enrollment, Role, Section
from server.database import current_time
from server.deadlines import service as deadlines
from server.deadlines.models import AfterGrace, LateKind
from server.deadlines.service import NewExtension, PolicySettings
from server.demo import cast
from server.gradebook import service as gradebook
from server.gradebook import setup
from server.gradebook.models import ContactState, MarkKind
from server.participation import service as participation
from server.participation.models import Contribution
from server.settings import Settings
from server.submissions.models import Submission

COURSE, TITLE = "dl-full", {"en": "Deep Learning, four sections", "zh": "深度学习（四个班）"}
SEED, STUDENTS, ROLL_CALLS = 2026, 300, 16
ZONE = "Asia/Shanghai"
HOMEWORKS = ("mlp", "cnn", "rnn", "attention", "gan")
SECTIONS = ("一班", "二班", "三班", "四班")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红梅鑫波斌宇浩凯琳欣怡佳雪晨曦子涵雨泽梓轩思"
NOTES = (
    "asked why the loss rose",
    "explained the gradient of softmax",
    "showed how to test a layer",
    "found an error in the handout",
)
DAY = timedelta(days=1)


def make_people(session: Session, *, course: Course, password: str, lot: random.Random) -> list[User]:
    """One hash for all: a password costs time on purpose, and this one is the same for everybody in the demo."""
    hashed = hash_password(password)
    sections = [Section(course_id=course.id, name=name) for name in SECTIONS]
    people = [
        User(
            login=f"f{number:04d}",
            display_name=lot.choice(SURNAMES) + "".join(lot.sample(GIVEN, lot.choice((1, 2, 2)))),
            student_number=f"20269{number:05d}",
            language=Language.zh if number % 3 else Language.en,
            password_hash=hashed,
        )
        for number in range(1, STUDENTS + 1)
    ]
    session.add_all([*sections, *people])
    session.flush()
    places = [
        {"course_id": course.id, "user_id": user.id, "section_id": sections[place % 4].id, "role": Role.student}
        for place, user in enumerate(people)
    ]
    session.execute(insert(Enrollment), places)
    for person in cast.STAFF:
        courses.enroll(session, course=course, user=accounts.find_user(session, login=person.login), role=Role(person.role))
    return people


def set_assignments(session: Session, *, course: Course, settings: Settings) -> dict[str, Assignment]:
    """A homework every two weeks, of which the last is open; the competition is over and released."""
    now = current_time(session)
    evening = datetime.combine(now.astimezone(ZoneInfo(ZONE)), time(23, 59), ZoneInfo(ZONE))
    due = {slug: evening + 3 * DAY - (len(HOMEWORKS) - 1 - place) * 15 * DAY for place, slug in enumerate(HOMEWORKS)}
    found = {}
    for slug in (*HOMEWORKS, cast.COMPETITION):
        is_contest = slug == cast.COMPETITION
        due_at = evening - 10 * DAY if is_contest else due[slug]
        dates = {
            "opens_at": due_at - (50 if is_contest else 14) * DAY,
            "due_at": due_at,
            "closes_at": due_at if is_contest else due_at + 3 * DAY,
        }
        limits = assignments.limits_of(load_manifest(settings.assignments / slug))
        found[slug] = assignments.create_assignment(session, course=course, slug=slug, **dates, **limits)
    found[cast.COMPETITION].released_at = evening - 9 * DAY
    return found


def assignments_of(session: Session, *, course: Course) -> dict[str, Assignment]:
    listed = assignments.list_assignments(session, course=course, role=Role.instructor)
    return {each.slug: each for each in listed}


def settle(session: Session, *, course: Course, set_work: dict[str, Assignment], people: Sequence[User], staff: User) -> None:
    """Two grace days, then a tenth a day; a dozen were ill."""
    policy = PolicySettings(LateKind.grace, grace_days=2, after_grace=AfterGrace.percentage)
    deadlines.set_policy(session, course=course, assignment=None, settings=policy, by=staff, version=0)
    for place, user in enumerate(people[5 : 5 + 12 * 7 : 7]):
        ill = NewExtension(user.login, "a medical certificate", plus_hours=48, is_shared=True)
        deadlines.extend(session, assignment=set_work[HOMEWORKS[place % 5]], new=ill, by=staff)


def hold_classes(session: Session, *, course: Course, people: Sequence[User], staff: User, lot: random.Random) -> None:
    """Most come to most; some stop coming."""
    now = current_time(session)
    faithful = {user.id: lot.betavariate(9, 1.3) for user in people}
    for week in range(ROLL_CALLS):
        at = now - DAY - (ROLL_CALLS - 1 - week) * 6.5 * DAY
        window = {"section": None, "minutes": 10, "late_after": 5, "by": staff, "now": at}
        call = attendance.open_roll_call(session, course=course, title=f"Week {week + 1}", **window)
        rows = [sighting_of(call, user, lot, faithful[user.id], staff) for user in people]
        session.execute(insert(Sighting), [row for row in rows if row])


def sighting_of(call: RollCall, user: User, lot: random.Random, faithful: float, staff: User) -> dict | None:
    """None: not seen, hence absent."""
    draw = lot.random()
    known = {"roll_call_id": call.id, "student_id": user.id, "at": call.opened_at + timedelta(minutes=lot.randint(1, 9))}
    if draw < faithful:
        presence = Presence.late if lot.random() < 0.06 else Presence.present
        return {**known, "presence": presence, "source": Source.code, "actor_id": user.id, "reason": None}
    if lot.random() < 0.15:
        return {**known, "presence": Presence.excused, "source": Source.staff, "actor_id": staff.id, "reason": "ill"}
    return None


def note_contributions(session: Session, *, course: Course, people: Sequence[User], staff: User, lot: random.Random) -> None:
    for user in lot.choices(people[:200], k=220):
        kind = lot.choice(list(Contribution))
        participation.add_note(session, course=course, login=user.login, kind=kind, text=lot.choice(NOTES), by=staff)


def open_cases(session: Session, *, assignment: Assignment, staff: User, settings: Settings) -> None:
    """Three works that staff asked about; one took points, one did not, one is still being heard."""
    now = current_time(session)
    works = session.scalars(
        select(Submission).where(Submission.assignment_id == assignment.id).order_by(Submission.id.desc()).limit(3)
    ).all()
    verdicts = ((Verdict.points, Decimal(30)), (Verdict.none, None), None)
    for work, verdict in zip(works, verdicts, strict=True):
        exhibits = [exhibit_of_submission(session, submission=work, settings=settings)]
        asked_at, about = now - 20 * DAY, {"reason": "the style changes in the middle of the file", "logins": [work.author.login]}
        case = cases.open_case(session, assignment=assignment, opened_by=staff, exhibits=exhibits, now=asked_at, **about)
        party = case.parties[0]
        until = now - 13 * DAY if verdict else now + 5 * DAY
        told = {"message": "Please explain how you wrote this.", "heard_until": until, "now": asked_at}
        cases.tell(session, party=party, staff=staff, version=party.version, **told)
        if verdict:
            kind, points = verdict
            facts = {"verdict": kind, "points": points, "reasons": "decided after the talk", "score": Decimal(60)}
            cases.decide(session, party=party, staff=staff, version=party.version, now=now, **facts)


def make_grades(session: Session, *, course: Course, people: Sequence[User], staff: User, settings: Settings) -> None:
    """What is proposed, the lowest homework left out, shown; and a few things set by hand."""
    offered, version = setup.offered(session, course=course, root=settings.assignments)
    groups = (replace(offered.groups[0], drops=1), *offered.groups[1:])
    setup.set_up(session, course=course, wanted=replace(offered, groups=groups, is_shown=True), by=staff, version=version)
    by_hand = {"session": session, "course": course, "by": staff}
    for user in people[20:290:45]:
        gradebook.mark(**by_hand, login=user.login, key="cnn", kind=MarkKind.excused, points=None, reason="in hospital")
    for user in people[30:290:60]:
        gradebook.mark(**by_hand, login=user.login, key="mlp", kind=MarkKind.points, points=Decimal(75), reason="oral check")
    gradebook.override(**by_hand, login=people[7].login, grade=Decimal(60), reason="decided by the board of examiners")
    gradebook.contact(**by_hand, login=people[11].login, state=ContactState.written, note="asked how things are")
