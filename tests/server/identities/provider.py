"""An OpenID provider on loopback that speaks the protocol, and can be told to lie."""

import hashlib
import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "gradus", "a client secret"
ADA = {"sub": "u-1", "preferred_username": "Ada.L", "name": "Ada L", "email": "ada@example.edu", "email_verified": True}


def encode(piece: bytes) -> str:
    return urlsafe_b64encode(piece).rstrip(b"=").decode()


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


class FakeProvider:
    """What the next token says is `person` and `claims` above it; `sign` makes a token of claims."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.make_handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.key = self.published = new_key("first")
        self.person: dict[str, Any] = dict(ADA)
        self.claims: dict[str, Any] = {}
        self.details: dict[str, Any] | None = None
        self.algorithm, self.pause_s, self.padding = "RS256", 0.0, ""
        self.metadata: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def make_handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.answer("")

            def do_POST(self) -> None:
                self.answer(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

            def answer(self, body: str) -> None:
                provider.asked.append(urlsplit(self.path).path)
                time.sleep(provider.pause_s)
                status, headers, found = provider.route(self, body)
                content = (json.dumps(found) + provider.padding).encode()
                self.send_response(status)
                for name, value in {**headers, "content-type": "application/json", "content-length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def route(self, request: BaseHTTPRequestHandler, body: str) -> tuple[int, dict[str, str], Any]:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query or body).items()}
        if parts.path == "/.well-known/openid-configuration":
            return 200, {}, self.document()
        if parts.path == "/jwks":
            return 200, {}, {"keys": [self.published.as_dict(private=False)]}
        if parts.path == "/authorize":
            return self.authorize(query)
        if parts.path == "/token":
            return self.token(query, request.headers.get("authorization", ""))
        if parts.path == "/userinfo":
            return 200, {}, self.details
        return 404, {}, {}

    def document(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        known = {name: f"{self.issuer}/{path}" for name, path in places.items()}
        if self.details is not None:
            known["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        return {"issuer": self.issuer, **known, **self.metadata}

    def authorize(self, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        """Whoever comes is signed in as `person` at once."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT_ID and "openid" in query["scope"].split()
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return 302, {"location": f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"}, {}

    def token(self, query: dict[str, str], authorization: str) -> tuple[int, dict[str, str], Any]:
        asked = self.codes.pop(query["code"], None)
        if asked is None or asked["redirect_uri"] != query["redirect_uri"] or not authorization.startswith("Basic "):
            return 400, {}, {"error": "invalid_grant"}
        digest = urlsafe_b64encode(hashlib.sha256(query["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if digest != asked["code_challenge"]:
            return 400, {}, {"error": "invalid_grant", "error_description": "PKCE"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.person}
        return 200, {}, {"access_token": "at", "token_type": "Bearer", "id_token": self.sign({**claims, **self.claims})}

    def sign(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm in ("none", "HS256"):
            pieces = (json.dumps(each).encode() for each in (header, claims))
            body = ".".join(map(encode, pieces))
            public = self.published.as_pem(private=False)  # as a secret, which everybody knows
            return f"{body}.{encode(hmac.digest(public, body.encode(), 'sha256')) if self.algorithm == 'HS256' else ''}"
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


@contextmanager
def running() -> Iterator[FakeProvider]:
    provider = FakeProvider()
    threading.Thread(target=provider.server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
