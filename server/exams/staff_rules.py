"""What staff do to an exam as pure functions: who could start when, how much time is given, and what needs an eye first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from server.exams.rules import SEEN_S, Window, ends_at

MOST_MINUTES, MOST_REASON, MOST_NETWORKS = 24 * 60, 500, 50
SOON = timedelta(minutes=10)  # a new exam that opens nearer than this is asked about
LEFT_AFTER = timedelta(minutes=5)  # that much stays of somebody's time when a mistake is taken back


class Why(StrEnum):
    """Why a change needs a confirmation: somebody could read the questions earlier by it, or once more."""

    opens_sooner = "opens_sooner"
    practice = "practice"
    networks = "networks"


class Need(StrEnum):
    """What an invigilator should look at, the most urgent first."""

    asks_to_move = "asks_to_move"
    missed = "missed"
    away = "away"
    changed = "changed"
    slow_checks = "slow_checks"


@dataclass(frozen=True)
class Group:
    """A section, or (None) everybody without a window of its own. before: None where there was no exam."""

    section: str | None
    students: int
    before: Window | None
    after: Window
    sitting: int = 0  # who sit at the moment
    cut_off: int = 0  # of these, who would still end with the old window


def earliest_start(window: Window, now: datetime) -> datetime | None:
    """From now on; None where nobody can start any more."""
    first = max(now, window.opens_at)
    return first if first < window.closes_at else None


def is_sooner(before: Window | None, after: Window, now: datetime) -> bool:
    """Whether somebody could start earlier than before, or could not start any more and now can."""
    first = earliest_start(after, now)
    if first is None:
        return False
    if before is None:
        return first <= now + SOON
    usual = earliest_start(before, now)
    return usual is None or first < usual


def is_wider(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the paper could be opened from somewhere from where it could not. Without networks: from anywhere."""
    if not before:
        return False
    if not after:
        return True
    known = [ip_network(each, strict=False) for each in before]
    return not all(any(is_inside(ip_network(each, strict=False), other) for other in known) for each in after)


def is_inside(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return network.version == other.version and network.subnet_of(other)  # type: ignore[arg-type]


def read_networks(lines: Iterable[str]) -> list[str]:
    """As CIDR, each once. Raises ValueError naming the first that is none."""
    found: dict[str, None] = {}
    for line in lines:
        if text := line.strip():
            try:
                found[str(ip_network(text, strict=False))] = None
            except ValueError as error:
                raise ValueError(text) from error
    return list(found)


def seconds_of(*, minutes: int | None = None, percent: int | None = None, working_minutes: int) -> int:
    """Of either; a share of the working time is rounded up to whole seconds."""
    if minutes is not None:
        return minutes * 60
    share = Decimal(working_minutes * 60) * Decimal(percent or 0) / 100
    return int(share.to_integral_value(ROUND_CEILING))


def still_missing_s(stated_s: int, granted_s: int) -> int:
    """What has to be given so that somebody has `stated_s` in all; a list that is imported twice gives nothing twice."""
    return max(0, stated_s - granted_s)


def may_take_back(*, end_without: datetime, now: datetime) -> bool:
    """A mistake stays where it is if somebody's time would be over by it, or nearly."""
    return end_without >= now + LEFT_AFTER


def reopening_s(*, started_at: datetime, working_s: int, closes_at: datetime, granted_s: int, minutes: int, now: datetime) -> int:
    """Seconds to grant so that a sitting that goes on has at least so many minutes from now; its end never moves to earlier."""
    end = ends_at(started_at=started_at, working_s=working_s, closes_at=closes_at, granted_s=granted_s)
    lacking = (now + timedelta(minutes=minutes) - end).total_seconds()
    return max(0, int(-(-lacking // 1)))


def is_away(last_seen_at: datetime, now: datetime) -> bool:
    return (now - last_seen_at).total_seconds() > SEEN_S


def needs_of(
    *, waiting: int, missed: int, is_away: bool, changes: int, delay_s: float | None, fair_wait_s: int
) -> tuple[Need, ...]:
    """In the order of their urgency."""
    asked = {
        Need.asks_to_move: waiting > 0,
        Need.missed: missed > 0,
        Need.away: is_away,
        Need.changed: changes > 0,
        Need.slow_checks: delay_s is not None and delay_s > fair_wait_s,
    }
    return tuple(need for need in Need if asked[need])


def urgency(needs: Sequence[Need]) -> int:
    """The smaller, the sooner somebody should look."""
    order = list(Need)
    return order.index(needs[0]) if needs else len(order)
