"""Rehearsals as JSON, for instructors: begun, reported, ended. `gradus exam rehearse` plays the class in between."""

from fastapi import APIRouter, Request, Response

from server.accounts.access import CurrentUser, client_address
from server.database import SessionDep, current_time
from server.exams import rules
from server.exams.access import InstructorExam
from server.rehearsals import service
from server.rehearsals.schemas import RehearsalIn, RehearsalOut, ReportIn
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/exams/{exam}/rehearsals", tags=["exams, for staff"])


@router.post("", status_code=201)
def begin(
    exam: InstructorExam, by: CurrentUser, wanted: RehearsalIn, request: Request, session: SessionDep, settings: SettingsDep
) -> RehearsalOut:
    """Accounts of a class that does not exist, in a hidden course with this exam, whose window is open from now on."""
    known = {"students": wanted.students, "seconds": wanted.seconds, "settings": settings}
    found = service.begin(session, exam=exam, by=by, **known)
    is_let_in = rules.is_allowed_from(client_address(request), exam.networks)
    return RehearsalOut.of(found, now=current_time(session), networks=list(exam.networks), is_let_in=is_let_in)


@router.put("/{rehearsal}/report", status_code=204)
def report(exam: InstructorExam, rehearsal: str, by: CurrentUser, new: ReportIn, session: SessionDep) -> Response:
    """What was found; the checklist shows it. A second report of the same rehearsal changes nothing."""
    figures = new.figures.model_dump(mode="json")
    service.report(session, exam=exam, id=rehearsal, by=by, is_ready=new.is_ready, figures=figures)
    return Response(status_code=204)


@router.delete("/{rehearsal}", status_code=204)
def end(exam: InstructorExam, rehearsal: str, by: CurrentUser, session: SessionDep) -> Response:
    """Shut its accounts and tokens, and end what still runs of it. Once more, nothing changes."""
    service.end(session, exam=exam, id=rehearsal, by=by)
    return Response(status_code=204)
