"""Who signs in by an account elsewhere, and how the two become linked."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.accounts.service import create_user, find_user, tidy_login
from server.errors import NotFound
from server.identities import rules
from server.identities.models import Identity, LinkedBy, TurnedAway
from server.identities.rules import Candidate, Claims, Found, Why

LETTERS, CODE_LENGTH = "ABCDEFGHJKMNPQRSTUVWXYZ23456789", 6  # nothing that is read as something else
CODES_KEPT = timedelta(days=30)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True)
class Allowed:
    """What the operator lets happen to somebody whom no link knows yet."""

    by: Collection[LinkedBy] = ()
    creates: bool = False


def sign_in(session: Session, *, claims: Claims, allowed: Allowed, now: datetime) -> User | TurnedAway:
    """The person, or what support needs to know."""
    known = find_identity(session, claims)
    if known is not None:
        if not known.user.is_active:
            return turn_away(session, claims, Why.inactive, now=now)
        known.last_used_at, known.label = now, claims.label
        session.flush()
        return known.user
    found = rules.find_account(claims, list_candidates(session, claims), by=allowed.by)
    if isinstance(found, Found):
        user = session.get_one(User, found.user_id)
        link(session, user=user, claims=claims, by=found.by, now=now)
        return user
    if found is Why.unknown and allowed.creates:
        return create_account(session, claims=claims, now=now)
    return turn_away(session, claims, found, now=now)


def find_identity(session: Session, claims: Claims) -> Identity | None:
    of_it = Identity.issuer == claims.issuer, Identity.subject == claims.subject, Identity.removed_at.is_(None)
    return session.scalar(select(Identity).where(*of_it))


def list_candidates(session: Session, claims: Claims) -> list[Candidate]:
    """Accounts that share a number or an address with the claims."""
    linked = select(Identity.id).where(
        Identity.user_id == User.id, Identity.issuer == claims.issuer, Identity.removed_at.is_(None)
    )
    shares = User.student_number == claims.number, func.lower(User.email) == claims.email
    query = select(User.id, User.student_number, User.email, User.is_active, linked.exists()).where(or_(*shares))
    return [Candidate(*row) for row in session.execute(query)]


def link(session: Session, *, user: User, claims: Claims, by: LinkedBy, now: datetime) -> Identity:
    """Raises LinkTaken, AlreadyLinked. From now on the account is its person's: no invitation opens it any more."""
    session.execute(select(User.id).where(User.id == user.id).with_for_update())
    mine = Identity.user_id == user.id, Identity.issuer == claims.issuer, Identity.removed_at.is_(None)
    old = session.scalar(select(Identity).where(*mine))
    if old is not None:
        if old.subject == claims.subject:
            return old
        raise rules.AlreadyLinked
    values = {"user_id": user.id, "issuer": claims.issuer, "subject": claims.subject, "label": claims.label}
    row = insert(Identity).values(**values, linked_by=by, last_used_at=None if by is LinkedBy.operator else now)
    made = session.scalar(row.on_conflict_do_nothing().returning(Identity.id))
    if made is None:
        raise rules.LinkTaken
    user.made_by_course_id = None
    session.flush()
    return session.get_one(Identity, made)


def create_account(session: Session, *, claims: Claims, now: datetime) -> User | TurnedAway:
    """With the login that the person has there; somebody else's is never taken."""
    wanted = tidy_login(claims.login or claims.number or "")
    if not LOGIN.fullmatch(wanted):
        return turn_away(session, claims, Why.unknown, now=now)
    if find_user(session, login=wanted) is not None:
        return turn_away(session, claims, Why.taken, now=now)
    user = create_user(session, login=wanted, display_name=claims.name or wanted, email=claims.email)
    is_free = claims.number and session.scalar(select(User.id).where(User.student_number == claims.number)) is None
    user.student_number = claims.number if is_free else None
    link(session, user=user, claims=claims, by=LinkedBy.created, now=now)
    return user


def turn_away(session: Session, claims: Claims, why: Why, *, now: datetime) -> TurnedAway:
    """Whoever comes again keeps the code."""
    session.execute(delete(TurnedAway).where(TurnedAway.at < now - CODES_KEPT))
    same = TurnedAway.issuer == claims.issuer, TurnedAway.subject == claims.subject
    row = session.scalar(select(TurnedAway).where(*same).with_for_update())
    if row is None:
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        row = TurnedAway(code=code, issuer=claims.issuer, subject=claims.subject)
        session.add(row)
    row.claimed = {name: getattr(claims, name) for name in ("number", "email", "login", "name")}
    row.reason, row.at = why, now
    session.flush()
    return row


def find_turned_away(session: Session, *, code: str) -> TurnedAway | None:
    return session.scalar(select(TurnedAway).where(TurnedAway.code == code.strip().upper()))


def link_by_code(session: Session, *, code: str, user: User, now: datetime) -> Identity:
    """Support has made sure that it is this person. Raises NotFound, and what `link` raises."""
    row = find_turned_away(session, code=code)
    if row is None:
        raise NotFound
    claims = Claims(issuer=row.issuer, subject=row.subject, **row.claimed)
    made = link(session, user=user, claims=claims, by=LinkedBy.operator, now=now)
    session.delete(row)
    session.flush()
    return made


def list_identities(session: Session, *, user: User) -> list[Identity]:
    return list(
        session.scalars(select(Identity).where(Identity.user_id == user.id, Identity.removed_at.is_(None)).order_by(Identity.id))
    )


def unlink(session: Session, *, user: User, identity_id: int, now: datetime, may_lock_out: bool = False) -> None:
    """Raises LastWayIn where the person could not come back; the operator may do that."""
    session.execute(select(User.id).where(User.id == user.id).with_for_update())
    mine = list_identities(session, user=user)
    found = next((each for each in mine if each.id == identity_id), None)
    if found is None:
        raise NotFound
    if user.password_hash is None and len(mine) == 1 and not may_lock_out:
        raise rules.LastWayIn
    found.removed_at = now
    session.flush()
