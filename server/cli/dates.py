"""`gradus dates`: when an assignment is due, for whom later, and what lateness costs; for staff."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands, ExitCode, Problem
from server.cli.lateness import policy, policy_line
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json

app = typer.Typer(
    help="Show and move dates, and give more time; for staff. All times are the course's.",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Moment = Annotated[datetime | None, typer.Option(help="In the course's time zone, such as 2026-03-22T23:59.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays on record beside the change.")]
Target = Annotated[str, typer.Argument(metavar="COURSE/ASSIGNMENT", help="May be shortened where only one fits.")]
Confirm = Annotated[bool, typer.Option("--confirm", help="Although work that is handed in becomes late by it.")]
Dates = dict[str, Any]  # as the API sends them


@app.command()
def show(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """The dates, everybody's extensions, what lateness costs, and what was moved so far."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        dates = client.get(f"{find_target(client, target).path}/dates")
    print_json(dates) if as_json else tell(dates)


@app.command("set")
def move(
    target: Target,
    reason: Reason,
    opens: Moment = None,
    due: Moment = None,
    closes: Moment = None,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Move dates; students read for a week what was moved and why."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        path = f"{find_target(client, target).path}/dates"
        before = client.get(path)
        moved = in_zone(before, opens_at=opens, due_at=due, closes_at=closes)
        wanted = {**moved, "reason": reason, "version": before["version"], "confirm": confirm}
        dates = told_to_confirm(lambda: client.put(path, json=wanted))
    print_json(dates) if as_json else tell(dates)


@app.command()
def extend(
    target: Target,
    recipient: Annotated[str, typer.Argument(metavar="LOGIN|SECTION", help="For whom: a student, or a whole section.")],
    reason: Reason,
    hours: Annotated[int | None, typer.Option("--hours", min=1, help="So many hours more than the assignment has.")] = None,
    due: Moment = None,
    closes: Moment = None,
    share: Annotated[bool, typer.Option("--share", help="The student reads the reason, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give somebody more time: hours on top, or dates. Of several extensions the most favourable holds."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        path = f"{find_target(client, target).path}/dates"
        moved = in_zone(client.get(path), due_at=due, closes_at=closes)
        wanted = {"recipient": recipient, "reason": reason, "plus_hours": hours, "is_shared": share, **moved}
        extension = client.post(f"{path}/extensions", json=wanted)
    print_json(extension) if as_json else answers().print(f"Extension {extension['id']} for {escape(recipient)} holds.")


@app.command("take-back")
def take_back(
    target: Target,
    extension: Annotated[int, typer.Argument(metavar="ID", help="As `gradus dates show` names it.")],
    reason: Reason,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """An extension no longer holds; that it was given stays on record."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        path = f"{find_target(client, target).path}/dates/extensions/{extension}/take-back"
        dates = told_to_confirm(lambda: client.post(path, json={"reason": reason, "confirm": confirm}))
    print_json(dates) if as_json else tell(dates)


app.command("policy")(policy)


def in_zone(dates: Dates, **moments: datetime | None) -> dict[str, str]:
    """What was named, with the course's offset."""
    zone = ZoneInfo(dates["time_zone"])
    return {name: moment.replace(tzinfo=zone).isoformat() for name, moment in moments.items() if moment is not None}


def told_to_confirm(change: Any) -> Dates:
    try:
        return change()
    except Problem as problem:
        if problem.code is ExitCode.refused and "makes_work_late" in problem.why:
            problem.next_step = "if that is meant, add --confirm"
        raise


def tell(dates: Dates) -> None:
    zone, console = ZoneInfo(dates["time_zone"]), answers()

    def local(moment: str | None) -> str:
        return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else "–"

    spans = " · ".join(f"{word} {local(dates[f'{word}_at'])}" for word in ("opens", "due", "closes"))
    console.print(f"[strong]{escape(dates['course'])}/{escape(dates['assignment'])}[/] · {spans} ({zone.key})", soft_wrap=True)
    console.print(f"late work: {policy_line(dates['policy'], is_own=dates['is_override'])}", soft_wrap=True)
    if dates["extensions"]:
        console.print(extensions_table(dates["extensions"], local))
    for change in dates["changes"]:
        moved = [name for name in change["after"] if change["after"][name] != change["before"][name]]
        said = "; ".join(f"{name} {local(change['before'][name])} → {local(change['after'][name])}" for name in moved)
        console.print(f"[quiet]{local(change['at'])} {escape(said)}, because: {escape(change['reason'])}[/]", soft_wrap=True)


def extensions_table(extensions: list[dict[str, Any]], local: Any) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("id", "for whom", "hours", "due", "closes", "reason", "by"):
        table.add_column(title, overflow="fold")
    for each in extensions:
        whom = each["student"] or f"section {each['section']}"
        moved = (f"+{each['plus_hours']}" if each["plus_hours"] else "–", local(each["due_at"]), local(each["closes_at"]))
        table.add_row(*(escape(str(cell)) for cell in (each["id"], whom, *moved, each["reason"], each["given_by"])))
    return table
