"""`gradus pull`: what you need to begin; your own work is never overwritten."""

import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json

STARTER, SAMPLE = "starter.py", "sample.csv"  # the second where a table is handed in

FOLDER_HELP = "Where to; a folder named after the assignment if left out."
Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help=FOLDER_HELP)]
Force = Annotated[bool, typer.Option("--force", help="Replace your own file by the starter.")]


def pull(target: TargetArgument = None, folder: Folder = None, force: Force = False, as_json: AsJson = False) -> None:
    """Get starter, handout and public checks of an assignment."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        found = find_target(client, target)
        module = client.get(found.path)["module"]
        files = unpack(client.download(f"{found.path}/bundle"))
    folder = folder or Path(found.assignment)
    work = SAMPLE if SAMPLE in files else f"{module}.py"
    kept = (folder / work).exists() and not force
    files |= {work: files.pop(STARTER)} if STARTER in files else {}
    write_files(folder, {name: content for name, content in files.items() if not (kept and name == work)})
    tell(folder, sorted(files), work=work, kept=kept, as_json=as_json)


def unpack(archive: bytes) -> dict[str, bytes]:
    """The files by name; a name that leads out of the folder is refused, whoever sent it."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            files = {info.filename: opened.read(info) for info in opened.infolist() if not info.is_dir()}
    except zipfile.BadZipFile as error:
        raise Problem("What the server sent is no .zip.", why=str(error), next_step="try again in a minute") from error
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise Problem(f"The server sent a file with the name {name}; nothing was written.")
    return files


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        what, why = f"{folder} cannot be written to.", error.strerror or str(error)
        raise Problem(what, why=why, next_step="name another folder", code=ExitCode.usage) from error


def tell(folder: Path, names: list[str], *, work: str, kept: bool, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(folder), "files": names, "work": work, "kept": kept})
        return
    begin = "the form of a table to hand in" if work == SAMPLE else "this is the file to work on"
    remark = "your own file was left as it is; --force replaces it" if kept else begin
    console = answers()
    for name in names:
        console.print(f"  {folder / name}" + (f"   [quiet]{remark}[/]" if name == work else ""), soft_wrap=True)
    place = escape(str(folder / work))
    check = "" if work == SAMPLE else f"gradus check {place}   and then: "
    console.print(f"next: {check}gradus submit {place}", soft_wrap=True)
