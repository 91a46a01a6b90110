"""The trace as evidence: kept for staff, never shown to students, never worth points."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.disclosure import student_view
from grader.evidence import is_traced, totals, trace_hits
from grader.judge import judge
from grader.protocol import Job, PolicyHit, Report
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, Evidence, load_assignment

SEED = "0123456789abcdef" * 4
RULE = """
[[forbidden]]
rule = "no_layer_norm"
parts = ["basics"]
operators = ["aten::native_layer_norm", "aten::mul"]
message = { en = "Normalise by hand.", zh = "请手写归一化。" }
"""


@pytest.fixture
def traced(tiny: Assignment, tmp_path: Path) -> Path:
    """The tiny assignment with a rule that names operators."""
    folder = Path(shutil.copytree(tiny.folder, tmp_path / "tiny", ignore=shutil.ignore_patterns("__pycache__")))
    manifest = folder / "assignment.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + RULE, encoding="utf-8")
    return folder


@pytest.fixture
def grade_traced(traced: Path) -> Callable[..., Report]:
    def grade_traced(source: str | None = None, **options: object) -> Report:
        source = source or load_assignment(traced).reference_source
        return judge(Job(assignment=traced, files={"solution.py": source.encode()}, seed=SEED, **options), sandbox=FakeSandbox())

    return grade_traced


def test_what_ran_stands_beside_the_check_and_costs_nothing(grade_traced: Callable[..., Report]) -> None:
    report = grade_traced()
    ran = {check.id: check.operators for check in report.checks if check.part == "basics"}
    assert ran["doubles"]["aten::mul"] >= 1
    hits = [hit for hit in report.policy if hit.kind == "trace"]
    assert hits and {(hit.rule, hit.name, hit.line) for hit in hits} == {("no_layer_norm", "aten::mul", None)}
    assert report.score == report.max_score


def test_students_see_nothing_of_it(grade_traced: Callable[..., Report]) -> None:
    shown = student_view(grade_traced())
    assert shown.policy == [] and not any(check.operators for check in shown.checks)
    assert "aten" not in shown.model_dump_json()
    assert "aten" not in str(grade_traced().contract()["checks"])


def test_a_students_own_run_is_not_traced(grade_traced: Callable[..., Report]) -> None:
    assert not any(check.operators for check in grade_traced(public_only=True).checks)


def test_without_such_a_rule_nothing_is_counted(grade: Callable[..., Report], tiny: Assignment) -> None:
    assert not any(check.operators for check in grade(tiny.reference_source).checks)


def test_an_author_may_ask_for_all_checks_or_for_none(tiny: Assignment, traced: Path) -> None:
    check = tiny.checks[0]
    assert is_traced(tiny.model_copy(update={"evidence": Evidence(operators=True)}), check)
    ruled = load_assignment(traced)
    assert is_traced(ruled, check)
    assert not is_traced(ruled.model_copy(update={"evidence": Evidence(operators=False)}), check)
    assert not any(is_traced(ruled, other) for other in ruled.checks if other.part != "basics")


def test_totals_are_those_of_all_calls_most_frequent_first() -> None:
    assert list(totals({"f": {"a::x": 1, "a::y": 3}, "g": {"a::x": 1}}).items()) == [("a::y", 3), ("a::x", 2)]


def test_a_hit_names_the_check_it_was_seen_in(grade_traced: Callable[..., Report], traced: Path) -> None:
    report = grade_traced()
    (first, *_) = trace_hits(load_assignment(traced), report.checks)
    assert first == PolicyHit(rule="no_layer_norm", name="aten::mul", line=None, evidence=first.evidence, kind="trace")
    assert first.evidence.split(":")[0] in {check.id for check in report.checks}
