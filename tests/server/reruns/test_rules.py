"""What a preview tells: lines that are crossed, checks that differ, and whether two reports say the same."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.protocol import Text
from server.reruns import rules
from server.reruns.rules import PASS, Line

scores = st.decimals(0, 100, places=2)
FULL = Decimal(100)


@given(scores, scores, st.lists(st.decimals(0, 100, places=0), max_size=5, unique=True))
def test_a_line_is_crossed_exactly_where_it_lies_between_the_scores(before: Decimal, after: Decimal, at: list[Decimal]) -> None:
    lines = [Line(Text(en=f"{percent}", zh=f"{percent}"), percent) for percent in at]
    crossed = {each.line.percent: each.is_up for each in rules.crossings(before, after, FULL, lines)}
    assert crossed == {percent: after > before for percent in at if min(before, after) < percent <= max(before, after)}


@given(st.lists(scores, max_size=40))
def test_a_histogram_loses_nobody(found: list[Decimal]) -> None:
    bins = rules.histogram(found, FULL)
    assert sum(bins) == len(found) and bins[-1] == sum(score >= 90 for score in found)


def test_reaching_a_first_score_above_a_line_crosses_it() -> None:
    assert [each.is_up for each in rules.crossings(None, Decimal(60), FULL, [PASS])] == [True]


def test_times_and_machines_make_no_difference_and_points_do() -> None:
    check = {"id": "a", "points": "3", "seconds": 0.2}
    before = {"score": "3", "checks": [check], "timing": {"total": 1.0}, "environment": {"torch": "2.7"}}
    same = {"score": "3", "checks": [check | {"seconds": 9.0}], "timing": {"total": 2.0}, "environment": {"torch": "2.8"}}
    assert rules.compared(before, same) == []
    assert rules.compared(before, same | {"score": "2", "checks": [check | {"points": "2"}]}) == ["checks[a].points", "score"]


@pytest.mark.parametrize("typed", ["17, x", "1.5", "-3"])
def test_what_is_no_list_of_numbers_is_refused(typed: str) -> None:
    with pytest.raises(rules.NotNumbers):
        rules.read_ids(typed)


def test_numbers_come_as_people_write_them() -> None:
    assert rules.read_ids(" 17, 18\n23，4、5 ") == [17, 18, 23, 4, 5]
