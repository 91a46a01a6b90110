"""Who may ask, and how far an answer can go."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.protocol import Text
from server.regrades import rules
from server.regrades.rules import Policy, Subject

SCORED = datetime(2026, 3, 22, 15, 59, tzinfo=UTC)
TITLE = Text(en="A matrix", zh="矩阵")
amounts = st.decimals(-30, 30, places=2)


@given(st.decimals(0, 20, places=2), st.lists(amounts, max_size=6))
def test_whatever_answers_give_a_check_stays_between_nothing_and_all_of_it(reached: Decimal, asked: list[Decimal]) -> None:
    subject, total = Subject("check:a", TITLE, reached, Decimal(20)), Decimal(0)
    for points in asked:
        room = rules.room_of(subject, total)
        try:
            rules.check_points(points, room)
        except rules.BadPoints:
            continue
        total += points
    assert 0 <= reached + total <= 20


@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 8), st.integers(0, 60 * 24))
def test_asking_is_open_within_the_window_and_below_the_most(days: int, most: int, waiting: int, hours: int) -> None:
    policy, now = Policy(days, most), SCORED + timedelta(hours=hours)
    may_ask = hours < days * 24 and waiting < most
    if may_ask:
        rules.check_can_ask(policy, scored_at=SCORED, waiting=waiting, now=now)
    else:
        with pytest.raises((rules.WindowOver, rules.TooManyOpen)):
            rules.check_can_ask(policy, scored_at=SCORED, waiting=waiting, now=now)


def test_a_course_may_take_none() -> None:
    with pytest.raises(rules.NotTaken):
        rules.check_can_ask(Policy(days=0), scored_at=SCORED, waiting=0, now=SCORED)
