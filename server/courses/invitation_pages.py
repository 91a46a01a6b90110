"""Pages by which people come into a course: links to hand out, the page such a link leads to, the course's code."""

from typing import Annotated
from urllib.parse import quote

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts import access
from server.accounts import service as accounts
from server.accounts.access import CurrentUser
from server.accounts.models import Language
from server.accounts.rules import MAX_PASSWORD, MIN_PASSWORD
from server.courses import invitations, joining, sections
from server.courses.access import InstructorMembership
from server.courses.models import Invitation
from server.courses.roster_api import base_of
from server.courses.roster_exports import address_of, links_csv
from server.database import Now, SessionDep
from server.errors import AppError
from server.settings import SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter()

Word = Annotated[str, Form(max_length=100)]
Password = Annotated[str, Form(max_length=MAX_PASSWORD)]


@router.post("/courses/{course}/invitations")
def make_links(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    now: Now,
    request: Request,
    settings: SettingsDep,
    login: Word = "",
) -> Response:
    """For one person, or for all who wait. The answer itself shows the links: they are nowhere to be read afterwards."""
    course = instructor.course
    logins = [login] if login else None
    links = invitations.make_links(session, course=course, by=instructor.user, logins=logins, now=now)
    base = base_of(request, settings)
    addresses = [address_of(link, base) for link in links]
    return page.show(
        "courses/invitations.html",
        zone=course.time_zone,
        course=course,
        slips=[(link, address, qr_code(address)) for link, address in zip(links, addresses, strict=True)],
        table="data:text/csv;charset=utf-8," + quote(links_csv(links, base)),
        base=base,
    )


def qr_code(address: str) -> str:
    """A picture as an address of its own."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2, light="#fff", omitsize=True)


@router.get("/invitations/{token}")
def show_invitation(page: PageDep, token: str, session: SessionDep, now: Now) -> Response:
    return show(page, invitations.find_open(session, token=token, now=now))


@router.post("/invitations/{token}")
def use_invitation(
    request: Request,
    page: PageDep,
    token: str,
    session: SessionDep,
    now: Now,
    settings: SettingsDep,
    password: Password = "",
    again: Password = "",
    language: Annotated[Language, Form()] = Language.en,
) -> Response:
    """Signed in, in the course."""
    invitation = invitations.find_open(session, token=token, now=now)
    try:
        member = invitations.use(session, token=token, password=password, again=again, language=language, now=now)
    except AppError as refusal:
        return show(page, invitation, refusal=refusal, language=language)
    response = go_to(f"/courses/{member.course.slug}")
    old = request.cookies.get(access.SESSION_COOKIE)
    opened = accounts.open_web_session(session, user=member.user, now=now, hours=settings.session_hours, replaces=old)
    access.set_session_cookie(response, request, opened)
    access.remember_browser(response, request, member.user.login)
    return response


def show(page: Page, invitation: Invitation, *, refusal: AppError | None = None, language: Language | None = None) -> Response:
    member = invitation.enrollment
    return page.show(
        "courses/invitation.html",
        status=refusal.status if refusal else 200,
        course=member.course,
        member=member,
        chosen=language or Language(page.language[:2]),
        shortest=MIN_PASSWORD,
        longest=MAX_PASSWORD,
        problem=refusal and refusal.message,
    )


@router.post("/courses/{course}/join-code")
def set_code(
    instructor: InstructorMembership,
    session: SessionDep,
    is_on: Annotated[bool, Form()] = False,
    asks_section: Annotated[bool, Form()] = False,
) -> Response:
    joining.set_code(session, course=instructor.course, by=instructor.user, is_on=is_on, asks_section=asks_section)
    return go_to(f"/courses/{instructor.course.slug}/sections")


@router.get("/join")
def join_form(page: PageDep, user: CurrentUser, code: str = "") -> Response:
    return page.show("courses/join.html", code=code[:20], problem=None, course=None, sections=[])


@router.post("/join")
def join(
    page: PageDep,
    user: CurrentUser,
    session: SessionDep,
    now: Now,
    code: Word = "",
    section_id: Annotated[int | None, Form()] = None,
) -> Response:
    try:
        member = joining.join(session, code=code, user=user, section_id=section_id, now=now)
    except joining.SectionNeeded as refusal:
        known = sections.list_sections(session, course=refusal.course)
        return page.show(
            "courses/join.html", status=refusal.status, code=code, problem=None, course=refusal.course, sections=known
        )
    except AppError as refusal:
        return page.show("courses/join.html", status=refusal.status, code=code, problem=refusal.message, course=None, sections=[])
    return go_to(f"/courses/{member.course.slug}")
