"""How the terminal tells of rules: what to use instead, and each line that touched them."""

import io

import pytest
from rich.console import Console

from grader.cli.report import show_report
from grader.protocol import PolicyHit, Report
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
