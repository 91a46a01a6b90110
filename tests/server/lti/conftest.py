"""A registered platform, and browsers that come from it."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.app import create_app
from server.database import current_time
from server.identities.models import Identity, LinkedBy
from server.lti import service
from server.lti.launches import reach_of
from server.lti.models import LearningPlatform
from server.settings import Settings
from tests.server.lti.platform import CLIENT_ID, DEPLOYMENT, FakePlatform, running

INPUT = re.compile(r'<input name="(\w+)" value="([^"]*)">')


@pytest.fixture
def lms() -> Iterator[FakePlatform]:
    with running() as platform:
        yield platform


@pytest.fixture
def trusting(settings: Settings) -> Settings:
    """That may talk to this machine, where the platform is."""
    return settings.model_copy(update={"lti_private": True, "public_url": "https://gradus.test"})


@pytest.fixture
def platform(session: Session, lms: FakePlatform, trusting: Settings, tables: Engine) -> LearningPlatform:
    fields = {
        "name": "Moodle", "issuer": lms.issuer, "client_id": CLIENT_ID, "deployments": DEPLOYMENT,
        "auth_url": f"{lms.issuer}/auth", "token_url": f"{lms.issuer}/token", "jwks_url": f"{lms.issuer}/jwks",
    }  # fmt: skip
    now = current_time(session)
    platform = service.register(session, fields=fields, course=None, by=None, reach=reach_of(trusting), now=now)
    session.commit()
    return platform


class Browser(TestClient):
    """Clicks in the platform and follows its sign-in."""

    lms: FakePlatform

    def leave(self, **fields: str) -> dict[str, str]:
        """Up to the platform's answer: what its form would post."""
        asked = {"iss": self.lms.issuer, "login_hint": "hint", "lti_message_hint": "message", "client_id": CLIENT_ID, **fields}
        answer = self.get(f"/lti/login?{urlencode(asked)}")
        assert answer.status_code == 303, answer.text
        return {name: unescape(value) for name, value in INPUT.findall(httpx.get(answer.headers["location"]).text)}

    def arrive(self, form: dict[str, str]) -> Any:
        """From a page of the platform, as its form does it."""
        return self.post("/lti/launch", data=form, headers={"origin": self.lms.issuer, "sec-fetch-site": "cross-site"})

    def click(self) -> Any:
        return self.arrive(self.leave())


@pytest.fixture
def open_browser(trusting: Settings, lms: FakePlatform, platform: LearningPlatform) -> Callable[[], Browser]:
    app = create_app(trusting)
    lms.tool_keys = TestClient(app, base_url="https://gradus.test").get("/lti/jwks").json

    def open_browser() -> Browser:
        browser = Browser(app, base_url="https://gradus.test", follow_redirects=False)
        browser.lms = lms
        return browser

    return open_browser


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


@pytest.fixture
def know(session: Session, platform: LearningPlatform) -> Callable[..., None]:
    """The platform's person is linked to this account."""

    def know(user: User, subject: str = "s-1") -> None:
        values = {"subject": subject, "label": user.login, "linked_by": LinkedBy.person}
        session.add(Identity(user_id=user.id, issuer=platform.namespace, **values))
        session.commit()

    return know
