"""May this be handed in? As properties."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.assignments.models import Assignment
from server.courses.models import Course
from server.submissions import rules
from server.submissions.rules import Quota

CLOSES = datetime(2026, 10, 1, 15, 59, tzinfo=UTC)
moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(["UTC", "Asia/Shanghai", "America/St_Johns", "Pacific/Kiritimati", "Europe/Berlin"])


def an_assignment(*, attempts: int = 5, per_day: int = 3, zone: str = "Asia/Shanghai") -> Assignment:
    course = Course(slug="dl", title_en="", title_zh="", time_zone=zone)
    return Assignment(course=course, slug="tiny", closes_at=CLOSES, attempt_limit=attempts, per_day=per_day)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=900)))
def test_before_the_close_it_is_open_and_from_that_very_moment_it_is_not(distance: timedelta) -> None:
    quota = Quota(used=0, used_today=0)
    rules.check_can_submit(an_assignment(), quota=quota, now=CLOSES - distance)
    for moment in (CLOSES, CLOSES + distance):
        with pytest.raises(rules.SubmissionsClosed):
            rules.check_can_submit(an_assignment(), quota=quota, now=moment)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 80), st.integers(0, 80))
def test_an_attempt_is_allowed_exactly_as_long_as_one_is_left(limit: int, per_day: int, used: int, today: int) -> None:
    quota = Quota(used=max(used, today), used_today=today)
    assignment = an_assignment(attempts=limit, per_day=per_day)
    try:
        rules.check_can_submit(assignment, quota=quota, now=CLOSES - timedelta(hours=1))
        allowed = True
    except (rules.AttemptsUsedUp, rules.DailyAttemptsUsedUp):
        allowed = False
    assert allowed == (rules.attempts_left_today(assignment, quota) > 0)


@given(st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=900)), zones)
def test_a_refusal_for_today_names_the_moment_from_which_it_is_taken(distance: timedelta, zone: str) -> None:
    assignment, now = an_assignment(zone=zone), CLOSES - distance
    with pytest.raises(rules.DailyAttemptsUsedUp) as refused:
        rules.check_can_submit(assignment, quota=Quota(used=3, used_today=3), now=now)
    next_at = refused.value.facts["next_at"]
    if next_at is None:
        assert rules.start_of_day(CLOSES - timedelta(microseconds=1), zone) == rules.start_of_day(now, zone), "it closes first"
        return
    moment = datetime.fromisoformat(next_at)
    assert now < moment < CLOSES
    assert rules.start_of_day(moment - timedelta(microseconds=1), zone) == rules.start_of_day(now, zone)
    assert rules.start_of_day(moment, zone) == moment
    assert moment.astimezone(ZoneInfo(zone)).strftime("next from %a %d %b 00:00") in refused.value.message.en


def test_what_no_day_brings_back_is_said_before_what_tomorrow_does() -> None:
    assignment = an_assignment()
    assignment.scored_limit = 2
    with pytest.raises(rules.ScoredUsedUp):
        rules.check_can_submit(assignment, quota=Quota(3, 3, 2, 2), now=CLOSES - timedelta(days=2))


@given(moments, zones)
def test_a_day_begins_at_a_local_midnight_at_most_a_day_ago(now: datetime, zone: str) -> None:
    midnight = rules.start_of_day(now, zone)
    assert midnight <= now < midnight + timedelta(hours=25)  # 25: the clocks go back
    assert midnight.astimezone(ZoneInfo(zone)).time().isoformat() == "00:00:00"


@given(moments, moments, zones)
def test_days_never_go_backwards(first: datetime, second: datetime, zone: str) -> None:
    earlier, later = sorted([first, second])
    assert rules.start_of_day(earlier, zone) <= rules.start_of_day(later, zone)


def test_the_refusal_names_the_local_time_in_both_languages() -> None:
    refusal = rules.SubmissionsClosed(CLOSES.astimezone(ZoneInfo("Asia/Shanghai")))
    assert "01 Oct 2026 23:59" in refusal.message.en
    assert "2026-10-01 23:59" in refusal.message.zh


def test_the_refusal_for_today_names_the_next_day_where_the_course_is_held() -> None:
    now = datetime(2026, 9, 20, 15, 30, tzinfo=UTC)  # half past eleven in the evening
    with pytest.raises(rules.DailyAttemptsUsedUp) as refused:
        rules.check_can_submit(an_assignment(), quota=Quota(3, 3), now=now)
    assert refused.value.message.en.endswith("next from Mon 21 Sep 00:00 CST.")
    assert "2026-09-21 00:00 CST 起" in refused.value.message.zh
    assert refused.value.facts == {"per_day": 3, "next_at": "2026-09-21T00:00:00+08:00"}
