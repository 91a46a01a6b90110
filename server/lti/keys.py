"""Our own keys: made once, kept encrypted, changed when the operator wants it."""

import os
import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.lti.models import SigningKey
from server.settings import Settings

PURPOSE, NONCE_BYTES, ALGORITHM, BITS = "lti keys", 12, "RS256", 2048
SHOWN_FOR = timedelta(days=7)  # after it was retired: platforms keep what they have read for a while
ONE_AT_A_TIME = 0x6C7469  # advisory lock


def current_key(session: Session, settings: Settings) -> RSAKey:
    """The first time it is made. Raises cryptography.exceptions.InvalidTag where the platform's secret has changed."""
    row = find_current(session)
    if row is None:
        session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        row = find_current(session) or make_key(session, settings)
    return unseal(settings, row)


def find_current(session: Session) -> SigningKey | None:
    return session.scalar(select(SigningKey).where(SigningKey.retired_at.is_(None)).order_by(SigningKey.id.desc()).limit(1))


def make_key(session: Session, settings: Settings) -> SigningKey:
    name = secrets.token_hex(8)
    key = RSAKey.generate_key(BITS, {"kid": name, "use": "sig", "alg": ALGORITHM})
    row = SigningKey(name=name, public=key.as_dict(private=False), sealed=seal(settings, name, key.as_der(private=True)))
    session.add(row)
    session.flush()
    return row


def rotate(session: Session, settings: Settings, *, now: datetime) -> SigningKey:
    """A new key signs from now on; the old one can be looked up for a week."""
    session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    for row in session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))):
        row.retired_at = now
    return make_key(session, settings)


def public_keys(session: Session, *, now: datetime) -> list[dict[str, Any]]:
    shown = or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > now - SHOWN_FOR)
    return [row.public for row in session.scalars(select(SigningKey).where(shown).order_by(SigningKey.id.desc()))]


def sign(key: RSAKey, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[ALGORITHM])


def seal(settings: Settings, name: str, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(settings.derive_key(PURPOSE)).encrypt(nonce, plain, name.encode())


def unseal(settings: Settings, row: SigningKey) -> RSAKey:
    nonce, rest = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
    plain = AESGCM(settings.derive_key(PURPOSE)).decrypt(nonce, rest, row.name.encode())
    return RSAKey.import_key(plain, {"kid": row.name, "use": "sig", "alg": ALGORITHM})
