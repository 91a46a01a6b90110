"""Times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from server.web.moments import absolute, duration

MOMENT = datetime(2026, 3, 22, 15, 59, tzinfo=UTC)
SHANGHAI = {"zone": "Asia/Shanghai", "now": MOMENT}


def test_a_time_is_told_in_the_courses_zone() -> None:
    assert absolute(MOMENT, language="en", **SHANGHAI) == "Sun 22 Mar 23:59"
    assert absolute(MOMENT, language="zh_CN", **SHANGHAI) == "3月22日（周日）23:59"


def test_the_same_moment_and_the_same_clock_reading_in_another_zone_read_as_what_they_are() -> None:
    assert absolute(MOMENT, language="en", **SHANGHAI) == "Sun 22 Mar 23:59"
    assert absolute(MOMENT, language="en", zone="UTC", now=MOMENT) == "Sun 22 Mar 15:59"
    assert absolute(MOMENT + timedelta(seconds=30), language="en", zone="UTC", now=MOMENT) == "Sun 22 Mar 15:59"


def test_another_year_is_said() -> None:
    later = SHANGHAI | {"now": MOMENT + timedelta(days=400)}
    assert absolute(MOMENT, language="en", **later) == "Sun 22 Mar 2026 23:59"
    assert absolute(MOMENT, language="zh_CN", **later) == "2026年3月22日（周日）23:59"


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (0, "0 s", "0 秒"),
        (59, "59 s", "59 秒"),
        (60, "1 min", "1 分"),
        (95, "1 min", "1 分"),
        (3600, "1 h", "1 小时"),
        (11_520, "3 h 12 min", "3 小时 12 分"),
        (86_400, "1 d", "1 天"),
        (187_200, "2 d 4 h", "2 天 4 小时"),
        (-11_520, "3 h 12 min", "3 小时 12 分"),
    ],
)
def test_a_duration_is_told_by_its_two_largest_units(seconds: int, en: str, zh: str) -> None:
    span = timedelta(seconds=seconds)
    assert (duration(span, language="en"), duration(span, language="zh_CN")) == (en, zh)
