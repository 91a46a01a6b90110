"""What `[competition]` in an assignment.toml says: the rules of the board, and how a result becomes points."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from grader.protocol import Plain, Text

MOST_POINTS = Decimal(100)


class Baseline(Plain):
    """A row of the board that is nobody's: a file in `baselines/` is its submission, `baselines.toml` has what it reached."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text


class Cutoff(Plain):
    """So many points at a value of the metric, given as a number or as the baseline that reached it."""

    at: float | str
    points: Decimal = Field(ge=0, le=MOST_POINTS)


class Reward(Plain):
    """Points on straight lines between the cut-offs, none below the first, those of the last above it.

    minimum: for whoever is better than the weakest baseline, however little.
    top: added for places 1, 2, …; never above 100 in all.
    """

    cutoffs: list[Cutoff] = Field(min_length=1)
    minimum: Decimal = Field(Decimal(0), ge=0, le=MOST_POINTS)
    top: list[Decimal] = Field(default_factory=list)


class Competition(Plain):
    """The rules of the board. `chosen`: how many submissions a student may mark as final where those count.

    ladder: a public score shows only where it is significantly better than the best that showed before.
    freeze_h: for so many hours before the close the board stands still.
    """

    accepts: Literal["code", "predictions"] = "code"
    counts: Literal["best", "chosen"] = "best"
    chosen: int = Field(2, ge=1, le=5)
    decimals: int = Field(3, ge=0, le=6)
    ladder: bool = False
    freeze_h: float = Field(0.0, ge=0)
    team_size: int = Field(1, ge=1, le=20)
    scored: int | None = Field(None, gt=0)
    scored_per_day: int | None = Field(None, gt=0)
    baselines: list[Baseline] = Field(min_length=1)
    reward: Reward

    @model_validator(mode="after")
    def _cutoffs_name_baselines(self) -> Self:
        known = {baseline.id for baseline in self.baselines}
        unknown = [cutoff.at for cutoff in self.reward.cutoffs if isinstance(cutoff.at, str) and cutoff.at not in known]
        if unknown:
            raise ValueError(f"reward.cutoffs: there is no baseline {unknown[0]!r}")
        return self
