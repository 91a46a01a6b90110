"""Somebody leaves for another system and comes back: once, within ten minutes, in the same browser.

The cookie holds a random secret; nonce and PKCE verifier are made of it and of the state, so the database never has them, and
nothing that it does have lets anybody finish a sign-in.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.access import is_https
from server.accounts.credentials import hash_token
from server.database import session_factory
from server.identities.models import Departure
from server.identities.rules import NoSuchDeparture

LASTS = timedelta(minutes=10)
BYTES = 32


@dataclass(frozen=True)
class Ticket:
    """What goes to the other system, and what proves the way back."""

    state: str
    browser: str  # for the cookie

    @property
    def nonce(self) -> str:
        return self.derive("nonce")

    @property
    def verifier(self) -> str:
        """Of PKCE: 43 characters, RFC 7636."""
        return self.derive("verifier")

    def derive(self, purpose: str) -> str:
        digest = hmac.new(self.browser.encode(), f"{purpose} {self.state}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class Returned:
    ticket: Ticket
    facts: dict[str, Any]
    user_id: int | None


def depart(
    session: Session, *, browser: str | None, purpose: str, facts: dict[str, Any], user_id: int | None = None, now: datetime
) -> Ticket:
    """browser: the cookie that is there already, so that two tabs do not end each other's sign-in."""
    known = browser if browser and len(browser) >= BYTES else secrets.token_urlsafe(BYTES)
    ticket = Ticket(secrets.token_urlsafe(BYTES), known)
    session.execute(delete(Departure).where(Departure.expires_at < now - LASTS))
    row = {"purpose": purpose, "facts": facts, "user_id": user_id, "expires_at": now + LASTS}
    session.add(Departure(state_hash=hash_token(ticket.state), browser_hash=hash_token(known), **row))
    session.flush()
    return ticket


def come_back(*, state: str, browser: str | None, purpose: str, now: datetime) -> Returned:
    """Used up by this, whatever comes of it: hence a transaction of its own. Raises NoSuchDeparture."""
    with session_factory.begin() as session:
        of_it = Departure.state_hash == hash_token(state), Departure.purpose == purpose
        bound = Departure.browser_hash == hash_token(browser or ""), Departure.expires_at > now
        row = session.scalars(delete(Departure).where(*of_it, *bound).returning(Departure)).one_or_none()
        if row is None:
            raise NoSuchDeparture
        return Returned(Ticket(state, browser or ""), row.facts, row.user_id)


def set_cookie(response: Response, request: Request, name: str, ticket: Ticket, *, cross_site: bool = False) -> None:
    """cross_site: the way back is a form that another site sends; browsers want https for that."""
    secure = is_https(request, request.app.state.settings)
    response.set_cookie(
        name,
        ticket.browser,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=secure or cross_site,
        httponly=True,
        samesite="none" if cross_site else "lax",
    )


def peek(session: Session, *, state: str, browser: str | None, purpose: str, now: datetime) -> Returned:
    """Look without using it up: for a page whose form will. Raises NoSuchDeparture."""
    of_it = Departure.state_hash == hash_token(state), Departure.purpose == purpose
    bound = Departure.browser_hash == hash_token(browser or ""), Departure.expires_at > now
    row = session.scalar(select(Departure).where(*of_it, *bound))
    if row is None:
        raise NoSuchDeparture
    return Returned(Ticket(state, browser or ""), row.facts, row.user_id)
