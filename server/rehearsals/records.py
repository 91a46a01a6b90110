"""How requests went: how long each kind took, and what went wrong. Plain values."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Log:
    """ms: by kind of request, of those that were answered. errors: by kind and what was wrong with it."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)

    def answered(self, kind: str, ms: float) -> None:
        self.ms.setdefault(kind, []).append(ms)

    def failed(self, kind: str, what: str) -> None:
        self.errors[kind, what] += 1


@dataclass(frozen=True)
class Spread:
    count: int
    p50: float | None
    p95: float | None
    most: float | None


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that so large a share does not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def spread(values: Sequence[float]) -> Spread:
    return Spread(len(values), quantile(values, 0.5), quantile(values, 0.95), max(values, default=None))
