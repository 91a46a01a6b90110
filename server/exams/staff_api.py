"""Exams as JSON for staff: set-up, the live view, time, permissions, notices, and what only staff decide."""

from typing import Annotated

from fastapi import APIRouter, Query, UploadFile
from sqlalchemy.orm import Session

from grader.spec import BrokenAssignment, UnknownAssignment
from server.accounts.access import CurrentUser
from server.assignments.access import VisibleAssignment
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.courses.access import InstructorMembership, StaffMembership
from server.database import Now, SessionDep
from server.exams import accommodations, checklist, invigilation, live, queries, setup
from server.exams.access import StaffExam
from server.exams.fields import fields_of
from server.exams.models import Exam, Sitting
from server.exams.staff_schemas import (
    Because,
    DecisionIn,
    ExamIn,
    GrantedOut,
    GrantIn,
    GrantOut,
    ItemOut,
    LineOut,
    LiveOut,
    MissedOut,
    NoticeIn,
    NoticeOut,
    PlaceOut,
    ReopenIn,
    SetUpOut,
    SittingStateOut,
    TickIn,
)
from server.settings import Settings, SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}", tags=["exams, for staff"])

SETUP, EXAM = "/assignments/{assignment}/exam", "/exams/{exam}"
MOST_BYTES = 1 << 20


@router.get(SETUP)
def show(assignment: VisibleAssignment, _: StaffMembership, session: SessionDep) -> SetUpOut:
    """Of an assignment that is no exam: what it would be by default, with version 0."""
    return described(session, assignment)


@router.put(SETUP)
def set_up(
    assignment: VisibleAssignment,
    instructor: InstructorMembership,
    new: ExamIn,
    session: SessionDep,
    now: Now,
    dry_run: Annotated[bool, Query(description="Only say who could start when; nothing is changed.")] = False,
) -> SetUpOut:
    """Make it an exam, or change it. 409 shows_sooner where questions could be read earlier by it, unless confirmed."""
    plan = new.plan(setup.plan_of(session, assignment))
    if dry_run:
        exam = session.get(Exam, assignment.id)
        plan = setup.checked(session, assignment, exam, plan)
        return SetUpOut.of(assignment, plan, exam, setup.simulate(session, assignment=assignment, plan=plan, now=now))
    setup.set_up(
        session, assignment=assignment, plan=plan, by=instructor.user, version=new.version, now=now, is_confirmed=new.confirm,
        moves_running=new.moves_running,
    )  # fmt: skip
    return described(session, assignment)


@router.delete(SETUP)
def unmake(
    assignment: VisibleAssignment,
    instructor: InstructorMembership,
    session: SessionDep,
    version: Annotated[int, Query(description="As it was read.")] = 0,
) -> SetUpOut:
    """An ordinary assignment again, hidden from students. 409 once somebody has begun."""
    exam = session.get(Exam, assignment.id)
    if exam is not None:
        setup.unmake(session, exam=exam, by=instructor.user, version=version)
    return described(session, assignment)


def described(session: Session, assignment: Assignment) -> SetUpOut:
    return SetUpOut.of(assignment, setup.plan_of(session, assignment), session.get(Exam, assignment.id))


@router.get(EXAM + "/checklist")
def show_checklist(exam: StaffExam, session: SessionDep, settings: SettingsDep, now: Now) -> list[ItemOut]:
    """What should be so before the day. Takes a second, since the workers are asked."""
    return [ItemOut.of(each) for each in checklist.checklist(session, exam=exam, settings=settings, now=now)]


@router.post(EXAM + "/checklist", status_code=201)
def tick(exam: StaffExam, staff: CurrentUser, new: TickIn, session: SessionDep, settings: SettingsDep) -> TickIn:
    """Say by name that verified, rehearsed or backed_up is done."""
    checklist.tick(session, exam=exam, item=new.item, note=new.note, by=staff, settings=settings)
    return new


@router.get(EXAM + "/live")
def show_live(
    exam: StaffExam, session: SessionDep, settings: SettingsDep, now: Now, section: Annotated[str | None, Query()] = None
) -> LiveOut:
    """Everybody, those who need attention first."""
    lines, fields = live.lines_of(session, exam=exam, now=now, section=section), count_fields(exam, settings)
    key = settings.derive_key("places")
    return LiveOut(now=now, counts=live.counts_of(lines), students=[LineOut.of(each, fields, key) for each in lines])


def count_fields(exam: Exam, settings: Settings) -> int:
    """Of the paper, by the folder; 0 where that cannot be read."""
    try:
        return len(fields_of(manifest_of(exam.assignment, root=settings.assignments)))
    except (BrokenAssignment, UnknownAssignment):
        return 0


@router.get(EXAM + "/grants")
def list_grants(exam: StaffExam, session: SessionDep) -> list[GrantOut]:
    """All time that was given, newest first."""
    return [
        GrantOut(
            id=each.id, login=login, seconds=each.seconds, kind=each.kind, reason=each.reason, cause=each.cause,
            given_by=each.given_by.login if each.given_by else None, at=each.at,
        )
        for each, login in invigilation.list_grants(session, exam=exam)
    ]  # fmt: skip


