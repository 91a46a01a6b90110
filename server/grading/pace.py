"""When what the judge tells may be told on: public checks at once, hidden ones in batches.

The moment at which a hidden check ends is a time, and times of hidden checks are not shown. So from the first hidden check on
nothing is told between two ticks; what is told at a tick had ended by then, whenever that was.
"""

import math

from grader.protocol import Progress, Visibility

TICK_S = 5.0


class Pace:
    """What may be told at a moment (in seconds of one clock) out of all that the judge has told until then."""

    def __init__(self, tick_s: float = TICK_S) -> None:
        self.tick_s = tick_s
        self.hidden_since: float | None = None
        self.told: list[tuple[float, Progress]] = []

    def take(self, progress: Progress, *, now: float) -> bool:
        """Whether this may be told at once."""
        is_first_hidden = self.hidden_since is None and is_hidden(progress)
        if is_first_hidden:  # the last public check has just ended: nothing hidden was seen so far
            self.hidden_since = now
        is_told_at_once = is_first_hidden or self.hidden_since is None
        self.told = [*([] if is_told_at_once else self.told), (now, progress)]  # what was told before it is not asked for again
        return is_told_at_once

    def shown(self, *, now: float) -> Progress | None:
        limit = now if self.hidden_since is None else self.last_tick(now)
        return next((progress for moment, progress in reversed(self.told) if moment <= limit), None)

    def last_tick(self, now: float) -> float:
        assert self.hidden_since is not None
        return self.hidden_since + self.tick_s * math.floor((now - self.hidden_since) / self.tick_s)

    def until_tick_s(self, *, now: float) -> float:
        """Endless as long as everything is told at once."""
        return math.inf if self.hidden_since is None else self.last_tick(now) + self.tick_s - now


def is_hidden(progress: Progress) -> bool:
    """Whether the check that comes next is a hidden one."""
    return any(mark.id == progress.check_id and mark.visibility is Visibility.hidden for mark in progress.marks)
