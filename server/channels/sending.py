"""A message as each kind of channel wants it. Apprise knows what the groups' bots read; our own wire carries it.

Why not Apprise's own connections: docs/decisions/0033.
"""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from apprise import NotifyFormat
from apprise.plugins import dingtalk, feishu, lark, wecombot

from server import wire
from server.channels import rules
from server.channels.mail import send_mail
from server.channels.models import Kind
from server.channels.rules import Outcome
from server.settings import Settings

for chatty in ("apprise", "httpcore"):
    logging.getLogger(chatty).setLevel(logging.CRITICAL)  # what they say names addresses with their keys

GROUP_BYTES, WECOM_BYTES, MAIL_BYTES = 18_000, 2000, 1 << 20
WHOLE_S = 15.0


@dataclass(frozen=True)
class Parcel:
    title: str
    text: str  # Markdown
    link: str  # whole address of the page, or nothing where the platform's own is not known

    def body(self, most_bytes: int) -> str:
        end = f"\n\n{self.link}" if self.link else ""
        return rules.fit(self.text, most_bytes=most_bytes - len(end.encode())) + end


class Carrier:
    """Stands where Apprise's plugins expect `requests`, and keeps the answer."""

    codes, RequestException = requests.codes, requests.RequestException

    def __init__(self) -> None:
        self.reach: ContextVar[wire.Reach] = ContextVar("reach")
        self.answer: ContextVar[tuple[int, bytes] | None] = ContextVar("answer", default=None)

    def post(
        self, url: str, *, data: str | bytes, headers: Mapping[str, str], params: Mapping[str, str] | None = None, **_: Any
    ) -> requests.Response:
        """`params` are encoded already: DingTalk refuses a signature that is encoded twice."""
        if params:
            url += "&" + "&".join(f"{name}={value}" for name, value in params.items())
        content = data.encode() if isinstance(data, str) else data
        status, body = carry(url, content, headers, self.reach.get())
        self.answer.set((status, body))
        response = requests.Response()
        response.status_code, response._content = status, body
        return response


carrier = Carrier()
for plugin in (dingtalk, feishu, lark, wecombot):
    plugin.requests = carrier


def send(kind: Kind, address: Mapping[str, str], parcel: Parcel, *, settings: Settings) -> Outcome:
    """What came of it; every way in which it can go wrong is an outcome."""
    try:
        if kind is Kind.email:
            return send_mail(address["to"], parcel.title, parcel.body(MAIL_BYTES), settings=settings)
        return post(kind, address, parcel, settings)
    except wire.Unclear:
        return rules.unclear()
    except wire.NotReached as error:
        return rules.not_reached(error.said)


def carry(url: str, content: bytes, headers: Mapping[str, str], reach: wire.Reach) -> tuple[int, bytes]:
    """Status and the first of what was answered."""
    answer = wire.send("POST", url, reach=reach, headers=headers, content=content, whole_s=WHOLE_S, is_cut=True)
    return answer.status, answer.body


def post(kind: Kind, address: Mapping[str, str], parcel: Parcel, settings: Settings) -> Outcome:
    own = settings.webhook_private
    reach = wire.Reach(private=own, loopback=own, http=settings.webhook_http)
    if kind is Kind.webhook:
        said = {"title": parcel.title, "text": parcel.text, "link": parcel.link}
        headers = {"content-type": "application/json", "user-agent": "Gradus"}
        return rules.judge(*carry(address["to"], json.dumps(said, ensure_ascii=False).encode(), headers, reach))
    carrier.reach.set(reach)
    carrier.answer.set(None)
    speak(kind, address, parcel)
    answer = carrier.answer.get()
    return rules.judge(*answer) if answer else rules.failed("The message could not be made.", "无法生成消息。")


def speak(kind: Kind, address: Mapping[str, str], parcel: Parcel) -> None:
    """WeCom shows plain text; the others Markdown, in which a title is a heading of its own."""
    if kind is Kind.wecom:
        body = rules.fit(parcel.title, most_bytes=300) + "\n\n" + parcel.body(WECOM_BYTES - 310)
        wecombot.NotifyWeComBot(key=address["to"]).send(body=body)
        return
    bot = {
        Kind.feishu: lambda: feishu.NotifyFeishu(token=address["to"]),
        Kind.lark: lambda: lark.NotifyLark(token=address["to"]),
        Kind.dingtalk: lambda: dingtalk.NotifyDingTalk(token=address["to"], secret=address.get("signing")),
    }[kind]()
    bot.send(body=parcel.body(GROUP_BYTES), title=parcel.title, body_format=NotifyFormat.MARKDOWN)
