"""`gradus spot-check`: draw a few works by lot, keep what came of the talks, and prove a sample."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands, ExitCode, Problem
from server.cli.talk import talk
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json

app = typer.Typer(
    help="Read a few works of each section, drawn by lot; for staff.",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command()(talk)

Check = dict[str, Any]  # as the API sends it

PerSection = Annotated[int, typer.Option("--per-section", min=1, help="How many students of each section.")]
Seed = Annotated[str | None, typer.Option("--seed", help="Letters and digits; one is drawn if left out.")]
Readers = Annotated[list[str] | None, typer.Option("--reader", help="Who reads, in turn; as often as there are.")]
CheckId = Annotated[int | None, typer.Argument(metavar="[ID]", help="Which spot check; the newest if left out.")]


@app.command()
def draw(
    target: TargetArgument = None,
    per_section: PerSection = 2,
    seed: Seed = None,
    reader: Readers = None,
    as_json: AsJson = False,
) -> None:
    """Draw among those who have handed in; who was drawn least often in the course comes first."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    wanted = {"per_section": per_section, "seed": seed, "readers": reader or []}
    with signed_in() as client:
        check = client.post(f"{find_target(client, target).path}/spot-checks", json=wanted)
    print_json(check) if as_json else show(check)


@app.command("list")
def list_checks(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """All that was drawn for an assignment, and what came of it."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        checks = client.get(f"{find_target(client, target).path}/spot-checks")
    if as_json:
        print_json(checks)
    elif not checks:
        answers().print("Nothing was drawn yet. Draw with: gradus spot-check draw COURSE/ASSIGNMENT --per-section 2")
    for check in [] if as_json else checks:
        show(check)


@app.command()
def replay(target: TargetArgument = None, check_id: CheckId = None, as_json: AsJson = False) -> None:
    """Draw the same sample again, here, from its seed and history; exit 1 if another one comes out."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        path = f"{find_target(client, target).path}/spot-checks"
        checks = client.get(path)
        wanted = [check["id"] for check in checks if check_id in (None, check["id"])]
        if not wanted:
            raise Problem("There is no such spot check.", next_step="see them with: gradus spot-check list", code=ExitCode.usage)
        check = client.get(f"{path}/{wanted[0]}")
    again, is_same = draw_again(check)
    if as_json:
        print_json({"id": check["id"], "seed": check["seed"], "drawn": again, "same": is_same})
    else:
        verdict = "[pass]✓[/] the same sample" if is_same else "[fail]✗[/] another sample than the one that was drawn"
        answers().print(f"{verdict}: {escape(', '.join(again))}", soft_wrap=True)
    raise typer.Exit(ExitCode.done if is_same else ExitCode.ungradable)


def draw_again(check: Check) -> tuple[list[str], bool]:
    """Who comes out now, and whether that, and how often each was drawn before, is what was written down."""
    from server.spotchecks.rules import Candidate, draw_sample

    pool = [Candidate(**each) for each in check["pool"]]
    again = [each.login for each in draw_sample(pool, seed=check["seed"], per_section=check["per_section"])]
    knows_history = all(each.times_drawn == check["drawn_before"].get(each.login, 0) for each in pool)
    return again, knows_history and sorted(again) == sorted(draw["student"] for draw in check["draws"])


def show(check: Check) -> None:
    from server.cli.report import local_time

    console = answers()
    head = f"spot check {check['id']} · {local_time(check['drawn_at'])} · seed {check['seed']}"
    console.print(f"[strong]{escape(head)}[/] · {check['done']} of {len(check['draws'])} read", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("draw", "student", "section", "submission", "reader", "impression"):
        table.add_column(title, overflow="fold")
    for each in check["draws"]:
        said = (each["impression"] or "").replace("_", " ")
        row = (each["id"], each["student"], each["section"] or "–", each["submission"], each["reader"] or "–", said)
        table.add_row(*(escape(str(cell)) for cell in row))
    console.print(table)
    if check["not_handed_in"]:
        console.print(f"[quiet]had not handed in: {escape(', '.join(check['not_handed_in']))}[/]", soft_wrap=True)
