"""Where a sitting goes on: one tab at a time. The same browser takes over by itself, another one asks."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.exams.models import Place, PlaceState, Sitting, SittingEvent

AGENT_CHARACTERS = 200
DIGEST = 16


@dataclass(frozen=True)
class Here:
    """From where somebody asks. browser: digest of the session, or the token, and of the user agent."""

    browser: str
    agent: str
    address: str


def here(key: bytes, *, credential: str, agent: str, address: str) -> Here:
    digest = hmac.new(key, f"{credential}\n{agent}".encode(), hashlib.sha256).hexdigest()[:DIGEST]
    return Here(browser=digest, agent=agent[:AGENT_CHARACTERS], address=address)


def hash_key(key: str) -> str:
    """Keys are random, so a plain fast hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def enter(session: Session, *, sitting: Sitting, at: Here, now: datetime) -> tuple[Place, str]:
    """A new place for this tab, and its key. Called under the sitting's lock."""
    active = find_active(session, sitting)
    is_free = active is None or active.browser == at.browser or not sitting.exam.asks_to_move
    key = secrets.token_urlsafe(24)
    place = Place(
        sitting_id=sitting.id, key_hash=hash_key(key), browser=at.browser, agent=at.agent, address=at.address,
        state=PlaceState.waiting, opened_at=now,
    )  # fmt: skip
    session.add(place)
    session.flush()
    if is_free:
        move_to(session, place, active=active)
    is_elsewhere = active is not None and active.browser != at.browser
    kind = "place.opened" if is_free else "place.waiting"
    changed = {"is_other_browser": is_elsewhere, "is_other_address": active is not None and active.address != at.address}
    note(session, sitting, kind, place=place.id, address=at.address, agent=at.agent, **changed)
    return place, key


def find_active(session: Session, sitting: Sitting) -> Place | None:
    return session.scalar(select(Place).where(Place.sitting_id == sitting.id, Place.state == PlaceState.active))


def list_waiting(session: Session, sitting: Sitting) -> list[Place]:
    waiting = Place.sitting_id == sitting.id, Place.state == PlaceState.waiting
    return list(session.scalars(select(Place).where(*waiting).order_by(Place.id)))


def move_to(session: Session, place: Place, *, active: Place | None) -> None:
    """The sitting goes on here; whoever waited elsewhere need not any more."""
    others = Place.sitting_id == place.sitting_id, Place.id != place.id
    open_ones = Place.state.in_((PlaceState.active, PlaceState.waiting))
    session.execute(update(Place).where(*others, open_ones).values(state=PlaceState.left))
    if active is not None:
        session.expire(active)
    place.state = PlaceState.active
    session.flush()


def permit(session: Session, *, sitting: Sitting, place: Place, by: User, is_permitted: bool, now: datetime) -> None:
    """An invigilator's answer to a place that waits. Called under the sitting's lock; answered already, nothing changes."""
    if place.state is not PlaceState.waiting:
        return
    place.permitted_by_id, place.permitted_at = by.id, now
    if is_permitted:
        move_to(session, place, active=find_active(session, sitting))
    else:
        place.state = PlaceState.refused
    kind = "place.permitted" if is_permitted else "place.refused"
    note(session, sitting, kind, actor=by, place=place.id)
    about = {"exam": sitting.exam.assignment.slug, "student": sitting.student.login, "place": place.id}
    write_line(session, course=sitting.exam.assignment.course, actor=by, action=f"exam.{kind}", **about)


def note(session: Session, sitting: Sitting, kind: str, *, actor: User | None = None, **facts: object) -> SittingEvent:
    """What an invigilator should know of this sitting."""
    event = SittingEvent(sitting_id=sitting.id, kind=kind, facts=facts, actor_id=actor.id if actor else None)
    session.add(event)
    session.flush()
    return event
