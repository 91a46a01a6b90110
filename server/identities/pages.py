"""Signing in elsewhere, and the page on which a person links and unlinks such an account."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from server.accounts import access
from server.accounts import service as accounts
from server.accounts.access import CurrentUser, OptionalUser
from server.accounts.models import User
from server.courses.roster_api import base_of
from server.database import Now, SessionDep
from server.errors import AppError
from server.identities import departures, service
from server.identities.departures import Returned, come_back, depart
from server.identities.models import LinkedBy, TurnedAway
from server.identities.provider import Provider, ProviderDep, name_of, words_for
from server.identities.rules import Claims, NoSuchDeparture, SignInFailed
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to, local_address

router = APIRouter()

COOKIE, PURPOSE, BACK = "gradus_departure", "oidc", "/sign-in/oidc/return"
Parameter = Annotated[str | None, Query(max_length=4096)]


@router.get("/sign-in/oidc")
def leave(
    request: Request,
    page: PageDep,
    user: OptionalUser,
    provider: ProviderDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    next: str = "/",
) -> Response:
    """To the provider. A link and not a form: browsers would hold the redirection of a form against our own policy."""
    if user is not None:
        return go_to(next)
    facts = {"next": local_address(next)}
    ticket = depart(session, browser=request.cookies.get(COOKIE), purpose=PURPOSE, facts=facts, now=now)
    try:
        address = provider.way_there(ticket, back=base_of(request, settings).rstrip("/") + BACK)
    except SignInFailed as refusal:
        return show_sign_in(page, settings, refusal, next=facts["next"])
    response = RedirectResponse(address, status_code=303)
    departures.set_cookie(response, request, COOKIE, ticket)
    return response


@router.get("/sign-in/oidc/return")
def come_in(
    request: Request,
    page: PageDep,
    user: OptionalUser,
    provider: ProviderDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    state: Parameter = None,
    code: Parameter = None,
    error: Parameter = None,
    iss: Parameter = None,
) -> Response:
    """Back from the provider."""
    returned = None
    try:
        returned = come_back(state=state or "", browser=request.cookies.get(COOKIE), purpose=PURPOSE, now=now)
        if code is None:
            raise SignInFailed(*words_for(error or "unknown"))
        back = base_of(request, settings).rstrip("/") + BACK
        claims = provider.who_is(code=code, answered_by=iss, ticket=returned.ticket, back=back, now=now)
        if returned.user_id is not None:
            return finish_link(page, session, claims, returned, user, now)
    except AppError as refusal:
        if returned and returned.user_id is not None and user is not None:
            return show_own(page, session, user, provider, settings, refusal=refusal)
        return show_sign_in(page, settings, refusal, next=returned.facts["next"] if returned else "/")
    found = service.sign_in(session, claims=claims, allowed=allowed_by(settings), now=now)
    if isinstance(found, TurnedAway):
        name, support = name_of(settings), settings.oidc_support
        context = {"turned": found, "claims": claims, "name": name, "support": support, "here": "/sign-in"}
        return page.show("identities/turned_away.html", status=403, **context)
    return let_in(request, session, settings, found, next=returned.facts["next"], now=now)


def allowed_by(settings: Settings) -> service.Allowed:
    return service.Allowed([LinkedBy(each) for each in settings.oidc_links_by], creates=settings.oidc_creates_accounts)


def let_in(request: Request, session: SessionDep, settings: Settings, user: User, *, next: str, now: Now) -> Response:
    """A session of ours, always a new one."""
    response = go_to(next)
    old = request.cookies.get(access.SESSION_COOKIE)
    token = accounts.open_web_session(session, user=user, now=now, hours=settings.session_hours, replaces=old)
    access.set_session_cookie(response, request, token)
    access.remember_browser(response, request, user.login)
    return response


def finish_link(page: Page, session: SessionDep, claims: Claims, returned: Returned, user: User | None, now: Now) -> Response:
    """Only for the person who had asked for it, still signed in. Raises NoSuchDeparture, LinkTaken, AlreadyLinked."""
    if user is None or user.id != returned.user_id:
        raise NoSuchDeparture
    service.link(session, user=user, claims=claims, by=LinkedBy.person, now=now)
    return go_to("/identities")


def show_sign_in(page: Page, settings: Settings, refusal: AppError, *, next: str) -> Response:
    """With what went wrong, and the local form beside it."""
    context = {"next": next, "login": "", "problem": refusal.message, "elsewhere": name_of(settings), "here": "/sign-in"}
    return page.show("accounts/sign_in.html", status=refusal.status, **context)


@router.get("/identities")
def show_identities(request: Request, page: PageDep, user: CurrentUser, session: SessionDep, settings: SettingsDep) -> Response:
    return show_own(page, session, user, request.app.state.provider, settings)


def show_own(
    page: Page,
    session: SessionDep,
    user: User,
    provider: Provider | None,
    settings: Settings,
    *,
    refusal: AppError | None = None,
) -> Response:
    mine = service.list_identities(session, user=user)
    return page.show(
        "identities/own.html",
        status=refusal.status if refusal else 200,
        identities=mine,
        issuer=provider.issuer if provider else None,
        name=name_of(settings),
        is_linked=provider is not None and any(each.issuer == provider.issuer for each in mine),
        problem=refusal and refusal.message,
        here="/identities",
    )


@router.post("/identities")
def begin_link(
    request: Request,
    page: PageDep,
    user: CurrentUser,
    provider: ProviderDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
) -> Response:
    """A form, so that no other page can begin it; then a page with a link, which may lead to the provider."""
    browser = request.cookies.get(COOKIE)
    ticket = depart(session, browser=browser, purpose=PURPOSE, facts={"next": "/identities"}, user_id=user.id, now=now)
    try:
        address = provider.way_there(ticket, back=base_of(request, settings).rstrip("/") + BACK)
    except SignInFailed as refusal:
        return show_own(page, session, user, provider, settings, refusal=refusal)
    response = page.show("identities/leaving.html", address=address, name=name_of(settings))
    departures.set_cookie(response, request, COOKIE, ticket)
    return response


@router.post("/identities/{identity_id}/unlink")
def unlink(
    request: Request,
    page: PageDep,
    identity_id: int,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
) -> Response:
    try:
        service.unlink(session, user=user, identity_id=identity_id, now=now)
    except service.rules.LastWayIn as refusal:
        return show_own(page, session, user, request.app.state.provider, settings, refusal=refusal)
    return go_to("/identities")
