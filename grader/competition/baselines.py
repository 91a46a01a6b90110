"""What the baselines of a competition reached, as `gradus verify --record` wrote it into `baselines.toml`."""

import tomllib
from decimal import Decimal
from pathlib import Path

import tomli_w
from pydantic import FiniteFloat, ValidationError

from grader.protocol import Plain

FILE = "baselines.toml"


class Half(Plain):
    """A score on the public or the private items, with the interval in which it lies (95 %)."""

    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat


class Recorded(Plain):
    """One baseline. `spread`: the standard deviation of the public score over runs with different seeds."""

    id: str
    public: Half
    private: Half
    spread: FiniteFloat
    runs: int


class NotRecorded(Exception):
    """`baselines.toml` is missing or is not as it should be."""


def read_baselines(folder: Path) -> dict[str, Recorded]:
    """By id. Raises NotRecorded."""
    path = folder / FILE
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))["baseline"]
        return {entry.id: entry for entry in map(Recorded.model_validate, listed)}
    except FileNotFoundError as error:
        raise NotRecorded(f"{path} is missing: run `gradus verify {folder.name} --record`") from error
    except (KeyError, TypeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise NotRecorded(f"{path} cannot be read: {error}") from error


def write_baselines(folder: Path, recorded: list[Recorded]) -> None:
    listed = [entry.model_dump(mode="json") for entry in recorded]
    (folder / FILE).write_text(tomli_w.dumps({"baseline": listed}), encoding="utf-8")


def rounded(value: float, decimals: int) -> float:
    """As it is shown: half to even, so that the same number never shows as two."""
    return float(round(Decimal(repr(value)), decimals))
