"""The platform's HTTP API as the commands use it: every failure becomes a Problem that says what to do."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from server.cli.credentials import Credentials, load_credentials
from server.cli.exits import ExitCode, Problem

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
TRIES, PAUSE_S = 3, 1.0
FROM_PROXIES = (502, 503, 504)  # while the app behind one restarts
DOWNLOAD_TIMEOUT = httpx.Timeout(150.0, connect=5.0)  # whoever pulls first waits until the public cases are recorded
SILENCE_S = 60.0  # the server says "still here" on an event stream more often than this


class CutOff(Problem):
    """The request may have arrived; the answer did not."""


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    data: Any


class Client:
    """One signed-in connection to a server."""

    def __init__(self, url: str, token: str | None = None, *, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        base = f"{self.url}/api/v1"
        self._http = httpx.Client(base_url=base, headers=headers, timeout=TIMEOUT, transport=transport, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, **parameters: Any) -> Any:
        return self._json("GET", path, params={name: value for name, value in parameters.items() if value is not None})

    def get_all(self, path: str) -> list[Any]:
        """A list that may come in pages, whole."""
        found, address = [], httpx.URL(f"{self.url}/api/v1{path}")
        while True:
            response = self._request("GET", str(address))
            found += self._content(response)
            if "next" not in response.links:
                return found
            address = response.url.join(response.links["next"]["url"])

    def post(self, path: str, **arguments: Any) -> Any:
        return self._json("POST", path, **arguments)

    def put(self, path: str, **arguments: Any) -> Any:
        return self._json("PUT", path, **arguments)

    def delete(self, path: str) -> Any:
        return self._json("DELETE", path)

    def post_once(self, path: str, **arguments: Any) -> Any:
        """Where the answer is cut off, send it again under the same key: the server does it once and answers the same."""
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        for tries_left in reversed(range(TRIES)):
            try:
                return self.post(path, headers=headers, **arguments)
            except CutOff as problem:
                problem.next_step = "it may have arrived all the same; look before you send it again: gradus status"
                if not tries_left:
                    raise
            time.sleep(PAUSE_S)

    def download(self, path: str) -> bytes:
        return self._request("GET", path, timeout=DOWNLOAD_TIMEOUT).content

    def events(self, path: str) -> Iterator[Event]:
        """Server-sent events until the server ends the stream."""
        headers = {"Accept": "text/event-stream"}
        with (
            told_plainly(self.url),
            self._http.stream("GET", path, headers=headers, timeout=httpx.Timeout(SILENCE_S, connect=5.0)) as response,
        ):
            if response.is_error:
                response.read()
                raise refusal(response)
            yield from parse_events(response.iter_lines())

    def _json(self, method: str, path: str, **arguments: Any) -> Any:
        return self._content(self._request(method, path, **arguments))

    def _content(self, response: httpx.Response) -> Any:
        try:
            return response.json() if response.content else None
        except ValueError as error:
            why = f"{response.url} did not answer with JSON"
            raise Problem(f"{self.url} does not look like a Gradus server.", why=why, next_step="check the address") from error

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        with told_plainly(self.url):
            response = self._http.request(method, path, **arguments)
        if not response.is_success:
            raise refusal(response)
        return response


def signed_in() -> Client:
    """A client with the stored token."""
    credentials: Credentials = load_credentials()
    return Client(credentials.url, credentials.token)


@contextmanager
def told_plainly(url: str) -> Iterator[None]:
    """Whatever the network does, the reader gets a sentence."""
    try:
        yield
    except httpx.ConnectError as error:
        next_step = "check the address and your network; a server of your own starts with: gradus up"
        raise Problem(f"No server answers at {url}.", why=str(error), next_step=next_step) from error
    except httpx.TimeoutException as error:
        raise CutOff(f"{url} took too long to answer.", why=str(error), next_step="try again in a minute") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error) or type(error).__name__
        raise CutOff(f"The connection to {url} broke off.", why=why, next_step="try again") from error


def refusal(response: httpx.Response) -> Problem:
    """A problem document (RFC 9457), or whatever else came back, as a Problem."""
    details = problem_document(response)
    what = str(details.get("detail") or details.get("title") or f"The server answered {response.status_code}.")
    if response.status_code >= 500:
        kind = CutOff if response.status_code in FROM_PROXIES else Problem
        return kind(what, why=f"HTTP {response.status_code}", next_step="nothing is lost; try again in a minute")
    if response.status_code == 401:
        return Problem(what, next_step=way_back_in(response, details), code=ExitCode.refused)
    if response.status_code == 404:
        next_step = "your courses, assignments and submissions: gradus status"
        return Problem(what, why="not_found, HTTP 404", next_step=next_step, code=ExitCode.refused)
    why = ", ".join(part for part in (str(details.get("code") or ""), f"HTTP {response.status_code}") if part)
    return Problem(what, why=why, next_step=when_again(details), code=ExitCode.refused)


def when_again(details: Mapping[str, Any]) -> str:
    """Where only a new day takes more: its beginning on the reader's own clock."""
    from server.cli.report import local_time

    return f"try again from {local_time(details['next_at'])}, by your clock" if details.get("next_at") else ""


def way_back_in(response: httpx.Response, details: Mapping[str, Any]) -> str:
    """A wrong password is typed again; a token that is not known (any more) is replaced by signing in."""
    if details.get("code") == "wrong_credentials":
        return "type them again, as on the web page; if the password is forgotten, ask the staff"
    return f"sign in: gradus login {origin(response)}"


def problem_document(response: httpx.Response) -> Mapping[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def origin(response: httpx.Response) -> str:
    return str(response.request.url.copy_with(path="/", query=None)).rstrip("/")


def parse_events(lines: Iterator[str]) -> Iterator[Event]:
    """The fields of each event up to its blank line; comments (`: still here`) are skipped."""
    name, data = "message", []
    for line in lines:
        if not line:
            if data:
                yield Event(name, json.loads("\n".join(data)))
            name, data = "message", []
        elif line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
