"""`gradus roster`: who is in a course, from the registrar's file or one by one; for staff."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, in_language, print_json

app = typer.Typer(
    help="People of a course: import the registrar's file, invite, withdraw; for staff.",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Preview = dict[str, Any]  # as the API sends it

CourseOption = Annotated[str | None, typer.Option("--course", help="Its short name; may be left out where you are in one only.")]
Login = Annotated[str, typer.Argument(help="The person's login.")]
SectionName = Annotated[
    str, typer.Option("--section", help="Of those of whom the file names none; only there people can be missing.")
]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX, its first line names the columns.")],
    course: CourseOption = None,
    section: SectionName = "",
    withdraw_missing: Annotated[bool, typer.Option("--withdraw-missing", help="Withdraw whom the file does not name.")] = False,
    good_lines: Annotated[bool, typer.Option("--good-lines", help="Leave out lines with faults and take the others.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a course in line with a file; the same file again changes nothing. Exit 1 where lines have faults."""
    from server.cli.client import signed_in

    content = read_file(file)
    with signed_in() as client:
        path = f"/courses/{find_course(client, course)}/roster/files"
        preview = client.post(path, files={"file": (file.name, content)}, data={"section": section})
        done = None
        if not dry_run and (good_lines or not preview["faults"]):
            wanted = {"version": preview["version"], "takes_good_lines": good_lines}
            wanted["withdraw"] = None if withdraw_missing else []
            done = client.post(f"{path}/{preview['id']}/confirm", json=wanted)
    if as_json:
        print_json({"preview": preview, "applied": done})
    else:
        show_preview(preview, withdraws=withdraw_missing)
        answers().print(said_of(done, preview, dry_run=dry_run), soft_wrap=True)
    if preview["faults"] and done is None:
        raise typer.Exit(ExitCode.ungradable)


def read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read.", why=str(error), code=ExitCode.usage) from error


def find_course(client: Any, wanted: str | None) -> str:
    """As written; otherwise the only course of which one is staff."""
    if wanted:
        return wanted
    mine = [course["slug"] for course in client.get("/courses") if course["role"] != "student"]
    if len(mine) == 1:
        return mine[0]
    raise Problem(
        "It is not clear which course is meant.",
        why="yours as staff: " + (", ".join(mine) or "none"),
        next_step="name one with --course",
        code=ExitCode.usage,
    )


def show_preview(preview: Preview, *, withdraws: bool) -> None:
    console = answers()
    for fault in preview["faults"]:
        where = f"line {fault['line']}" + (f", {fault['column']}" if fault["column"] else "")
        console.print(f"[fail]✗[/] {escape(where)}: {escape(in_language(fault['message']))}", soft_wrap=True)
    if preview["columns_left_out"]:
        console.print(f"[quiet]columns left out: {escape(', '.join(preview['columns_left_out']))}[/]", soft_wrap=True)
    for entry in preview["new"]:
        console.print(f"+ {escape(entry['name'])} {escape(entry['student_number'] or entry['email'])}", soft_wrap=True)
    for change in preview["joining"]:
        console.print(f"+ {escape(change['name'])} {escape(change['login'])} (has an account)", soft_wrap=True)
    for change in preview["changed"]:
        fields = ", ".join(f"{name} {before or '–'} → {after or '–'}" for name, (before, after) in change["fields"].items())
        console.print(f"~ {escape(change['name'])} {escape(change['login'])}: {escape(fields)}", soft_wrap=True)
    for person in preview["missing"]:
        sign = "-" if withdraws else "?"
        console.print(f"{sign} {escape(person['name'])} {escape(person['login'])}: not in the file", soft_wrap=True)


def said_of(done: dict[str, int] | None, preview: Preview, *, dry_run: bool) -> str:
    """The one line at the end."""
    if done is not None:
        counts = ("new", "joined", "changed", "withdrawn", "unchanged", "lines_left_out")
        return "Done: " + " · ".join(f"{name.replace('_', ' ')} {done[name]}" for name in counts)
    if dry_run:
        return "Nothing was changed: this was a dry run."
    lines = len({fault["line"] for fault in preview["faults"]})
    return f"Nothing was changed: {lines} lines have faults. Mend the file, or take the other lines with --good-lines."


