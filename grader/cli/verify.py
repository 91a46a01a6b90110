"""`gradus verify`: an assignment proves itself."""

import json
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.terminal import ExitCode, answers, progress_of, stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from rich.table import Table

    from grader.sandbox.base import Sandbox
    from grader.verify import Fact


def verify(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Ids or paths; all of them if left out.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    workers: Annotated[int, typer.Option(help="Processes that judge at the same time.", min=1)] = 2,
    seeds: Annotated[int, typer.Option(help="How many random seeds right answers have to pass.", min=2)] = 20,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Instead: change the reference mechanically and list what no check notices.")
    ] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Instead: measure how far right answers are off, and propose tolerances.")
    ] = False,
    record: Annotated[
        bool,
        typer.Option("--record", help="Instead: measure a competition's baselines, programs over 10 runs, into baselines.toml."),
    ] = False,
) -> None:
    """Prove that right answers pass, wrong ones do not and are named, and empty ones earn nothing. Exit code 1 if not."""
    if mutate:
        from grader.cli.mutation import show_mutations

        show_mutations(_with_answers(_folders(assignments)), as_json=as_json, workers=workers)
    if calibrate:
        from grader.cli.calibration import show_calibrations

        show_calibrations(_with_answers(_folders(assignments)), as_json=as_json, workers=workers)
    if record:
        from grader.cli.competition import record_baselines

        record_baselines(_folders(assignments), workers=workers)
    facts = _verify_all(_folders(assignments), workers, seeds)
    ok = all(fact.ok for found in facts.values() for fact in found)
    if as_json:
        listed = {name: [fact.model_dump(mode="json") for fact in found] for name, found in facts.items()}
        typer.echo(json.dumps({"ok": ok, "assignments": listed}, ensure_ascii=False, indent=2))
    else:
        for name, found in facts.items():
            answers().print(_table(name, found))
            answers().print(_summary(name, found), soft_wrap=True)
    raise typer.Exit(ExitCode.done if ok else ExitCode.ungradable)


def _folders(names: list[str] | None) -> list[Path]:
    from grader.spec import UnknownAssignment, assignment_folders, find_folder

    try:
        folders = [find_folder(name) for name in names] if names else assignment_folders()
    except UnknownAssignment as unknown:
        stop(ExitCode.usage, str(unknown.args[0]), "Name one of these, or give the path of an assignment's folder.")
    return folders or stop(ExitCode.usage, "There is no assignment to verify.", "Set GRADUS_ASSIGNMENTS, or name a folder.")


def _with_answers(folders: list[Path]) -> list[Path]:
    """Without competitions, which compare nothing with the reference, and without questions alone, which have none."""
    from grader.cli.competition import is_competition
    from grader.questions.judging import is_questions_alone

    found = [folder for folder in folders if not (is_competition(folder) or is_questions_alone(folder))]
    return found or stop(ExitCode.usage, "There are no right answers here to change or to measure.", "Name a homework with code.")


def _verify_all(folders: list[Path], workers: int, seeds: int) -> "dict[str, list[Fact]]":
    """The facts by assignment. Processes and sandboxes are started once for all of them."""
    from functools import cache

    import torch

    from grader.sandbox import open_sandbox
    from grader.sandbox.base import GraderFailure, Sandbox
    from grader.sandbox.gpu import idle_for
    from grader.verify import judging_pool

    torch.set_num_threads(1)  # this process takes turns with the submission on one processor
    with ExitStack() as stack:
        pool = stack.enter_context(judging_pool(workers))

        @cache
        def sandbox(isolation: str, device: str) -> Sandbox:
            return stack.enter_context(closing(open_sandbox("auto", isolation, device=idle_for(device))))

        try:
            return {folder.name: _verify(folder, pool, sandbox, seeds) for folder in folders}
        except GraderFailure as failure:
            stop(ExitCode.system_fault, f"The sandbox cannot be used: {failure}", "Run `gradus doctor`.")


def _verify(folder: Path, pool: "Executor", sandbox: "Callable[[str, str], Sandbox]", seeds: int) -> "list[Fact]":
    from grader.competition.verify import verify_competition
    from grader.questions.verify import verify_questions
    from grader.spec import BrokenAssignment, load_assignment
    from grader.verify import Fact, prove_texts, verify

    with progress_of(folder.name) as show:
        try:
            assignment = load_assignment(folder)
            prove = verify if assignment.competition is None else verify_competition
            asked = verify_questions(assignment, seeds=seeds)
            if not (assignment.wants_code or assignment.wants_table):
                return [prove_texts(assignment), *asked]
            device = assignment.device if assignment.competition is None else "cpu"  # where its baselines were measured
            opened = sandbox(assignment.isolation, device)
            return [*prove(assignment, sandbox=opened, pool=pool, progress=show, seeds=seeds), *asked]
        except BrokenAssignment as broken:
            return [Fact(subject="folder", claim="can be loaded", ok=False, seen=str(broken))]


def _table(name: str, facts: "list[Fact]") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1), title=name, title_justify="left")
    for heading in ("", "who", "claim", "seen"):
        table.add_column(heading, overflow="fold")
    for fact in facts:
        table.add_row("[green]✓[/]" if fact.ok else "[red]✗[/]", escape(fact.subject), escape(fact.claim), escape(fact.seen))
    return table


def _summary(name: str, facts: "list[Fact]") -> str:
    failed = sum(not fact.ok for fact in facts)
    return f"{name}: {len(facts)} facts hold" if not failed else f"{name}: {failed} of {len(facts)} facts do not hold"
