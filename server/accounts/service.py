"""People and their ways in."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from server.accounts import credentials, rules
from server.accounts.models import ApiToken, Language, SignInFailure, User, WebSession
from server.database import session_factory
from server.errors import NotFound

TOKEN_USE_NOTED_EVERY = timedelta(hours=1)

# Asked by every request, so they are put together once.
BY_TOKEN = select(ApiToken).where(ApiToken.token_hash == bindparam("token_hash"))
BY_COOKIE = select(WebSession).where(WebSession.token_hash == bindparam("token_hash"))


def create_user(
    session: Session,
    *,
    login: str,
    display_name: str,
    password: str | None = None,
    email: str | None = None,
    language: Language = Language.en,
) -> User:
    login = tidy_login(login)
    if find_user(session, login=login) is not None:
        raise rules.LoginTaken(login)
    password_hash = credentials.hash_password(password) if password else None
    user = User(login=login, display_name=display_name, email=email, language=language, password_hash=password_hash)
    session.add(user)
    session.flush()
    return user


def find_user(session: Session, *, login: str) -> User | None:
    return session.scalar(select(User).where(User.login == tidy_login(login)))


def tidy_login(login: str) -> str:
    return login.strip().lower()


def set_language(session: Session, *, user: User, language: Language) -> None:
    user.language = language
    session.flush()


def check_password(session: Session, *, login: str, password: str, place: rules.Place, now: datetime) -> User:
    """The person, or a refusal; a wrong guess is remembered."""
    login = tidy_login(login)
    here, anywhere = count_failures(session, login=login, place=place, since=now - rules.FAILURE_WINDOW)
    rules.check_may_try(place, from_here=here, from_anywhere=anywhere, now=now)
    user = find_user(session, login=login)
    right = credentials.password_matches(password, user.password_hash if user else None)
    if user is None or not right or not user.is_active:
        remember_failure(login=login, place=place, now=now)
        raise rules.WrongCredentials
    return user


def count_failures(session: Session, *, login: str, place: rules.Place, since: datetime) -> tuple[rules.Failures, rules.Failures]:
    """At this place, and at all."""
    recent = SignInFailure.login == login, SignInFailure.failed_at > since
    numbers = func.count(), func.max(SignInFailure.failed_at)
    here = [number.filter(SignInFailure.address == place.name) for number in numbers]
    row = session.execute(select(*here, *numbers).where(*recent)).one()
    return rules.Failures(*row[:2]), rules.Failures(*row[2:])


def remember_failure(*, login: str, place: rules.Place, now: datetime) -> None:
    """In a transaction of its own, because the refusal rolls the request's back."""
    with session_factory.begin() as session:
        session.execute(delete(SignInFailure).where(SignInFailure.failed_at < now - rules.FAILURE_WINDOW))
        session.add(SignInFailure(login=login, address=place.name, failed_at=now))


def open_web_session(session: Session, *, user: User, now: datetime, hours: int, replaces: str | None = None) -> str:
    """A new session's token, for the cookie. Always a new one: a token known before signing in is worth nothing after."""
    if replaces is not None:
        close_web_session(session, token=replaces)
    token = credentials.new_session_token()
    session.execute(delete(WebSession).where(WebSession.user_id == user.id, WebSession.expires_at < now))
    session.add(WebSession(user=user, token_hash=credentials.hash_token(token), expires_at=now + timedelta(hours=hours)))
    session.flush()
    return token


def find_web_session(session: Session, *, token: str, now: datetime) -> WebSession | None:
    found = session.scalar(BY_COOKIE, {"token_hash": credentials.hash_token(token)})
    if found is None or found.expires_at <= now or not found.user.is_active:
        return None
    return found


def close_web_session(session: Session, *, token: str) -> None:
    session.execute(delete(WebSession).where(WebSession.token_hash == credentials.hash_token(token)))


def create_api_token(session: Session, *, user: User, name: str) -> tuple[ApiToken, str]:
    """The row and the token itself, which is never shown again."""
    token = credentials.new_api_token()
    row = ApiToken(user=user, name=name, prefix=credentials.shown_prefix(token), token_hash=credentials.hash_token(token))
    session.add(row)
    session.flush()
    return row, token


def list_api_tokens(session: Session, *, user: User) -> list[ApiToken]:
    mine = ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None)
    return list(session.scalars(select(ApiToken).where(*mine).order_by(ApiToken.id)))


def revoke_api_token(session: Session, *, user: User, token_id: int, now: datetime) -> None:
    row = session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user.id))
    if row is None or row.revoked_at is not None:
        raise NotFound
    row.revoked_at = now
    session.flush()


def find_token_owner(session: Session, *, token: str, now: datetime) -> User | None:
    row = session.scalar(BY_TOKEN, {"token_hash": credentials.hash_token(token)})
    if row is None or row.revoked_at is not None or not row.user.is_active:
        return None
    if row.last_used_at is None or now - row.last_used_at > TOKEN_USE_NOTED_EVERY:
        row.last_used_at = now
    return row.user
