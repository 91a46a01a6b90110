"""`gradus archive`: past terms and public solutions beside which the works of an assignment are compared. For staff."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json, remarks

if TYPE_CHECKING:
    from server.cli.client import Client

app = typer.Typer(help="Past terms and public solutions beside which works are compared.", no_args_is_help=True)

Target = Annotated[str, typer.Argument(metavar="COURSE/ASSIGNMENT")]
Name = Annotated[str, typer.Argument(help="What the archive is called.")]
Paths = Annotated[
    list[Path], typer.Argument(help="Folders that hold a subfolder or file for each work.", exists=True, file_okay=False)
]
Kind = Annotated[str, typer.Option(help="past_term, public, or template: code that was given out.")]
KINDS = ("past_term", "public", "template")


@app.command("list")
def list_all(target: Target, as_json: AsJson = False) -> None:
    """What the works of an assignment are held against."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(f"{path_of(client, target)}/archives")
    if as_json:
        print_json(found)
        return
    for each in found:
        where = "this platform" if each["course"] else each["kind"].replace("_", " ")
        answers().print(f"{each['id']}  [strong]{escape(each['name'])}[/]  {each['works']} works  [quiet]{where}[/]")
    if not found:
        answers().print("No archive yet.")


@app.command()
def add(target: Target, name: Name, paths: Paths, kind: Kind = "past_term", as_json: AsJson = False) -> None:
    """Upload works; what has been there under the same name is replaced."""
    from grader.similarity.sources import entries
    from server.cli.client import signed_in

    if kind not in KINDS:
        raise Problem(f"There is no kind {kind!r}.", next_step=f"one of: {', '.join(KINDS)}", code=ExitCode.usage)
    works = [work for path in paths for work in entries(path)]
    if not works:
        raise Problem("There is no work in these folders.", next_step="each work is a subfolder or a file", code=ExitCode.usage)
    with signed_in() as client:
        path = f"{path_of(client, target)}/archives"
        known = {each["name"]: each["id"] for each in client.get(path)}
        id = known[name] if name in known else client.post(path, json={"name": name, "kind": kind})["id"]
        sent = upload(client, f"{path}/{id}/works", works)
    if as_json:
        print_json({"id": id, "name": name, "works": sent, "left_out": len(works) - sent})
    else:
        answers().print(
            f"[pass]✓[/] {sent} of {len(works)} works are in [strong]{escape(name)}[/]; compare again: gradus pairs --run"
        )


def upload(client: "Client", path: str, works: list[Path]) -> int:
    """How many were taken; what cannot be read is named and left out."""
    from grader.similarity.sources import files_of

    sent = 0
    for work in works:
        files = [("files", (file.name, file.data)) for file in files_of(work) if not file.note]
        try:
            if not files:
                raise Problem("It holds no Python.", code=ExitCode.refused)
            client.post(path, data={"name": work.name}, files=files)
            sent += 1
        except Problem as problem:
            if problem.code is not ExitCode.refused:
                raise
            remarks().print(f"[wait]![/] {escape(work.name)}: {escape(str(problem))}", soft_wrap=True)
    return sent


@app.command("add-course")
def add_course(target: Target, course: Annotated[str, typer.Argument(help="In which you are staff, too.")]) -> None:
    """Compare with the same assignment of another course of this platform."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.post(f"{path_of(client, target)}/archives", json={"course": course})
    answers().print(
        f"[pass]✓[/] {found['works']} submissions of {escape(course)} stand beside it; compare again: gradus pairs --run"
    )


@app.command()
def remove(target: Target, name: Name) -> None:
    """Take an archive away, with its works and the pairs in which they stand."""
    from server.cli.client import signed_in

    with signed_in() as client:
        path = f"{path_of(client, target)}/archives"
        known = {each["name"]: each["id"] for each in client.get(path)}
        if name not in known:
            next_step = f"there are: {', '.join(known) or 'none'}"
            raise Problem(f"There is no archive called {name}.", next_step=next_step, code=ExitCode.usage)
        client.delete(f"{path}/{known[name]}")
    answers().print(f"[pass]✓[/] {escape(name)} is gone")


def path_of(client: "Client", target: str) -> str:
    from server.cli.target import find_target

    return f"{find_target(client, target).path}/similarity"
