"""From a click in a learning platform to a person and a place here."""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import BrokenAssignment, UnknownAssignment
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.audit import write_line
from server.courses.models import Course, Enrollment, Role
from server.courses.roster import add_enrollment, lock_roster, touch
from server.courses.roster_refusals import Withdrawn
from server.courses.service import find_enrollment
from server.errors import NotFound
from server.identities import rules as identity_rules
from server.identities import service as identities
from server.identities.departures import Ticket
from server.identities.models import LinkedBy, TurnedAway
from server.identities.rules import Claims, SignInFailed
from server.identities.tokens import Keyring, read_token
from server.lti import keys, rules
from server.lti.models import LearningPlatform, ResourceLink
from server.lti.rules import Launch
from server.settings import Settings
from server.wire import NotReached, Reach, is_usable

ITEM_S = 3600  # a link that was handed back is taken by the platform within this time


@dataclass(frozen=True)
class Arrival:
    """Somebody of whom a platform has said who it is and where he clicked."""

    platform: LearningPlatform
    launch: Launch
    claims: Claims


def reach_of(settings: Settings) -> Reach:
    return Reach(private=settings.lti_private, loopback=settings.lti_private)


@lru_cache(maxsize=256)
def keyring_of(url: str, reach: Reach) -> Keyring:
    return Keyring(url, reach=reach)


def title_of(assignment: Assignment, root: Path) -> Text:
    """Its short name where the folder is gone or broken: no page of a platform should fail for that."""
    try:
        return manifest_of(assignment, root=root).title
    except (UnknownAssignment, BrokenAssignment):
        return Text(en=assignment.slug, zh=assignment.slug)


def find_platform(session: Session, *, issuer: str, client_id: str | None) -> LearningPlatform:
    """One that is approved. Raises NoSuchPlatform, also where an issuer has several and it is not said which."""
    holds = LearningPlatform.removed_at.is_(None), LearningPlatform.approved_at.is_not(None)
    query = select(LearningPlatform).where(LearningPlatform.issuer == issuer, *holds)
    found = session.scalars(query.where(LearningPlatform.client_id == client_id) if client_id else query).all()
    if len(found) != 1:
        raise rules.NoSuchPlatform
    return found[0]


def way_there(platform: LearningPlatform, ticket: Ticket, *, hint: str, message_hint: str | None, back: str) -> str:
    """The platform's own sign-in, which posts its answer to `back`."""
    asked = {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
        "client_id": platform.client_id, "redirect_uri": back, "login_hint": hint, "state": ticket.state, "nonce": ticket.nonce,
    }  # fmt: skip
    if message_hint:
        asked["lti_message_hint"] = message_hint
    return f"{platform.auth_url}{'&' if urlsplit(platform.auth_url).query else '?'}{urlencode(asked)}"


def arrive(session: Session, *, platform_id: int, token: str, ticket: Ticket, settings: Settings, now: datetime) -> Arrival:
    """Raises BadToken, SignInFailed."""
    platform = session.get_one(LearningPlatform, platform_id)
    if platform.removed_at is not None or platform.approved_at is None:
        raise rules.NoSuchPlatform
    reach = reach_of(settings)
    try:
        said = read_token(token, keys=keyring_of(platform.jwks_url, reach))
    except NotReached as error:
        raise SignInFailed(
            f"The keys of {platform.name} cannot be read: {error.said.en} Try again in a minute.",
            f"无法读取{platform.name}的密钥：{error.said.zh}请一分钟后再试。",
        ) from error
    identity_rules.check_claims(said, issuer=platform.issuer, audience=platform.client_id, nonce=ticket.nonce, now=now)
    launch = rules.read_launch(said, deployments=platform.deployments)
    person = rules.person_in(said, platform.namespace)
    return Arrival(platform, launch, identity_rules.read_claims(person, number_claim="number", login_claim="preferred_username"))


def sign_in(session: Session, arrival: Arrival, *, now: datetime) -> User | TurnedAway:
    platform = arrival.platform
    allowed = identities.Allowed([LinkedBy(each) for each in platform.links_by], creates=platform.creates_accounts)
    return identities.sign_in(session, claims=arrival.claims, allowed=allowed, now=now)


def find_link(session: Session, arrival: Arrival, *, settings: Settings) -> ResourceLink | None:
    """As it was bound, by hand or by the token that we have handed back with it; with where its scores go now."""
    launch, platform = arrival.launch, arrival.platform
    of_it = ResourceLink.platform_id == platform.id, ResourceLink.deployment == launch.deployment
    query = select(ResourceLink).where(*of_it, ResourceLink.resource == launch.resource)
    found = session.scalar(query)
    if found is None and launch.custom:
        place = read_place(settings, launch.custom, platform)
        if place is not None:
            found = bind_by_token(session, arrival, place)
    if found is not None:
        note_grading(found, launch, reach_of(settings))
        session.flush()
    return found


def bind_by_token(session: Session, arrival: Arrival, place: Mapping[str, Any]) -> ResourceLink | None:
    course, by = session.get(Course, place["course"]), session.get(User, place["by"])
    assignment = session.get(Assignment, place["assignment"]) if place["assignment"] else None
    if course is None or by is None or (place["assignment"] and (assignment is None or assignment.course_id != course.id)):
        return None
    return bind(session, arrival.platform, arrival.launch, course, assignment, lets_in=bool(place["lets_in"]), by=by)


