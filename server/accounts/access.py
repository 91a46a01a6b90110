"""Who is asking: a bearer token or a session cookie. Doors take `CurrentUser` or `OptionalUser`."""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response
from fastapi.security import HTTPBearer

from server.accounts import credentials, rules, service
from server.accounts.models import User
from server.database import Now, SessionDep
from server.settings import Settings, SettingsDep

SESSION_COOKIE = "gradus_session"
BROWSER_COOKIE, BROWSER_S = "gradus_browser", 365 * 24 * 3600
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FROM_ELSEWHERE = frozenset({"/lti/login", "/lti/launch"})  # forms that learning platforms send; they look at no session of ours


def read_bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def find_current_user(request: Request, session: SessionDep, now: Now) -> User | None:
    """A bearer token decides alone: with one, the cookie is not even looked at."""
    bearer = read_bearer(request)
    if bearer is not None:
        return service.find_token_owner(session, token=bearer, now=now)
    cookie = request.cookies.get(SESSION_COOKIE)
    found = service.find_web_session(session, token=cookie, now=now) if cookie else None
    return found.user if found else None


OptionalUser = Annotated[User | None, Depends(find_current_user, scope="function")]


# For OpenAPI alone: it names how programs sign in, and reads nothing that `read_bearer` has not read.
BEARER = HTTPBearer(scheme_name="token", description="A personal token, from `POST /api/v1/tokens`.", auto_error=False)


async def require_user(user: OptionalUser, _: Annotated[object, Depends(BEARER)]) -> User:
    return check_signed_in(user)


def check_signed_in(user: User | None) -> User:
    """Raises NotSignedIn."""
    if user is None:
        raise rules.NotSignedIn
    return user


CurrentUser = Annotated[User, Depends(require_user, scope="function")]


async def refuse_forgery(request: Request, settings: SettingsDep) -> None:
    """Guards every route: an unsafe request with our cookie must come from our own page and carry its token."""
    if request.method in SAFE_METHODS or read_bearer(request) is not None or request.url.path in FROM_ELSEWHERE:
        return
    if not comes_from_us(request, settings):
        raise rules.ForgedRequest
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie and not hmac.compare_digest((await sent_csrf_token(request)).encode(), make_csrf_token(request).encode()):
        raise rules.ForgedRequest


def comes_from_us(request: Request, settings: Settings) -> bool:
    """By the Origin header, which pages of others cannot set; programs that send none are no browsers."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site") in (None, "same-origin", "none")
    if settings.public_url:
        return origin == settings.public_url.rstrip("/")
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == request.headers.get("host")


async def sent_csrf_token(request: Request) -> str:
    if CSRF_HEADER in request.headers:
        return request.headers[CSRF_HEADER]
    if not request.headers.get("content-type", "").startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        return ""
    field = (await request.form()).get(CSRF_FIELD, "")
    return field if isinstance(field, str) else ""


def make_csrf_token(request: Request) -> str:
    """For templates: the hidden field `csrf_token` or the header `X-CSRF-Token`; empty without a session."""
    cookie = request.cookies.get(SESSION_COOKIE)
    return credentials.csrf_token(request.app.state.settings.derive_key("csrf"), cookie) if cookie else ""


def set_session_cookie(response: Response, request: Request, token: str) -> None:
    settings: Settings = request.app.state.settings
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        path="/",
        secure=is_https(request, settings),
        httponly=True,
        samesite="lax",
    )


def forget_session_cookie(response: Response, request: Request) -> None:
    secure = is_https(request, request.app.state.settings)
    response.delete_cookie(SESSION_COOKIE, path="/", secure=secure, httponly=True, samesite="lax")


def remember_browser(response: Response, request: Request, login: str) -> None:
    """So that others who type wrong passwords for this login do not slow this browser down."""
    settings: Settings = request.app.state.settings
    mark = credentials.new_browser_mark(settings.derive_key("browsers"), login)
    secure = is_https(request, settings)
    response.set_cookie(BROWSER_COOKIE, mark, max_age=BROWSER_S, path="/", secure=secure, httponly=True, samesite="lax")


def place_of(request: Request, login: str) -> rules.Place:
    """Where somebody types the password of this login."""
    key = request.app.state.settings.derive_key("browsers")
    mark = request.cookies.get(BROWSER_COOKIE)
    browser = credentials.read_browser_mark(key, service.tidy_login(login), mark) if mark else None
    return rules.Place(f"browser {browser}", is_known=True) if browser else rules.Place(client_address(request))


def is_https(request: Request, settings: Settings) -> bool:
    return request.url.scheme == "https" or (settings.public_url or "").startswith("https://")


def client_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
