"""How the terminal tells of rules, with what to use instead and where, and of what is drawn on the page."""

import io

import pytest
from rich.console import Console

from grader.cli.report import show_report
from grader.protocol import Curve, Logged, PolicyHit, Report, Series, Text
from grader.spec import Assignment

HITS = [
    PolicyHit(rule="hand_written", name="torch.nn.ReLU", line=3, evidence="solution.py: y = torch.nn.ReLU()[0]"),
    PolicyHit(rule="hand_written", name="aten::relu", line=None, evidence="doubles: 2", kind="trace"),
    PolicyHit(rule="reflection", name="__mro__", line=4, evidence="solution.py: x.__mro__"),
]


@pytest.mark.parametrize(
    ("language", "instead", "free"),
    [("en_US", "Write the sum yourself.", "costs no points"), ("zh_CN", "请自己写出求和。", "不影响得分")],
)
def test_a_rule_says_once_what_to_use_instead_and_then_where(
    grade, tiny: Assignment, monkeypatch: pytest.MonkeyPatch, language: str, instead: str, free: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    report: Report = grade(tiny.reference_source).model_copy(update={"policy": HITS})
    console = Console(file=io.StringIO(), width=200)
    console.print(show_report(report, tiny))
    shown = console.file.getvalue()
    assert shown.count(instead) == 1 and free in shown
    assert "torch.nn.ReLU  line 3 · solution.py: y = torch.nn.ReLU()[0]" in shown
    assert "aten::relu  ran in · doubles: 2" in shown


@pytest.mark.parametrize(("language", "line"), [("en_US", "Loss: 2.3 after 1 update"), ("zh_CN", "损失: 1 次更新后为 2.3")])
def test_what_the_page_draws_is_said_in_a_line(
    grade, tiny: Assignment, monkeypatch: pytest.MonkeyPatch, language: str, line: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    report: Report = grade(tiny.reference_source)
    curve = Curve(title=Text(en="Loss", zh="损失"), steps=[1, 9], values=[2.3, 0.1])
    checks = [report.checks[0].model_copy(update={"figures": [curve]}), *report.checks[1:]]
    console = Console(file=io.StringIO(), width=200)
    console.print(show_report(report.model_copy(update={"checks": checks}), tiny))
    assert line in console.file.getvalue()


def test_what_the_code_has_logged_is_said_in_a_line(grade, tiny: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US")
    report: Report = grade(tiny.reference_source)
    logged = Logged(check=report.checks[0].id, series=[Series(name="loss", steps=[0, 7], values=[2.0, 0.5], total=8)])
    console = Console(file=io.StringIO(), width=200)
    console.print(show_report(report.model_copy(update={"training": [logged]}), tiny))
    assert console.file.getvalue().count("logged at step 7: loss 0.5 (8 points)") == 1
