"""E-mail over a real connection: what is refused, what is asked again, what may have arrived, and whom we trust."""

import datetime as dt
import email
import email.policy
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from server.channels import mail, rules
from server.channels.mail import send_mail
from server.channels.models import Sending
from server.settings import Settings


class Post:
    """A mail server. `recipient` and `data` are its answers; None hangs up instead."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.signed_in: list[tuple[str, str]] = []
        self.recipient: str | None = None
        self.data: str | None = "250 taken"

    async def handle_RCPT(self, server: SMTP, _session: object, envelope: Any, address: str, _options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient or "250 ok"

    async def handle_DATA(self, server: SMTP, _session: object, envelope: SimpleNamespace) -> str:
        if self.data is None:
            server.transport.abort()
            return "421 gone"
        if self.data.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.data

    def sign_in(self, _server: SMTP, _session: object, _envelope: object, _mechanism: str, known: Any) -> AuthResult:
        self.signed_in.append((known.login.decode(), known.password.decode()))
        return AuthResult(success=known.password == b"hush")


class RudeSMTP(SMTP):
    """Ends with an error after all is said."""

    async def smtp_QUIT(self, arg: str) -> None:
        await self.push("500 no such word")


@pytest.fixture
def serve(settings: Settings) -> Iterator[Callable[..., tuple[Post, Settings]]]:
    running: list[Controller] = []

    def serve(kind: type[SMTP] = SMTP, *, at_once: ssl.SSLContext | None = None, **options: Any) -> tuple[Post, Settings]:
        """`at_once`: encrypted from the first byte."""
        post = Post()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        class Server(Controller):
            def factory(self) -> SMTP:
                return kind(self.handler, authenticator=post.sign_in, **options)

        server = Server(post, hostname="127.0.0.1", port=port, ssl_context=at_once)
        server.start()
        running.append(server)
        known = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "Gradus <gradus@edu.test>", "smtp_tls": False}
        return post, settings.model_copy(update=known)

    yield serve
    for server in running:
        server.stop()


def test_a_letter_says_that_a_program_wrote_it(serve: Callable[..., tuple[Post, Settings]]) -> None:
    post, settings = serve()
    assert send_mail("ada@edu.test", "Week 3\nBcc: eve@edu.test", "第三周停课。", settings=settings) == rules.SENT
    (letter,) = post.letters
    assert letter["subject"] == "Week 3 Bcc: eve@edu.test" and letter["bcc"] is None
    assert letter["auto-submitted"] == "auto-generated" and letter["message-id"].endswith("@edu.test>") and letter["date"]
    assert letter.get_content().strip() == "第三周停课。"


@pytest.mark.parametrize(
    ("recipient", "data", "state", "again"),
    [
        ("550 nobody", "250 ok", Sending.failed, False),
        ("450 greylisted", "250 ok", Sending.failed, True),
        (None, "554 spam", Sending.failed, False),
        (None, "451 later", Sending.failed, True),
        (None, None, Sending.unclear, False),
    ],
)
def test_only_what_surely_has_not_arrived_is_sent_again(
    serve: Callable[..., tuple[Post, Settings]], recipient: str | None, data: str | None, state: Sending, again: bool
) -> None:
    post, settings = serve()
    post.recipient, post.data = recipient, data
    outcome = send_mail("ada@edu.test", "x", "x", settings=settings)
    assert (outcome.state, outcome.again) == (state, again) and post.letters == []


def test_a_server_that_takes_it_and_parts_in_anger_has_taken_it(serve: Callable[..., tuple[Post, Settings]]) -> None:
    post, settings = serve(RudeSMTP)
    assert send_mail("ada@edu.test", "x", "x", settings=settings) == rules.SENT and len(post.letters) == 1


def test_nothing_has_left_where_nobody_answers(serve: Callable[..., tuple[Post, Settings]]) -> None:
    _, settings = serve()
    outcome = send_mail("ada@edu.test", "x", "x", settings=settings.model_copy(update={"smtp_port": 9}))
    assert (outcome.state, outcome.again) == (Sending.failed, True) and "reached" in outcome.said.en


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, signed by itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (tmp_path / "certificate").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    return tmp_path / "certificate"


@pytest.mark.parametrize("is_trusted", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
def test_the_password_goes_only_to_a_server_whose_certificate_is_trusted(
    serve: Callable[..., tuple[Post, Settings]],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_trusted: bool,
    at_once: bool,
) -> None:
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate, certificate.with_name("key"))
    post, settings = serve(at_once=own, auth_require_tls=False) if at_once else serve(tls_context=own, require_starttls=True)
    if at_once:
        monkeypatch.setattr(mail, "TLS_AT_ONCE", settings.smtp_port)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    signing = settings.model_copy(update={"smtp_tls": True, "smtp_login": "gradus", "smtp_password": SecretStr("hush")})
    outcome = send_mail("ada@edu.test", "x", "x", settings=signing)
    assert (outcome == rules.SENT) is is_trusted
    assert post.signed_in == ([("gradus", "hush")] if is_trusted else [])
    assert is_trusted or "certificate" in outcome.said.en
