"""`gradus grade`: judge files without any server."""

import json
import os
import re
import secrets
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.terminal import ExitCode, answers, stop
from grader.sandbox.base import Isolation
from grader.seeds import SEED_HEX_DIGITS

if TYPE_CHECKING:
    from grader.protocol import Report
    from grader.sandbox.gpu import Device
    from grader.spec import Assignment

EXIT = {"graded": ExitCode.done, "ungradable": ExitCode.ungradable, "system_fault": ExitCode.system_fault}


class SandboxChoice(StrEnum):
    auto = "auto"
    bubblewrap = "bubblewrap"
    docker = "docker"


def grade(
    assignment: Annotated[str, typer.Argument(help="An assignment's id, or the path of its folder.", show_default=False)],
    paths: Annotated[list[Path], typer.Argument(help="The submission: .py files, a .zip or a .ipynb.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    sandbox: Annotated[SandboxChoice, typer.Option(help="Where the submission runs.")] = SandboxChoice.auto,
    isolation: Annotated[Isolation | None, typer.Option(help="fork or fresh; the assignment's own if left out.")] = None,
    seed: Annotated[str | None, typer.Option(help="64 hex digits of an earlier report, to repeat it exactly.")] = None,
    public_only: Annotated[bool, typer.Option("--public-only", help="Leave hidden checks out.")] = False,
) -> None:
    """Grade files on this machine, with no server. Exit code: 0 graded, 1 not gradable, 2 usage, 3 system fault."""
    report, loaded = _report(_known(assignment), _existing(paths), sandbox, isolation, _seed(seed), public_only)
    if as_json:
        typer.echo(json.dumps(report.contract(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        from grader.cli.report import show_report

        answers().print(show_report(report, loaded))
    raise typer.Exit(EXIT[report.status])


def _report(
    folder: Path, paths: list[Path], choice: str, isolation: Isolation | None, seed: str, public_only: bool
) -> "tuple[Report, Assignment]":
    from grader.collect import BadSubmission, collect  # torch takes seconds to import; usage errors need not wait for it
    from grader.judge import judge, refuse
    from grader.protocol import Job
    from grader.sandbox import open_sandbox
    from grader.sandbox.base import GraderFailure
    from grader.spec import BrokenAssignment, load_assignment

    try:
        assignment = load_assignment(folder)
        device = _device(assignment.device)
        with closing(open_sandbox(str(choice), isolation or assignment.isolation, device=device)) as sandbox:
            try:
                files = collect(paths, module=assignment.module)
            except BadSubmission as bad:
                return refuse(assignment, bad.fault, seed=seed, sandbox=sandbox), assignment
            return judge(Job(folder, files, seed, public_only), sandbox=sandbox), assignment
    except BrokenAssignment as broken:
        stop(ExitCode.system_fault, f"The assignment is broken: {broken}", "Repair the file; `gradus verify` checks all of it.")
    except GraderFailure as failure:
        stop(ExitCode.system_fault, f"The sandbox cannot be used: {failure}", "Run `gradus doctor`.")


def _device(wish: str) -> "Device | None":
    """A GPU of this machine, where the assignment would like one and one is idle; the report says where it ran."""
    from grader.sandbox.gpu import Nvidia, first_idle

    return None if wish == "cpu" else first_idle(os.environ.get("GRADUS_DEVICES", "auto"), Nvidia())


def _known(name: str) -> Path:
    from grader.spec import UnknownAssignment, find_folder

    try:
        return find_folder(name)
    except UnknownAssignment as unknown:
        stop(ExitCode.usage, str(unknown.args[0]), "Name one of these, or give the path of an assignment's folder.")


def _existing(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            stop(ExitCode.usage, f"There is no file {path}.", "Check the path.")
    return paths


def _seed(seed: str | None) -> str:
    if seed is None:
        return secrets.token_hex(SEED_HEX_DIGITS // 2)
    if not re.fullmatch(rf"[0-9a-fA-F]{{{SEED_HEX_DIGITS}}}", seed):
        stop(ExitCode.usage, f"A seed is {SEED_HEX_DIGITS} hex digits.", "Copy it from the JSON report.")
    return seed.lower()
