"""Tries every attack on every kind of sandbox and prints what held: `make attacks`, or python -m tests.attacks.matrix.

    --only WORD      only attacks whose name holds it        --on "bubblewrap fork"      only this kind (may be repeated)
    --write          put the table into docs/security.md

Ends with 1 if anything is not as it should be, also where a kind of sandbox was asked for that is not there.
"""

import argparse
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.sandbox.base import GraderFailure
from tests.attacks.combinations import COMBINATIONS, Combination
from tests.attacks.corpus import Attack, attacks
from tests.attacks.trial import Trial, planted

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "security.md"
BEGIN, END = "<!-- matrix: written by `make attacks WRITE=1` -->\n", "<!-- end of matrix -->\n"
CONTROL = "control"


@dataclass
class Cell:
    """What came of a row's attacks on one kind of sandbox."""

    tried: int = 0
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.tried:
            return "· not run"
        return f"✗ broken {len(self.broken)} of {self.tried}" if self.broken else f"✓ held {self.tried}"


Results = Mapping[str, Mapping[str, Cell]]  # row → combination → cell


def main() -> None:
    options = _parse()
    chosen = [attack for attack in attacks() if options.only in attack.name]
    results: dict[str, dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    surprises: list[str] = []
    with planted():
        for combination in COMBINATIONS:
            if str(combination) in options.on:
                surprises += _try_all(chosen, combination, results)
    table = "\n".join(lines(results, [str(combination) for combination in COMBINATIONS]))
    print(f"\n{table}\n\n{len(chosen)} attacks, {len(surprises)} surprises", *surprises, sep="\n")
    if options.write:
        write(table, len(chosen))
    sys.exit(1 if surprises else 0)


def _parse() -> argparse.Namespace:
    names = [str(combination) for combination in COMBINATIONS]
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.matrix", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--on", action="append", choices=names, help="only this kind of sandbox; may be repeated")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.on = options.on or names
    return options


def _try_all(chosen: list[Attack], combination: Combination, results: dict[str, dict[str, Cell]]) -> Iterator[str]:
    """Carry out the attacks in one sandbox; yields what surprised, fills in the cells."""
    try:
        sandbox = combination.open()
    except GraderFailure as failure:
        yield f"{combination}: not there: {failure}"
        return
    try:
        trial = Trial(combination, sandbox)
        for number, attack in enumerate(chosen, start=1):
            started = time.monotonic()
            found = trial.surprises(attack)
            for row in attack.rows:
                cell = results[row][str(combination)]
                cell.tried += 1
                cell.broken += [attack.name] if found else []
            seconds = time.monotonic() - started
            progress = f"{combination}  {number:3d}/{len(chosen)}  {seconds:5.1f} s"
            print(progress, "✗" if found else "✓", attack.name, *found, flush=True)
            yield from (f"{combination}: {attack.name}: {text}" for text in found)
    finally:
        sandbox.close()


def rows() -> dict[str, dict[str, object]]:
    """The rows of the threat table: title, the tests that stand for it besides, or why it is open."""
    return tomllib.loads((HERE / "rows.toml").read_text(encoding="utf-8"))


def lines(results: Results, columns: list[str]) -> Iterator[str]:
    """The matrix as a Markdown table."""
    yield "| row | threat | " + " | ".join(columns) + " | elsewhere |"
    yield "| --- " * (len(columns) + 3) + "|"
    for row, facts in rows().items():
        cells = [str(results.get(row, {}).get(column, Cell())) if "open" not in facts else "○ open" for column in columns]
        if row not in results and "tests" in facts:
            cells = ["→ elsewhere"] * len(columns)
        yield f"| {row} | {facts['title']} | " + " | ".join(cells) + f" | {_elsewhere(facts)} |"


def _elsewhere(facts: Mapping[str, object]) -> str:
    tests = ", ".join(f"`{test}`" for test in facts.get("tests", []))
    return " ".join(filter(None, [tests, str(facts.get("open", ""))]))


def write(table: str, count: int) -> None:
    """Put the table between its marks in docs/security.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = f"{count} attack programs; ✓ held: each got its verdict, told nothing and left nothing."
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