@router.post(EXAM + "/grants", status_code=201)
def grant(exam: StaffExam, staff: CurrentUser, new: GrantIn, session: SessionDep) -> GrantedOut:
    """On top of what each has; told in the room at once."""
    chosen = invigilation.choose(session, exam=exam, logins=new.students, section=new.section, everybody=new.all)
    given = invigilation.grant(
        session, exam=exam, students=chosen, seconds=new.seconds(exam), kind=new.kind, reason=new.reason, by=staff
    )
    return GrantedOut.of(given, {each.user_id: each.user.login for each in chosen})


@router.post(EXAM + "/grants/{grant_id}/take-back")
def take_back(exam: StaffExam, grant_id: int, staff: CurrentUser, why: Because, session: SessionDep, now: Now) -> list[GrantOut]:
    """A mistake. 409 where the student's time would be over by it, or less than five minutes away."""
    invigilation.take_back(session, exam=exam, grant_id=grant_id, reason=why.reason, by=staff, now=now)
    return list_grants(exam, session)


@router.post(EXAM + "/accommodations")
def import_accommodations(
    exam: StaffExam,
    staff: CurrentUser,
    session: SessionDep,
    file: UploadFile,
    dry_run: Annotated[bool, Query(description="Only say what would be given.")] = False,
) -> dict[str, int]:
    """A list of login, minutes (or 25%) and reason: seconds that are new, by login. A list with a fault gives nothing."""
    content = file.file.read(MOST_BYTES)
    if dry_run:
        found = accommodations.checked_preview(session, exam=exam, content=content)
        return {each.member.user.login: each.new_s for each in found.wanted}
    given = accommodations.give(session, exam=exam, content=content, by=staff)
    return {each.member.user.login: each.new_s for each in given}


@router.post(EXAM + "/places/{place_id}")
def permit(
    exam: StaffExam, place_id: int, staff: CurrentUser, new: DecisionIn, session: SessionDep, settings: SettingsDep, now: Now
) -> PlaceOut:
    """Whether somebody may go on at another device."""
    is_permitted = new.decision == "permit"
    place = invigilation.permit(session, exam=exam, place_id=place_id, by=staff, is_permitted=is_permitted, now=now)
    return PlaceOut.of(place, settings.derive_key("places"))


@router.get(EXAM + "/notices")
def list_notices(exam: StaffExam, session: SessionDep) -> list[NoticeOut]:
    return [NoticeOut.of(each) for each in invigilation.list_notices(session, exam=exam)]


@router.post(EXAM + "/notices", status_code=201)
def say(exam: StaffExam, staff: CurrentUser, new: NoticeIn, session: SessionDep) -> NoticeOut:
    """To all who sit, or to a section; in the room within seconds."""
    said = invigilation.say(session, exam=exam, by=staff, text_en=new.text.en, text_zh=new.text.zh, section=new.section)
    return NoticeOut.of(said)


@router.post(EXAM + "/sittings/{login}/hand-in")
def hand_in(
    exam: StaffExam, login: str, staff: CurrentUser, why: Because, session: SessionDep, settings: SettingsDep, now: Now
) -> SittingStateOut:
    """What is saved, at once."""
    known = {"exam": exam, "login": login, "by": staff, "reason": why.reason}
    return state_of(session, invigilation.hand_in_for(session, **known, settings=settings, now=now))


@router.post(EXAM + "/sittings/{login}/reopen")
def reopen(exam: StaffExam, login: str, staff: CurrentUser, new: ReopenIn, session: SessionDep, now: Now) -> SittingStateOut:
    """It goes on, with at least so many minutes from now."""
    known = {"exam": exam, "login": login, "by": staff, "reason": new.reason}
    return state_of(session, invigilation.reopen(session, **known, minutes=new.minutes, now=now))


def state_of(session: Session, sitting: Sitting) -> SittingStateOut:
    return SittingStateOut.of(sitting, queries.end_of(session, sitting))


@router.get(EXAM + "/missed")
def list_missed(exam: StaffExam, session: SessionDep) -> list[MissedOut]:
    """What arrived and does not count by itself; what waits for a decision first."""
    return [MissedOut.of(each, sitting.student.login) for each, sitting in invigilation.list_missed(session, exam=exam)]


@router.post(EXAM + "/missed/{missed_id}/count")
def count_missed(
    exam: StaffExam, missed_id: int, staff: CurrentUser, why: Because, session: SessionDep, settings: SettingsDep, now: Now
) -> MissedOut:
    """It stands in the paper from now on; what was handed in is made anew with it."""
    known = {"exam": exam, "missed_id": missed_id, "by": staff, "reason": why.reason}
    missed = invigilation.count_missed(session, **known, settings=settings, now=now)
    return MissedOut.of(missed, session.get_one(Sitting, missed.sitting_id).student.login)


@router.post(EXAM + "/missed/{missed_id}/dismiss")
def dismiss_missed(exam: StaffExam, missed_id: int, staff: CurrentUser, why: Because, session: SessionDep, now: Now) -> MissedOut:
    """It waits no longer and does not count; it stays to be read, and can still be let count."""
    missed = invigilation.dismiss_missed(session, exam=exam, missed_id=missed_id, by=staff, reason=why.reason, now=now)
    return MissedOut.of(missed, session.get_one(Sitting, missed.sitting_id).student.login)
