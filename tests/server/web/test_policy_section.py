"""The rules on a submission's page: what was used, in which line, what to use instead; what ran, for the staff alone."""

import sys
from collections.abc import Callable

import pytest

from grader.protocol import CheckResult, PolicyHit, Text
from grader.spec import Forbidden, Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.models import Submission
from server.submissions import pages

HITS = [
    PolicyHit(rule="by_hand", name="torch.nn.ReLU", line=3, evidence="solution.py: relu = <torch.nn>.ReLU()"),
    PolicyHit(rule="by_hand", name="aten::convolution", line=None, evidence="doubles: 12", kind="trace"),
    PolicyHit(rule="reflection", name="__subclasses__", line=9, evidence="tools.py: object.__subclasses__()"),
]
RULE = Forbidden(rule="by_hand", names=["torch.nn"], message=Text(en="Use `@` and torch.exp.", zh="请用 `@` 和 torch.exp。"))
Html = Callable[..., str]


@pytest.fixture
def html(
    visit: Callable, make_member: Callable[..., User], student: User, assignment: Assignment, hand_in: Callable[..., Submission],
    grade: Callable, make_check: Callable[..., CheckResult], monkeypatch: pytest.MonkeyPatch,
) -> Html:  # fmt: skip
    """The page of one submission with hits of every kind, as a student or the staff see it."""
    known = pages.assignments.manifest_of
    monkeypatch.setattr(pages.assignments, "manifest_of", lambda *a, **k: with_rule(known(*a, **k)))
    submission = hand_in(assignment, student)
    ran = {"aten::mm": 3, "aten::add": 1}
    check = make_check("doubles", title=Text(en="Doubling", zh="加倍"), operators=ran)
    grade(submission, policy=HITS, checks=[check])
    ta = make_member("tia", Role.ta)

    def html(*, staff: bool, language: str = "en") -> str:
        return visit(ta if staff else student, language=language).get(f"/submissions/{submission.id}").text

    return html


def with_rule(manifest: Manifest) -> Manifest:
    return manifest.model_copy(update={"forbidden": [RULE]})


@pytest.mark.parametrize(
    ("language", "instead", "place"),
    [("en", "Use <code>@</code> and torch.exp.", "line 3"), ("zh_CN", "请用 <code>@</code>", "第 3 行")],
)
def test_a_student_reads_rule_line_and_what_to_use_instead(html: Html, language: str, instead: str, place: str) -> None:
    shown = html(staff=False, language=language)
    assert instead in shown and place in shown
    assert "<code>torch.nn.ReLU</code>" in shown
    assert "relu = &lt;torch.nn&gt;.ReLU()" in shown


def test_hints_and_traces_are_not_on_a_students_page(html: Html) -> None:
    shown = html(staff=False)
    assert "__subclasses__" not in shown and "aten::" not in shown and 'id="operators"' not in shown


@pytest.mark.parametrize(
    ("language", "ran", "free"),
    [("en", "ran in “Doubling”, 12 times", "costs no points"), ("zh_CN", "运行了 12 次", "不影响得分")],
)
def test_staff_see_source_and_trace_together(html: Html, language: str, ran: str, free: str) -> None:
    shown = html(staff=True, language=language)
    assert ran in shown and free in shown
    assert "object.__subclasses__()" in shown and "tools.py" in shown
    assert "<code>aten::mm</code>" in shown and "×3" in shown


def test_a_rule_that_is_gone_from_the_assignment_is_still_shown(html: Html, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "RULE", RULE.model_copy(update={"rule": "another"}))
    assert "This rule is no longer part of the assignment." in html(staff=False)
