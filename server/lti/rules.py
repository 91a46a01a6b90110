"""Decisions about LTI: what a launch says, what a score says, what an answer means. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

from grader.protocol import Text
from server.courses.models import Role
from server.deadlines.queries import Account
from server.errors import AppError
from server.gradebook.rules import Grade
from server.identities.rules import BadToken, word

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP, AGS = "https://purl.imsglobal.org/spec/lti-dl/claim/", "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
ITEM_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
RESOURCE, PICKING = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"
LEARNER = re.compile(r"membership(/\w+)?#(Learner|NonCreditLearner)$|^Learner$")
TEACHES = re.compile(r"membership(/\w+)?#(Instructor|TeachingAssistant|ContentDeveloper|Administrator)$|^Instructor$")
FULL = Decimal(100)
MOST_TRIES, MOST_ROLES, LONGEST = 8, 100, 2000
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(hours=2)
SAID = 200


class NoSuchPlatform(AppError):
    status, code = 404, "no_such_platform"

    def __init__(self) -> None:
        super().__init__(
            "This learning platform is not registered here, or the operator has not approved it yet. Tell your instructor.",
            "该学习平台尚未在本站登记，或管理员还未批准。请告知任课教师。",
        )


class NotLinkedYet(AppError):
    status, code = 409, "not_linked_yet"

    def __init__(self) -> None:
        super().__init__(
            "This link leads nowhere yet: an instructor has to open it once and choose an assignment.",
            "此链接尚未设置：需要由教师先打开一次并选择对应的作业。",
        )


class NotInCourse(AppError):
    status, code = 403, "not_in_course"

    def __init__(self, title: Text) -> None:
        super().__init__(
            f"You are not on the roster of {title.en}. Ask its instructor to add you; this link lets nobody in by itself.",
            f"你不在《{title.zh}》的名单上。请联系任课教师添加，此链接不会自动加入课程。",
        )


class BadRegistration(AppError):
    status, code = 422, "bad_registration"

    def __init__(self, name: str, en: str, zh: str) -> None:
        super().__init__(en, zh, field=name)
        self.field = name


class AlreadyRegistered(AppError):
    status, code = 409, "already_registered"

    def __init__(self) -> None:
        super().__init__(
            "This issuer with this client id is registered already.", "该签发者与客户端 ID 的组合已经登记过。", field="client_id"
        )


@dataclass(frozen=True)
class Grading:
    """Where scores go, as a launch says."""

    scopes: frozenset[str] = frozenset()
    lineitem: str | None = None
    lineitems: str | None = None

    @property
    def takes_scores(self) -> bool:
        return SCORE_SCOPE in self.scopes and bool(self.lineitem or (self.lineitems and ITEM_SCOPE in self.scopes))


@dataclass(frozen=True)
class Launch:
    """What a platform says of one click."""

    kind: str
    deployment: str
    resource: str | None = None
    is_learner: bool = False
    is_teacher: bool = False
    custom: str | None = None
    grading: Grading = field(default_factory=Grading)
    return_url: str | None = None
    data: str | None = None


def read_launch(claims: Mapping[str, Any], *, deployments: list[str]) -> Launch:
    """Of a token that holds. Raises BadToken."""
    if claims.get(f"{CLAIM}version") != "1.3.0":
        raise BadToken("another version of LTI")
    deployment = claims.get(f"{CLAIM}deployment_id")
    if not isinstance(deployment, str) or deployment not in deployments:
        raise BadToken("another deployment")
    listed = claims.get(f"{CLAIM}roles")
    roles = [each for each in (listed if isinstance(listed, list) else [])[:MOST_ROLES] if isinstance(each, str)]
    shared = {
        "deployment": deployment,
        "is_learner": any(LEARNER.search(each) for each in roles),
        "is_teacher": any(TEACHES.search(each) for each in roles),
    }
    kind = claims.get(f"{CLAIM}message_type")
    if kind == RESOURCE:
        resource, custom = text_in(claims, f"{CLAIM}resource_link", "id"), text_in(claims, f"{CLAIM}custom", "gradus")
        if not resource:
            raise BadToken("no resource link")
        return Launch(kind, resource=resource, custom=custom, grading=read_grading(claims.get(AGS)), **shared)
    if kind == PICKING:
        wanted = f"{DEEP}deep_linking_settings"
        return_url, data = text_in(claims, wanted, "deep_link_return_url"), text_in(claims, wanted, "data")
        types = (claims.get(wanted) or {}).get("accept_types") if isinstance(claims.get(wanted), dict) else None
        if not return_url or not isinstance(types, list) or "ltiResourceLink" not in types:
            raise BadToken("no way to hand a link back")
        return Launch(kind, return_url=return_url, data=data, **shared)
    raise BadToken("another kind of message")


def text_in(claims: Mapping[str, Any], name: str, key: str) -> str | None:
    held = claims.get(name)
    value = held.get(key) if isinstance(held, dict) else None
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST else None


def read_grading(claim: object) -> Grading:
    if not isinstance(claim, dict):
        return Grading()
    scopes = claim.get("scope")
    named = frozenset(each for each in scopes if isinstance(each, str)) if isinstance(scopes, list) else frozenset()
    held = {"ags": claim}
    return Grading(named, text_in(held, "ags", "lineitem"), text_in(held, "ags", "lineitems"))


def person_in(claims: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """As a provider would say it: the platform's operator vouches for numbers and addresses, or is not listened to."""
    lis = claims.get(f"{CLAIM}lis")
    number = word(lis.get("person_sourcedid")) if isinstance(lis, dict) else None
    known = {name: claims.get(name) for name in ("email", "name", "preferred_username")}
    return {"iss": namespace, "sub": claims["sub"], "number": number, "email_verified": True, **known}


