"""Passwords and tokens: what is stored is never what is shown."""

import hashlib
import hmac
import secrets
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

API_TOKEN_START = "gradus_"
SHOWN_CHARACTERS = len(API_TOKEN_START) + 6

hasher = PasswordHasher()
slots = threading.BoundedSemaphore(4)  # each takes 64 MiB: a crowd of guesses waits instead of filling the memory


def hash_password(password: str) -> str:
    return hasher.hash(password)


def password_matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for a person who does not exist as for one who does."""
    known = password_hash or nobodys_hash()
    try:
        with slots:
            hasher.verify(known, password)
    except VerificationError:
        return False
    return password_hash is not None


@lru_cache
def nobodys_hash() -> str:
    return hash_password(secrets.token_hex())


def new_session_token() -> str:
    return secrets.token_urlsafe(32)


def new_api_token() -> str:
    return API_TOKEN_START + secrets.token_urlsafe(32)


def shown_prefix(token: str) -> str:
    return token[:SHOWN_CHARACTERS]


def hash_token(token: str) -> bytes:
    """Tokens are random, so a plain fast hash is enough and can be looked up."""
    return hashlib.sha256(token.encode()).digest()


def new_browser_mark(key: bytes, login: str) -> str:
    """Proof that this person has signed in in this browser; it opens nothing by itself."""
    name = secrets.token_urlsafe(12)
    return f"{name}.{sign_browser(key, login, name)}"


def read_browser_mark(key: bytes, login: str, mark: str) -> str | None:
    """The browser's name, if the mark was made for this login."""
    name, _, signature = mark.partition(".")
    is_ours = hmac.compare_digest(signature.encode(), sign_browser(key, login, name).encode())
    return name if is_ours else None


def sign_browser(key: bytes, login: str, name: str) -> str:
    return hmac.new(key, f"{name}.{login}".encode(), hashlib.sha256).hexdigest()


def csrf_token(key: bytes, session_token: str) -> str:
    """Bound to one browser session; whoever cannot read the cookie cannot make it."""
    return hmac.new(key, session_token.encode(), hashlib.sha256).hexdigest()