def bind(
    session: Session,
    platform: LearningPlatform,
    launch: Launch,
    course: Course,
    assignment: Assignment | None,
    *,
    lets_in: bool,
    by: User,
) -> ResourceLink:
    link = ResourceLink(
        platform=platform, deployment=launch.deployment, resource=launch.resource, course=course, assignment=assignment,
        lets_in=lets_in, bound_by=by,
    )  # fmt: skip
    session.add(link)
    session.flush()
    facts = {"platform": platform.name, "lets_in": lets_in, "link": link.id}
    write_line(session, course=course, actor=by, action="lti.bound", assignment=assignment.slug if assignment else None, **facts)
    return link


def note_grading(link: ResourceLink, launch: Launch, reach: Reach) -> None:
    """Addresses of a platform change with its versions: the newest launch knows them."""
    grading = launch.grading
    if not grading.takes_scores:
        return
    if grading.lineitem and is_usable(grading.lineitem, reach):
        link.lineitem_url = grading.lineitem
    if grading.lineitems and is_usable(grading.lineitems, reach):
        link.lineitems_url = grading.lineitems


def enter(session: Session, link: ResourceLink, user: User, launch: Launch) -> Enrollment:
    """The person's place in the link's course. Raises NotInCourse, Withdrawn."""
    course = link.course
    known = find_enrollment(session, course_slug=course.slug, user=user)
    if known is None:
        if not rules.may_join(launch, lets_in=link.lets_in):
            raise rules.NotInCourse(course.title)
        lock_roster(session, course)
        known = find_enrollment(session, course_slug=course.slug, user=user)
        if known is None:
            known = add_enrollment(session, course, user, Role.student, None)
            write_line(session, course=course, actor=user, action="lti.joined", login=user.login, platform=link.platform.name)
            touch(session, course)
    if not known.is_active:
        if known.role is not Role.student:
            raise rules.NotInCourse(course.title)
        raise Withdrawn
    return known


def list_places(session: Session, *, platform: LearningPlatform, user: User) -> list[tuple[Course, list[Assignment]]]:
    """Where this person teaches and the platform may lead."""
    mine = select(Enrollment).where(Enrollment.user_id == user.id).join(Course, Enrollment.course).order_by(Course.slug)
    courses = [
        each.course
        for each in session.scalars(mine)
        if each.is_active and rules.may_pick(each.role) and platform.course_id in (None, each.course_id)
    ]
    of_them = Assignment.course_id.in_([course.id for course in courses])
    listed = session.scalars(select(Assignment).where(of_them).order_by(Assignment.due_at, Assignment.id)).all()
    return [(course, [each for each in listed if each.course_id == course.id]) for course in courses]


def get_place(session: Session, *, platform: LearningPlatform, user: User, place: str) -> tuple[Course, Assignment | None]:
    """place: `course/` or `course/assignment`, by their short names. Raises NotFound."""
    slug, _, name = place.partition("/")
    for course, listed in list_places(session, platform=platform, user=user):
        if course.slug == slug:
            found = next((each for each in listed if each.slug == name), None)
            if found is not None or not name:
                return course, found
    raise NotFound


def place_token(
    settings: Settings, platform: LearningPlatform, course: Course, assignment: Assignment | None, *, lets_in: bool, by: User
) -> str:
    """What the platform keeps with a link and says again at each click; only staff of the course had it made."""
    place = {
        "platform": platform.id, "course": course.id, "assignment": assignment.id if assignment else None,
        "lets_in": lets_in, "by": by.id, "salt": secrets.token_hex(4),
    }  # fmt: skip
    body = urlsafe_b64encode(json.dumps(place).encode()).decode()
    return f"{body}.{place_signature(settings, body)}"


def read_place(settings: Settings, token: str, platform: LearningPlatform) -> dict[str, Any] | None:
    body, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), place_signature(settings, body).encode()):
        return None
    place = json.loads(urlsafe_b64decode(body))
    return place if place["platform"] == platform.id else None


def place_signature(settings: Settings, body: str) -> str:
    return hmac.new(settings.derive_key("lti links"), body.encode(), hashlib.sha256).hexdigest()


def handed_back(
    session: Session,
    settings: Settings,
    *,
    platform: LearningPlatform,
    deployment: str,
    data: str | None,
    title: str,
    url: str,
    token: str,
    is_graded: bool,
    now: datetime,
) -> str:
    """The answer to a platform that has asked which link to make: one link, signed by us."""
    item: dict[str, Any] = {"type": "ltiResourceLink", "title": title, "url": url, "custom": {"gradus": token}}
    if is_graded:
        item["lineItem"] = {"scoreMaximum": float(rules.FULL), "label": title}
    at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": platform.client_id, "aud": platform.issuer, "iat": at, "exp": at + ITEM_S, "nonce": secrets.token_urlsafe(16),
        f"{rules.CLAIM}message_type": "LtiDeepLinkingResponse", f"{rules.CLAIM}version": "1.3.0",
        f"{rules.CLAIM}deployment_id": deployment, f"{rules.DEEP}content_items": [item],
    }  # fmt: skip
    if data is not None:
        claims[f"{rules.DEEP}data"] = data
    return keys.sign(keys.current_key(session, settings), claims)
