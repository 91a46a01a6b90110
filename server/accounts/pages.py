"""Pages of a person: sign in and out, language, access tokens."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from grader.protocol import Text
from server.accounts import access, service
from server.accounts.access import CurrentUser, OptionalUser, place_of
from server.accounts.models import ApiToken, Language
from server.accounts.rules import MAX_PASSWORD, TooManyFailures, WrongCredentials
from server.database import Now, SessionDep
from server.settings import Settings, SettingsDep
from server.web import i18n
from server.web.page import Page, PageDep, go_to, local_address

router = APIRouter()

LANGUAGE_COOKIE_S = 365 * 24 * 3600


@router.get("/sign-in")
def sign_in_form(page: PageDep, user: OptionalUser, settings: SettingsDep, next: str = "/") -> Response:
    if user is not None:
        return go_to(next)
    return page.show(
        "accounts/sign_in.html", next=local_address(next), login="", problem=None, elsewhere=name_elsewhere(settings)
    )


@router.post("/sign-in")
def sign_in(
    request: Request,
    page: PageDep,
    session: SessionDep,
    now: Now,
    settings: SettingsDep,
    login: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=MAX_PASSWORD)],
    next: Annotated[str, Form()] = "/",
) -> Response:
    try:
        user = service.check_password(session, login=login, password=password, place=place_of(request, login), now=now)
    except (WrongCredentials, TooManyFailures) as refusal:
        context = {"next": local_address(next), "login": login, "problem": refusal.message}
        context["elsewhere"] = name_elsewhere(settings)
        return page.show("accounts/sign_in.html", status=refusal.status, **context)
    response = go_to(next)
    old = request.cookies.get(access.SESSION_COOKIE)
    token = service.open_web_session(session, user=user, now=now, hours=settings.session_hours, replaces=old)
    access.set_session_cookie(response, request, token)
    access.remember_browser(response, request, user.login)
    return response


def name_elsewhere(settings: Settings) -> Text | None:
    """What people call the account with which they can sign in besides, if that is set up."""
    is_set = settings.oidc_issuer and settings.oidc_client_id
    return Text(en=settings.oidc_name_en, zh=settings.oidc_name_zh) if is_set else None


@router.post("/sign-out")
def sign_out(request: Request, session: SessionDep) -> Response:
    if token := request.cookies.get(access.SESSION_COOKIE):
        service.close_web_session(session, token=token)
    response = go_to("/sign-in")
    access.forget_session_cookie(response, request)
    return response


@router.post("/language")
def set_language(
    request: Request,
    session: SessionDep,
    user: OptionalUser,
    language: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Remembered in this browser, and in the account of whoever is signed in."""
    chosen = i18n.choose_language(language)
    if user is not None:
        service.set_language(session, user=user, language=Language(chosen[:2]))
    response = go_to(next)
    secure = access.is_https(request, request.app.state.settings)
    response.set_cookie(i18n.COOKIE, chosen, max_age=LANGUAGE_COOKIE_S, secure=secure, httponly=True, samesite="lax")
    return response


@router.get("/tokens")
def list_tokens(page: PageDep, user: CurrentUser, session: SessionDep) -> Response:
    return show_tokens(page, service.list_api_tokens(session, user=user))


@router.post("/tokens")
def create_token(page: PageDep, user: CurrentUser, session: SessionDep, name: Annotated[str, Form(max_length=80)]) -> Response:
    """The answer itself shows the token: it is nowhere to be read afterwards."""
    _, token = service.create_api_token(session, user=user, name=name.strip() or page.gettext("unnamed"))
    return show_tokens(page, service.list_api_tokens(session, user=user), fresh=token)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(token_id: int, user: CurrentUser, session: SessionDep, now: Now) -> Response:
    service.revoke_api_token(session, user=user, token_id=token_id, now=now)
    return go_to("/tokens")


def show_tokens(page: Page, tokens: list[ApiToken], *, fresh: str | None = None) -> Response:
    return page.show("accounts/tokens.html", tokens=tokens, fresh=fresh)
