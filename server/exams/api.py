"""Exams as JSON for those who sit: the room's page, and programs use these."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from grader.questions.manifest import QuestionKind
from server.assignments.service import manifest_of
from server.courses.access import Membership
from server.courses.models import Enrollment
from server.database import Now, SessionDep
from server.errors import AppError, NotFound, answer
from server.exams import credits, handing_in, queries, saving, sittings, views
from server.exams.access import ActivePlace, HereDep, KnockDep, MemberExam, OwnSeat, Seat, check_place, end_now, is_closed
from server.exams.fields import QUESTION
from server.exams.models import Exam, HandedInBy, Missed, Sitting
from server.exams.refusals import AlreadyHandedIn, TimeIsOver
from server.exams.schemas import (
    CheckRunOut,
    ClockOut,
    ExamOut,
    PaperOut,
    PlaceOut,
    SaveIn,
    SaveOut,
    SittingOut,
    StartedOut,
    StartIn,
)
from server.questions.service import keep_files
from server.settings import Settings, SettingsDep
from server.submissions.models import Submission

router = APIRouter(prefix="/api/v1/courses/{course}/exams", tags=["exams"])


@router.get("")
def list_all(membership: Membership, session: SessionDep, settings: SettingsDep, now: Now) -> list[ExamOut]:
    """In the order in which they open."""
    exams = [each for each in queries.list_exams(session, course=membership.course) if is_told(each, membership)]
    return [exam_out(session, exam, membership, settings, now) for exam in exams]


def is_told(exam: Exam, member: Enrollment) -> bool:
    return exam.assignment.visible or member.role.is_staff


def exam_out(session: Session, exam: Exam, member: Enrollment, settings: Settings, now: datetime) -> ExamOut:
    standing = queries.standing_of(session, exam=exam, member=member)
    receipt = receipt_of(session, standing.sitting) if standing.sitting else None
    return ExamOut.of(standing, manifest_of(exam.assignment, root=settings.assignments), receipt=receipt, now=now)


def receipt_of(session: Session, sitting: Sitting) -> str | None:
    found = session.get(Submission, sitting.submission_id) if sitting.submission_id else None
    return found.sha256 if found else None


@router.get("/{exam}")
def show(exam: MemberExam, membership: Membership, session: SessionDep, settings: SettingsDep, now: Now) -> ExamOut:
    """What may be known before it begins, and where one stands."""
    return exam_out(session, exam, membership, settings, now)


@router.post("/{exam}/start", status_code=201)
def start(
    exam: MemberExam,
    membership: Membership,
    wanted: StartIn,
    at: HereDep,
    session: SessionDep,
    settings: SettingsDep,
    request: Request,
    now: Now,
) -> StartedOut:
    """Begin, or go on with what was begun: this tab gets a place."""
    text = views.honour_of(exam, manifest_of(exam.assignment, root=settings.assignments))
    honour = text.in_language(request.headers.get("accept-language", "en"))
    known = {"exam": exam, "member": membership, "at": at, "settings": settings, "now": now}
    try:
        sitting, place, key = sittings.start(session, honour=honour, accepts_honour=wanted.accepts_honour, **known)
    except AlreadyHandedIn as refusal:
        return answer(request, refusal)  # answered, not raised: what was handed in just now is committed
    return StartedOut.begun(sitting, place, key, ends_at=queries.end_of(session, sitting))


@router.post("/{exam}/place", status_code=201)
def enter(
    exam: MemberExam,
    membership: Membership,
    at: HereDep,
    session: SessionDep,
    settings: SettingsDep,
    request: Request,
    now: Now,
) -> PlaceOut:
    """Go on from this tab: at once in the same browser, from another one with permission where the exam asks for it."""
    try:
        _, place, key = sittings.go_on(session, exam=exam, member=membership, at=at, settings=settings, now=now)
    except AlreadyHandedIn as refusal:
        return answer(request, refusal)
    return PlaceOut(key=key, state=place.state)


@router.get("/{exam}/paper")
def paper(seat: ActivePlace, session: SessionDep, settings: SettingsDep) -> PaperOut:
    """One's own paper, with what is saved."""
    return PaperOut.of(views.paper_of_sitting(session, sitting=seat.sitting, settings=settings))


@router.put("/{exam}/answers")
async def save(knock: KnockDep, wanted: SaveIn) -> SaveOut:
    """Save fields. What cannot count any more is kept beside the paper, and said with 409."""

    def save_from(session: Session, seat: Seat, now: datetime) -> SaveOut | Response:
        kept = save_or_keep(session, seat, wanted, knock.settings, now)
        if isinstance(kept, AppError):
            return answer(knock.request, kept)  # answered, not raised: what was kept is committed
        return SaveOut.of(kept, now=now, ends_at=end_now(session, seat, now), newest_notice=seat.newest_notice)

    return await knock.answer(save_from)


