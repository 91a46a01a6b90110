"""A competition to try boards with: its folder, and what submissions to it reach."""

from base64 import b64encode
from pathlib import Path

import numpy as np
import tomli_w

from grader.competition.baselines import Half, Recorded, write_baselines
from grader.competition.items import pack
from grader.protocol import Measure, Measured

TINY = Path(__file__).parent / "content" / "tiny"
SLUG = "race"
ITEMS = {"public": 400, "private": 1000}
HALF_WIDTH = 0.02
BASELINES = {"majority": (0.1, "Most frequent class", "多数类"), "linear": (0.6, "Linear model", "线性模型")}


def write_contest(root: Path, *, direction: str = "max", **rules: object) -> Path:
    """The folder of a competition below `root`, with tiny beside it. `rules`: fields of [competition] that differ."""
    folder = root / SLUG
    folder.mkdir(parents=True)
    (root / "tiny").symlink_to(TINY)
    for path in TINY.iterdir():
        if path.is_file() and path.name != "assignment.toml":
            (folder / path.name).write_bytes(path.read_bytes())
    (folder / "baselines").mkdir()
    for id in BASELINES:
        (folder / "baselines" / f"{id}.py").write_bytes((TINY / "reference.py").read_bytes())
    (folder / "assignment.toml").write_text(tomli_w.dumps(manifest(direction, rules)), encoding="utf-8")
    recorded = [
        Recorded(id=id, public=half(value), private=half(value - 0.01), spread=0.0, runs=1)
        for id, (value, *_) in BASELINES.items()
    ]
    write_baselines(folder, recorded)
    return root


def manifest(direction: str, rules: dict[str, object]) -> dict[str, object]:
    competition = {
        "decimals": 3,
        "team_size": 3,
        "baselines": [{"id": id, "title": {"en": en, "zh": zh}} for id, (_, en, zh) in BASELINES.items()],
        "reward": {"cutoffs": [{"at": "linear", "points": 60}, {"at": 0.9, "points": 90}], "minimum": 10, "top": [10, 5, 3]},
    }
    title = {"en": "Doubling race", "zh": "加倍竞赛"}
    return {
        "id": SLUG, "kind": "competition", "title": title, "summary": title, "required": ["double"],
        "leaderboard": {"metric": "accuracy", "direction": direction},
        "parts": [{"id": "doubling", "points": 100, "title": title}],
        "competition": competition | rules,
    }  # fmt: skip


def half(value: float) -> Half:
    return Half(value=value, low=value - HALF_WIDTH, high=value + HALF_WIDTH)


def measured(public: float, private: float | None = None, *, items: dict[str, int] = ITEMS) -> Measured:
    """What a run reached; the first items are the right ones, so that of two runs the better is right wherever the other is."""
    values = {"public": public, "private": public - 0.01 if private is None else private}
    return Measured(**{name: measure(value, items[name]) for name, value in values.items()})


def measure(value: float, count: int) -> Measure:
    items = b64encode(pack(np.arange(count) < round(value * count))).decode()
    return Measure(value=value, low=value - HALF_WIDTH, high=value + HALF_WIDTH, count=count, items=items)
