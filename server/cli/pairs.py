"""`gradus pairs`: which works of an assignment are alike, as the platform has compared them. For staff."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, in_language, print_json, remarks

if TYPE_CHECKING:
    from rich.console import Console

    from server.cli.client import Client

SHOWN = 20
STAGES = {"reading": "reading", "comparing": "comparing", "facts": "looking beside the code", "evidence": "gathering evidence"}
FACTS = {
    "same_mistakes": "same mistakes",
    "same_failed_checks": "same failed hidden checks",
    "same_wrong_outputs": "same wrong output",
    "same_curves": "same training curves",
    "same_predictions": "same wrong predictions",
    "close_in_time": "close in time",
    "alike_earlier": "more alike before",
    "declared": "declared",
    "other_assignments": "elsewhere too",
}

Run = Annotated[bool, typer.Option("--run", help="Compare all works now, and wait for it.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print all pairs as CSV.")]
AtLeast = Annotated[float, typer.Option(help="Leave out pairs below this similarity.", min=0, max=1)]


def pairs(
    target: TargetArgument = None, run: Run = False, at_least: AtLeast = 0.0, as_json: AsJson = False, as_csv: AsCsv = False
) -> None:
    """Show the most similar works of an assignment. A pair is a question to a person, never an answer."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    if as_json and as_csv:
        raise Problem("Only one of them at a time.", next_step="give one of --json and --csv", code=ExitCode.usage)
    with signed_in() as client:
        found = find_target(client, target)
        path = f"{found.path}/similarity"
        if run:
            compare(client, path, remarks())
        if as_csv:
            typer.echo(client.download(f"{path}/download?at_least={at_least}").decode(), nl=False)
            return
        limit = 2500 if as_json else SHOWN
        page = client.get(f"{path}/pairs", limit=limit, at_least=at_least)
    print_json(page) if as_json else show(str(found), page)


def compare(client: "Client", path: str, console: "Console") -> None:
    """Ask for it and tell how far it is; one that fails says why."""
    client.post(path)
    with console.status("waiting for a worker") as status:
        for event in client.events(f"{path}/events"):
            status.update(told(event.data))
    if (last := client.get(path))["state"] != "done":
        raise Problem("The works could not be compared.", why=last["fault"] or "", next_step="try again: gradus pairs --run")
    for note in last["notes"]:
        console.print(f"[wait]![/] {escape(in_language(note))}", soft_wrap=True)


def told(comparison: dict[str, Any]) -> str:
    stage = STAGES.get(comparison["stage"] or "", "waiting for a worker")
    return f"{stage}, {comparison['done']} of {comparison['total']}" if comparison["total"] > 1 else stage


def show(where: str, page: dict[str, Any]) -> None:
    if page["pairs"]:
        answers().print(table_of(where, page["pairs"]))
    answers().print(summary(page), soft_wrap=True)


def table_of(where: str, found: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", title=where, title_justify="left")
    for heading in ("pair", "nobody else has", "left", "right", "beside the code"):
        table.add_column(heading, overflow="fold")
    for pair in found:
        table.add_row(str(pair["id"]), shared(pair), side(pair["left"]), side(pair["right"]), beside(pair))
    return table


def summary(page: dict[str, Any]) -> str:
    compared = page["comparison"]
    archived = f" and {compared['archived']} works beside them" if compared["archived"] else ""
    return (
        f"{compared['attempts']} attempts of {compared['students']} students{archived}: {len(page['pairs'])} of "
        f"{page['total']} pairs. Look at both sides before you conclude anything."
    )


def shared(pair: dict[str, Any]) -> str:
    """Counted things rather than a percentage; before somebody has looked, how high it stands."""
    if pair["features"] is None:
        return f"[quiet]{pair['similarity']:.2f}[/]"
    if not pair["features"] and pair.get("closest"):
        works, features = pair["closest"]
        return f"[quiet]{features} features that only {works} works have[/]"
    if not pair["features"] and pair["few"]:
        return f"[quiet]{pair['few']} features that few have[/]"
    return f"{pair['features']} features, {pair['functions']} functions"


def side(side: dict[str, Any]) -> str:
    where = f" [quiet]{escape(side['archive'])}[/]" if side["archive"] else ""
    name = side["login"] or side["name"] or "a student"
    return f"{escape(name)}{where}" + (f" [quiet]#{side['attempt']}[/]" if side["attempt"] else "")


def beside(pair: dict[str, Any]) -> str:
    words = [FACTS.get(kind, kind) for kind in dict.fromkeys(fact["kind"] for fact in pair["facts"])]
    if review := pair["review"]:
        words.append(f"{review['reviewer']}: {review['opinion']}")
    return escape(", ".join(words))
