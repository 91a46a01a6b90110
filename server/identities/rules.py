"""Decisions about signing in elsewhere: what a token has to say, and to which account it leads. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from server.errors import AppError
from server.identities.models import LinkedBy

SKEW = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)  # between the making of a token and our reading it
LONGEST_SUBJECT, LONGEST_CLAIM = 255, 200
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"})


class Why(StrEnum):
    """Nobody could be let in."""

    unknown = "unknown"
    several = "several"  # accounts fit
    taken = "taken"  # the account that fits is linked to somebody else there
    inactive = "inactive"


class SignInFailed(AppError):
    """Something went wrong on the way; nothing was changed, and one may try again."""

    status, code = 502, "sign_in_failed"


class NoSuchDeparture(AppError):
    status, code = 400, "sign_in_over"

    def __init__(self) -> None:
        super().__init__(
            "This sign-in was begun in another browser, is ten minutes old, or is used up. Begin again on the sign-in page.",
            "本次登录是在其他浏览器中发起的、已超过十分钟，或已经用过。请回到登录页重新开始。",
        )


class BadToken(AppError):
    """What the other side says about a person does not hold. `flaw` is for the log and for tests."""

    status, code = 401, "bad_token"

    def __init__(self, flaw: str) -> None:
        super().__init__(
            f"The answer of the other system was refused: {flaw}. Try again; if it stays so, tell the operator of this platform.",
            f"对方系统的回应未通过校验（{flaw}）。请重试；若仍如此，请联系平台管理员。",
        )
        self.flaw = flaw


class LinkTaken(AppError):
    status, code = 409, "link_taken"

    def __init__(self) -> None:
        super().__init__(
            "That account is linked to another person here. Sign out there and choose your own, or ask the operator.",
            "该账号已与本站另一位用户绑定。请在对方系统退出后换用自己的账号，或联系管理员。",
        )


class AlreadyLinked(AppError):
    status, code = 409, "already_linked"

    def __init__(self) -> None:
        super().__init__(
            "Your account is linked already. Undo that link first, then make the new one.",
            "你的账号已有绑定。请先解除原有绑定，再重新绑定。",
        )


class LastWayIn(AppError):
    status, code = 409, "last_way_in"

    def __init__(self) -> None:
        super().__init__(
            "This is your only way to sign in: without a password of your own, undoing it would lock you out.",
            "这是你唯一的登录方式：你还没有本站密码，解除绑定后将无法登录。",
        )


@dataclass(frozen=True)
class Claims:
    """What the other side says of a person, as far as we read it."""

    issuer: str
    subject: str
    number: str | None = None
    email: str | None = None  # only where the other side has verified it
    login: str | None = None
    name: str | None = None

    @property
    def label(self) -> str:
        return self.login or self.email or self.number or self.subject


@dataclass(frozen=True)
class Candidate:
    """An account that shares something with the claims."""

    user_id: int
    number: str | None
    email: str | None
    is_active: bool
    is_linked: bool  # to somebody else at the same issuer


@dataclass(frozen=True)
class Found:
    user_id: int
    by: LinkedBy


def check_claims(claims: Mapping[str, Any], *, issuer: str, audience: str, nonce: str, now: datetime) -> None:
    """Of a token whose signature holds. Raises BadToken. OpenID Connect Core 3.1.3.7."""
    if claims.get("iss") != issuer:
        raise BadToken("another issuer")
    audiences = claims.get("aud")
    listed = [audiences] if isinstance(audiences, str) else audiences
    if not isinstance(listed, list) or audience not in listed:
        raise BadToken("another audience")
    if len(listed) > 1 and "azp" not in claims:
        raise BadToken("several audiences and no authorized party")
    if "azp" in claims and claims["azp"] != audience:
        raise BadToken("another authorized party")
    check_times(claims, now=now)
    if not isinstance(claims.get("nonce"), str) or claims["nonce"] != nonce:
        raise BadToken("another nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise BadToken("no subject")


def check_times(claims: Mapping[str, Any], *, now: datetime) -> None:
    ends, made = moment(claims.get("exp")), moment(claims.get("iat"))
    if ends is None or made is None:
        raise BadToken("no times")
    at = now.timestamp()
    if ends + SKEW.total_seconds() <= at:
        raise BadToken("expired")
    if made - SKEW.total_seconds() > at:
        raise BadToken("made in the future")
    if made + (OLDEST + SKEW).total_seconds() < at:
        raise BadToken("made long ago")
    begins = moment(claims.get("nbf", made))
    if begins is None or begins - SKEW.total_seconds() > at:
        raise BadToken("not valid yet")


def moment(value: object) -> float | None:
    """Seconds since 1970; a boolean is no number here, and neither is what no clock shows."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < 1e11 else None


def read_claims(claims: Mapping[str, Any], *, number_claim: str | None, login_claim: str) -> Claims:
    verified = claims.get("email_verified") in (True, "true")
    return Claims(
        issuer=claims["iss"],
        subject=claims["sub"],
        number=tidy_number(claims.get(number_claim)) if number_claim else None,
        email=tidy_email(claims.get("email")) if verified else None,
        login=word(claims.get(login_claim)),
        name=word(claims.get("name")),
    )


def word(value: object) -> str | None:
    tidied = " ".join(str(value).split()) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return tidied if 0 < len(tidied) <= LONGEST_CLAIM and tidied.isprintable() else None


def tidy_number(value: object) -> str | None:
    found = word(value)
    return found.upper() if found else None


def tidy_email(value: object) -> str | None:
    found = word(value)
    return found.lower() if found and found.count("@") == 1 else None


def find_account(claims: Claims, candidates: Sequence[Candidate], *, by: Collection[LinkedBy]) -> Found | Why:
    """The one account that fits in a way that the operator allows. Two ways that lead to two people lead to nobody."""
    ways: dict[int, LinkedBy] = {}
    for each in candidates:
        for way in (LinkedBy.number, LinkedBy.email):
            if way in by and fits(claims, each, way):
                ways.setdefault(each.user_id, way)
    if len(ways) > 1:
        return Why.several
    if not ways:
        return Why.unknown
    [(user_id, way)] = ways.items()
    person = next(each for each in candidates if each.user_id == user_id)
    if not person.is_active:
        return Why.inactive
    return Why.taken if person.is_linked else Found(user_id, way)


def fits(claims: Claims, person: Candidate, way: LinkedBy) -> bool:
    if way is LinkedBy.number:
        return claims.number is not None and claims.number == tidy_number(person.number)
    return claims.email is not None and claims.email == tidy_email(person.email)
