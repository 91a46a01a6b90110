"""Pages of cases: for staff the list, opening one, one with all that belongs to it; for a student his own part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.assignments import service as assignments
from server.cases import export, opening, queries, rules, service, views
from server.cases.access import OwnParty, StaffCase, StaffParty
from server.cases.exhibits import own_works
from server.cases.models import Party, Verdict
from server.cases.opening import Start
from server.cases.scores import score_of
from server.courses.access import Membership, StaffMembership
from server.courses.models import Course, Enrollment
from server.database import SessionDep
from server.errors import AppError
from server.leaderboard.access import BoardsDep
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

CASES = "/courses/{course}/cases"
PARTY = CASES + "/{case_id}/parties/{party_id}"

router = APIRouter()

Written = Annotated[str, Form(max_length=2 * rules.MAX_TEXT)]
Word = Annotated[str, Form(max_length=40)]
Version = Annotated[int, Form()]
Id = Annotated[int, Query(ge=1, le=2**31 - 1)]
Anonymous = Annotated[bool, Query()]


@dataclass(frozen=True)
class Typed:
    """A form that was refused: which one, why, and what stood in it."""

    form: str = ""
    refusal: AppError | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def value(self, form: str, name: str, default: str = "") -> str:
        return self.fields.get(name, "") if form == self.form else default


@dataclass(frozen=True)
class Desk:
    """What every step of staff in a case needs: who takes it, on which page, with what at hand."""

    page: PageDep
    membership: Membership
    boards: BoardsDep
    session: SessionDep
    settings: SettingsDep
    anonymous: Anonymous = False

    @property
    def staff(self) -> Enrollment:
        """Routes that change something ask for a `StaffParty` as well, which nobody else gets."""
        return self.membership

    @property
    def now(self) -> datetime:
        return self.page.now

    def known(self, party: Party, version: int) -> dict[str, Any]:
        return {"session": self.session, "party": party, "staff": self.staff.user, "version": version, "now": self.now}

    def score_of(self, party: Party) -> Decimal | None:
        known = {"staff": self.staff, "boards": self.boards, "settings": self.settings, "now": self.now}
        return score_of(self.session, party=party, **known)


DeskDep = Annotated[Desk, Depends(scope="function")]


@router.get(CASES)
def list_cases(page: PageDep, membership: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    """All of the course for staff; for a student those about himself of which he was told."""
    course = membership.course
    context = {"zone": course.time_zone, "course": course, "titles": titles_of(session, membership, settings)}
    if not membership.role.is_staff:
        own = queries.list_own(session, course=course, student=membership.user)
        rows = [views.own_case(party, party.case.events, now=page.now) for party in own]
        return page.show("cases/own_list.html", rows=rows, **context)
    found = [views.row_of(case, now=page.now) for case in queries.list_cases(session, course=course, reader=membership.user)]
    return page.show("cases/list.html", rows=found, **context)


@router.get(CASES + "/new")
def new(
    page: PageDep,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    pair: Annotated[list[Id] | None, Query()] = None,
    submission: Id | None = None,
) -> Response:
    start = opening.get_start(session, course=staff.course, pair_ids=pair or [], submission_id=submission)
    return show_new(page, staff.course, start, session, settings)


@router.post(CASES + "/new")
def open_case(
    page: PageDep,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    pair: Annotated[list[int] | None, Form()] = None,
    submission: Annotated[int | None, Form()] = None,
    student: Annotated[list[str] | None, Form()] = None,
    reason: Written = "",
) -> Response:
    start = opening.get_start(session, course=staff.course, pair_ids=pair or [], submission_id=submission)
    known = {"start": start, "opened_by": staff.user, "reason": reason, "logins": student or []}
    try:
        with session.begin_nested():
            case = opening.open_from(session, **known, settings=settings, now=page.now)
    except AppError as refusal:
        typed = Typed("new", refusal, {"reason": reason, "students": ",".join(student or [])})
        return show_new(page, staff.course, start, session, settings, typed)
    return go_to(address_of(staff.course, case.id))


@router.get(CASES + "/{case_id}")
def show(desk: DeskDep, case_id: int) -> Response:
    """The whole case for staff; his own part for a student who was told."""
    if desk.membership.role.is_staff:
        return show_case(desk, case_id)
    known = {"course": desk.membership.course, "student": desk.membership.user}
    party = queries.get_own(desk.session, case_id=case_id, **known)
    return show_own(desk.page, party, desk.session, desk.settings)


@router.get(CASES + "/{case_id}/export")
def download(page: PageDep, case: StaffCase, settings: SettingsDep, anonymous: Anonymous = False) -> Response:
    return export.download(case, language=page.language, anonymous=anonymous, settings=settings, now=page.now)


@router.post(CASES + "/{case_id}/exhibits")
def add_exhibit(desk: DeskDep, case: StaffCase, what: Word = "", version: Version = 0) -> Response:
    def add() -> None:
        pairs, submission = read_choice(what)
        start = opening.get_start(desk.session, course=desk.staff.course, pair_ids=pairs, submission_id=submission)
        known = {"staff": desk.staff.user, "version": version, "settings": desk.settings, "now": desk.now}
        opening.add_from(desk.session, case=case, start=start, **known)

    return carry_out(desk, case.id, add, Typed("add", fields={"what": what}), place="exhibits")


@router.post(PARTY + "/tell")
def tell(
    desk: DeskDep,
    party: StaffParty,
    message: Written = "",
    heard_until: Word = "",
    version: Version = 0,
) -> Response:
    def send() -> None:
        until = read_moment(heard_until, desk.staff.course, now=desk.now)
        service.tell(**desk.known(party, version), message=message, heard_until=until)

    typed = Typed(f"tell-{party.id}", fields={"message": message, "heard_until": heard_until})
    return carry_out(desk, party.case_id, send, typed, place=f"party-{party.id}")


@router.post(PARTY + "/verdict")
def decide(
    desk: DeskDep,
    party: StaffParty,
    verdict: Word = "",
    points: Word = "",
    reasons: Written = "",
    version: Version = 0,
) -> Response:
    def say() -> None:
        score = desk.score_of(party)
        chosen = {"verdict": read_verdict(verdict), "points": read_points(points), "reasons": reasons}
        service.decide(**desk.known(party, version), **chosen, score=score)

    typed = Typed(f"verdict-{party.id}", fields={"verdict": verdict, "points": points, "reasons": reasons})
    return carry_out(desk, party.case_id, say, typed, place=f"party-{party.id}")


@router.post(PARTY + "/second")
def second(
    desk: DeskDep,
    party: StaffParty,
    version: Version = 0,
) -> Response:
    share = partial(service.second, **desk.known(party, version))
    return carry_out(desk, party.case_id, share, Typed(f"second-{party.id}"), place=f"party-{party.id}")


@router.post(PARTY + "/send-back")
def send_back(
    desk: DeskDep,
    party: StaffParty,
    reason: Written = "",
    version: Version = 0,
) -> Response:
    back = partial(service.send_back, **desk.known(party, version), reason=reason)
    typed = Typed(f"back-{party.id}", fields={"reason": reason})
    return carry_out(desk, party.case_id, back, typed, place=f"party-{party.id}")


@router.post(CASES + "/{case_id}/statement")
def state(page: PageDep, party: OwnParty, session: SessionDep, settings: SettingsDep, text: Written = "") -> Response:
    """A statement of the student himself; what is refused stays in the form."""
    try:
        with session.begin_nested():
            service.state(session, party=party, text=text, now=page.now)
    except AppError as refusal:
        return show_own(page, party, session, settings, Typed("state", refusal, {"text": text}))
    return go_to(address_of(party.case.assignment.course, party.case_id) + "#statements")


def carry_out(desk: Desk, case_id: int, change: Callable[[], object], typed: Typed, *, place: str) -> Response:
    """Back to that place of the page; or the page at once, with what was typed and why it was refused."""
    try:
        with desk.session.begin_nested():  # a refusal undoes what was done before it
            change()
    except AppError as refusal:
        return show_case(desk, case_id, Typed(typed.form, refusal, typed.fields))
    return go_to(address_of(desk.staff.course, case_id) + ("?anonymous=true" if desk.anonymous else "") + f"#{place}")


def show_case(desk: Desk, case_id: int, typed: Typed | None = None) -> Response:
    desk.session.expire_all()
    course, reader = desk.staff.course, desk.staff.user
    case = queries.get_case(desk.session, course=course, case_id=case_id, reader=reader)
    typed = typed or Typed()
    return desk.page.show(
        "cases/case.html",
        status=typed.refusal.status if typed.refusal else 200,
        zone=course.time_zone,
        course=course,
        manifest=assignments.manifest_of(case.assignment, root=desk.settings.assignments),
        case=views.case_view(case, anonymous=desk.anonymous, now=desk.now),
        offer=opening.Offer() if desk.anonymous else opening.offer_for(desk.session, case),
        reader=reader,
        typed=typed,
        most={party.id: service.most_points(desk.session, party, desk.score_of(party)) for party in case.parties},
        minutes=export.minutes_in(desk.page.language),
        deadline=propose_deadline(course, now=desk.now),
        max_text=rules.MAX_TEXT,
        verdicts=list(Verdict),
    )


def show_new(
    page: Page, course: Course, start: Start, session: Session, settings: Settings, typed: Typed | None = None
) -> Response:
    typed = typed or Typed()
    found = service.candidates(session, assignment=start.assignment, works=start.works)
    authors = {work.author_id for work in start.works}
    chosen = set(typed.fields["students"].split(",")) if typed.refusal else {user.login for user in found if user.id in authors}
    return page.show(
        "cases/new.html",
        status=typed.refusal.status if typed.refusal else 200,
        zone=course.time_zone,
        course=course,
        assignment=start.assignment,
        manifest=assignments.manifest_of(start.assignment, root=settings.assignments),
        start=start,
        found=found,
        chosen=chosen,
        typed=typed,
        max_text=rules.MAX_TEXT,
    )


def show_own(page: Page, party: Party, session: Session, settings: Settings, typed: Typed | None = None) -> Response:
    typed = typed or Typed()
    session.expire_all()
    case = party.case
    course = case.assignment.course
    return page.show(
        "cases/own.html",
        status=typed.refusal.status if typed.refusal else 200,
        zone=course.time_zone,
        course=course,
        assignment=case.assignment,
        manifest=assignments.manifest_of(case.assignment, root=settings.assignments),
        case=views.own_case(party, case.events, now=page.now),
        works=own_works(session, party=party, exhibits=case.exhibits),
        typed=typed,
        max_text=rules.MAX_TEXT,
    )


def titles_of(session: Session, membership: Enrollment, settings: Settings) -> dict[str, object]:
    listed = assignments.list_assignments(session, course=membership.course, role=membership.role)
    return {each.slug: assignments.manifest_of(each, root=settings.assignments).title for each in listed}


def address_of(course: Course, case_id: int) -> str:
    return f"/courses/{course.slug}/cases/{case_id}"


def address_of_new(course: Course, **fields: object) -> str:
    """Where a case is opened: `pair=[…]` or `submission=…`."""
    return f"/courses/{course.slug}/cases/new?{urlencode(fields, doseq=True)}"


def propose_deadline(course: Course, *, now: datetime) -> str:
    """As a form's field holds it: the end of the day, in the course's zone."""
    day = (now + rules.HEARING).astimezone(ZoneInfo(course.time_zone)).date()
    return datetime.combine(day, time(23, 59)).isoformat(timespec="minutes")


def read_moment(text: str, course: Course, *, now: datetime) -> datetime:
    """What stands in a form is meant in the course's zone."""
    zone = ZoneInfo(course.time_zone)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as error:
        raise rules.DeadlineTooEarly((now + rules.SHORTEST_HEARING).astimezone(zone)) from error


def read_choice(text: str) -> tuple[list[int], int | None]:
    """`pair:12` or `submission:17`, as what may be added is listed. Raises NothingToShow."""
    kind, _, number = text.partition(":")
    if kind not in ("pair", "submission") or not number.isascii() or not number.isdecimal():
        raise rules.NothingToShow
    return ([int(number)], None) if kind == "pair" else ([], int(number))


def read_verdict(word: str) -> Verdict:
    try:
        return Verdict(word)
    except ValueError as error:
        raise rules.NoVerdict from error


def read_points(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip().replace(",", ".")) if text.strip() else None
    except InvalidOperation as error:
        raise rules.NoNumber(text) from error
