"""What judging one submission in the sandbox costs above running the same checks in one process.

    python -m bench.overhead [--submissions 30] [--assignment mlp] [--without mlp | --only layers] [--cold 3]

Prints medians per submission: in this process without any wall, in the fork sandbox, and in a new Python per submission.
"""

import argparse
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from grader.checks.answers import LiveAnswers
from grader.judge import judge_with
from grader.protocol import Job, Report
from grader.runner.dispatcher import Dispatcher
from grader.sandbox import open_sandbox
from grader.sandbox.base import Box, Isolation, Limits, Sandbox
from grader.spec import Assignment, load_assignment

SEED = "be" * 32


class DirectBox:
    """The dispatcher called like a function: no frames, no copies, no walls. What the sandbox is compared with."""

    def __init__(self) -> None:
        self.student_seconds = 0.0
        self.requests = 0
        self._dispatcher = Dispatcher()

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        self.requests += 1
        return self._dispatcher.run(op, dict(payload))

    def output(self) -> str:
        return ""

    def close(self) -> None:
        self._dispatcher.close()


class DirectSandbox:
    name = "none"
    isolation = Isolation.fork
    requests = 0

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        box = DirectBox()
        try:
            yield box
        finally:
            self.requests = box.requests
            box.close()

    def warm(self) -> None:
        """Nothing to start."""

    def close(self) -> None:
        """Nothing to stop."""


def main() -> None:
    options = parse()
    torch.set_num_threads(1)  # as in the sandbox
    gc.freeze()  # as in a worker: nothing that was imported is ever looked at again
    assignment = chosen(options)
    sources = [assignment.reference_source, *map(assignment.submission_of, assignment.accepted)]
    direct, fork = DirectSandbox(), open_sandbox("bubblewrap", "fork")
    fork.warm()
    try:
        for sandbox in (direct, fork):
            run(assignment, sources[0], sandbox)  # once for nothing: caches of the judge itself
        inside, sandboxed = [], []
        for number in range(options.submissions):
            source = sources[number % len(sources)]
            inside.append(run(assignment, source, direct))
            sandboxed.append(run(assignment, source, fork))
    finally:
        fork.close()
    cold = [run_cold(options) for _ in range(options.cold)]
    show(options, direct.requests, inside, sandboxed, cold)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description=__doc__.splitlines()[0])
    add_choice(parser)
    parser.add_argument("--submissions", type=int, default=30)
    parser.add_argument("--cold", type=int, default=3, help="how many times to start a new Python")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--assignment", default="mlp")
    parser.add_argument("--without", default="mlp", help="a part to leave out: the training, which would hide the overhead")
    parser.add_argument("--only", help="the one part to judge: `layers` of mlp makes 20 requests")


def chosen(options: argparse.Namespace) -> Assignment:
    """The assignment with the one part, or without the part that is left out."""
    assignment = load_assignment(options.assignment)
    checks = tuple(c for c in assignment.checks if (c.part == options.only if options.only else c.part != options.without))
    return assignment.model_copy(update={"checks": checks})


def as_words(options: argparse.Namespace) -> list[str]:
    """The choice as arguments for another process."""
    return ["--assignment", options.assignment, *(["--only", options.only] if options.only else ["--without", options.without])]


def as_title(options: argparse.Namespace) -> str:
    return f"{options.assignment}: {options.only}" if options.only else f"{options.assignment} without “{options.without}”"


def run(assignment: Assignment, source: str, sandbox: Sandbox) -> float:
    """Seconds for one submission, which must earn full marks."""
    job = Job(assignment=assignment.folder, files={f"{assignment.module}.py": source.encode()}, seed=SEED)
    started = time.perf_counter()
    report = judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=sandbox)
    seconds = time.perf_counter() - started
    require_full_marks(report)
    return seconds


def require_full_marks(report: Report) -> None:
    if report.score != report.max_score:
        failed = [(check.id, check.message.en) for check in report.checks if check.points != check.max_points]
        raise SystemExit(f"a correct submission earned {report.score} of {report.max_score}: {report.fault or failed}")


def run_cold(options: argparse.Namespace) -> float:
    """Seconds for a Python of its own that imports torch and judges one submission."""
    command = [sys.executable, "-m", "bench.overhead", "--one", *as_words(options)]
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def show(options: argparse.Namespace, requests: int, inside: list[float], sandboxed: list[float], cold: list[float]) -> None:
    base, fork = statistics.median(inside), statistics.median(sandboxed)
    overhead = statistics.median(b - a for a, b in zip(inside, sandboxed, strict=True))
    table = Table(title=f"{as_title(options)}, {options.submissions} submissions of {requests} requests")
    for name in ("", "median"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("in one process, no walls", f"{base * 1000:.1f} ms")
    table.add_row("fork sandbox", f"{fork * 1000:.1f} ms")
    table.add_row("overhead per submission", f"{overhead * 1000:.1f} ms")
    if cold:
        table.add_row("a new Python per submission", f"{statistics.median(cold) * 1000:.0f} ms")
        table.add_row("cold / fork", f"{statistics.median(cold) / fork:.1f} ×")
    Console().print(table)


def run_one() -> None:
    """What `--one` does: judge the reference here and say nothing."""
    assignment = chosen(parse())
    run(assignment, assignment.reference_source, DirectSandbox())


if __name__ == "__main__":
    run_one() if parse().one else main()
