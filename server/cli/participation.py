"""`gradus participation`: note what students contribute, and see what it adds up to; for staff."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.attendance import CourseArgument
from server.cli.exits import Commands
from server.cli.terminal import AsJson, answers, print_json

app = typer.Typer(
    help="Participation in a course; for staff.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False
)


@app.command()
def add(
    course: CourseArgument,
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="question, answer, presentation or other.")],
    text: Annotated[str, typer.Option("--text", help="What it was.")] = "",
    points: Annotated[float | None, typer.Option(min=0, help="Other than the course gives.")] = None,
    as_json: AsJson = False,
) -> None:
    """Note one contribution."""
    from server.cli.client import signed_in

    wanted = {"student": login, "kind": kind, "text": text, "points": None if points is None else str(points)}
    with signed_in() as client:
        note = client.post(f"/courses/{course}/participation", json=wanted)
    print_json(note) if as_json else answers().print(
        f"[pass]✓[/] {escape(login)}: {escape(kind)}, {float(note['points']):g} points"
    )


@app.command("list")
def list_notes(course: CourseArgument, as_json: AsJson = False) -> None:
    """All notes, newest first; what was taken back is struck out."""
    from server.cli.client import signed_in

    with signed_in() as client:
        notes = client.get(f"/courses/{course}/participation")
    if as_json:
        print_json(notes)
    elif not notes:
        answers().print("Nothing was noted yet. Note something with: gradus participation add COURSE LOGIN question")
    else:
        table = Table(box=None, pad_edge=False, header_style="quiet")
        for title in ("note", "student", "kind", "points", "text", "by"):
            table.add_column(title, overflow="fold")
        for each in notes:
            row = (
                each["id"],
                each["student"],
                each["kind"],
                f"{float(each['points']):g}",
                each["text"] or "",
                each["recorded_by"],
            )
            table.add_row(*(escape(str(cell)) for cell in row), style="strike" if each["taken_back_at"] else "")
        answers().print(table)
