"""The worker that sends, as a process of its own: from a commit to the other side, and nothing of judging in it."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session

from server import broker
from server.accounts.models import User
from server.announcements import service as announcements
from server.channels import service as channels
from server.channels.models import Delivery, Kind, Occasion, Sending
from server.courses.models import Course, Role
from server.database import current_time
from server.grading.dispatch import hand_over
from server.outbox import Relay
from server.settings import Settings
from tests.server.channels.conftest import Bot, bot
from tests.server.grading.conftest import Platform, platform

__all__ = ["bot", "platform"]
MESSENGER = ["-m", "celery", "--app", "server.messenger", "worker", "--loglevel", "info", "--concurrency", "1"]


@pytest.fixture
def relayed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in the web process: what was committed is handed to the broker, and not to that of a test before."""
    broker.configure(platform.settings)
    monkeypatch.setattr(broker.celery.amqp, "_producer_pool", None)
    with Relay(hand_over):
        yield


def test_an_announcement_reaches_its_group(
    platform: Platform, relayed: None, bot: Bot, session: Session, course: Course, make_member: Callable[..., User],
    monkeypatch: pytest.MonkeyPatch, settings: Settings,
) -> None:  # fmt: skip
    for name in ("PRIVATE", "HTTP"):
        monkeypatch.setenv(f"GRADUS_WEBHOOK_{name}", "true")
    sealing = settings.model_copy(update={"secret": SecretStr(platform.environment()["GRADUS_SECRET"])})
    boss, now = make_member("boss", Role.instructor), current_time(session)
    known = {"kind": Kind.webhook, "name": "Group", "signing": "", "occasions": list(Occasion)}
    channels.add(session, course=course, by=boss, address=f"{bot.url}/hook", settings=sealing, **known)
    announcements.publish(session, course=course, by=boss, title="Week 3", text="No class.", now=now)
    session.commit()
    platform.start([*MESSENGER, "--queues", "outside"], "messenger.log")
    platform.wait(lambda: bool(bot.heard), "the announcement in the group")
    assert bot.heard[0][1]["title"] == "Week 3"

    def is_sent() -> bool:
        session.expire_all()
        return session.query(Delivery).one().state is Sending.sent

    platform.wait(is_sent, "its receipt")


def test_it_starts_without_torch() -> None:
    code = "import server.messenger, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
