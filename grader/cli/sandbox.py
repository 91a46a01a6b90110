"""`gradus sandbox …`: the Docker sandbox from an operator's side."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.serve import serve
from grader.cli.terminal import ExitCode, answers, remarks, stop

if TYPE_CHECKING:
    from rich.table import Table

    from grader.sandbox.docker.check import Finding

app = typer.Typer(help="The Docker sandbox: build its image, check its walls, look inside, clean up.", no_args_is_help=True)
app.command()(serve)

GLYPHS = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "unsafe": "[red]✗[/]"}


@app.command()
def build(
    variant: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    wheels: Annotated[Path | None, typer.Option(help="A folder of wheels, instead of where pip is configured to look.")] = None,
    tag: Annotated[str | None, typer.Option(help="Name of the image; GRADUS_SANDBOX_IMAGE or _CUDA_IMAGE if left out.")] = None,
) -> None:
    """Build the sandbox image from what this platform runs. Does nothing where it is up to date."""
    from grader.sandbox.base import GraderFailure
    from grader.sandbox.docker import build
    from grader.sandbox.docker.engine import calling, connect
    from grader.sandbox.options import Options

    if variant not in list(build.Variant):
        stop(ExitCode.usage, f"There is no variant {variant!r}.", "Choose cpu or cuda.")
    wanted = build.Variant(variant)
    name = tag or build.tag(wanted, Options())
    try:
        with calling("be reached"):
            api = connect(build.STEP_S)
        if build.is_current(api, wanted, name):
            answers().print(f"{name} is up to date")
            return
        with remarks().status(f"building {name}") as shown:
            build.build(api, wanted, name, wheels=wheels, progress=lambda step: shown.update(f"building {name}: {step[:100]}"))
    except GraderFailure as failure:
        stop(ExitCode.system_fault, f"No image: {failure}", "gradus sandbox check says what this machine lacks.")
    answers().print(f"{name} is built, {build.inspect(api, name)['Size'] / 1e6:.0f} MB")


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False) -> None:
    """Look at the engine, at the image, and from inside a container. Exit code 1 if grading in it would be unsafe."""
    from grader.sandbox.docker.check import Level, check
    from grader.sandbox.options import Options

    with remarks().status("looking"):
        findings = list(check(Options()))
    safe = all(finding.level is not Level.unsafe for finding in findings)
    if as_json:
        typer.echo(json.dumps({"safe": safe, "findings": [vars(finding) for finding in findings]}, ensure_ascii=False, indent=2))
    else:
        answers().print(table(findings))
    raise typer.Exit(ExitCode.done if safe else ExitCode.ungradable)


@app.command()
def shell() -> None:
    """A Python prompt where a student's code would run. The image holds no other program to talk to."""
    from grader.sandbox.base import GraderFailure
    from grader.sandbox.docker.engine import LocalEngine
    from grader.sandbox.docker.prompt import DIFFERENT, open_prompt
    from grader.sandbox.options import Options

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        stop(ExitCode.usage, "A prompt needs a terminal.", "For a look without one: gradus sandbox check --json.")
    remarks().print(DIFFERENT)
    try:
        open_prompt(LocalEngine(Options()))
    except GraderFailure as failure:
        stop(ExitCode.system_fault, f"No prompt: {failure}", "gradus sandbox check says what this machine lacks.")


@app.command()
def reap() -> None:
    """Remove containers and folders whose time is over or whose owner is dead. Others are left alone."""
    from grader.sandbox.base import GraderFailure
    from grader.sandbox.docker.engine import find_local
    from grader.sandbox.options import Options
    from grader.sandbox.reaper import reap

    try:
        reaped = reap(find_local(Options()))
    except GraderFailure as failure:
        stop(ExitCode.system_fault, f"The containers could not be looked at: {failure}", "Is the Docker engine running?")
    for container, why in reaped.containers.items():
        answers().print(f"container {container[:12]}: {why}")
    for folder in reaped.folders:
        answers().print(f"folder {folder}")
    if not reaped:
        answers().print("nothing to remove")


def table(findings: "list[Finding]") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for heading in ("", "what", "seen", "remedy"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(GLYPHS[finding.level], finding.name, escape(finding.seen), escape(finding.fix))
    return table
