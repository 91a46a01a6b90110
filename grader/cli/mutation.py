"""`gradus verify --mutate`: which changes to the reference no check notices."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from grader.cli.terminal import ExitCode, answers, progress_of, stop

if TYPE_CHECKING:
    from rich.table import Table

    from grader.mutation import Mutation


def show_mutations(folders: list[Path], *, as_json: bool, workers: int) -> NoReturn:
    """Mutate every folder's reference, tell what came of it, and end: exit code 1 where too many mutants survive."""
    found = {folder.name: _mutate(folder, workers) for folder in folders}
    ok = all(mutation.ok for mutation in found.values())
    if as_json:
        listed = {name: _as_json(mutation) for name, mutation in found.items()}
        typer.echo(json.dumps({"ok": ok, "assignments": listed}, ensure_ascii=False, indent=2))
    else:
        for name, mutation in found.items():
            if mutation.survivors or mutation.stale or mutation.unjudged:
                answers().print(_table(name, mutation))
            answers().print(_summary(name, mutation), soft_wrap=True)
    raise typer.Exit(ExitCode.done if ok else ExitCode.ungradable)


def _mutate(folder: Path, workers: int) -> "Mutation":
    from grader.mutation import mutate
    from grader.sandbox.base import GraderFailure
    from grader.spec import BrokenAssignment, load_assignment

    with progress_of(folder.name) as show:
        try:
            return mutate(load_assignment(folder), workers=workers, progress=show)
        except BrokenAssignment as broken:
            stop(ExitCode.ungradable, str(broken), "Repair the file; `gradus verify` checks all of it.")
        except GraderFailure as failure:
            stop(ExitCode.system_fault, f"The sandbox cannot be used: {failure}", "Run `gradus doctor`.")


def _as_json(mutation: "Mutation") -> dict[str, object]:
    return {
        "mutants": len(mutation.tried),
        "killed": mutation.killed,
        "equivalent": mutation.equivalent,
        "score": round(mutation.score, 4),
        "survivors": [{"id": tried.id, "line": tried.line} for tried in mutation.survivors],
        "unjudged": [{"id": tried.id, "line": tried.line, "failed": tried.failed} for tried in mutation.unjudged],
        "stale": mutation.stale,
    }


def _table(name: str, mutation: "Mutation") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1), title=f"{name}: what no check notices", title_justify="left")
    table.add_column("line", justify="right")
    table.add_column("change", overflow="fold")
    for tried in mutation.survivors:
        table.add_row(str(tried.line), escape(tried.id))
    for tried in mutation.unjudged:
        table.add_row(str(tried.line), f"{escape(tried.id)} [red]could not be judged:[/] {escape(tried.failed)}")
    for id in mutation.stale:
        table.add_row("", f"[red]equivalent.toml names what is no survivor:[/] {escape(id)}")
    return table


def _summary(name: str, mutation: "Mutation") -> str:
    counted = mutation.killed + len(mutation.survivors)
    share = f"{mutation.killed} of {counted} mutants lose points, {mutation.score:.1%}"
    return f"{name}: {share} ({mutation.equivalent} more do the same as the reference)"
