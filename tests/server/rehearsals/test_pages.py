"""What staff see of rehearsals on pages: the checklist, and the changes of the course."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from server.accounts.models import User
from server.exams import checklist
from tests.server.rehearsals.conftest import REHEARSALS
from tests.server.web.conftest import Visitor, visit  # noqa: F401

WORDS = {
    "en": ("READY, 95 % of saves within 84 ms", "found it ready", "ended the rehearsal of the exam mixed"),
    "zh_CN": ("可以开考，95% 的保存在 84 毫秒内完成", "的试考，可以开考", "结束了考试 mixed 的试考"),
}


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_rehearsal_is_told_in_words(
    visit: Callable[..., Visitor],  # noqa: F811
    begin: Callable[..., dict[str, Any]],
    teacher: TestClient,
    instructor: User,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checklist, "LOOK_S", 0.01)
    at = f"{REHEARSALS}/{begin(students=1)['id']}"
    assert teacher.put(f"{at}/report", json={"is_ready": True, "figures": {"save_p95_ms": 84}}).status_code == 204
    assert teacher.delete(at).status_code == 204
    visitor = visit(instructor, language=language)
    found, *changes = WORDS[language]
    assert found in visitor.get("/courses/dl-2026/exams/mixed/setup/checklist").text
    lines = visitor.get("/courses/dl-2026/audit").text
    assert all(words in lines for words in changes) and "exam.rehears" not in lines
