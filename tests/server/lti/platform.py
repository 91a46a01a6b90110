"""A learning platform on loopback that speaks LTI 1.3 and Assignment and Grade Services, and can be told to misbehave."""

import hmac
import html
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID, DEPLOYMENT = "client-7", "1"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP, AGS = "https://purl.imsglobal.org/spec/lti-dl/claim/", "https://purl.imsglobal.org/spec/lti-ags/"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
SCOPES = [f"{AGS}scope/score", f"{AGS}scope/lineitem"]
PAGE = 2


def encode(piece: bytes) -> str:
    return urlsafe_b64encode(piece).rstrip(b"=").decode()


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


class FakePlatform:
    """`tool_keys` is how it reads our public keys; `statuses` are what it answers to the next scores."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.make_handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.key = self.published = new_key("first")
        self.algorithm = "RS256"
        self.roles, self.subject, self.resource = [LEARNER], "s-1", "link-1"
        self.claims: dict[str, Any] = {}
        self.grading: dict[str, Any] | None = {"scope": SCOPES, "lineitems": f"{self.issuer}/items"}
        self.items: list[dict[str, Any]] = []
        self.scores: list[tuple[str, dict[str, Any]]] = []
        self.statuses: list[int] = []
        self.retry_after: str | None = None
        self.tokens: list[str] = []
        self.token_status = 200
        self.asked: list[str] = []
        self.tool_keys: Callable[[], dict[str, Any]] = dict

    def make_handler(self) -> type[BaseHTTPRequestHandler]:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.answer("")

            def do_POST(self) -> None:
                self.answer(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

            def answer(self, body: str) -> None:
                platform.asked.append(f"{self.command} {self.path}")
                status, headers, found = platform.route(self, body)
                content = found.encode() if isinstance(found, str) else json.dumps(found).encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def route(self, request: BaseHTTPRequestHandler, body: str) -> tuple[int, dict[str, str], Any]:
        parts = urlsplit(request.path)
        if parts.path == "/jwks":
            return 200, {}, {"keys": [self.published.as_dict(private=False)]}
        if parts.path == "/auth":
            return 200, {}, self.form({name: values[0] for name, values in parse_qs(parts.query).items()})
        if parts.path == "/token":
            return self.token({name: values[0] for name, values in parse_qs(body).items()})
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens[-1:]:
            return 401, {}, {}
        if parts.path == "/items":
            return self.list_items(parts.query) if request.command == "GET" else self.make_item(json.loads(body))
        if parts.path.endswith("/scores"):
            return self.take_score(parts.path.removesuffix("/scores"), json.loads(body))
        return 404, {}, {}

    def form(self, asked: dict[str, str]) -> str:
        """The page with which it sends the browser back; whoever comes is signed in at once."""
        assert asked["client_id"] == CLIENT_ID and asked["response_mode"] == "form_post" and asked["prompt"] == "none"
        assert asked["login_hint"] == "hint" and asked["lti_message_hint"] == "message"
        fields = {"state": asked["state"], "id_token": self.sign(self.say(asked["nonce"]))}
        inputs = "".join(f'<input name="{name}" value="{html.escape(value)}">' for name, value in fields.items())
        return f'<form method="post" action="{html.escape(asked["redirect_uri"])}">{inputs}</form>'

    def say(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, "sub": self.subject,
            "name": "Lin Xiao", "email": "lin@example.edu", f"{CLAIM}version": "1.3.0", f"{CLAIM}deployment_id": DEPLOYMENT,
            f"{CLAIM}message_type": "LtiResourceLinkRequest", f"{CLAIM}roles": self.roles,
            f"{CLAIM}resource_link": {"id": self.resource}, f"{AGS}claim/endpoint": self.grading,
            f"{CLAIM}lis": {"person_sourcedid": "2026001"},
        }  # fmt: skip
        return {name: value for name, value in {**said, **self.claims}.items() if value is not None}

    def picking(self) -> dict[str, Any]:
        """The claims of somebody who asks which link to make."""
        settings = {
            "deep_link_return_url": f"{self.issuer}/return", "accept_types": ["ltiResourceLink"], "data": "opaque",
            "accept_presentation_document_targets": ["window"],
        }  # fmt: skip
        kind = {f"{CLAIM}message_type": "LtiDeepLinkingRequest", f"{CLAIM}resource_link": None}
        return {**kind, f"{DEEP}deep_linking_settings": settings}

    def sign(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm in ("none", "HS256"):
            pieces = (json.dumps(each).encode() for each in (header, claims))
            body = ".".join(map(encode, pieces))
            public = self.published.as_pem(private=False)  # as a secret, which everybody knows
            return f"{body}.{encode(hmac.digest(public, body.encode(), 'sha256')) if self.algorithm == 'HS256' else ''}"
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])

    def read(self, token: str) -> dict[str, Any]:
        """Something that we have signed, by our published keys."""
        return jwt.decode(token, KeySet.import_key_set(self.tool_keys()), algorithms=["RS256"]).claims

    def token(self, asked: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        if self.token_status != 200:
            return self.token_status, {}, {"error": "temporarily_unavailable"}
        said = self.read(asked["client_assertion"])
        assert asked["grant_type"] == "client_credentials" and set(asked["scope"].split()) == set(SCOPES)
        assert asked["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert said["iss"] == said["sub"] == CLIENT_ID and said["aud"] == f"{self.issuer}/token"
        assert said["jti"] and said["exp"] > time.time()
        self.tokens.append(f"token-{len(self.tokens)}")
        return 200, {}, {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 3600}

    def list_items(self, query: str) -> tuple[int, dict[str, str], Any]:
        start = int(parse_qs(query).get("start", ["0"])[0])
        more = {"link": f'<{self.issuer}/items?start={start + PAGE}>; rel="next"'} if start + PAGE < len(self.items) else {}
        return 200, more, self.items[start : start + PAGE]

    def make_item(self, item: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        made = {**item, "id": f"{self.issuer}/items/{len(self.items) + 1}?type=7"}
        self.items.append(made)
        return 201, {}, made

    def take_score(self, item: str, score: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.scores.append((item, score))
        return status, {"retry-after": self.retry_after} if self.retry_after else {}, {}

    def held(self, subject: str = "s-1") -> dict[str, Any]:
        """What it shows of somebody: the score with the newest timestamp."""
        return max((score for _, score in self.scores if score["userId"] == subject), key=lambda score: score["timestamp"])


@contextmanager
def running() -> Iterator[FakePlatform]:
    platform = FakePlatform()
    threading.Thread(target=platform.server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield platform
    finally:
        platform.server.shutdown()
        platform.server.server_close()
