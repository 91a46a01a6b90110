"""From figures to a verdict, and what counts as lost."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rehearsals.findings import Measured, findings, is_ready
from server.rehearsals.hall import scripts
from server.rehearsals.records import quantile, spread
from server.rehearsals.student import Kind, Written

GOOD: dict[str, Any] = {"students": 30, "started": 30, "save_p95_ms": 80.0, "check_delay_s": 3.0}


def item(id: str, *, is_ok: bool = False, by_hand: bool = False) -> dict[str, Any]:
    text = {"en": id, "zh": id}
    return {"id": id, "is_ok": is_ok, "by_hand": by_hand, "title": text, "seen": text, "next_step": None if is_ok else text}


def test_a_class_without_a_fault_is_ready() -> None:
    assert findings(Measured(**GOOD, checklist=[item("workers", is_ok=True)])) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"started": 29}, "not_started"),
        ({"lost": ["rehearsal-1 question:a"]}, "lost_saves"),
        ({"errors": {("PUT answers", "HTTP 500"): 2}}, "errors"),
        ({"save_p95_ms": 1000.1}, "slow_saves"),
        ({"check_delay_s": 20.1}, "slow_checks"),
        ({"still_running": ["a"]}, "not_closed"),
        ({"ungraded": ["a"]}, "not_graded"),
        ({"outage_s": 16}, "outage"),
        ({"has_archive": False}, "no_archive"),
        ({"checklist": [item("workers")]}, "checklist_workers"),
    ],
)
def test_each_fault_alone_is_enough_and_says_what_to_do(changed: Mapping[str, Any], code: str) -> None:
    found = findings(Measured(**{**GOOD, **changed}))
    assert [each.code for each in found] == [code] and not is_ready(found)
    assert all(text.en and text.zh for text in (found[0].seen, found[0].next_step))


@pytest.mark.parametrize(
    "changed",
    [
        {"networks": ["10.0.0.0/8"], "is_let_in": False},
        {"left_out": ["a question:b"]},
        {"checklist": [item("verified", by_hand=True), item("sections"), item("rehearsed", by_hand=True)]},
    ],
)
def test_what_is_only_to_be_read_does_not_stop_an_exam(changed: Mapping[str, Any]) -> None:
    found = findings(Measured(**{**GOOD, **changed}))
    assert found and is_ready(found) and "checklist_rehearsed" not in {each.code for each in found}


def test_problems_stand_first() -> None:
    found = findings(Measured(**{**GOOD, "networks": ["10.0.0.0/8"], "left_out": ["x"], "ungraded": ["a"]}))
    assert [each.is_problem for each in found] == [True, False, False]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_one_of_the_values_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values and sum(each <= found for each in values) >= share * len(values) - 1e-9
    assert quantile([], share) is None and spread(values).most == max(values)


@given(st.integers(1, 300), st.floats(5, 3600), st.randoms())
def test_everybody_begins_before_handing_in_and_hands_in_before_the_end(count: int, seconds: float, draw: Any) -> None:
    found = scripts(count, seconds=seconds, checks=2, draw=draw)
    assert len(found) == count
    for each in found:
        assert 0 <= each.starts_s < each.breaks_s[0] < each.breaks_s[1] < each.hands_in_s < each.ends_s == seconds
        assert all(each.starts_s < moment < each.hands_in_s for moment in each.checks_s)
    if count >= 4:
        assert {each.kind for each in found} == set(Kind)


def test_what_was_sent_later_without_an_answer_may_stand_there_and_nothing_else() -> None:
    written = Written()
    written.sent({"a": "1"})
    written.kept({"a": "1"})
    written.sent({"a": "2"})  # no answer came
    assert written.lost({"a": "1"}) == written.lost({"a": "2"}) == []
    assert written.lost({"a": "3"}) == written.lost({}) == ["a"]
    written.kept({"a": "2"})
    assert written.lost({"a": "1"}) == ["a"]


def test_an_uploaded_file_is_told_by_its_hash() -> None:
    written = Written()
    written.kept({"f": {"sha256": "ab"}})
    assert written.lost({"f": {"sha256": "ab", "name": "x.png", "size": 3}}) == []
    assert written.lost({"f": {"sha256": "cd"}}) == ["f"]
