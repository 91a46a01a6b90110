"""The page of channels: what went out, in words; a key that is typed wrong is not said again."""

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.channels import rules, service
from server.channels.models import Channel, Delivery, Kind
from server.database import current_time
from tests.server.channels.conftest import KEYS
from tests.server.web.conftest import TOKEN, Visitor, visit

__all__ = ["visit"]
CHANNELS = "/courses/dl-2026/channels"


def test_an_instructor_connects_a_group_and_sees_what_came_of_a_test(
    visit: Callable[..., Visitor], boss: User, session: Session, connect: Callable[..., Channel]
) -> None:
    channel = connect(Kind.wecom, KEYS[Kind.wecom])
    browser = visit(boss, language="zh_CN")
    assert browser.submit_form(CHANNELS, f"{CHANNELS}/{channel.id}/test").status_code == 303
    now = current_time(session)
    delivery = session.query(Delivery).one()
    service.claim(session, delivery_id=delivery.id, now=now)
    service.record(session, delivery_id=delivery.id, outcome=rules.judge(200, b'{"errcode":93000,"errmsg":"invalid"}'), now=now)
    session.commit()
    page = browser.get(CHANNELS).text
    assert "发送失败" in page and "对方拒绝：invalid（93000）" in page and "重新发送" in page and "••••1234" in page
    assert "ffff0000" not in page


def test_a_refused_form_keeps_the_name_and_not_the_key(visit: Callable[..., Visitor], boss: User) -> None:
    browser = visit(boss)
    assert TOKEN.search(browser.get(CHANNELS).text)
    refused = browser.submit_form(CHANNELS, CHANNELS, kind="dingtalk", name="Our group", address="https://typo.test/SECRETKEY")
    assert refused.status_code == 422 and re.search('value="Our group"', refused.text) and "SECRETKEY" not in refused.text