def may_join(launch: Launch, *, lets_in: bool) -> bool:
    """Only as a student: who teaches comes in by the roster alone."""
    return lets_in and launch.is_learner and not launch.is_teacher


def may_pick(role: Role | None) -> bool:
    return role is not None and role.is_staff


def score_to_send(account: Account, assignment_id: int) -> dict[str, Any] | None:
    """What the platform should show for a student; None while nothing was handed in."""
    counted = account.settled.get(assignment_id)
    if counted is not None and counted.counts:
        return finished(counted.total)
    if account.tries.get(assignment_id):
        return {"activityProgress": "Submitted", "gradingProgress": "Pending"}
    return None


def place_to_send(account: Account, assignment_id: int, *, points: Decimal | None) -> dict[str, Any] | None:
    """Of a competition. `points`: by the place on the board, once that is released; None while it is not, or without a place."""
    if points is not None:
        return finished(points)
    if account.tries.get(assignment_id):
        return {"activityProgress": "Submitted", "gradingProgress": "Pending"}
    return None


def grade_to_send(grade: Grade | None) -> dict[str, Any] | None:
    """The course's grade so far; final once nothing of it is open. None while grades are not shown, or nothing is decided."""
    if grade is None or grade.so_far is None:
        return None
    if grade.is_final:
        return finished(grade.so_far)
    given = {"scoreGiven": float(grade.so_far), "scoreMaximum": float(FULL)}
    return given | {"activityProgress": "InProgress", "gradingProgress": "Pending"}


def finished(points: Decimal) -> dict[str, Any]:
    total = max(Decimal(0), min(FULL, points))
    progress = {"activityProgress": "Completed", "gradingProgress": "FullyGraded"}
    return {"scoreGiven": float(total), "scoreMaximum": float(FULL), **progress}


EMPTY = {"activityProgress": "Initialized", "gradingProgress": "NotReady"}  # takes back what was sent before


def score_message(wanted: Mapping[str, Any], *, subject: str, wanted_at: datetime) -> dict[str, Any]:
    """`wanted_at` is the moment of the change: a platform keeps the newest, in whatever order they arrive."""
    at = wanted_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {**wanted, "userId": subject, "timestamp": at}


@dataclass(frozen=True)
class Outcome:
    """What came of a try. `again`: later it may work; `forgets_token`, `forgets_item`: with a new one at once."""

    sent: bool
    said: Text
    again: bool = False
    forgets_token: bool = False
    forgets_item: bool = False
    wait: timedelta | None = None  # that the platform asks for


TAKEN = Outcome(True, Text(en="The platform has taken it.", zh="平台已接收。"))


def judge(status: int, headers: Mapping[str, str]) -> Outcome:
    if 200 <= status < 300:
        return TAKEN
    said = Text(en=f"The platform answered {status}.", zh=f"平台返回 {status}。")
    if status == 401:
        return Outcome(False, said, again=True, forgets_token=True)
    if status == 429 or status >= 500:
        return Outcome(False, said, again=True, wait=asked_wait(headers.get("retry-after")))
    if status in (404, 410):
        return Outcome(False, said, again=True, forgets_item=True)
    return Outcome(False, said)


def asked_wait(value: str | None) -> timedelta | None:
    is_seconds = value is not None and value.isascii() and value.isdigit() and len(value) < 8
    return min(LONGEST_PAUSE, timedelta(seconds=int(value))) if is_seconds else None


def pause_after(tries: int, wait: timedelta | None = None) -> timedelta:
    """Each pause is three times the one before, and never shorter than the platform asks for."""
    own = min(LONGEST_PAUSE, FIRST_PAUSE * 3 ** min(max(tries, 1) - 1, 10))
    return max(own, wait or own)


NEXT = re.compile(r"<([^>]+)>\s*;[^,]*?\brel=\"?next\"?")


def next_page(headers: Mapping[str, str], url: str) -> str | None:
    """Of a list that comes in pages; only where the list itself came from."""
    found = NEXT.search(headers.get("link", ""))
    address = urljoin(url, found[1]) if found else None
    return address if address and urlsplit(address)[:2] == urlsplit(url)[:2] else None


def item_matches(item: object, *, resource: str, ours: str) -> bool:
    """A line item of the very link, or one that we have made for the assignment."""
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        return False
    return item.get("resourceLinkId") == resource or (item.get("resourceId") == ours and not item.get("resourceLinkId"))
