"""`gradus grade`: judge files without any server."""

import json
import secrets
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from grader.cli.terminal import ExitCode, answers, reading, stop
from grader.sandbox.base import Isolation
from grader.seeds import SEED_HEX_DIGITS, whole_seed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from grader.protocol import Fault, Report, Whose
    from grader.spec import Assignment

PATHS_HELP = (
    "The submission: .py files, a .zip or a .ipynb; a .csv or .parquet where predictions are wanted; "
    "an answers.toml or answers.json, with the files it names, where questions are asked."
)
EXIT = {"graded": ExitCode.done, "ungradable": ExitCode.ungradable, "system_fault": ExitCode.system_fault}


class NotJudged(Exception):
    """Judging could not begin: the report that says so, and what to do about it."""

    def __init__(self, report: "Report", next_step: str) -> None:
        super().__init__(next_step)
        self.report, self.next_step = report, next_step


class Drawn(NamedTuple):
    """seed: of the random inputs. variant: of the paper; None: the same."""

    seed: str
    variant: str | None = None

    @property
    def paper(self) -> str:
        return self.variant or self.seed


class SandboxChoice(StrEnum):
    auto = "auto"
    bubblewrap = "bubblewrap"
    docker = "docker"


def grade(
    assignment: Annotated[str, typer.Argument(help="An assignment's id, or the path of its folder.", show_default=False)],
    paths: Annotated[list[Path], typer.Argument(help=PATHS_HELP, show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    sandbox: Annotated[SandboxChoice, typer.Option(help="Where the submission runs.")] = SandboxChoice.auto,
    isolation: Annotated[Isolation | None, typer.Option(help="fork or fresh; the assignment's own if left out.")] = None,
    seed: Annotated[
        str | None, typer.Option(help="An earlier report's seed, to repeat it exactly; short ones are filled up with zeros.")
    ] = None,
    public_only: Annotated[bool, typer.Option("--public-only", help="Leave hidden checks out.")] = False,
    variant: Annotated[
        str | None, typer.Option(help="The seed of the paper, where each student has one of his own; --seed if left out.")
    ] = None,
) -> None:
    """Grade files on this machine, with no server. Exit code: 0 graded, 1 not gradable, 2 usage, 3 system fault."""
    try:
        drawn = Drawn(typed_seed(seed), variant and typed_seed(variant))
        report, loaded = _report(known_folder(assignment), _existing(paths), sandbox, isolation, drawn, public_only)
    except NotJudged as failed:
        if as_json:
            _print_json(failed.report)
        stop(ExitCode.system_fault, failed.report.fault.message.en, failed.next_step)
    from grader.cli.competition import result_lines, result_of

    if as_json:
        _print_json(report, competition=result_of(report, loaded))
    else:
        from grader.cli.report import show_report

        answers().print(show_report(report, loaded, extra=result_lines(report, loaded)))
    raise typer.Exit(EXIT[report.status])


def _report(
    folder: Path, paths: list[Path], choice: str, isolation: Isolation | None, drawn: Drawn, public_only: bool
) -> "tuple[Report, Assignment]":
    from grader.protocol import Whose
    from grader.sandbox.base import GraderFailure
    from grader.spec import BrokenAssignment, load_assignment

    try:
        assignment = load_assignment(folder)
        if assignment.questions and not assignment.wants_code:
            return _judged_alone(assignment, paths, drawn), assignment
        return _judged(assignment, paths, choice, isolation, drawn, public_only), assignment
    except BrokenAssignment as broken:
        fault = _fault(Whose.assignment, "broken_assignment", "The assignment is broken", "作业本身有问题", broken)
        next_step = "Repair the file; `gradus verify` checks all of it."
    except GraderFailure as failure:
        fault = _fault(Whose.system, "sandbox_failed", "The sandbox cannot be used", "沙箱无法使用", failure)
        next_step = "Run `gradus doctor`."
    from grader.judge import give_up

    raise NotJudged(
        give_up(folder.name, fault, seed=drawn.seed, sandbox=choice, isolation=isolation or Isolation.fork), next_step
    )


def _judged_alone(assignment: "Assignment", paths: list[Path], drawn: Drawn) -> "Report":
    """Answers to questions alone: without torch, which takes seconds to import, and without a sandbox."""
    from grader.protocol import Job
    from grader.questions.judging import judge_answers, paper_of, refuse_answers
    from grader.questions.work import collect_work, read_files
    from grader.refusals import BadSubmission

    try:
        with reading():
            work = collect_work(assignment, paper_of(assignment.folder, assignment, drawn.paper), read_files(paths))
    except BadSubmission as bad:
        return refuse_answers(assignment, bad.fault, seed=drawn.seed)
    return judge_answers(
        assignment, Job(assignment.folder, {}, drawn.seed, answers=work.handed_in.answers, variant=drawn.variant)
    )


def _judged(
    assignment: "Assignment", paths: list[Path], choice: str, isolation: Isolation | None, drawn: Drawn, public_only: bool
) -> "Report":
    import torch

    from grader.judge import judge, refuse
    from grader.protocol import Job
    from grader.refusals import BadSubmission
    from grader.sandbox import open_sandbox
    from grader.sandbox.gpu import idle_for
    from grader.sandbox.options import Options

    torch.set_num_threads(1)  # this process takes turns with the submission on one processor
    device = idle_for(assignment.device)  # none is idle: the report says where it ran
    with closing(open_sandbox(str(choice), isolation or assignment.isolation, Options(pool=1), device)) as sandbox:
        try:
            with reading():
                files, answers = _collected(assignment, paths, drawn.paper)
        except BadSubmission as bad:
            return refuse(assignment, bad.fault, seed=drawn.seed, sandbox=sandbox)
        job = Job(assignment.folder, files, drawn.seed, public_only, answers=answers, variant=drawn.variant)
        return judge(job, sandbox=sandbox)


def _collected(assignment: "Assignment", paths: list[Path], seed: str) -> "tuple[Mapping[str, bytes], Mapping[str, Any] | None]":
    """What is run, and what was answered beside it; None where nothing is asked."""
    from grader.competition.uploads import collect_for
    from grader.questions.judging import paper_of
    from grader.questions.work import collect_work, read_files

    if not assignment.questions:
        return collect_for(assignment, paths), None
    work = collect_work(assignment, paper_of(assignment.folder, assignment, seed), read_files(paths))
    return work.code, work.handed_in.answers


def _fault(whose: "Whose", code: str, en: str, zh: str, error: Exception) -> "Fault":
    from grader.protocol import Fault, Text

    return Fault(whose=whose, code=code, message=Text(en=f"{en}: {error}", zh=f"{zh}：{error}"))


def _print_json(report: "Report", **extras: object) -> None:
    """The contract, and beside it what only some assignments have."""
    found = report.contract() | {name: extra for name, extra in extras.items() if extra is not None}
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False))


def known_folder(name: str) -> Path:
    from grader.spec import UnknownAssignment, find_folder

    try:
        return find_folder(name)
    except UnknownAssignment as unknown:
        stop(ExitCode.usage, str(unknown.args[0]), "Name one of these, or give the path of an assignment's folder.")


def _existing(paths: list[Path]) -> list[Path]:
    with reading():
        for path in paths:
            if not path.exists():
                stop(ExitCode.usage, f"There is no file {path}.", "Check the path.")
    return paths


def typed_seed(seed: str | None) -> str:
    """64 hex digits of what a person typed, or new ones."""
    if seed is None:
        return secrets.token_hex(SEED_HEX_DIGITS // 2)
    try:
        return whole_seed(seed)
    except ValueError as error:
        stop(ExitCode.usage, f"{seed[:80]}: {error}.", "Copy it from the JSON report, or make one up: --seed 7")
