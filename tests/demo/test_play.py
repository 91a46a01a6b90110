import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from server.assignments.fingerprint import grading_fingerprint
from server.demo.cast import TABLE, HandIn, hand_in
from server.demo.play import Attempt, idempotency_key
from server.demo.show import lost_points, score_table

MLP = Path(__file__).parent.parent.parent / "assignments" / "mlp"


@pytest.fixture
def assignment(tmp_path: Path) -> Path:
    (tmp_path / "mistakes").mkdir()
    (tmp_path / "checks.py").write_text("a = 1\n")
    (tmp_path / "mistakes" / "one.py").write_text("b = 2\n")
    return tmp_path


def test_the_fingerprint_changes_with_any_file_that_grades(assignment: Path) -> None:
    before = grading_fingerprint(assignment)
    assert grading_fingerprint(assignment) == before
    (assignment / "mistakes" / "one.py").write_text("b = 3\n")
    assert grading_fingerprint(assignment) != before


def test_the_fingerprint_does_not_depend_on_where_the_folder_is(assignment: Path) -> None:
    with tempfile.TemporaryDirectory() as elsewhere:
        for path in assignment.rglob("*.py"):
            copy = Path(elsewhere) / path.relative_to(assignment)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
        assert grading_fingerprint(Path(elsewhere)) == grading_fingerprint(assignment)


def test_keys_tell_files_and_grading_code_apart() -> None:
    keys = {idempotency_key(each.files(), grading=grading) for each in TABLE for grading in ("a", "b")}
    assert len(keys) == 2 * len(TABLE)
    assert all(len(key) <= 200 for key in keys)  # the API takes no longer ones


@pytest.mark.parametrize(
    ("expected", "status", "score", "is_right"),
    [
        (hand_in("ada/1", "exact", "95"), "graded", "95.0", True),
        (hand_in("ada/1", "exact", "95"), "graded", "94.99", False),
        (hand_in("ada/1", "range", "90", "95"), "graded", "93", True),
        (hand_in("ada/1", "cannot be graded", "0", status="ungradable"), "graded", "0", False),
        (hand_in("ada/1", "no verdict", "0"), "needs_staff", None, False),
    ],
)
def test_only_the_expected_score_is_as_expected(expected: HandIn, status: str, score: str | None, is_right: bool) -> None:
    assert expected.is_as_expected(status=status, score=score and Decimal(score)) is is_right


@pytest.fixture
def graded() -> Callable[..., Attempt]:
    def make(*checks: dict, fault: dict | None = None) -> Attempt:
        report = {"checks": list(checks), "fault": fault, "policy": []}
        run = {"status": "ungradable" if fault else "graded", "report": report}
        return Attempt(hand_in("amara/1", "a story", "3"), submission={"score": 3.0, "state": "graded", "run": run})

    return make


def lost(points: float, reason: str, mistake: str | None = None) -> dict:
    text = {"en": reason, "zh": reason}
    named = {"id": "x", "message": {"en": mistake, "zh": mistake}} if mistake else None
    return {
        "title": {"en": "A title", "zh": "标题"},
        "points": 1.0,
        "max_points": 1.0 + points,
        "message": text,
        "mistake": named,
    }


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def test_every_lost_point_has_its_reason(graded: Callable[..., Attempt]) -> None:
    attempt = graded(lost(2, "off by 1"), lost(0, "fine"), lost(3, "off by 2", mistake="the scale is missing"))
    assert list(lost_points(attempt)) == ["−2  A title: off by 1", "−3  A title: the scale is missing"]


def test_the_same_reason_is_told_once(graded: Callable[..., Attempt]) -> None:
    assert list(lost_points(graded(lost(2, "not written"), lost(0.5, "not written")))) == ["−2.5  A title · A title: not written"]


def test_what_cannot_be_graded_shows_its_line(graded: Callable[..., Attempt]) -> None:
    fault = {"message": {"en": "A bracket is missing.", "zh": "缺少括号。"}, "line": 7}
    assert list(lost_points(graded(fault=fault))) == ["A bracket is missing. (line 7)"]


def test_an_attempt_without_verdict_is_no_success_and_says_why() -> None:
    attempt = Attempt(hand_in("amara/1", "a story", "0"), problem="No server answers.")
    assert not attempt.is_as_expected
    assert list(lost_points(attempt)) == ["No server answers."]
    assert score_table([attempt]).row_count == 1
