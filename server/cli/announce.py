"""`gradus announce`: tell a course something, see what was told, and take it back; for staff."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.attendance import CourseArgument
from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

Announced = dict[str, Any]  # as the API sends it


class Announcing(Commands):
    """`gradus announce COURSE …` is short for `gradus announce publish COURSE …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_course = bool(args) and args[0] not in self.commands and not args[0].startswith("-")
        return super().parse_args(ctx, ["publish", *args] if is_course else args)


app = typer.Typer(
    help="Announcements of a course; for staff. `gradus announce COURSE --title … --file …` publishes one.",
    cls=Announcing,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Number = Annotated[int, typer.Argument(metavar="ID", help="Which one; see: gradus announce list COURSE.")]


@app.command()
def publish(
    course: CourseArgument,
    title: Annotated[str, typer.Option("--title", help="One line.")],
    file: Annotated[Path, typer.Option("--file", help="Markdown, formulas as in handouts; - reads standard input.")],
    section: Annotated[str, typer.Option("--section", help="A section's name; everybody if left out.")] = "",
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="As 2026-03-22T08:00 in the course's zone; else now.")] = "",
    pinned: Annotated[bool, typer.Option("--pinned", help="Keep it on top.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell the course now, or at a time. Groups that are connected get it as well, unless it is for a section."""
    from server.cli.client import signed_in

    wanted = {"title": title, "text": read_text(file), "section": section, "publish_at": at, "pinned": pinned}
    with signed_in() as client:
        made = client.post(f"/courses/{course}/announcements", json=wanted)
    print_json(made) if as_json else answers().print(f"[pass]✓[/] {said_of(made)}", soft_wrap=True)


@app.command("list")
def list_announcements(course: CourseArgument, as_json: AsJson = False) -> None:
    """Pinned first, then newest; of staff also what is not out yet and what was withdrawn."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(f"/courses/{course}/announcements")
    if as_json:
        print_json(found)
    elif found:
        answers().print(table_of(found))
    else:
        answers().print(f"Nothing has been announced yet. Write one: gradus announce {course} --title … --file …")


@app.command()
def withdraw(
    course: CourseArgument,
    announcement: Number,
    reason: Annotated[str, typer.Option("--reason", help="For the audit log.")] = "",
    as_json: AsJson = False,
) -> None:
    """Students no longer see it; what was sent to groups stays there."""
    from server.cli.client import signed_in

    path = f"/courses/{course}/announcements/{announcement}"
    with signed_in() as client:
        seen = client.get(path)
        client.post(f"{path}/withdraw", json={"version": seen["version"], "reason": reason})
        seen = client.get(path)
    print_json(seen) if as_json else answers().print(f"[pass]✓[/] {said_of(seen)}", soft_wrap=True)


def read_text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} cannot be read.", why=str(error), next_step="name a UTF-8 file", code=ExitCode.usage) from error


def state_of(announced: Announced) -> str:
    from datetime import UTC, datetime

    from server.cli.report import local_time

    if announced["withdrawn_at"]:
        return f"withdrawn {local_time(announced['withdrawn_at'])}"
    is_out = datetime.fromisoformat(announced["publish_at"]) <= datetime.now(UTC)
    return f"{'out since' if is_out else 'out from'} {local_time(announced['publish_at'])}"


def said_of(announced: Announced) -> str:
    whom = f" for {announced['section']}" if announced["section"] else ""
    return escape(f"{announced['id']} “{announced['title']}”{whom}: {state_of(announced)}")


def table_of(found: list[Announced]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    table.add_column("id", justify="right")
    for title in ("title", "for", "state", "by"):
        table.add_column(title, overflow="fold")
    for each in found:
        title = f"{each['title']} (pinned)" if each["pinned"] else each["title"]
        row = (each["id"], title, each["section"] or "everybody", state_of(each), each["author"] or "the platform")
        table.add_row(*(escape(str(cell)) for cell in row), style="quiet" if each["withdrawn_at"] else "")
    return table
