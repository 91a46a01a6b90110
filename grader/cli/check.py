"""`gradus check`: the public checks on a student's own machine, without server and without the reference."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.grade import EXIT
from grader.cli.terminal import ExitCode, answers, reading, remarks, stop

if TYPE_CHECKING:
    from grader.bundle import Bundle
    from grader.protocol import Report
    from grader.sandbox.base import Sandbox

NO_WALLS = (
    "No bubblewrap on this machine: your file runs in an ordinary process, without limits. "
    "The course's grader runs it in a sandbox, so time and memory may be judged differently there."
)


def check(
    file: Annotated[Path, typer.Argument(help="Your solution.", show_default=False)],
    assignment: Annotated[
        Path | None, typer.Option(help="The folder that `gradus pull` made; the file's own folder if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Run the public checks of a pulled assignment on your file, here. Nothing is sent anywhere."""
    with reading():
        if not file.exists():
            stop(ExitCode.usage, f"There is no file {file}.", _what_was_meant(file))
    bundle = _bundle(assignment or (file if file.is_dir() else file.parent))
    with closing(_sandbox(str(bundle.assignment.isolation))) as sandbox:
        report = run_public_checks(bundle, file, sandbox)
    if as_json:
        typer.echo(json.dumps(report.contract(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        from grader.cli.report import show_report

        answers().print(show_report(report, bundle.assignment))
    raise typer.Exit(EXIT[report.status])


def _what_was_meant(file: Path) -> str:
    """`gradus pull` puts the file into a folder of the assignment's name, one below."""
    near = sorted(Path().glob(f"*/{file.name}")) if file.name else []
    return f"Did you mean {near[0]}?" if near else "Check the path; `gradus pull` makes a folder with a starter in it."


def run_public_checks(bundle: "Bundle", file: Path, sandbox: "Sandbox") -> "Report":
    """Every recorded seed in turn; the report is the first in which points were lost, or the last."""
    from grader.collect import BadSubmission, collect
    from grader.judge import judge_with, refuse
    from grader.protocol import Job

    seeds = sorted(bundle.cases)
    try:
        with reading():
            files = collect([file], module=bundle.assignment.module)
    except BadSubmission as bad:
        return refuse(bundle.assignment, bad.fault, seed=seeds[0], sandbox=sandbox)
    for seed in seeds:
        job = Job(bundle.assignment.folder, files, seed, public_only=True)
        report = judge_with(bundle.assignment, job, bundle.answers(seed), sandbox=sandbox)
        if report.score < report.max_score:
            break
    return report


def _bundle(folder: Path) -> "Bundle":
    from grader.bundle import is_bundle, load_bundle
    from grader.spec import SAMPLE, BrokenAssignment

    if (folder / SAMPLE).is_file() and not is_bundle(folder):
        stop(ExitCode.usage, "A table of predictions is looked at where the answers are, not here.", "Hand it in: gradus submit.")
    if not is_bundle(folder):
        stop(ExitCode.usage, f"{folder} holds no public checks.", "Run `gradus pull`, or give its folder with --assignment.")
    try:
        return load_bundle(folder)
    except BrokenAssignment as broken:
        stop(ExitCode.system_fault, str(broken))


def _sandbox(isolation: str) -> "Sandbox":
    """The real sandbox where this machine has one; otherwise this process, and a visible note."""
    from grader.sandbox import open_sandbox
    from grader.sandbox.base import GraderFailure
    from grader.sandbox.fake import FakeSandbox
    from grader.sandbox.options import Options

    try:
        sandbox = open_sandbox("auto", isolation, Options(pool=1))
        sandbox.warm()
    except GraderFailure:
        remarks().print(f"[yellow]![/] {NO_WALLS}", soft_wrap=True)
        return FakeSandbox()
    return sandbox
