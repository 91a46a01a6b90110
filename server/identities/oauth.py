"""Authlib's OAuth client over our own wire."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.client import OAuth2Client

from server import wire
from server.wire import NotReached, Reach

UNREADABLE = "It answered something that cannot be read.", "对方返回了无法识别的内容。"


class Spoken:
    """An answer, in the words that Authlib asks with."""

    def __init__(self, answer: wire.Answer) -> None:
        self.status_code, self.body = answer.status, answer.body

    def json(self) -> Any:
        return read_json(self.body)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise NotReached(f"It answered {self.status_code}.", f"对方返回 {self.status_code}。")


class Session:
    """Stands where Authlib expects `requests` or `httpx`."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Spoken:
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return Spoken(wire.send("POST", url, headers=headers, content=body.encode(), reach=self.reach))


def client_of(reach: Reach, **facts: Any) -> OAuth2Client:
    return OAuth2Client(Session(reach), **facts)


def read_json(body: bytes) -> Any:
    """Raises NotReached: a gateway's error page is no answer."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotReached(*UNREADABLE) from None


def get_object(url: str, *, reach: Reach, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A JSON object. Raises NotReached for anything else."""
    answer = wire.send("GET", url, headers={"accept": "application/json"} | dict(headers or {}), reach=reach)
    if answer.status != 200:
        raise NotReached(f"It answered {answer.status}.", f"对方返回 {answer.status}。")
    found = read_json(answer.body)
    if not isinstance(found, dict):
        raise NotReached(*UNREADABLE)
    return found


class Kept:
    """What was read from elsewhere, for a while; a failure is kept for some seconds too, so that a dead server costs one wait."""

    def __init__(self, read: Callable[[], Any], *, fresh_s: float, clock: Callable[[], float]) -> None:
        self.read, self.fresh_s, self.clock = read, fresh_s, clock
        self.value: Any = None
        self.read_at = self.failed_at = float("-inf")
        self.failure: NotReached | None = None

    FAILURE_S = 5.0

    def get(self) -> Any:
        now = self.clock()
        if now - self.read_at < self.fresh_s:
            return self.value
        if self.failure and now - self.failed_at < self.FAILURE_S:
            raise self.failure
        try:
            self.value, self.read_at, self.failure = self.read(), now, None
        except NotReached as failure:
            self.failure, self.failed_at = failure, now
            raise
        return self.value

    def renew(self, *, at_least_s: float) -> bool:
        """Whether the next `get` reads anew: not more often than every so many seconds."""
        if self.clock() - self.read_at < at_least_s:
            return False
        self.read_at = float("-inf")
        return True
