"""Cases over the API: everything for staff, his own part for a student who was told."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import HTMLResponse

from server.cases import export, opening, queries, service, views
from server.cases.access import OwnParty, StaffCase, StaffParty
from server.cases.exhibits import own_works
from server.cases.models import Case, Party
from server.cases.schemas import (
    CaseOut,
    CaseRowOut,
    Deciding,
    NewCase,
    NewExhibits,
    OwnCaseOut,
    OwnCaseRowOut,
    Seconding,
    SendingBack,
    Stating,
    Telling,
)
from server.cases.scores import score_of
from server.courses.access import Membership, StaffMembership
from server.database import Now, SessionDep
from server.leaderboard.access import BoardsDep
from server.settings import SettingsDep
from server.web.i18n import choose_language

CASES = "/courses/{course}/cases"
PARTY = CASES + "/{case_id}/parties/{party_id}"

router = APIRouter(prefix="/api/v1", tags=["cases"])

Anonymous = Annotated[bool, Query(description="Letters instead of the students' names.")]
Language = Annotated[str | None, Query(max_length=20, description="en or zh; left out, what Accept-Language asks for.")]


@router.get(CASES)
def list_cases(staff: StaffMembership, session: SessionDep, now: Now) -> list[CaseRowOut]:
    """Open ones first, the oldest of them first, each with what is awaited from whom."""
    found = queries.list_cases(session, course=staff.course, reader=staff.user)
    return [CaseRowOut.model_validate(views.row_of(case, now=now)) for case in found]


@router.post(CASES, status_code=201)
def open_case(staff: StaffMembership, new: NewCase, session: SessionDep, settings: SettingsDep, now: Now) -> CaseOut:
    """From pairs of one assignment or from a submission, about students who have handed these works in."""
    start = opening.get_start(session, course=staff.course, pair_ids=new.pairs, submission_id=new.submission)
    case = opening.open_from(
        session, start=start, opened_by=staff.user, reason=new.reason, logins=new.students, settings=settings, now=now
    )
    return show_case(session, case, staff=staff, now=now)


@router.get(CASES + "/own")
def list_own(membership: Membership, session: SessionDep, now: Now) -> list[OwnCaseRowOut]:
    """Cases about oneself of which one was told."""
    found = queries.list_own(session, course=membership.course, student=membership.user)
    return [OwnCaseRowOut.model_validate(views.own_case(party, party.case.events, now=now)) for party in found]


@router.get(CASES + "/{case_id}")
def show(case: StaffCase, now: Now, anonymous: Anonymous = False) -> CaseOut:
    return CaseOut.model_validate(views.case_view(case, anonymous=anonymous, now=now))


@router.get(CASES + "/{case_id}/export", response_class=HTMLResponse)
def download(
    case: StaffCase,
    settings: SettingsDep,
    now: Now,
    anonymous: Anonymous = False,
    language: Language = None,
    accept_language: Annotated[str, Header()] = "",
) -> HTMLResponse:
    """The whole case as one HTML file that needs nothing else."""
    chosen = choose_language(language, accept=accept_language)
    return export.download(case, language=chosen, anonymous=anonymous, settings=settings, now=now)


@router.post(CASES + "/{case_id}/exhibits", status_code=201)
def add_exhibits(
    staff: StaffMembership, case: StaffCase, new: NewExhibits, session: SessionDep, settings: SettingsDep, now: Now
) -> CaseOut:
    """Add pairs, or a submission, of students whom an open case is about; who was told sees his own side of it at once."""
    start = opening.get_start(session, course=staff.course, pair_ids=new.pairs, submission_id=new.submission)
    opening.add_from(session, case=case, start=start, staff=staff.user, version=new.version, settings=settings, now=now)
    return show_case(session, case, staff=staff, now=now)


@router.post(PARTY + "/tell")
def tell(staff: StaffMembership, party: StaffParty, telling: Telling, session: SessionDep, now: Now) -> CaseOut:
    """Tell a student, or tell him more or give him more time."""
    known = {"message": telling.message, "heard_until": telling.heard_until, "version": telling.version}
    service.tell(session, party=party, staff=staff.user, **known, now=now)
    return show_case(session, party.case, staff=staff, now=now)


@router.post(PARTY + "/verdict")
def decide(
    staff: StaffMembership,
    party: StaffParty,
    deciding: Deciding,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
) -> CaseOut:
    """Decide, or decide anew: then the verdict before is taken back, and its points with it."""
    score = score_of(session, party=party, staff=staff, boards=boards, settings=settings, now=now)
    service.decide(session, party=party, staff=staff.user, score=score, now=now, **deciding.model_dump())
    return show_case(session, party.case, staff=staff, now=now)


@router.post(PARTY + "/second")
def second(staff: StaffMembership, party: StaffParty, seconding: Seconding, session: SessionDep, now: Now) -> CaseOut:
    """Share somebody else's verdict."""
    service.second(session, party=party, staff=staff.user, version=seconding.version, now=now)
    return show_case(session, party.case, staff=staff, now=now)


@router.post(PARTY + "/send-back")
def send_back(staff: StaffMembership, party: StaffParty, sending: SendingBack, session: SessionDep, now: Now) -> CaseOut:
    """Do not share it, and say why."""
    known = {"reason": sending.reason, "version": sending.version}
    service.send_back(session, party=party, staff=staff.user, **known, now=now)
    return show_case(session, party.case, staff=staff, now=now)


@router.get(CASES + "/{case_id}/own")
def show_own(party: OwnParty, session: SessionDep, now: Now) -> OwnCaseOut:
    """One's own part of a case: one's own code with the lines in question, what the staff say, what one has said."""
    return own_out(session, party, now)


@router.post(CASES + "/{case_id}/own/statements", status_code=201)
def state(party: OwnParty, stating: Stating, session: SessionDep, now: Now) -> OwnCaseOut:
    """Say something; what was said before stays."""
    service.state(session, party=party, text=stating.text, now=now)
    return own_out(session, party, now)


def show_case(session: SessionDep, case: Case, *, staff: StaffMembership, now: Now) -> CaseOut:
    """As it is after a change."""
    session.expire_all()
    whole = queries.get_case(session, course=staff.course, case_id=case.id, reader=staff.user)
    return CaseOut.model_validate(views.case_view(whole, anonymous=False, now=now))


def own_out(session: SessionDep, party: Party, now: Now) -> OwnCaseOut:
    seen = views.own_case(party, party.case.events, now=now)
    works = own_works(session, party=party, exhibits=party.case.exhibits)
    return OwnCaseOut.model_validate({**vars(seen), "works": works}, from_attributes=True)
