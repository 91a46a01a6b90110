"""A real server on loopback that answers as the bots of groups do, and keeps what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.channels import service
from server.channels.models import Channel, Kind, Occasion
from server.courses.models import Course, Role
from server.settings import Settings

KEYS = {
    Kind.wecom: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=aaaabbbb-cccc-dddd-eeee-ffff00001234",
    Kind.feishu: "https://open.feishu.cn/open-apis/bot/v2/hook/aaaabbbb-cccc-dddd-eeee-ffff00001234",
    Kind.lark: "https://open.larksuite.com/open-apis/bot/v2/hook/aaaabbbb-cccc-dddd-eeee-ffff00001234",
    Kind.dingtalk: "https://oapi.dingtalk.com/robot/send?access_token=aaaabbbbccccddddeeeeffff00001234",
}


@dataclass
class Bot:
    """`answer`: status, headers and body of what it says next."""

    url: str = ""
    heard: list[tuple[str, Any]] = field(default_factory=list)
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b'{"errcode":0,"errmsg":"ok"}')
    hangs_up: bool = False


@pytest.fixture
def bot() -> Iterator[Bot]:
    bot = Bot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            bot.heard.append((self.path, json.loads(body)))
            if bot.hangs_up:
                self.connection.close()
                return
            status, headers, said = bot.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        bot.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield bot
        server.shutdown()
        thread.join()


@pytest.fixture
def open_settings(settings: Settings) -> Settings:
    """With what an operator would have to allow for a bot on this machine."""
    return settings.model_copy(update={"webhook_private": True, "webhook_http": True, "public_url": "https://gradus.test"})


@pytest.fixture
def boss(make_member: Callable[..., User]) -> User:
    return make_member("boss", Role.instructor)


@pytest.fixture
def connect(session: Session, course: Course, boss: User, settings: Settings) -> Callable[..., Channel]:
    def connect(kind: Kind = Kind.webhook, address: str = "https://bot.example.org/hook/secret-9f8e", **fields: Any) -> Channel:
        known = {"name": "Group", "signing": "", "occasions": list(Occasion)} | fields
        channel = service.add(session, course=course, by=boss, kind=kind, address=address, settings=settings, **known)
        session.commit()
        return channel

    return connect
