"""A mail server on loopback that keeps what it was given."""

import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from server.settings import Settings


class Mailbox:
    """`answer`: what it says to the next letter."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 taken"

    async def handle_DATA(self, _server: object, _session: object, envelope: SimpleNamespace) -> str:
        if self.answer.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def mailing(settings: Settings, mailbox: tuple[Mailbox, int]) -> Settings:
    """As of an operator who has a mail server."""
    known = {"smtp_host": "127.0.0.1", "smtp_port": mailbox[1], "smtp_from": "gradus@gradus.test", "smtp_tls": False}
    return settings.model_copy(update=known | {"public_url": "https://gradus.test"})
