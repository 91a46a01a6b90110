"""What staff do while an exam runs: more time, permissions, notices, handing in, opening again, letting count.

Nothing here moves anybody's end to earlier, but taking back a mistake, which leaves at least some minutes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.accounts.models import User
from server.audit import write_line
from server.courses.models import Course, Enrollment, Section
from server.courses.service import is_active_student
from server.deadlines.refusals import ReasonMissing
from server.errors import NotFound
from server.exams import handing_in, places, queries, saving, sittings, staff_rules
from server.exams.models import Exam, ExamNotice, Grant, HandedInBy, MissedSave, Place, PlaceState, Sitting, TimeGrant
from server.exams.sittings import in_zone
from server.exams.staff_refusals import (
    BadMinutes,
    CountedAlready,
    DismissedAlready,
    GivenByItself,
    HandedInAlready,
    HasNotBegun,
    NobodySits,
    NoStudents,
    NoSuchSection,
    NothingSaid,
    NothingToAnswer,
    ReleasedAlready,
    SitsAlready,
    TakenBackAlready,
    TimeInUse,
)
from server.exams.staff_rules import MOST_MINUTES, MOST_REASON
from server.settings import Settings

BY_STAFF = (Grant.accommodation, Grant.extra)
MOST_SAID = 2000


@dataclass(frozen=True)
class Granted:
    """left_out: logins of those who have handed in, whom more time does not help."""

    given: list[TimeGrant]
    left_out: list[str]


def checked_reason(reason: str) -> str:
    reason = " ".join(reason.split())[:MOST_REASON]
    if not reason:
        raise ReasonMissing
    return reason


def list_students(session: Session, *, course: Course) -> list[Enrollment]:
    """Those who are in the course now, by login."""
    query = select(Enrollment).join(User, Enrollment.user).options(joinedload(Enrollment.section))
    here = Enrollment.course_id == course.id, is_active_student()
    return list(session.scalars(query.where(*here).order_by(User.login)))


def choose(
    session: Session, *, exam: Exam, logins: Collection[str] = (), section: str | None = None, everybody: bool = False
) -> list[Enrollment]:
    """The students that are meant. Raises NoStudents, naming those who are none of this course; NoSuchSection."""
    students = list_students(session, course=exam.assignment.course)
    if everybody:
        return students
    if section is not None:
        get_section(session, exam, section)
        return [each for each in students if each.section and each.section.name == section]
    known = {each.user.login: each for each in students}
    unknown = [login for login in logins if login not in known]
    if unknown or not logins:
        raise NoStudents(unknown)
    return [known[login] for login in dict.fromkeys(logins)]


def get_section(session: Session, exam: Exam, name: str) -> Section:
    found = session.scalar(select(Section).where(Section.course_id == exam.assignment.course_id, Section.name == name))
    if found is None:
        raise NoSuchSection(name)
    return found


def grant(
    session: Session, *, exam: Exam, students: Sequence[Enrollment], seconds: int, kind: Grant, reason: str, by: User
) -> Granted:
    """To each of them, on top of what he has. Who sits is told in the room; of who has handed in, nothing changes."""
    reason = checked_reason(reason)
    if kind not in BY_STAFF or not 0 < seconds <= MOST_MINUTES * 60:
        raise BadMinutes
    if exam.assignment.released_at is not None:
        raise ReleasedAlready
    if not students:
        raise NoStudents
    newest = newest_sittings(session, exam, {each.user_id for each in students})
    done = {id for id, each in newest.items() if each.handed_in_at is not None and not exam.is_practice}
    given = []
    for member in students:
        if member.user_id not in done:
            row = TimeGrant(
                exam_id=exam.assignment_id,
                student_id=member.user_id,
                seconds=seconds,
                kind=kind,
                reason=reason,
                given_by_id=by.id,
            )
            session.add(row)
            given.append(row)
            if (sitting := newest.get(member.user_id)) is not None:
                places.note(session, sitting, "granted", actor=by, seconds=seconds, grant=kind.value, reason=reason)
    if not given:
        raise NobodySits
    session.flush()
    helped = [each.user.login for each in students if each.user_id not in done]
    about = {"exam": exam.assignment.slug, "students": helped, "seconds": seconds, "kind": kind.value, "reason": reason}
    write_line(session, course=exam.assignment.course, actor=by, action="exam.granted", **about)
    return Granted(given, [each.user.login for each in students if each.user_id in done])


def newest_sittings(session: Session, exam: Exam, student_ids: Collection[int]) -> dict[int, Sitting]:
    """By student, locked in one order: nobody is handed in by the clock while he is being given time."""
    mine = Sitting.exam_id == exam.assignment_id, Sitting.student_id.in_(student_ids)
    query = select(Sitting).where(*mine).order_by(Sitting.id).with_for_update(of=Sitting, key_share=True)
    return {each.student_id: each for each in session.scalars(query.execution_options(populate_existing=True))}


def take_back(session: Session, *, exam: Exam, grant_id: int, reason: str, by: User, now: datetime) -> TimeGrant:
    """A mistake. Raises TimeInUse where the student's time would be over by it, or nearly."""
    reason = checked_reason(reason)
    query = select(TimeGrant).where(TimeGrant.id == grant_id, TimeGrant.exam_id == exam.assignment_id)
    found = session.scalar(query.with_for_update(of=TimeGrant))
    if found is None:
        raise NotFound
    if found.kind not in BY_STAFF:
        raise GivenByItself
    sitting = newest_sittings(session, exam, {found.student_id}).get(found.student_id)
    if is_taken_back(session, found):
        raise TakenBackAlready
    if sitting is not None:
        check_not_in_use(session, exam, sitting, found, now)
    row = TimeGrant(
        exam_id=exam.assignment_id, student_id=found.student_id, seconds=-found.seconds, kind=Grant.taken_back, reason=reason,
        cause=cause_of(found), given_by_id=by.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    login = session.get_one(User, found.student_id).login
    about = {"exam": exam.assignment.slug, "students": [login], "seconds": found.seconds, "reason": reason}
    write_line(session, course=exam.assignment.course, actor=by, action="exam.grant_taken_back", **about)
    if sitting is not None:
        places.note(session, sitting, "grant_taken_back", actor=by, seconds=found.seconds, reason=reason)
    return row


def cause_of(grant: TimeGrant) -> str:
    return f"grant {grant.id}"


def is_taken_back(session: Session, grant: TimeGrant) -> bool:
    mine = TimeGrant.exam_id == grant.exam_id, TimeGrant.student_id == grant.student_id, TimeGrant.cause == cause_of(grant)
    return session.scalar(select(TimeGrant.id).where(*mine, TimeGrant.kind == Grant.taken_back)) is not None


def check_not_in_use(session: Session, exam: Exam, sitting: Sitting, grant: TimeGrant, now: datetime) -> None:
    left = queries.granted_s(session, exam_id=exam.assignment_id, student_id=sitting.student_id) - grant.seconds
    end = queries.end_with(sitting, left)
    if sitting.handed_in_at is not None or not staff_rules.may_take_back(end_without=end, now=now):
        raise TimeInUse(in_zone(exam, end))


def permit(session: Session, *, exam: Exam, place_id: int, by: User, is_permitted: bool, now: datetime) -> Place:
    """Raises NothingToAnswer where it does not wait any more."""
    query = select(Sitting).join(Place, Place.sitting_id == Sitting.id).where(Place.id == place_id)
    sitting = session.scalar(query.where(Sitting.exam_id == exam.assignment_id))
    if sitting is None:
        raise NotFound
    sitting = sittings.lock(session, sitting)
    place = session.get_one(Place, place_id, populate_existing=True)
    if place.state is not PlaceState.waiting or sitting.handed_in_at is not None:
        raise NothingToAnswer
    places.permit(session, sitting=sitting, place=place, by=by, is_permitted=is_permitted, now=now)
    return place


def say(session: Session, *, exam: Exam, by: User, text_en: str, text_zh: str, section: str | None = None) -> ExamNotice:
    """To all who sit, or to one section."""
    text_en, text_zh = text_en.strip()[:MOST_SAID], text_zh.strip()[:MOST_SAID]
    if not (text_en and text_zh):
        raise NothingSaid
    found = get_section(session, exam, section) if section else None
    notice = ExamNotice(
        exam_id=exam.assignment_id, section_id=found.id if found else None, text_en=text_en, text_zh=text_zh, said_by_id=by.id
    )
    session.add(notice)
    session.flush()
    about = {"exam": exam.assignment.slug, "notice": notice.id, "section": section, "en": text_en, "zh": text_zh}
    write_line(session, course=exam.assignment.course, actor=by, action="exam.said", **about)
    return notice


def get_sitting(session: Session, *, exam: Exam, login: str) -> Sitting:
    """The newest one of this student, locked. Raises HasNotBegun."""
    query = select(Sitting).join(User, Sitting.student).where(Sitting.exam_id == exam.assignment_id, User.login == login)
    query = query.order_by(Sitting.number.desc()).limit(1).with_for_update(of=Sitting, key_share=True)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise HasNotBegun(login)
    return found


def hand_in_for(session: Session, *, exam: Exam, login: str, by: User, reason: str, settings: Settings, now: datetime) -> Sitting:
    """What is saved, at once; for who cannot do it any more."""
    reason, sitting = checked_reason(reason), get_sitting(session, exam=exam, login=login)
    if handing_in.close_if_over(session, sitting=sitting, settings=settings, now=now):
        raise HandedInAlready(in_zone(exam, sitting.handed_in_at))
    handing_in.hand_in(session, sitting=sitting, by=HandedInBy.staff, settings=settings, now=now, actor=by)
    note(session, sitting, "handed_in_by_staff", by=by, reason=reason)
    return sitting


def reopen(session: Session, *, exam: Exam, login: str, minutes: int, by: User, reason: str, now: datetime) -> Sitting:
    """The sitting goes on, with at least so many minutes from now. What was handed in stays an attempt."""
    reason, sitting = checked_reason(reason), get_sitting(session, exam=exam, login=login)
    if not 0 < minutes <= MOST_MINUTES:
        raise BadMinutes
    if sitting.handed_in_at is None:
        raise SitsAlready
    if exam.assignment.released_at is not None:
        raise ReleasedAlready
    had = queries.granted_s(session, exam_id=exam.assignment_id, student_id=sitting.student_id)
    seconds = staff_rules.reopening_s(
        started_at=sitting.started_at,
        working_s=sitting.working_s,
        closes_at=sitting.closes_at,
        granted_s=had,
        minutes=minutes,
        now=now,
    )
    if seconds:
        row = {"exam_id": exam.assignment_id, "student_id": sitting.student_id, "seconds": seconds, "given_by_id": by.id}
        session.add(TimeGrant(**row, kind=Grant.extra, reason=reason))
    was, sitting.handed_in_at, sitting.handed_in_by = sitting.handed_in_at, None, None
    session.flush()
    note(session, sitting, "reopened", by=by, reason=reason, handed_in_at=was.isoformat(), minutes=minutes, seconds=seconds)
    return sitting


def count_missed(
    session: Session, *, exam: Exam, missed_id: int, by: User, reason: str, settings: Settings, now: datetime
) -> MissedSave:
    """It stands in the paper from now on, also if it was dismissed before.

    Of a sitting that was handed in, what was handed in is made anew, as of that time.
    """
    reason = checked_reason(reason)
    missed, sitting = lock_missed(session, exam=exam, missed_id=missed_id)
    if exam.assignment.released_at is not None:
        raise ReleasedAlready
    before = queries.saved_of(session, sitting).get(missed.field)
    version = before.version + 1 if before else 1
    saving.write(session, sitting, {missed.field: (version, missed.value)}, now)
    missed.counted_at, missed.counted_by_id = now, by.id
    session.flush()
    if before is not None:
        session.expire(before)
    if sitting.handed_in_at is not None:
        hand_in_again(session, sitting, settings)
    note(session, sitting, "missed_counted", by=by, reason=reason, missed=missed.id, field=missed.field, why=missed.why.value)
    return missed


def lock_missed(session: Session, *, exam: Exam, missed_id: int) -> tuple[MissedSave, Sitting]:
    """One that does not count yet, and the sitting to which it belongs, under the sitting's lock."""
    missed = session.get(MissedSave, missed_id)
    sitting = session.get_one(Sitting, missed.sitting_id) if missed else None
    if missed is None or sitting is None or sitting.exam_id != exam.assignment_id:
        raise NotFound
    sitting = sittings.lock(session, sitting)
    missed = session.get_one(MissedSave, missed_id, populate_existing=True)
    if missed.counted_at is not None:
        raise CountedAlready
    return missed, sitting


def dismiss_missed(session: Session, *, exam: Exam, missed_id: int, by: User, reason: str, now: datetime) -> MissedSave:
    """Looked at, and not to count; it stays to be read, and can still be let count."""
    reason = checked_reason(reason)
    missed, sitting = lock_missed(session, exam=exam, missed_id=missed_id)
    if missed.dismissed_at is not None:
        raise DismissedAlready
    missed.dismissed_at, missed.dismissed_by_id, missed.dismissed_because = now, by.id, reason
    session.flush()
    note(session, sitting, "missed_dismissed", by=by, reason=reason, missed=missed.id, field=missed.field, why=missed.why.value)
    return missed


def hand_in_again(session: Session, sitting: Sitting, settings: Settings) -> None:
    """With what is saved now, as of the time at which it was handed in."""
    gathered = handing_in.gather_saved(session, sitting, settings)
    sitting.left_out = {name: text.model_dump() for name, text in gathered.left_out.items()}
    if gathered.upload is not None:
        sitting.submission_id = handing_in.attempt_of(session, sitting, gathered.upload, settings, sitting.handed_in_at).id
    session.flush()


def note(session: Session, sitting: Sitting, what: str, *, by: User, reason: str, **facts: object) -> None:
    """In the sitting's own history, and in the audit log."""
    places.note(session, sitting, what, actor=by, reason=reason, **facts)
    about = {"exam": sitting.exam.assignment.slug, "student": sitting.student.login, "reason": reason, **facts}
    write_line(session, course=sitting.exam.assignment.course, actor=by, action=f"exam.{what}", **about)


def list_missed(session: Session, *, exam: Exam) -> list[tuple[MissedSave, Sitting]]:
    """What arrived and does not count by itself: what waits for a decision first, then as it arrived."""
    query = select(MissedSave, Sitting).join(Sitting, MissedSave.sitting_id == Sitting.id)
    here = query.where(Sitting.exam_id == exam.assignment_id)
    return [(missed, sitting) for missed, sitting in session.execute(here.order_by(~queries.awaits_decision(), MissedSave.id))]


def list_grants(session: Session, *, exam: Exam, login: str | None = None) -> list[tuple[TimeGrant, str]]:
    """With the login of whom it was given to; newest first."""
    query = select(TimeGrant, User.login).join(User, TimeGrant.student_id == User.id).options(joinedload(TimeGrant.given_by))
    query = query.where(TimeGrant.exam_id == exam.assignment_id).order_by(TimeGrant.id.desc())
    if login is not None:
        query = query.where(User.login == login)
    return [(grant, login) for grant, login in session.execute(query)]


def list_notices(session: Session, *, exam: Exam) -> list[ExamNotice]:
    """All that was said, newest first."""
    query = select(ExamNotice).where(ExamNotice.exam_id == exam.assignment_id)
    return list(session.scalars(query.order_by(ExamNotice.id.desc())))
