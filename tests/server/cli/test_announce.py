"""`gradus announce` and `gradus channel` against the running app."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.channels import rules, service
from server.channels.models import Delivery
from server.cli import channel
from server.cli.exits import ExitCode
from server.courses.models import Role
from server.database import current_time

Run = Callable[..., Result]
ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=aaaabbbb-cccc-dddd-eeee-ffff00001234"


@pytest.fixture(autouse=True)
def zhou(make_member: Callable[..., User], sign_in: Callable[[User], None]) -> User:
    zhou = make_member("zhou", Role.instructor)
    sign_in(zhou)
    return zhou


def test_a_course_is_told_and_it_is_taken_back(gradus: Run) -> None:
    assert "Nothing has been announced" in gradus("announce", "list", "dl-2026").stdout
    Path("news.md").write_text("No class **today**.\n", encoding="utf-8")
    told = gradus("announce", "dl-2026", "--title", "Week 3", "--file", "news.md", "--pinned")
    assert told.exit_code == 0 and "“Week 3”: out since" in told.stdout
    (listed,) = json.loads(gradus("announce", "list", "dl-2026", "--json").stdout)
    assert (listed["text"], listed["pinned"], listed["author"]) == ("No class **today**.", True, "Zhou")
    assert "withdrawn" in gradus("announce", "withdraw", "dl-2026", str(listed["id"]), "--reason", "typo").stdout
    again = gradus("announce", "withdraw", "dl-2026", str(listed["id"]))
    assert again.exit_code == ExitCode.refused and "withdrawn" in again.stderr


def test_a_text_can_come_through_a_pipe_and_a_time_that_is_none_is_refused(gradus: Run) -> None:
    words = ("announce", "dl-2026", "--title", "x", "--file", "-")
    assert "out from 2099" in gradus(*words, "--at", "2099-01-01T08:00", input="Later.").stdout
    refused = gradus(*words, "--at", "soon", input="Later.")
    assert refused.exit_code == ExitCode.refused and "not a time" in refused.stderr
    assert gradus("announce", "dl-2026", "--title", "x", "--file", "none.md").exit_code == ExitCode.usage


def test_a_group_is_connected_without_its_key_on_the_command_line(gradus: Run) -> None:
    assert "No group is connected" in gradus("channel", "list", "dl-2026").stdout
    Path("key").write_text(ADDRESS + "\n", encoding="utf-8")
    made = gradus("channel", "add", "dl-2026", "wecom", "--name", "班级群", "--address-file", "key", "--only", "date_moved")
    assert made.exit_code == 0 and "••••1234" in made.stdout and "ffff0000" not in made.stdout
    typed = gradus("channel", "add", "dl-2026", "email", "--name", "List", input="dl@lists.example.edu\n")
    assert typed.exit_code == 0 and "••••@lists.example.edu" in typed.stdout
    listed = gradus("channel", "list", "dl-2026").stdout
    assert "班级群" in listed and "date_moved" in listed
    assert gradus("channel", "add", "dl-2026", "fax", "--name", "x").exit_code == ExitCode.usage
    refused = gradus("channel", "add", "dl-2026", "dingtalk", "--name", "x", "--address-file", "key")
    assert refused.exit_code == ExitCode.refused and "ffff0000" not in refused.output
    assert gradus("channel", "remove", "dl-2026", "1").exit_code == 0
    assert "班级群" not in json.dumps(json.loads(gradus("channel", "list", "dl-2026", "--json").stdout)["channels"])


@pytest.mark.parametrize(
    ("outcome", "code", "said"), [(rules.SENT, 0, "sent"), (rules.judge(404, b""), 1, "404"), (None, 1, "No worker")]
)
def test_a_test_message_says_what_came_of_it(
    gradus: Run, session: Session, monkeypatch: pytest.MonkeyPatch, outcome: rules.Outcome | None, code: int, said: str
) -> None:
    gradus("channel", "add", "dl-2026", "email", "--name", "List", input="dl@lists.example.edu\n")

    def work(_: float) -> None:
        """In the place of waiting: what a worker does meanwhile."""
        delivery, now = session.query(Delivery).one(), current_time(session)
        if outcome and service.claim(session, delivery_id=delivery.id, now=now):
            service.record(session, delivery_id=delivery.id, outcome=outcome, now=now)
        session.commit()

    monkeypatch.setattr(channel, "time", SimpleNamespace(sleep=work, monotonic=time.monotonic))
    monkeypatch.setattr(channel, "PATIENCE_S", 30.0 if outcome else 0.2)
    tested = gradus("channel", "test", "dl-2026", "1")
    assert tested.exit_code == code and said in tested.stdout
