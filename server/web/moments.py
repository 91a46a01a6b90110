"""Times and durations as a person reads them: absolute in the course's zone, and how long from now."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

DATE_PATTERNS = {"en": "EEE d MMM HH:mm", "zh_CN": "M月d日（EEE）HH:mm"}
YEAR_PATTERNS = {"en": "EEE d MMM y HH:mm", "zh_CN": "y年M月d日（EEE）HH:mm"}
UNITS = {"en": (" d", " h", " min", " s", " "), "zh_CN": (" 天", " 小时", " 分", " 秒", " ")}


def absolute(moment: datetime, *, language: str, zone: str, now: datetime) -> str:
    """ "Sun 22 Mar 23:59"; the year is said only where it is not this one."""
    local = moment.astimezone(ZoneInfo(zone))
    patterns = DATE_PATTERNS if local.year == now.astimezone(ZoneInfo(zone)).year else YEAR_PATTERNS
    return format_datetime(local, patterns[language], locale=language)


def duration(span: timedelta, *, language: str) -> str:
    """The two largest units: "2 d 4 h", "3 h 12 min", "40 s"."""
    seconds = int(abs(span).total_seconds())
    amounts = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    *units, joint = UNITS[language]
    first = next((place for place, amount in enumerate(amounts) if amount), len(amounts) - 1)
    shown = range(first, min(first + 2, 3 if first < 3 else 4))  # seconds are said only when there are no minutes
    return joint.join(f"{amounts[place]}{units[place]}" for place in shown if amounts[place] or place == first)
