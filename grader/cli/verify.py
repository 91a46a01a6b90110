"""`gradus verify`: an assignment proves itself."""

import json
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from grader.cli.terminal import ExitCode, answers, progress_of, stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from rich.table import Table

    from grader.sandbox.base import Sandbox
    from grader.variants.trial import Tried
    from grader.variants.verify import Proof
    from grader.verify import Fact


def verify(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Ids or paths; all of them if left out.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    workers: Annotated[int, typer.Option(help="Processes that judge at the same time.", min=1)] = 2,
    seeds: Annotated[int, typer.Option(help="How many random seeds right answers have to pass.", min=2)] = 20,
    variants: Annotated[
        int | None,
        typer.Option(help="How many variants to prove, where students have their own; 5 if left out.", min=2, show_default=False),
    ] = None,
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
    proofs = _verify_all(_folders(assignments), Thoroughness(seeds, variants), workers)
    ok = all(fact.ok for proof in proofs.values() for fact in proof.facts)
    if as_json:
        typer.echo(json.dumps({"ok": ok} | _listed(proofs), ensure_ascii=False, indent=2))
    else:
        for name, proof in proofs.items():
            answers().print(_table(name, proof.facts))
            if proof.tried:
                answers().print(_variants(proof.tried))
            answers().print(_summary(name, proof.facts), soft_wrap=True)
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


class Thoroughness(NamedTuple):
    """seeds: of random inputs and of papers. variants: None where nobody asked for a number."""

    seeds: int
    variants: int | None

    @property
    def papers(self) -> int:
        return max(self.seeds, self.variants or 0)


def _listed(proofs: "dict[str, Proof]") -> dict[str, object]:
    """The facts of every assignment, and what was seen of each variant where there are some."""
    facts = {name: [fact.model_dump(mode="json") for fact in proof.facts] for name, proof in proofs.items()}
    variants = {name: [each.model_dump(mode="json") for each in proof.tried] for name, proof in proofs.items() if proof.tried}
    return {"assignments": facts} | ({"variants": variants} if variants else {})


def _verify_all(folders: list[Path], how: Thoroughness, workers: int) -> "dict[str, Proof]":
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
            return {folder.name: _verify(folder, pool, sandbox, how) for folder in folders}
        except GraderFailure as failure:
            stop(ExitCode.system_fault, f"The sandbox cannot be used: {failure}", "Run `gradus doctor`.")


def _verify(folder: Path, pool: "Executor", sandbox: "Callable[[str, str], Sandbox]", how: Thoroughness) -> "Proof":
    from grader.competition.verify import verify_competition
    from grader.questions.verify import verify_questions
    from grader.spec import BrokenAssignment, load_assignment
    from grader.variants.verify import VARIANTS, Proof, verify_variants
    from grader.verify import Fact, prove_texts, verify

    with progress_of(folder.name) as show:
        try:
            assignment = load_assignment(folder)
            prove = verify if assignment.competition is None else verify_competition
            asked = verify_questions(assignment, seeds=how.papers)
            drawn = verify_variants(assignment, pool=pool, count=how.variants or VARIANTS, progress=show)
            asked += drawn.facts
            if not (assignment.wants_code or assignment.wants_table):
                return Proof([prove_texts(assignment), *asked], drawn.tried)
            device = assignment.device if assignment.competition is None else "cpu"  # where its baselines were measured
            opened = sandbox(assignment.isolation, device)
            proved = prove(assignment, sandbox=opened, pool=pool, progress=show, seeds=how.seeds)
            return Proof([*proved, *asked], drawn.tried)
        except BrokenAssignment as broken:
            return Proof([Fact(subject="folder", claim="can be loaded", ok=False, seen=str(broken))], [])


def _table(name: str, facts: "list[Fact]") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1), title=name, title_justify="left")
    for heading in ("", "who", "claim", "seen"):
        table.add_column(heading, overflow="fold")
    for fact in facts:
        table.add_row("[green]✓[/]" if fact.ok else "[red]✗[/]", escape(fact.subject), escape(fact.claim), escape(fact.seen))
    return table


def _variants(tried: "list[Tried]") -> "Table":
    """One line for each: how hard it is, what a neighbour's work would earn, and what was drawn."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for heading in ("variant", "operators", "neighbour's code", "neighbour's work", "constants"):
        table.add_column(heading, overflow="fold")
    for each in tried:
        shares = ["" if share is None else f"{share:.0%}" for share in (each.code, each.work)]
        constants = ", ".join(f"{name}={value}" for name, value in each.constants.items())
        table.add_row(each.seed[:8], str(each.operators or ""), *shares, escape(constants))
    return table


def _summary(name: str, facts: "list[Fact]") -> str:
    failed = sum(not fact.ok for fact in facts)
    return f"{name}: {len(facts)} facts hold" if not failed else f"{name}: {failed} of {len(facts)} facts do not hold"
