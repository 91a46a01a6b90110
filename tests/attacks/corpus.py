"""The attack programs and what their first lines say: the rows of the threat table that they stand for, and the verdict.

# EXPECT: status score words      any of these words for every check, or the code of the fault
# ROW: A3, D4                     rows of rows.toml
# VARIANTS: zero one              judged once for each: the line `VARIANT = "…"` is rewritten
# LIMITS: check_s=0.4             instead of the target's, so that waiting costs little
# ALSO: torch.py                  further files of the submission; importing one of them ends it

Each of them may take several lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.attacks.sources import RAW

FOLDER = Path(__file__).parent / "submissions"
VARIANT = re.compile(r'^VARIANT = ".*"$', re.MULTILINE)
INTRUDER = b"raise SystemExit('this file must never be imported')\n"


@dataclass(frozen=True)
class Expected:
    statuses: frozenset[str]  # mostly one; "graded|ungradable" where it depends on the variant or on luck
    score: int
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Expected":
        status, score, *words = text.split()
        return cls(frozenset(status.split("|")), int(score), frozenset(words))


@dataclass(frozen=True)
class Attack:
    """One program with its verdict; a file with variants stands for several."""

    name: str
    rows: tuple[str, ...]
    expected: Expected
    source: bytes
    limits: dict[str, float] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return self.name.split("[")[0]

    @property
    def files(self) -> dict[str, bytes]:
        return {**dict.fromkeys(self.others, INTRUDER), "solution.py": self.source}


def attacks() -> list[Attack]:
    """Every program of the corpus with every variant, in the order of their names."""
    read = [attack for path in sorted(FOLDER.glob("*.py")) for attack in _variants(path.stem, path.read_text(encoding="utf-8"))]
    raw = [Attack(name, rows, Expected.of(expected), source) for name, (rows, expected, source) in RAW.items()]
    return [*read, *raw]


def attack_named(name: str) -> Attack:
    return next(attack for attack in attacks() if attack.name == name)


def _variants(name: str, text: str) -> Iterator[Attack]:
    rows = tuple(re.findall(r"[\w-]+", _header(text, "ROW")))
    expected = Expected.of(_header(text, "EXPECT"))
    limits = {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", _header(text, "LIMITS"))}
    others = tuple(_header(text, "ALSO").split())
    for variant in _header(text, "VARIANTS").split() or [""]:
        source = VARIANT.sub(f'VARIANT = "{variant}"', text) if variant else text
        yield Attack(f"{name}[{variant}]" if variant else name, rows, expected, source.encode(), limits, others)


def _header(text: str, key: str) -> str:
    return " ".join(re.findall(rf"^# {key}: (.+)$", text.split('"""')[0], re.MULTILINE))
