"""Tries every attack on every kind of sandbox and prints what held: `make attacks`, or python -m tests.attacks.matrix.

    --only WORD      only attacks whose name holds it        --on "bubblewrap fork"      only this kind (may be repeated)
    --write          put the table into docs/security.md, where kinds that were not tried now keep what they had
    --jobs 1         one kind after the other, not two at a time

Ends with 1 if anything is not as it should be, also where a kind of sandbox was asked for that is not there. Two at a time need
two processors that have nothing else to do: a slow verdict is a surprise too.
"""

import argparse
import os
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import torch

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


@dataclass
class Tried:
    """What came of all attacks on one kind of sandbox."""

    combination: Combination
    cells: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))  # by row
    surprises: list[str] = field(default_factory=list)


def main() -> None:
    options = _parse()
    chosen = [str(combination) for combination in COMBINATIONS if str(combination) in options.on]
    longest_first = sorted(chosen, key=lambda name: "fresh" not in name)
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        tried = list(pool.map(try_all, longest_first, repeat(options.only)))
    results: dict[str, dict[str, Cell]] = defaultdict(dict)
    for each in tried:
        for row, cell in each.cells.items():
            results[row][str(each.combination)] = cell
    count, surprises = len(chosen_attacks(options.only)), [text for each in tried for text in each.surprises]
    shown = written() if options.write else {}
    table = "\n".join(lines(results, [str(combination) for combination in COMBINATIONS], shown))
    print(f"\n{table}\n\n{count} attacks, {len(surprises)} surprises", *surprises, sep="\n")
    if options.write:
        write(table, count)
    sys.exit(1 if surprises else 0)


def _parse() -> argparse.Namespace:
    names = [str(combination) for combination in COMBINATIONS]
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.matrix", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--on", action="append", choices=names, help="only this kind of sandbox; may be repeated")
    parser.add_argument(
        "--jobs", type=int, default=min(2, os.cpu_count() or 1), help="kinds at a time, each in a process of its own"
    )
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write and options.only:
        parser.error("--write is for all attacks: without --only")
    options.on = options.on or names
    return options


def chosen_attacks(only: str) -> list[Attack]:
    return [attack for attack in attacks() if only in attack.name]


def try_all(name: str, only: str) -> Tried:
    """Carry out the attacks in one sandbox, as a process of its own does."""
    torch.set_num_threads(1)  # as a worker
    tried = Tried(next(combination for combination in COMBINATIONS if str(combination) == name))
    with planted():
        try:
            sandbox = tried.combination.open()
        except GraderFailure as failure:
            tried.surprises.append(f"{name}: not there: {failure}")
            return tried
        try:
            _try_each(Trial(tried.combination, sandbox), chosen_attacks(only), tried)
        finally:
            sandbox.close()
    return tried


def _try_each(trial: Trial, chosen: list[Attack], tried: Tried) -> None:
    started = time.monotonic()
    for number, attack in enumerate(chosen, start=1):
        began = time.monotonic()
        found = trial.surprises(attack)
        tried.surprises += [f"{tried.combination}: {attack.name}: {text}" for text in found]
        for row in attack.rows:
            tried.cells[row].tried += 1
            tried.cells[row].broken += [attack.name] if found else []
        seconds, minutes = time.monotonic() - began, (time.monotonic() - started) / number * (len(chosen) - number) / 60
        progress = f"{tried.combination}  {number:3d}/{len(chosen)}  {seconds:5.1f} s  {minutes:4.1f} min left"
        print(progress, "✗" if found else "✓", attack.name, *found, flush=True)


def rows() -> dict[str, dict[str, object]]:
    """The rows of the threat table: title, the tests that stand for it besides, how far they go, or why it is open."""
    return tomllib.loads((HERE / "rows.toml").read_text(encoding="utf-8"))


def written() -> dict[str, dict[str, str]]:
    """What the page says: row → combination → cell."""
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    heading, *rest = ([cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| "))
    return {cells[0]: dict(zip(heading, cells, strict=True)) for cells in rest}


def lines(results: Results, columns: list[str], before: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The matrix as a Markdown table; where nothing was tried now, what was written before."""
    yield "| row | threat | " + " | ".join(columns) + " | elsewhere |"
    yield "| --- " * (len(columns) + 3) + "|"
    for row, facts in rows().items():
        tried = {**before.get(row, {}), **{column: str(cell) for column, cell in results.get(row, {}).items()}}
        cells = ["○ open" if "open" in facts else tried.get(column, str(Cell())) for column in columns]
        if row not in results and "tests" in facts:
            cells = ["→ elsewhere"] * len(columns)
        yield f"| {row} | {facts['title']} | " + " | ".join(cells) + f" | {_elsewhere(facts)} |"


def _elsewhere(facts: Mapping[str, object]) -> str:
    tests = ", ".join(f"`{test}`" for test in facts.get("tests", []))
    return " ".join(filter(None, [tests, str(facts.get("note", "")), str(facts.get("open", ""))]))


def write(table: str, count: int) -> None:
    """Put the table between its marks in docs/security.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = (
        f"{count} attack programs; ✓ held: each got its verdict, told nothing and left nothing; · not run: not tried last time."
    )
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
