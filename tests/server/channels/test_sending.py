"""What really goes over the wire, to whom, and what is made of the answer."""

import base64
import hashlib
import hmac
import logging
import socket
from email.message import Message
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from apprise.plugins import dingtalk, feishu, lark, wecombot

from server import wire
from server.channels import rules
from server.channels.models import Kind, Sending
from server.channels.sending import Parcel, carry, send
from server.settings import Settings
from tests.server.channels.conftest import KEYS, Bot

PARCEL = Parcel("作业 2 发布", "截止 **周日**，见 [作业](https://gradus.test/x)。", "https://gradus.test/courses/dl-2026")
TOKEN = "aaaabbbbccccddddeeeeffff00001234"


@pytest.fixture
def at_bot(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """The groups' servers are this one; all else is as it is."""
    monkeypatch.setattr(wecombot.NotifyWeComBot, "notify_url", f"{bot.url}/cgi-bin/webhook/send?key={{key}}")
    monkeypatch.setattr(feishu.NotifyFeishu, "notify_url", f"{bot.url}/open-apis/bot/v2/hook/{{token}}/")
    monkeypatch.setattr(lark.NotifyLark, "notify_url", f"{bot.url}/open-apis/bot/v2/hook/")
    monkeypatch.setattr(dingtalk.NotifyDingTalk, "notify_url", f"{bot.url}/robot/send?access_token={{token}}")
    return bot


def test_wecom_gets_text_that_fits(at_bot: Bot, open_settings: Settings) -> None:
    long = Parcel(PARCEL.title, "长" * 3000, PARCEL.link)
    assert send(Kind.wecom, {"to": TOKEN}, long, settings=open_settings) == rules.SENT
    ((path, said),) = at_bot.heard
    assert path == f"/cgi-bin/webhook/send?key={TOKEN}" and said["msgtype"] == "text"
    content = said["text"]["content"]
    assert content.startswith(PARCEL.title) and content.endswith(PARCEL.link) and len(content.encode()) <= 2048


@pytest.mark.parametrize("kind", [Kind.feishu, Kind.lark])
def test_feishu_gets_a_card(at_bot: Bot, open_settings: Settings, kind: Kind) -> None:
    at_bot.answer = (200, {}, b'{"code":0,"msg":"success","data":{}}')
    assert send(kind, {"to": TOKEN}, PARCEL, settings=open_settings) == rules.SENT
    ((path, said),) = at_bot.heard
    assert path.rstrip("/") == f"/open-apis/bot/v2/hook/{TOKEN}" and said["msg_type"] == "interactive"
    assert said["card"]["header"]["title"]["content"] == PARCEL.title
    assert said["card"]["elements"][0]["text"]["content"].startswith("截止 **周日**")


def test_dingtalk_gets_markdown_signed_as_it_checks_signatures(at_bot: Bot, open_settings: Settings) -> None:
    address = {"to": TOKEN, "signing": "SECabc123"}
    assert send(Kind.dingtalk, address, PARCEL, settings=open_settings) == rules.SENT
    ((path, said),) = at_bot.heard
    assert said["msgtype"] == "markdown" and said["markdown"]["title"] == PARCEL.title
    assert "截止 **周日**" in said["markdown"]["text"]
    asked = parse_qs(urlsplit(path).query)
    signed = hmac.new(b"SECabc123", f"{asked['timestamp'][0]}\nSECabc123".encode(), hashlib.sha256).digest()
    assert asked["sign"] == [base64.b64encode(signed).decode()] and asked["access_token"] == [TOKEN]


@pytest.mark.parametrize("kind", [Kind.wecom, Kind.dingtalk, Kind.feishu])
def test_a_refusal_inside_a_200_is_none_taken_for_sent(at_bot: Bot, open_settings: Settings, kind: Kind) -> None:
    at_bot.answer = (200, {}, '{"errcode":310000,"errmsg":"关键词不匹配"}'.encode())
    outcome = send(kind, {"to": TOKEN}, PARCEL, settings=open_settings)
    assert outcome.state is Sending.failed and not outcome.again
    assert "关键词不匹配" in outcome.said.zh and "310000" in outcome.said.en


def test_any_address_gets_plain_json(bot: Bot, open_settings: Settings) -> None:
    assert send(Kind.webhook, {"to": f"{bot.url}/hook?a=1"}, PARCEL, settings=open_settings) == rules.SENT
    assert bot.heard == [("/hook?a=1", {"title": PARCEL.title, "text": PARCEL.text, "link": PARCEL.link})]


def test_a_redirect_is_not_followed(bot: Bot, open_settings: Settings) -> None:
    bot.answer = (307, {"location": f"{bot.url}/elsewhere"}, b"")
    outcome = send(Kind.webhook, {"to": f"{bot.url}/hook"}, PARCEL, settings=open_settings)
    assert outcome.state is Sending.failed and "307" in outcome.said.en
    assert [path for path, _ in bot.heard] == ["/hook"]


def test_of_a_long_answer_only_the_first_is_read(bot: Bot) -> None:
    bot.answer = (200, {}, b"x" * (4 << 20))
    _, body = carry(f"{bot.url}/hook", b"{}", {}, wire.Reach(loopback=True))
    assert len(body) == wire.ANSWER_BYTES


def test_an_answer_that_breaks_off_is_unclear_and_a_closed_port_is_not(bot: Bot, open_settings: Settings) -> None:
    bot.hangs_up = True
    assert send(Kind.webhook, {"to": f"{bot.url}/hook"}, PARCEL, settings=open_settings).state is Sending.unclear
    outcome = send(Kind.webhook, {"to": "http://127.0.0.1:9/hook"}, PARCEL, settings=open_settings)
    assert outcome.state is Sending.failed and outcome.again


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "2130706433"]
)
def test_nothing_reaches_a_private_network_unless_the_operator_allows_it(bot: Bot, settings: Settings, host: str) -> None:
    port = urlsplit(bot.url).port
    only_http = settings.model_copy(update={"webhook_http": True})
    outcome = send(Kind.webhook, {"to": f"http://{host}:{port}/hook"}, PARCEL, settings=only_http)
    assert outcome.state is Sending.failed and "private network" in outcome.said.en and bot.heard == []


