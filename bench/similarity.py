"""What comparing a class takes, beside compare50 and the engine of Dolos, over the same files one after the other.

    make bench-similarity, or python -m bench.similarity [--works 500] [--corpus DIR --starter FILE] [--only ours dolos]

The class is made of an assignment's own solutions, or is `--corpus DIR` with a folder for each student. Every tool prints all
pairs, with the starter and without; with `-report` it is the command that people use, which writes a report of its first pairs.
Times are of the whole command, memory is of its whole tree of processes, in a second run. What is not installed is left out
(`make bench-similarity` installs them).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.corpus import make_class

ROOT = Path(__file__).parent.parent
COMPARE50 = ROOT / "build" / "compare50" / "bin" / "python"
DOLOS = ROOT / "bench" / "dolos"
TOOLS = ("ours", "compare50", "dolos", "ours-report", "compare50-report")
EVERY_S = 0.1  # how often memory is looked at


@dataclass(frozen=True)
class Cost:
    wall_s: float
    processor_s: float
    peak_bytes: int
    pairs: int


def main() -> None:
    options, console = parse(), Console()
    with tempfile.TemporaryDirectory(prefix="gradus-bench-") as place:
        folder, starter = options.corpus, options.starter
        if folder is None:
            assignment = ROOT / "assignments" / options.assignment
            folder, starter = Path(place) / "class", assignment / "starter.py"
            make_class(assignment, options.works, folder)
        costs: dict[tuple[str, bool], Cost] = {}
        for given in [starter, None] if starter else [None]:
            for tool in options.only:
                timed, watched = (command_of(tool, folder, given, Path(place) / f"{tool}{len(costs)}{run}") for run in "ab")
                if timed is None or watched is None:
                    console.print(f"[dim]{tool} is not installed[/]")
                    continue
                cost = costs[tool, given is not None] = measure(timed, watched, Path(place) / "pairs.csv")
                console.print(f"[dim]{tool}: {cost.wall_s:.1f} s, {cost.processor_s:.1f} s of processors[/]")
    report(console, folder, options, costs)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", type=int, default=500)
    parser.add_argument("--assignment", default="mlp", help="whose solutions the class is made of")
    parser.add_argument("--corpus", type=Path, help="a folder with a folder of .py files for each student")
    parser.add_argument("--starter", type=Path, help="one file that the students of --corpus were given")
    parser.add_argument("--only", nargs="+", default=TOOLS, choices=TOOLS)
    return parser.parse_args()


def command_of(tool: str, folder: Path, starter: Path | None, report_at: Path) -> list[str] | None:
    """How it is asked for all pairs, or for its report; None where it is not installed."""
    given = [str(starter)] if starter else []
    ours = [sys.executable, "-m", "server.cli", "similarity", str(folder), *(["--template", *given] if given else [])]
    match tool:
        case "ours":
            return [*ours, "--csv"]
        case "ours-report":
            return [*ours, "--html", str(report_at)]
        case "compare50-report" if COMPARE50.exists():
            works = sorted(map(str, folder.iterdir()))
            return [str(COMPARE50), "-m", "compare50", *works, "-o", str(report_at), *(["-d", *given] if given else [])]
        case "compare50" if COMPARE50.exists():
            return [str(COMPARE50), str(ROOT / "bench" / "compare50" / "pairs.py"), str(folder), *given]
        case "dolos" if (DOLOS / "node_modules").exists():
            return ["node", str(DOLOS / "pairs.mjs"), str(folder), *given]
    return None


def measure(timed: Sequence[str], watched: Sequence[str], written: Path) -> Cost:
    """The time of one run and the memory of another: to look at a process's pages ten times a second takes a part of its time."""
    started = time.perf_counter()
    process = start(timed, written)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{written.with_suffix('.remarks').read_text()}\n{' '.join(timed)[:200]} failed")
    lines = written.read_text(encoding="utf-8").count("\n")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak_of(start(watched, written)), lines - 1)


def start(command: Sequence[str], written: Path) -> int:
    fresh = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 1, str(written), fresh, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, str(written.with_suffix(".remarks")), fresh, 0o600),
    ]
    return os.posix_spawnp(command[0], command, os.environ | {"PYTHONPATH": str(ROOT)}, file_actions=actions)


def peak_of(process: int) -> int:
    """Bytes of the process and all below it, until it ends."""
    peak = 0
    while not os.waitpid(process, os.WNOHANG)[0]:
        peak = max(peak, sum(map(memory_of, tree_of(process))))
        time.sleep(EVERY_S)
    return peak


def tree_of(process: int) -> list[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [process, *(below for child in children for below in tree_of(int(child)))]


def memory_of(process: int) -> int:
    """Bytes, of which those that several processes share are divided among them."""
    try:
        listed = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in listed if line.startswith("Pss:"))


def report(console: Console, folder: Path, options: argparse.Namespace, costs: dict[tuple[str, bool], Cost]) -> None:
    what = str(folder) if options.corpus else f"{options.works} works of {options.assignment}"
    table = Table(title=f"{what}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", title_justify="left")
    for heading in ("", "starter", "wall s", "processor s", "peak MiB", "pairs", "times ours"):
        table.add_column(heading, justify="right" if heading not in ("", "starter") else "left")
    for (tool, given), cost in costs.items():
        kind = "-report" if tool.endswith("-report") else ""
        ours = costs.get((f"ours{kind}", given))
        ratio = f"{cost.wall_s / ours.wall_s:.1f}" if ours else ""
        table.add_row(
            tool, "given" if given else "", f"{cost.wall_s:.1f}", f"{cost.processor_s:.1f}", f"{cost.peak_bytes / 2**20:.0f}",
            "" if kind else str(cost.pairs), ratio,
        )  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    main()
