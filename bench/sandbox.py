"""How fast a waiting student gets a sandbox, and how many submissions a slot judges, against a cold container for each.

    python -m bench.sandbox [--submissions 20] [--cold 3] [--slots 1 2 3 4] [--assignment mlp] [--without mlp | --only layers]

Every backend × isolation that this machine has, in one run: the time from asking for a sandbox to the first answer of the
student's code (p50, p95), what a submission costs above the same checks in one process, submissions a minute, memory a slot.
The baseline starts a container for each submission (where there is no engine: a Python), imports torch in it and runs the
same checks there; it comes first, so that one that cannot start ends the run at once. Each table is printed when it is there.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import torch
from rich.console import Console
from rich.table import Table

from bench.overhead import DirectSandbox, add_choice, as_title, as_words, chosen, run
from grader.sandbox import open_sandbox, owner
from grader.sandbox.base import GraderFailure, Isolation, Sandbox
from grader.sandbox.options import Options
from grader.spec import Assignment

REPOSITORY = Path(__file__).resolve().parent.parent
KINDS = [(backend, isolation) for backend in ("bubblewrap", "docker") for isolation in Isolation]
FIRST_CALL = b"def answer(x):\n    return x + 1\n"
REFILL_S = 20.0
SLOT_S = 20.0


@dataclass
class Figures:
    """What was measured of one kind of sandbox; seconds and bytes."""

    kind: tuple[str, Isolation]
    starts: list[float] = field(default_factory=list)
    above: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    by_slots: dict[int, tuple[float, int]] = field(default_factory=dict)  # submissions a minute, bytes a slot

    @property
    def name(self) -> str:
        return " ".join(self.kind)


def main() -> None:
    options = parse()
    if options.slot:
        return be_a_slot(options)
    torch.set_num_threads(1)  # as in the sandbox
    gc.freeze()
    assignment = chosen(options)
    console = Console(width=max(Console().width, 130))
    cold = measure_cold(options, console)
    figures: list[Figures] = []
    try:
        for kind in KINDS:
            with leaving_out(kind, console):
                figures.append(measure(options, assignment, *kind, console))
    finally:
        console.print(table_of(options, figures, cold))
    try:
        for each in figures:
            with leaving_out(each.kind, console):
                measure_slots(options, each, console)
    finally:
        console.print(table_of_slots(options, figures))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.sandbox", description=__doc__.splitlines()[0])
    add_choice(parser)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--cold", type=int, default=3, help="how many cold containers")
    parser.add_argument("--slots", type=int, nargs="*", default=[1, 2, 3, 4])
    parser.add_argument("--slot", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


@contextmanager
def leaving_out(kind: tuple[str, Isolation], console: Console) -> Iterator[None]:
    """A kind that this machine lacks or that breaks down costs its own figures, no others."""
    try:
        yield
    except GraderFailure as failure:
        console.print(f"[yellow]left out[/] {' '.join(kind)}: {failure}")


def measure_cold(options: argparse.Namespace, console: Console) -> list[float]:
    """Seconds; the first start is not counted, it reads the files from disk."""
    seconds = []
    for number in range(options.cold + 1 if options.cold else 0):
        console.print(f"cold: {number} of {options.cold}", end="\r", highlight=False)
        seconds.append(run_cold(options))
    return seconds[1:]


def measure(options: argparse.Namespace, assignment: Assignment, backend: str, isolation: Isolation, console: Console) -> Figures:
    figures, direct = Figures((backend, isolation)), DirectSandbox()
    source = assignment.reference_source
    with opened(backend, isolation) as sandbox:
        run(assignment, source, direct)
        run(assignment, source, sandbox)  # once for nothing: caches of the judge itself
        for number in range(options.submissions):
            console.print(f"{figures.name}: {number + 1} of {options.submissions}", end="\r", highlight=False)
            settle(sandbox)
            figures.starts.append(time_first_call(sandbox, assignment))
            settle(sandbox)
            alone, boxed = run(assignment, source, direct), run(assignment, source, sandbox)
            figures.above.append(boxed - alone)
            figures.totals.append(boxed)
    return figures


def measure_slots(options: argparse.Namespace, figures: Figures, console: Console) -> None:
    for slots in options.slots:
        console.print(f"{figures.name}: {slots} slots", end="\r", highlight=False)
        figures.by_slots[slots] = run_slots(options, *figures.kind, slots)


@contextmanager
def opened(backend: str, isolation: Isolation) -> Iterator[Sandbox]:
    sandbox = open_sandbox(backend, isolation)
    try:
        sandbox.warm()
        yield sandbox
    finally:
        sandbox.close()


def settle(sandbox: Sandbox) -> None:
    """Let the next sandbox get ready, as it is for a student who comes while the pool is not empty."""
    sandbox.warm()
    if sandbox.isolation == Isolation.fresh:
        wait_until_idle(REFILL_S)


def wait_until_idle(seconds: float) -> None:
    """A sandbox that imports torch keeps a processor busy; when none is busy any more, the pool is warm."""
    deadline = time.monotonic() + seconds
    while psutil.cpu_percent(interval=0.5) > 15 and time.monotonic() < deadline:
        pass


def time_first_call(sandbox: Sandbox, assignment: Assignment) -> float:
    """Seconds from asking for a sandbox to the first answer of a student's function."""
    started = time.perf_counter()
    with sandbox.open(assignment.limits) as box:
        box.request("load", {"files": {"solution.py": FIRST_CALL}, "module": "solution"}, seconds=10)
        box.request("call", {"target": "answer", "args": [torch.zeros(2)]}, seconds=10)
        return time.perf_counter() - started


