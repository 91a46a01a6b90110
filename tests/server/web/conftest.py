"""Somebody at a browser without scripts: signs in by the form, sends forms with the token that the page gave."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from grader.protocol import (
    CheckResult,
    Curve,
    Detail,
    Fault,
    Figure,
    Mistake,
    Outcome,
    Pictures,
    Report,
    Scatter,
    Status,
    Text,
    Visibility,
    Whose,
    Word,
)
from server.accounts.models import User
from server.web.i18n import COOKIE

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf_token" value="(\w+)"')
CANARY = "CANARY-7f3a"


class Visitor(TestClient):
    """A signed-in person's browser."""

    def submit_form(self, page: str, form: str, /, **fields: Any) -> Any:
        """Open `page`, then send its form to `form`."""
        token = TOKEN.search(self.get(page).text)
        assert token, f"{page} has no form token"
        files = fields.pop("files", None)
        return self.post(form, data={"csrf_token": token[1], **fields}, files=files, follow_redirects=False)


@pytest.fixture
def visit(app_client: TestClient) -> Callable[..., Visitor]:
    def visit(person: User | None = None, *, language: str = "en") -> Visitor:
        visitor = Visitor(app_client.app, base_url="http://gradus.test")
        visitor.cookies.set(COOKIE, language, domain="gradus.test", path="/")
        if person is not None:
            answer = visitor.post("/sign-in", data={"login": person.login, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
        return visitor

    return visit


@pytest.fixture
def make_check() -> Callable[..., CheckResult]:
    def make(check_id: str, **fields: Any) -> CheckResult:
        values = {
            "id": check_id, "part": "doubling", "title": Text(en=f"Check {check_id}", zh=f"检查 {check_id}"),
            "points": Decimal(0), "max_points": Decimal(50), "outcome": Outcome.failed, "visibility": Visibility.public,
            "message": Text(en="`double` differs.", zh="`double` 不一致。"), "word": Word.wrong_value,
        }  # fmt: skip
        return CheckResult(**(values | fields))

    return make


@pytest.fixture
def drawn() -> Callable[[str], list[Figure]]:
    """One figure of each kind, with this title."""

    def drawn(title: str) -> list[Figure]:
        text = Text(en=title, zh=title)
        return [
            Curve(title=text, steps=[1, 500], values=[0.104, 0.951], band=(0.8, 1.0), is_fraction=True),
            Scatter(title=text, points=[(0.5, 0.5)], marks=[(0.0, 1.0)], frame=(0.0, 0.0, 2.0), outside=3, total=4),
            Pictures(title=text, pixels=[[[0, 255], [7, 8]]], total=2000),
        ]

    return drawn


@pytest.fixture
def everything_hidden(make_check: Callable[..., CheckResult], drawn: Callable[[str], list[Figure]]) -> CheckResult:
    """A hidden check full of things that no student may read."""
    secret = Text(en=CANARY, zh=CANARY)
    detail = Detail(
        call=CANARY, expected=CANARY, actual=CANARY, largest_error=0.123456, where=[4, 5], error_map=[[0.5, 0.25]],
        line=7, source=[(7, CANARY)], traceback=CANARY, output=CANARY,
    )  # fmt: skip
    mistake = Mistake(id="secret", message=secret)
    fields = {"visibility": Visibility.hidden, "message": secret, "mistake": mistake, "detail": detail, "seconds": 98765.4321}
    fields["figures"] = drawn(CANARY)
    return make_check("hidden_one", title=Text(en="A hidden one", zh="隐藏的一项"), **fields)


@pytest.fixture
def syntax_fault() -> dict[str, Any]:
    """What `grade` takes for a file that is not Python."""
    message = Text(en="solution.py, line 2: `(` was never closed.", zh="solution.py 第 2 行：`(` 没有闭合。")
    fault = Fault(whose=Whose.student, code="syntax", message=message, line=2)
    return {"status": Status.ungradable, "fault": fault, "checks": []}


@pytest.fixture
def broken(make_report: Callable[..., Report]) -> Iterator[Report]:
    message = Text(en="The reference failed.", zh="参考实现出错。")
    yield make_report(0, status=Status.system_fault, fault=Fault(whose=Whose.assignment, code="broken", message=message))