@app.command("list")
def list_people(
    course: CourseOption = None,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Those who have withdrawn instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Everybody who is in the course."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(f"/courses/{find_course(client, course)}/roster")
    people = [each for each in found if (each["standing"] == "withdrawn") == withdrawn]
    if as_json:
        print_json(people)
    elif not people:
        answers().print("Nobody. Add people with: gradus roster import FILE")
    else:
        answers().print(table_of(people))


def table_of(people: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("login", "number", "name", "section", "role", "account"):
        table.add_column(title, overflow="fold")
    for each in people:
        account = "in use" if each["has_signed_in"] else "not yet"
        row = each["login"], each["student_number"] or "–", each["name"], each["section"] or "–", each["role"], account
        table.add_row(*(escape(cell) for cell in row))
    return table


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The name that others see.")],
    number: Annotated[str, typer.Option("--number", help="Student number; staff may do without.")] = "",
    email: Annotated[str, typer.Option("--email")] = "",
    section: Annotated[str, typer.Option("--section")] = "",
    role: Annotated[str, typer.Option("--role", help="student, ta or instructor.")] = "student",
    course: CourseOption = None,
    as_json: AsJson = False,
) -> None:
    """Add one person; who has an account already comes in with it."""
    typed = {"name": name, "student_number": number, "email": email, "section": section, "role": role}
    tell(lambda client, path: client.post(path, json=typed), course, "{login} is in the course.", as_json=as_json)


@app.command()
def withdraw(
    login: Login,
    reason: Annotated[str, typer.Option("--reason", help="For the audit log.")] = "",
    course: CourseOption = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody go: the work stays, nothing is handed in any more."""
    said = "{login} has withdrawn. Undo it with: gradus roster take-back {login}"
    tell(lambda client, path: client.post(f"{path}/{login}/withdraw", json={"reason": reason}), course, said, as_json=as_json)


@app.command("take-back")
def take_back(login: Login, course: CourseOption = None, as_json: AsJson = False) -> None:
    """Undo a withdrawal."""
    said = "{login} is in the course again."
    tell(lambda client, path: client.post(f"{path}/{login}/take-back"), course, said, as_json=as_json)


def tell(ask: Any, course: str | None, said: str, *, as_json: bool) -> None:
    """Do something to one person and say what came of it."""
    from server.cli.client import signed_in

    with signed_in() as client:
        member = ask(client, f"/courses/{find_course(client, course)}/roster")
    print_json(member) if as_json else answers().print(escape(said.format(login=member["login"])), soft_wrap=True)


@app.command()
def invite(
    logins: Annotated[
        list[str] | None, typer.Argument(metavar="[LOGIN…]", help="Left out: everybody without a password.")
    ] = None,
    course: CourseOption = None,
    as_json: AsJson = False,
) -> None:
    """Make links by which people set a password, as CSV; shown once, earlier links stop working."""
    from server.cli.client import signed_in

    with signed_in() as client:
        links = client.post(f"/courses/{find_course(client, course)}/roster/invitations", json={"logins": logins or None})
    if as_json:
        print_json(links)
        return
    from server.spreadsheet import as_csv

    columns = ("student_number", "name", "login", "address", "expires_at")
    typer.echo(as_csv([columns, *([each[name] for name in columns] for each in links)], mark=""), nl=False)


@app.command("join-code")
def join_code(
    switch: Annotated[str, typer.Argument(metavar="[on|off]", help="On makes a new code; left out: show what holds.")] = "",
    asks_section: Annotated[bool, typer.Option("--ask-section", help="With on: who joins chooses a section.")] = False,
    course: CourseOption = None,
    as_json: AsJson = False,
) -> None:
    """The code with which students sign up by themselves."""
    from server.cli.client import signed_in

    if switch not in ("", "on", "off"):
        raise Problem(
            f"“{switch}” is neither on nor off.",
            why="the code is switched on or off",
            next_step="say on, or off, or nothing to see it",
            code=ExitCode.usage,
        )
    with signed_in() as client:
        path = f"/courses/{find_course(client, course)}/join-code"
        found = client.put(path, json={"is_on": switch == "on", "asks_section": asks_section}) if switch else client.get(path)
    print_json(found) if as_json else answers().print(escape(code_in_words(found)), soft_wrap=True)


def code_in_words(found: dict[str, Any]) -> str:
    if found["code"] is None:
        return "Nobody signs up alone. Switch it on with: gradus roster join-code on"
    asked = "; who joins chooses a section" if found["asks_section"] else ""
    return f"{found['code']}  Students sign in and type it at /join{asked}. A new code, or off, ends it."
