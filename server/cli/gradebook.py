"""`gradus gradebook`: the grades of a course, as a table or a file; set up, set by hand, looked at; for staff."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.attendance import CourseArgument, SectionOption
from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json


class CourseFirst(Commands):
    """`gradus gradebook COURSE` shows it: what is no command of ours is a course."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        return super().resolve_command(ctx, args if args[0] in self.commands else ["show", *args])


app = typer.Typer(help="Grades of a course; for staff.", cls=CourseFirst, no_args_is_help=True, pretty_exceptions_enable=False)

LoginArgument = Annotated[str, typer.Argument(metavar="LOGIN")]
ColumnArgument = Annotated[str, typer.Argument(metavar="COLUMN", help="Its key: mlp, attendance, participation, manual-1.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the student reads it.")]
File = Annotated[Path | None, typer.Option(help="Write a file instead of the table.")]


def path_of(course: str, place: str = "") -> str:
    return f"/courses/{course}/gradebook{place}"


@app.command("show")
def show(
    course: CourseArgument,
    section: SectionOption = None,
    csv: File = None,
    xlsx: File = None,
    canvas: File = None,
    as_json: AsJson = False,
) -> None:
    """Everybody's grades, or a file of them."""
    from urllib.parse import quote

    from server.cli.client import signed_in

    files = {name: path for name, path in (("csv", csv), ("xlsx", xlsx), ("canvas", canvas)) if path}
    with signed_in() as client:
        for name, path in files.items():
            path.write_bytes(client.download(path_of(course, f"/export?format={name}")))
            answers().print(f"[pass]✓[/] {escape(str(path))}")
        if files:
            return
        found = client.get(path_of(course) + (f"?section={quote(section)}" if section else ""))
    print_json(found) if as_json else answers().print(table_of(found))


