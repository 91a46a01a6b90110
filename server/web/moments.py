"""Times and durations as a person reads them: absolute in the course's zone, and how long from now."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

DATE_PATTERNS = {"en": "EEE d MMM HH:mm", "zh_CN": "M月d日（EEE）HH:mm"}
YEAR_PATTERNS = {"en": "EEE d MMM y HH:mm", "zh_CN": "y年M月d日（EEE）HH:mm"}
UNITS = {"en": (" d", " h", " min", " s", " "), "zh_CN": (" 天", " 小时", " 分", " 秒", " ")}


def absolute(moment: datetime, *, language: str, zone: str, now: datetime) -> str:
    """ "Sun 22 Mar 23:59"; the year is said only where it is not this one."""
    local = moment.astimezone(ZoneInfo(zone))
    says_year = local.year != now.astimezone(ZoneInfo(zone)).year
    return _of_minute(local.replace(second=0, microsecond=0, tzinfo=None), language, says_year)


@lru_cache(maxsize=1 << 14)
def _of_minute(local: datetime, language: str, says_year: bool) -> str:
    """Naive, since equal moments of two zones read differently."""
    return format_datetime(local, (YEAR_PATTERNS if says_year else DATE_PATTERNS)[language], locale=language)


def duration(span: timedelta, *, language: str) -> str:
    """The two largest units: "2 d 4 h", "3 h 12 min", "40 s"."""
    seconds = int(abs(span).total_seconds())
    amounts = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    *units, joint = UNITS[language]
    first = next((place for place, amount in enumerate(amounts) if amount), len(amounts) - 1)
    shown = range(first, min(first + 2, 3 if first < 3 else 4))  # seconds are said only when there are no minutes
    return joint.join(f"{amounts[place]}{units[place]}" for place in shown if amounts[place] or place == first)
