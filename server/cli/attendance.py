"""`gradus attendance`: open and close roll calls, correct them, and take them away as a file; for staff."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands
from server.cli.terminal import AsJson, answers, print_json

app = typer.Typer(help="Roll calls of a course; for staff.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)

RollCall = dict[str, Any]  # as the API sends it
CourseArgument = Annotated[str, typer.Argument(metavar="COURSE", help="The course's short name.")]
RollCallId = Annotated[int, typer.Argument(metavar="ID", help="Which roll call; see: gradus attendance list COURSE.")]
SectionOption = Annotated[str | None, typer.Option("--section", help="A section's name; everybody if left out.")]


def path_of(course: str) -> str:
    return f"/courses/{course}/attendance"


@app.command("open")
def open_roll_call(
    course: CourseArgument,
    title: Annotated[str, typer.Option("--title", help="As students read it: Week 3, Monday.")],
    section: SectionOption = None,
    minutes: Annotated[int, typer.Option(help="How long codes count; 0: no codes, call the names.")] = 10,
    late_after: Annotated[int, typer.Option(help="From this minute on, who signs in is late.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Open a roll call; its codes are on the projector's page."""
    from server.cli.client import signed_in

    wanted = {"title": title, "section": section, "minutes": minutes, "late_after": min(late_after, minutes)}
    with signed_in() as client:
        found = client.post(path_of(course), json=wanted)
        wall = f"{client.url}{path_of(course)}/{found['id']}" + ("/wall" if minutes else "")
    if as_json:
        print_json(found)
    else:
        answers().print(f"[pass]✓[/] roll call {found['id']} is open: {escape(wall)}", soft_wrap=True)


@app.command()
def close(course: CourseArgument, roll_call: RollCallId, as_json: AsJson = False) -> None:
    """From now on no code counts."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.post(f"{path_of(course)}/{roll_call}/close")
    print_json(found) if as_json else answers().print(f"[pass]✓[/] {escape(found['title'])} is closed")


@app.command("list")
def list_roll_calls(
    course: CourseArgument,
    roll_call: Annotated[int | None, typer.Argument(metavar="[ID]", help="One roll call, name by name.")] = None,
    as_json: AsJson = False,
) -> None:
    """All roll calls, or everybody in one."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(path_of(course) + (f"/{roll_call}" if roll_call else ""))
    if as_json:
        print_json(found)
    elif roll_call:
        show_names(found)
    elif found:
        show_roll_calls(found)
    else:
        answers().print("No roll call yet. Open one with: gradus attendance open COURSE --title 'Week 1'")


@app.command()
def mark(
    course: CourseArgument,
    roll_call: RollCallId,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    presence: Annotated[str, typer.Argument(metavar="STATE", help="present, late, absent or excused.")],
    reason: Annotated[str, typer.Option(help="Needed to excuse.")] = "",
    as_json: AsJson = False,
) -> None:
    """Correct one student by hand; the audit log keeps it."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.put(f"{path_of(course)}/{roll_call}/marks/{login}", json={"presence": presence, "reason": reason})
    print_json(found) if as_json else answers().print(f"[pass]✓[/] {escape(login)} is {escape(presence)}")


@app.command()
def export(
    course: CourseArgument,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file; printed if left out.")] = None,
    section: SectionOption = None,
) -> None:
    """Students by roll calls, as CSV."""
    from urllib.parse import urlencode

    from server.cli.client import signed_in

    query = f"?{urlencode({'section': section})}" if section else ""
    with signed_in() as client:
        data = client.download(f"{path_of(course)}/export{query}")
    if output is None:
        typer.echo(data.decode("utf-8-sig"), nl=False)
    else:
        output.write_bytes(data)
        answers().print(f"[pass]✓[/] {escape(str(output))}")


def show_roll_calls(found: list[RollCall]) -> None:
    from server.cli.report import local_time

    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("id", "title", "section", "opened", "closes"):
        table.add_column(title, overflow="fold")
    for each in found:
        row = (
            each["id"],
            each["title"],
            each["section"] or "everybody",
            *(local_time(each[k]) for k in ("opened_at", "closes_at")),
        )
        table.add_row(*(escape(str(cell)) for cell in row))
    answers().print(table)


def show_names(found: RollCall) -> None:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("login", "name", "state", "how", "same browser as"):
        table.add_column(title, overflow="fold")
    for each in found["students"]:
        how = " · ".join(filter(None, [each["source"], each["reason"]]))
        row = (each["student"], each["name"], each["presence"] or "not seen yet", how, ", ".join(each["same_browser"]))
        table.add_row(*(escape(str(cell)) for cell in row))
    answers().print(table)
