"""How a verdict looks in a student's terminal."""

from typing import Any

import pytest

from server.cli.report import logged_lines, reasons

TEXT = {"en": "The values differ.", "zh": "数值不同。"}


def check(**detail: Any) -> dict[str, Any]:
    return {"message": TEXT, "mistake": None, "word": "wrong_value", "detail": detail or None}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def test_a_failed_public_check_shows_what_was_called_and_where() -> None:
    shown = reasons(check(call="double(x: 3)", line=7, source=[[7, "def double(x):"], [8, "    return x"]]))
    assert shown == ["The values differ.", "called: double(x: 3)", "your line 7: def double(x):"]


def test_a_hidden_check_shows_one_sentence_and_what_is_not_written_needs_no_place() -> None:
    assert reasons(check()) == ["The values differ."]
    assert reasons(check(call="double(x: 3)") | {"word": "missing"}) == ["The values differ."]


def test_what_the_code_has_logged_is_a_line_below_its_check() -> None:
    series = {"name": "loss", "steps": [3], "values": [0.5], "total": 1}
    training = [{"check": "fits", "series": [series]}]
    assert logged_lines(training, {"id": "fits"}) == ["[quiet]logged at step 3: loss 0.5 (1 point)[/]"]
    assert logged_lines(training, {"id": "other"}) == logged_lines(None, {"id": "fits"}) == []