def table_of(found: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    columns = [each for each in found["columns"] if each["category"]]
    for title in ("login", "name", *(each["key"] for each in columns), "so far", "line", "in the end"):
        table.add_column(title, overflow="fold")
    for each in found["students"]:
        grade = each["grade"]
        cells = [in_short(each["cells"][column["key"]], float(column["full"])) for column in columns]
        bounds = f"{float(grade['lowest']):g}–{float(grade['highest']):g}"
        row = (each["login"], each["name"], *cells, number(grade["so_far"]), each["line"] or "", bounds)
        table.add_row(*map(escape, row))
    return table


def in_short(cell: dict[str, Any], full: float) -> str:
    if cell["standing"] == "scored":
        return f"{float(cell['share']) * full:.4g}" + ("*" if cell["mark"] else "")
    return {"missing": "0 (missing)", "excused": "excused", "open": "…"}[cell["standing"]]


def number(value: str | None) -> str:
    return "–" if value is None else f"{float(value):g}"


@app.command("set-up")
def set_up(
    course: CourseArgument,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="JSON as --json prints it; left out: show it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show which columns count how much, or put a file in force."""
    from server.cli.client import signed_in

    with signed_in() as client:
        if file is None:
            found = client.get(path_of(course, "/set-up"))
        else:
            wanted = read_scheme(file)
            found = client.put(path_of(course, "/set-up"), json=wanted)
    print_json(found) if as_json else show_scheme(found)


def read_scheme(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(
            f"{file} cannot be read.",
            why=str(error),
            next_step="begin with: gradus gradebook set-up COURSE --json > FILE",
            code=ExitCode.usage,
        ) from error
    found.pop("is_proposed", None)
    return found


def show_scheme(found: dict[str, Any]) -> None:
    if found["is_proposed"]:
        answers().print("Nothing is set up yet; this is a proposal. Put it in force with: gradus gradebook set-up COURSE FILE")
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("category", "weight", "lowest left out", "columns"):
        table.add_column(title, overflow="fold")
    for each in found["categories"]:
        keys = ", ".join(column["key"] or column["title"] for column in each["columns"])
        table.add_row(escape(each["name"]), f"{float(each['weight']):g} %", str(each["drops"]), escape(keys))
    answers().print(table)
    lines = " · ".join(f"{each['name']} from {float(each['least']):g}" for each in found["lines"])
    shown = "students see their own sheet" if found["is_shown"] else "students see nothing yet"
    answers().print(escape(f"Lines: {lines or 'none'} · {shown} · version {found['version']}"))


@app.command()
def mark(
    course: CourseArgument,
    login: LoginArgument,
    column: ColumnArgument,
    points: Annotated[float | None, typer.Argument(metavar="[POINTS]", min=0, help="Left out with --clear.")] = None,
    reason: Reason = "",
    clear: Annotated[bool, typer.Option("--clear", help="What the column gives by itself counts again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Set the points of one cell by hand."""
    if clear == (points is not None):
        raise Problem(
            "It is not clear what to set.", why="either POINTS or --clear", next_step="give one of them", code=ExitCode.usage
        )
    wanted = {"kind": "cleared" if clear else "points", "points": None if points is None else str(points), "reason": reason}
    send_mark(course, login, column, wanted, as_json=as_json)


@app.command()
def excuse(
    course: CourseArgument, login: LoginArgument, column: ColumnArgument, reason: Reason = "", as_json: AsJson = False
) -> None:
    """Leave one column out of a student's grade."""
    send_mark(course, login, column, {"kind": "excused", "reason": reason}, as_json=as_json)


def send_mark(course: str, login: str, column: str, wanted: dict[str, Any], *, as_json: bool) -> None:
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.put(path_of(course, f"/students/{login}/columns/{column}"), json=wanted)
    said = {"points": f"{number(found['points'])} points", "excused": "excused", "cleared": "as it is by itself"}[found["kind"]]
    print_json(found) if as_json else answers().print(f"[pass]✓[/] {escape(login)}, {escape(column)}: {said}")


@app.command()
def override(
    course: CourseArgument,
    login: LoginArgument,
    grade: Annotated[float | None, typer.Argument(metavar="[GRADE]", min=0, max=100, help="Left out: take it back.")] = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Set a final grade by hand, or take it back."""
    from server.cli.client import signed_in

    wanted = {"grade": None if grade is None else str(grade), "reason": reason}
    with signed_in() as client:
        found = client.put(path_of(course, f"/students/{login}/override"), json=wanted)
    said = "taken back" if found["grade"] is None else number(found["grade"])
    print_json(found) if as_json else answers().print(f"[pass]✓[/] final grade of {escape(login)}: {said}")


@app.command()
def stats(course: CourseArgument, as_json: AsJson = False) -> None:
    """Mean, median and quartiles of each column and of the grade so far."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(path_of(course, "/statistics"))
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False, header_style="quiet")
    names = ("count", "mean", "lower", "median", "upper", "least", "most", "missing", "open", "excused")
    for title in ("column", *names):
        table.add_column(title)
    for key, each in [*found["columns"].items(), ("grade so far", found["grades"])]:
        table.add_row(escape(key), *(number(each[name]) for name in names))
    answers().print(table)


@app.command()
def warnings(course: CourseArgument, as_json: AsJson = False) -> None:
    """Who may need a word: falling scores, missing work, silent weeks."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(path_of(course, "/warnings"))
    if as_json:
        print_json(found)
        return
    for each in found:
        answers().print(f"[strong]{escape(each['name'])}[/] {escape(each['login'])} · {escape(each['state'])}")
        for reason in each["reasons"]:
            answers().print(f"  {escape(in_words(reason))}")
    if not found:
        answers().print("Nobody stands out.")


def in_words(reason: dict[str, Any]) -> str:
    works = ", ".join(reason["works"])
    if reason["why"] == "falling":
        return f"scores fall from {float(reason['first']):.0%} to {float(reason['last']):.0%}: {works}"
    return f"not handed in: {works}" if reason["why"] == "missing" else f"no sign of life for {reason['days']} days"


@app.command()
def contact(
    course: CourseArgument,
    login: LoginArgument,
    state: Annotated[str, typer.Argument(metavar="STATE", help="open, written, answered or closed.")],
    note: Annotated[str, typer.Option("--note", help="For staff; needed to close.")] = "",
    text: Annotated[str, typer.Option("--text", help="With written: what the student is sent; left out: our own words.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write down how far the staff have come with a student; `written` sends the student a message."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.put(path_of(course, f"/warnings/{login}"), json={"state": state, "note": note, "text": text})
    print_json(found) if as_json else answers().print(f"[pass]✓[/] {escape(login)}: {escape(found['state'])}")


@app.command()
def verify(course: CourseArgument, as_json: AsJson = False) -> None:
    """Every grade once more from the audit log; exit code 1 if one differs."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(path_of(course, "/verify"))
    if as_json:
        print_json(found)
    else:
        for login, pair in found["differences"].items():
            logged = pair["logged"] and number(pair["logged"]["so_far"])
            answers().print(f"[fail]✗[/] {escape(login)}: {logged} by the log, {number(pair['shown']['so_far'])} in the book")
        students, lines = found["students"], found["lines"]
        answers().print(f"{students} grades from {lines} lines of the audit log, {len(found['differences'])} differ")
    raise typer.Exit(ExitCode.ungradable if found["differences"] else ExitCode.done)
