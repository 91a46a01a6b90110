"""A platform's Assignment and Grade Services: a token for our signature, the line item of a link, one score."""

import json
import time
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import RSAKey

from grader.protocol import Text
from server import wire
from server.identities.oauth import client_of, read_json
from server.lti import rules
from server.lti.rules import Outcome
from server.wire import NotReached, Reach

ITEM, ITEMS = "application/vnd.ims.lis.v2.lineitem+json", "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
SCOPES = f"{rules.SCORE_SCOPE} {rules.ITEM_SCOPE}"
MOST_PAGES, EARLY_S = 20, 60.0

_tokens: dict[tuple[int, str], tuple[str, float]] = {}  # of this process: platform and scopes → token, and until when


@dataclass(frozen=True)
class Place:
    """What is needed to send a score; plain data, so that no transaction is open meanwhile."""

    platform_id: int
    client_id: str
    token_url: str
    resource: str
    ours: str  # our name for what is graded
    title: str
    lineitem_url: str | None
    lineitems_url: str | None
    key: RSAKey
    reach: Reach


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.said.en)
        self.outcome = outcome


def send_score(place: Place, message: dict[str, Any]) -> tuple[Outcome, str | None]:
    """What came of it, and the line item's address. A token that is refused is replaced once, at once."""
    url = place.lineitem_url
    try:
        for is_last in (False, True):
            try:
                url = url or find_or_make_item(place)
                ask(place, "POST", below(url, "scores"), SCORE, content=message)
                return rules.TAKEN, url
            except Refused as refusal:
                if refusal.outcome.forgets_token and not is_last:
                    forget_token(place)
                    continue
                return refusal.outcome, None if refusal.outcome.forgets_item else url
    except NotReached as error:
        return Outcome(False, error.said, again=True), url
    raise AssertionError("the last try returns")


def below(url: str, name: str) -> str:
    """A line item's address may carry a query; what is below it goes before that."""
    path, mark, query = url.partition("?")
    return f"{path.rstrip('/')}/{name}{mark}{query}"


def find_or_make_item(place: Place) -> str:
    if not place.lineitems_url:
        raise Refused(Outcome(False, Text(en="The platform offers no place for scores.", zh="平台没有提供成绩回传的位置。")))
    found = find_item(place, place.lineitems_url)
    if found is not None:
        return found
    item = {
        "scoreMaximum": float(rules.FULL), "label": place.title, "resourceId": place.ours, "resourceLinkId": place.resource,
    }  # fmt: skip
    made = read_json(ask(place, "POST", place.lineitems_url, ITEM, content=item, accept=ITEM).body)
    if not isinstance(made, dict) or not isinstance(made.get("id"), str):
        raise Refused(Outcome(False, Text(en="The platform has made no line item.", zh="平台没有建立成绩项。"), again=True))
    return made["id"]


def find_item(place: Place, url: str) -> str | None:
    """Page by page, as far as anybody would look."""
    for _ in range(MOST_PAGES):
        answer = ask(place, "GET", url, None, accept=ITEMS)
        listed = read_json(answer.body)
        for each in listed if isinstance(listed, list) else []:
            if rules.item_matches(each, resource=place.resource, ours=place.ours):
                return each["id"]
        following = rules.next_page(answer.headers, url)
        if following is None:
            return None
        url = following
    return None


def ask(
    place: Place, method: str, url: str, kind: str | None, *, content: dict[str, Any] | None = None, accept: str | None = None
) -> wire.Answer:
    """Raises Refused, NotReached."""
    headers = {"authorization": f"Bearer {token_for(place)}", "accept": accept or "application/json"}
    if kind is not None:
        headers["content-type"] = kind
    body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
    answer = wire.send(method, url, headers=headers, content=body, reach=place.reach)
    outcome = rules.judge(answer.status, answer.headers)
    if not outcome.sent:
        raise Refused(outcome)
    return answer


def token_for(place: Place) -> str:
    """Kept until a minute before its end. RFC 7523: our signature instead of a secret."""
    held = _tokens.get((place.platform_id, place.token_url))
    if held and time.monotonic() < held[1]:
        return held[0]
    sign = PrivateKeyJWT(place.token_url, headers={"kid": place.key.kid})
    client = client_of(place.reach, client_id=place.client_id, client_secret=place.key, token_endpoint_auth_method=sign)
    try:
        told = client.fetch_token(place.token_url, grant_type="client_credentials", scope=SCOPES)
    except AuthlibBaseError as error:
        said = f"The platform gives us no token: {error.error}.", f"平台拒绝签发访问令牌：{error.error}。"
        raise Refused(Outcome(False, Text(en=said[0], zh=said[1]), again=True)) from error
    token, lasts = told.get("access_token"), told.get("expires_in", 3600)
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise NotReached("It answered with no token.", "对方没有返回访问令牌。")
    until = time.monotonic() + max(0.0, (lasts if isinstance(lasts, int | float) else 3600) - EARLY_S)
    _tokens[(place.platform_id, place.token_url)] = (token, until)
    return token


def forget_token(place: Place) -> None:
    _tokens.pop((place.platform_id, place.token_url), None)
