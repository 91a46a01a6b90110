"""Exam time as pure functions: who may start, until when somebody works, and that nobody gets less than was granted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from math import ceil

GAP_S = 15.0  # a pulse that is later than this was an outage
SEEN_S = 20.0  # without a sign for longer, somebody counts as away


class Phase(StrEnum):
    """Where a student stands with an exam."""

    before = "before"  # the window has not opened
    open = "open"  # may start
    running = "running"
    handed_in = "handed_in"
    missed = "missed"  # the window has closed, never started
    released = "released"


@dataclass(frozen=True)
class Window:
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Span:
    began_at: datetime
    ended_at: datetime


def ends_at(*, started_at: datetime, working_s: int, closes_at: datetime, granted_s: int) -> datetime:
    """Working time ends with the window at the latest; what was granted comes on top of either."""
    return min(started_at + timedelta(seconds=working_s), closes_at) + timedelta(seconds=max(granted_s, 0))


def working_left_s(window: Window, *, working_s: int, granted_s: int, now: datetime) -> int:
    """Of somebody who started now; what the door says before one starts."""
    end = ends_at(started_at=now, working_s=working_s, closes_at=window.closes_at, granted_s=granted_s)
    return max(0, int((end - now).total_seconds()))


def may_start(window: Window, now: datetime) -> bool:
    return window.opens_at <= now < window.closes_at


def is_over(end: datetime, now: datetime) -> bool:
    """At the very second of the end it is over."""
    return now >= end


def phase_of(
    window: Window, *, end: datetime | None, is_handed_in: bool, is_released: bool, is_practice: bool, now: datetime
) -> Phase:
    """end: of the newest sitting, None without one."""
    if is_released and not is_practice:
        return Phase.released
    if end is not None and not is_handed_in:
        return Phase.running
    if end is not None and not is_practice:
        return Phase.handed_in
    if now < window.opens_at:
        return Phase.before
    return Phase.open if may_start(window, now) else Phase.missed


def is_allowed_from(address: str, networks: Sequence[str]) -> bool:
    """Without networks, from anywhere; an address that cannot be read is in none."""
    if not networks:
        return True
    try:
        here = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(here, "ipv4_mapped", None) or here
    return any(mapped in ip_network(each, strict=False) for each in networks)


def outage_credit_s(outage: Span, *, started_at: datetime, end: datetime) -> int:
    """Whole seconds, rounded up. `end`: as it was without this credit.

    A sitting stands still in an outage: whoever had time left when it began has all of that when it is over.
    """
    if outage.began_at >= end:
        return 0
    return max(0, ceil((outage.ended_at - max(outage.began_at, started_at)).total_seconds()))


def total_s(seconds: Iterable[int]) -> int:
    """What was granted; mistakes that were taken back never make it negative."""
    return max(0, sum(seconds))


def minute_of(started_at: datetime, now: datetime) -> int:
    return max(0, int((now - started_at).total_seconds() // 60))
