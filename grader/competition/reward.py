"""From a place on the board to points: the author's rule, values in and points out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from grader.competition.manifest import MOST_POINTS, Reward

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Points:
    """What a result is worth, and where it comes from: the cut-offs (or the minimum), and the bonus of its place."""

    base: Decimal
    bonus: Decimal

    @property
    def total(self) -> Decimal:
        return min(MOST_POINTS, self.base + self.bonus)


def points(value: float, rank: int | None, *, reward: Reward, baselines: Mapping[str, float], direction: str) -> Points:
    """value: the metric.    rank: from 1; None where places are not known yet.    baselines: what each reached, by id."""
    sign = 1 if direction == "max" else -1
    base = _on_the_lines(sign * value, _cutoffs(reward, baselines, sign))
    if baselines and sign * value > min(sign * reached for reached in baselines.values()):
        base = max(base, reward.minimum)
    has_bonus = rank is not None and rank <= len(reward.top) and base > 0
    return Points(base.quantize(CENT, ROUND_HALF_UP), reward.top[rank - 1] if has_bonus else Decimal(0))


def _cutoffs(reward: Reward, baselines: Mapping[str, float], sign: int) -> list[tuple[float, Decimal]]:
    """In rising order, larger is better. A cut-off of a baseline stands where that came to; nowhere, if nobody measured it."""
    reached = [(baselines.get(c.at) if isinstance(c.at, str) else c.at, c.points) for c in reward.cutoffs]
    return sorted((sign * at, earned) for at, earned in reached if at is not None)


def _on_the_lines(value: float, cutoffs: list[tuple[float, Decimal]]) -> Decimal:
    if not cutoffs or value < cutoffs[0][0]:
        return Decimal(0)
    for (low, least), (high, most) in pairwise(cutoffs):
        if low <= value < high:
            return least + (most - least) * Decimal((value - low) / (high - low))
    return cutoffs[-1][1]