def save_or_keep(session: Session, seat: Seat, wanted: SaveIn, settings: Settings, now: datetime) -> saving.Kept | AppError:
    manifest = manifest_of(seat.exam.assignment, root=settings.assignments)
    known = {"sitting": seat.sitting, "now": now}
    why = why_missed(session, seat, settings, now)
    if why is None:
        return saving.save(session, manifest=manifest, typed=wanted.typed, flags=wanted.flags, **known)
    missed = saving.keep_missed(session, typed=saving.checked(wanted.typed, manifest), why=why, **known)
    return refusal_of(session, seat, missed)


def why_missed(session: Session, seat: Seat, settings: Settings, now: datetime) -> Missed | None:
    """Why what comes now does not count by itself; None: it counts."""
    if is_closed(session, seat, settings, now):
        return Missed.ended
    return None if seat.is_active else Missed.moved


def refusal_of(session: Session, seat: Seat, missed: int) -> AppError:
    if seat.sitting.handed_in_at is not None:
        ended_at = sittings.in_zone(seat.exam, seat.sitting.handed_in_at)
        is_students = seat.sitting.handed_in_by is HandedInBy.student
        return AlreadyHandedIn(ended_at, missed) if is_students else TimeIsOver(ended_at, missed)
    try:
        check_place(seat.place, missed)
    except AppError as refusal:
        return refusal
    raise AssertionError("a place that is active saves")


@router.get("/{exam}/clock")
async def clock(knock: KnockDep) -> ClockOut:
    """The server's time, when the sitting ends, what was said and granted; asked every few seconds."""
    return await knock.answer(partial(clock_from, knock.settings))


def clock_from(settings: Settings, session: Session, seat: Seat, now: datetime) -> ClockOut:
    if not seat.is_active:
        return ClockOut(now=now, place=seat.place.state)
    is_over = is_closed(session, seat, settings, now)
    attempts = queries.attempts_of(session, seat.sitting)
    is_given = not is_over and credits.credit_waits(session, sitting=seat.sitting, attempts=attempts, now=now)
    ends_at = queries.end_of(session, seat.sitting) if is_given else end_now(session, seat, now)
    seat.sitting.last_seen_at = now
    found = views.clock_of(session, sitting=seat.sitting, member=seat.member, attempts=attempts, ends_at=ends_at)
    return ClockOut.of(found, is_over=is_over, limit=seat.exam.check_limit, now=now)


@router.post("/{exam}/files/{question}", status_code=201)
def upload(
    seat: OwnSeat,
    question: str,
    file: Annotated[UploadFile, File()],
    session: SessionDep,
    settings: SettingsDep,
    request: Request,
    now: Now,
) -> SaveOut:
    """A file that answers a question; it takes the place of an earlier one. What comes too late is kept beside the paper."""
    if not seat.has_been_active:
        check_place(seat.place)
    manifest = manifest_of(seat.exam.assignment, root=settings.assignments)
    if question not in {each.id for each in manifest.questions if each.kind is QuestionKind.file}:
        raise NotFound
    field, known = f"{QUESTION}{question}", {"sitting": seat.sitting, "now": now}
    saving.check_files(session, sitting=seat.sitting, field=field)
    kept = keep_files(session, {question: (file.filename or "file", file.file.read())}, store=settings.blob_store)[question]
    why = why_missed(session, seat, settings, now)
    if why is not None:
        missed = saving.keep_missed(session, typed={field: saving.Typed(kept, 0)}, why=why, **known)
        return answer(request, refusal_of(session, seat, missed))
    saved = saving.save_file(session, field=field, kept=kept, **known)
    return SaveOut.of(saved, now=now, ends_at=end_now(session, seat, now), newest_notice=seat.newest_notice)


@router.post("/{exam}/checks", status_code=202)
def run_checks(seat: ActivePlace, session: SessionDep, settings: SettingsDep, now: Now) -> CheckRunOut:
    """Judge what is saved now. Only the public checks of code are shown, and only the last attempt counts."""
    submission = handing_in.run_checks(session, sitting=seat.sitting, settings=settings, now=now)
    return CheckRunOut.of(views.check_run(session, submission))


@router.get("/{exam}/checks")
def show_checks(seat: ActivePlace, session: SessionDep) -> CheckRunOut | None:
    """The newest run of the public checks."""
    submission = handing_in.newest_attempt(session, seat.sitting)
    return CheckRunOut.of(views.check_run(session, submission)) if submission else None


@router.post("/{exam}/hand-in", status_code=201)
async def hand_in(knock: KnockDep, last: SaveIn | None = None) -> SittingOut:
    """Save what came along, then hand in all that is saved. Once more, it gives the same receipt."""

    def hand_in_from(session: Session, seat: Seat, now: datetime) -> SittingOut | Response:
        sitting, settings = seat.sitting, knock.settings
        if sitting.handed_in_at is None or last:
            kept = save_or_keep(session, seat, last or SaveIn(), settings, now)
            if isinstance(kept, AppError) and sitting.handed_in_at is None:
                return answer(knock.request, kept)
        handing_in.hand_in(session, sitting=sitting, by=HandedInBy.student, settings=settings, now=now, actor=sitting.student)
        return SittingOut.of(sitting, ends_at=queries.end_of(session, sitting), receipt=receipt_of(session, sitting))

    return await knock.answer(hand_in_from)