def test_a_name_that_answers_differently_the_second_time_gains_nothing(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was looked at."""
    asked: list[str] = []
    really = wire.socket.getaddrinfo

    def resolve(host: str, port: int, *more: object, **named: object) -> list:
        if host != "rebinds.test":
            return really(host, port, *more, **named)
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) > 1 else "192.0.2.1", port))]

    monkeypatch.setattr(wire.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(wire, "is_open_to_all", lambda address: str(address) == "192.0.2.1")
    monkeypatch.setattr(wire, "CONNECT_S", 0.3)
    with pytest.raises(wire.NotReached):
        carry(f"http://rebinds.test:{urlsplit(bot.url).port}/hook", b"{}", {}, wire.Reach(http=True))
    assert asked == ["rebinds.test"] and bot.heard == []


def test_without_encryption_nothing_is_sent(bot: Bot, settings: Settings) -> None:
    outcome = send(Kind.webhook, {"to": f"{bot.url}/hook"}, PARCEL, settings=settings)
    assert "https://" in outcome.said.en and bot.heard == []


def test_no_key_is_ever_logged(at_bot: Bot, open_settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    at_bot.answer = (500, {}, b"no")
    for kind in KEYS:
        send(kind, {"to": TOKEN}, PARCEL, settings=open_settings)
    assert TOKEN not in caplog.text


class Mailbox:
    """What an SMTP server was given."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        import email
        import email.policy

        self.letters.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 taken"


def test_mail_goes_through_the_operators_server(settings: Settings) -> None:
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        known = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "gradus@gradus.test", "smtp_tls": False}
        mailing = settings.model_copy(update=known)
        assert send(Kind.email, {"to": "dl@lists.example.edu"}, PARCEL, settings=mailing) == rules.SENT
    finally:
        server.stop()
    ((to, letter),) = mailbox.letters
    assert to == ["dl@lists.example.edu"] and letter["subject"] == PARCEL.title and "周日" in letter.get_content()


def test_without_a_mail_server_one_is_told_whom_to_ask(settings: Settings) -> None:
    outcome = send(Kind.email, {"to": "dl@lists.example.edu"}, PARCEL, settings=settings)
    assert outcome.state is Sending.failed and "GRADUS_SMTP_HOST" in outcome.said.en