def run_slots(options: argparse.Namespace, backend: str, isolation: Isolation, slots: int) -> tuple[float, int]:
    """Submissions a minute of so many slots side by side, each a process as a worker is, and bytes a slot."""
    command = [sys.executable, "-m", "bench.sandbox", "--slot", backend, isolation, *as_words(options)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(slots)]
    try:
        for process in processes:
            hear(process)  # "ready"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        results = [json.loads(hear(process)) for process in processes]
    finally:
        for process in processes:
            process.stdin.close()
            process.wait(60)
    return sum(result["per_minute"] for result in results), round(statistics.mean(result["bytes"] for result in results))


def hear(process: subprocess.Popen) -> str:
    """The next line of a slot. Raises GraderFailure if it has ended instead; why is on its stderr."""
    line = process.stdout.readline()
    if not line:
        raise GraderFailure(f"a slot ended with {process.wait(60)}")
    return line


def be_a_slot(options: argparse.Namespace) -> None:
    """What `--slot` does: get warm, wait for the word, judge for a while, say how many there were."""
    backend, isolation = options.slot
    torch.set_num_threads(1)
    assignment = chosen(options)
    with opened(backend, Isolation(isolation)) as sandbox:
        run(assignment, assignment.reference_source, sandbox)
        print("ready", flush=True)
        sys.stdin.readline()
        started, count = time.monotonic(), 0
        while time.monotonic() < started + SLOT_S:
            run(assignment, assignment.reference_source, sandbox)
            count += 1
        per_minute = 60 * count / (time.monotonic() - started)
        print(json.dumps({"per_minute": per_minute, "bytes": memory_of_sandboxes(backend)}), flush=True)


def memory_of_sandboxes(backend: str) -> int:
    """Proportional bytes of the processes in our sandboxes: pages that several share count once."""
    ours = psutil.Process().children(recursive=True) if backend == "bubblewrap" else list(processes_of_containers())
    total = 0
    for process in ours:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += process.memory_full_info().pss
    return total


def processes_of_containers() -> Iterator[psutil.Process]:
    """Processes in the containers that this process owns, as their host sees them."""
    from docker.errors import NotFound

    from grader.sandbox.docker.engine import LocalEngine

    engine, ours = LocalEngine(Options()), owner.this_process()
    for found in engine.containers():
        if found.owner == ours:
            with suppress(NotFound, psutil.NoSuchProcess):  # it has just ended
                keeper = psutil.Process(engine.api().inspect_container(found.id)["State"]["Pid"])
                yield from [keeper, *keeper.children(recursive=True)]


def run_cold(options: argparse.Namespace) -> float:
    """Seconds for a container of its own that imports torch and judges one submission; without an engine, for a Python."""
    inside = ["-m", "bench.overhead", "--one", *as_words(options)]
    started = time.perf_counter()
    subprocess.run([*cold_python(), *inside], check=True, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def cold_python() -> list[str]:
    """The judge and its packages are mounted: what such a container holds in other systems, this image does not."""
    image = Options().image
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode != 0:
        return [sys.executable]
    site = next(path for path in sys.path if path.endswith("site-packages"))
    return [
        "docker", "run", "--rm", "--network", "none", "--volume", f"{REPOSITORY}:/gradus:ro", "--volume", f"{site}:/packages:ro",
        "--env", "PYTHONPATH=/gradus:/packages", "--env", "OMP_NUM_THREADS=1", "--workdir", "/gradus", "--entrypoint", "python",
        image,
    ]  # fmt: skip


def table_of(options: argparse.Namespace, figures: Iterable[Figures], cold: list[float]) -> Table:
    title = f"{as_title(options)}, {options.submissions} submissions each"
    names = ("", "start p50", "start p95", "submission p50", "p95", "above one process p50", "p95", "cold / this")
    table = new_table(title, names)
    base = statistics.median(cold) if cold else None
    for each in figures:
        middle = statistics.median(each.totals)
        shown = [*both(each.starts), *both(each.totals), *both(each.above)]
        table.add_row(each.name, *shown, f"{base / middle:.1f} ×" if base else "–")
    if base:
        name = "a cold container each" if cold_python()[0] == "docker" else "a new Python each"
        table.add_row(name, "", "", *both(cold), "", "", "1 ×")
    return table


def table_of_slots(options: argparse.Namespace, figures: Iterable[Figures]) -> Table:
    table = new_table("slots side by side", ("", *(f"{slots}: a minute · MB a slot" for slots in options.slots)))
    for each in figures:
        table.add_row(each.name, *(as_slot(each.by_slots.get(slots)) for slots in options.slots))
    return table


def as_slot(measured: tuple[float, int] | None) -> str:
    return f"{measured[0]:.0f} · {measured[1] / 1e6:.0f}" if measured else "–"


def new_table(title: str, names: Iterable[str]) -> Table:
    table = Table(title=title)
    for name in names:
        table.add_column(name, justify="right" if name else "left")
    return table


def both(values: list[float]) -> tuple[str, str]:
    """p50 and p95 in milliseconds."""
    p95 = sorted(values)[min(len(values) - 1, round(0.95 * len(values)))]
    return f"{statistics.median(values) * 1000:.0f} ms", f"{p95 * 1000:.0f} ms"


if __name__ == "__main__":
    main()
