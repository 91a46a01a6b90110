import json
import sys
from collections.abc import Callable, Iterator

import pytest
from typer.testing import Result

from grader.preflight import Finding, Level
from server.cli.doctor import ask
from server.settings import Settings

UNSAFE = Finding("canary", Level.unsafe, "the attack earned 100 points", "stop grading")
WARNED = Finding("cgroups", Level.warn, "version 1", "boot with version 2")
module = sys.modules["server.cli.doctor"]  # the package's attribute of this name is the command


def test_a_question_that_breaks_is_a_finding_not_a_crash() -> None:
    def broken(settings: Settings) -> Iterator[Finding]:
        yield WARNED
        raise ZeroDivisionError("one by zero")

    kept, finding = ask(broken, Settings())
    assert kept is WARNED
    assert (finding.level, finding.name, finding.seen) == (Level.unsafe, "broken", "ZeroDivisionError: one by zero")


@pytest.mark.sandbox
def test_every_question_has_an_answer(gradus: Callable[..., Result]) -> None:
    result = gradus("doctor", "--json")
    answer = json.loads(result.stdout)
    names = {finding["name"] for finding in answer["findings"]}
    assert {"python", "engines", "secret", "disk", "sandbox", "seccomp", "network", "environment", "canary"} <= names
    assert [finding for finding in answer["findings"] if finding["level"] == "unsafe"] == []
    assert (answer["safe"], result.exit_code) == (True, 0)


def test_a_warning_says_what_to_do_and_is_no_failure(monkeypatch: pytest.MonkeyPatch, gradus: Callable[..., Result]) -> None:
    monkeypatch.setattr(module, "QUESTIONS", (lambda settings: WARNED,))
    result = gradus("doctor")
    assert result.exit_code == 0
    assert "! warn" in result.stdout and "boot with version 2" in result.stdout


def test_what_makes_grading_unsafe_is_an_exit_code(monkeypatch: pytest.MonkeyPatch, gradus: Callable[..., Result]) -> None:
    monkeypatch.setattr(module, "QUESTIONS", (lambda settings: WARNED, lambda settings: iter([UNSAFE])))
    result = gradus("doctor")
    assert result.exit_code == 1
    assert "✗ unsafe" in result.stdout and "stop grading" in result.stdout
    assert json.loads(gradus("doctor", "--json").stdout)["safe"] is False
