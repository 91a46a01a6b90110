"""What comes after an exam, as JSON and files, for staff: results, release, moderation, the archive."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.orm import Session

from server.courses.access import Membership
from server.database import Now, SessionDep
from server.exam_results import archive, moderation, results, signing
from server.exam_results.models import ModeratedMark
from server.exam_results.release import readiness_of, release
from server.exam_results.schemas import (
    ComparedOut,
    ModerationOut,
    ReadinessOut,
    ReleaseIn,
    ResultsOut,
    SecondMarkIn,
    SettleIn,
)
from server.exam_results.works import works_of
from server.exams.access import InstructorExam, StaffExam
from server.exams.models import Exam
from server.gradebook.exports import XLSX
from server.settings import SettingsDep


def require_moderated(exam: StaffExam, moderated_id: int, session: SessionDep) -> ModeratedMark:
    return moderation.get_moderated(session, exam=exam, id=moderated_id)


StaffModerated = Annotated[ModeratedMark, Depends(require_moderated, scope="function")]

router = APIRouter(prefix="/api/v1/courses/{course}/exams/{exam}", tags=["exams"])
open_router = APIRouter(include_in_schema=False)


@router.get("/results")
def show_results(exam: StaffExam, session: SessionDep, settings: SettingsDep) -> ResultsOut:
    """Everybody's points item by item, and how each item has done."""
    return ResultsOut.of(results.results_of(works_of(session, exam=exam, root=settings.assignments)))


@router.get("/results/export", response_class=Response)
def export(
    exam: StaffExam, session: SessionDep, settings: SettingsDep, format: Annotated[Literal["csv", "xlsx"], Query()] = "csv"
) -> Response:
    """A file for spreadsheets; the workbook has the items in a sheet of their own."""
    found = results.results_of(works_of(session, exam=exam, root=settings.assignments))
    name = f"{exam.assignment.course.slug}-{exam.assignment.slug}.{format}"
    content = results.as_workbook(found) if format == "xlsx" else results.as_csv(found)
    kind = XLSX if format == "xlsx" else "text/csv; charset=utf-8"
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/release")
def show_readiness(exam: StaffExam, session: SessionDep, settings: SettingsDep, now: Now) -> ReadinessOut:
    """What a release would leave open."""
    return ReadinessOut.of(readiness_of(session, exam=exam, root=settings.assignments), now)


@router.post("/release")
def release_exam(
    exam: InstructorExam, wanted: ReleaseIn, member: Membership, session: SessionDep, settings: SettingsDep, now: Now
) -> ReadinessOut:
    """From now on students see their papers. 409 while somebody can still sit it, or something is open and not confirmed."""
    known = {"by": member.user, "is_confirmed": wanted.confirm, "root": settings.assignments, "now": now}
    release(session, exam=exam, **known)
    return ReadinessOut.of(readiness_of(session, exam=exam, root=settings.assignments), now)


@router.get("/moderation")
def show_moderation(exam: StaffExam, session: SessionDep) -> ModerationOut:
    """The sample with both marks; the first one is told to a second marker once he has marked."""
    return moderation_of(session, exam)


@router.post("/moderation", status_code=201)
def draw_sample(exam: InstructorExam, member: Membership, session: SessionDep, settings: SettingsDep) -> ModerationOut:
    """Draw the sample, once."""
    moderation.draw(session, works=works_of(session, exam=exam, root=settings.assignments), by=member.user)
    return moderation_of(session, exam)


@router.post("/moderation/{moderated_id}")
def mark_second(row: StaffModerated, wanted: SecondMarkIn, member: Membership, session: SessionDep, now: Now) -> ComparedOut:
    """Mark a second time, blind. The first mark is in the answer."""
    known = {"points": wanted.points, "comment": wanted.comment, "by": member.user, "now": now}
    return ComparedOut.of(moderation.mark_second(session, row=row, **known))


@router.post("/moderation/{moderated_id}/settle")
def settle(
    _: InstructorExam, row: StaffModerated, wanted: SettleIn, member: Membership, session: SessionDep, now: Now
) -> ComparedOut:
    """Say what counts, and why."""
    known = {"points": wanted.points, "reason": wanted.reason, "by": member.user, "now": now}
    return ComparedOut.of(moderation.settle(session, row=row, **known))


@router.get("/archive", response_class=Response)
def download_archive(exam: InstructorExam, member: Membership, session: SessionDep, settings: SettingsDep, now: Now) -> Response:
    """Everything of the exam in one file, by which it can be proved again without a server: `gradus exam verify`."""
    content = archive.pack(session, exam=exam, settings=settings, now=now, by=member.user)
    name = f"{exam.assignment.course.slug}-{exam.assignment.slug}-exam.zip"
    return Response(content, media_type="application/zip", headers={"content-disposition": f'attachment; filename="{name}"'})


@open_router.get("/exam-archives.pem", response_class=PlainTextResponse)
def show_key(settings: SettingsDep) -> PlainTextResponse:
    """The public key by which archives of exams are signed; open to anybody, so that an archive can be checked elsewhere."""
    pem = signing.public_pem(settings.derive_key(signing.PURPOSE))
    return PlainTextResponse(pem.decode(), headers={"x-fingerprint-sha256": signing.fingerprint(pem)})


def moderation_of(session: Session, exam: Exam) -> ModerationOut:
    drawn = moderation.find_draw(session, exam=exam)
    found = moderation.compared(session, exam=exam)
    return ModerationOut(
        percent=exam.moderated_percent,
        seed=drawn.seed if drawn else None,
        pool=list(drawn.pool) if drawn else [],
        open=sum(not each.is_settled for each in found),
        marks=[ComparedOut.of(each) for each in found],
    )
