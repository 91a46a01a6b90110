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
ANSWERS = "answers.toml"  # where questions are asked

KEPT = "your own file was left as it is; --force replaces it"
BEGIN = {SAMPLE: "the form of a table to hand in", ANSWERS: "your questions; write the answers into it"}

FOLDER_HELP = "Where to; a folder named after the assignment if left out."
Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help=FOLDER_HELP)]
Force = Annotated[bool, typer.Option("--force", help="Replace your own file by the starter.")]


def pull(target: TargetArgument = None, folder: Folder = None, force: Force = False, as_json: AsJson = False) -> None:
    """Get starter, handout, public checks and questions of an assignment."""
    from server.cli.answers_file import answers_file
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        found = find_target(client, target)
        assignment = client.get(found.path)
        files = unpack(client.download(f"{found.path}/bundle"))
        if assignment.get("has_questions"):
            paper = client.get(f"{found.path}/questions")
            files[ANSWERS] = answers_file(paper, f"{found.course}/{found.assignment}").encode()
    folder = folder or Path(found.assignment)
    module = f"{assignment['module']}.py"
    files |= {module: files.pop(STARTER)} if STARTER in files else {}
    own = [name for name in (SAMPLE, module, ANSWERS) if name in files]
    kept = [name for name in own if (folder / name).exists() and not force]
    write_files(folder, {name: content for name, content in files.items() if name not in kept})
    tell(folder, sorted(files), own=own, kept=kept, as_json=as_json)


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


def tell(folder: Path, names: list[str], *, own: list[str], kept: list[str], as_json: bool) -> None:
    """own: the files to work on; kept: those of them that were there before."""
    if as_json:
        print_json({"folder": str(folder), "files": names, "work": own[0], "kept": own[0] in kept})
        return
    console = answers()
    for name in names:
        remark = KEPT if name in kept else BEGIN.get(name, "this is the file to work on") if name in own else ""
        console.print(f"  {folder / name}" + (f"   [quiet]{remark}[/]" if remark else ""), soft_wrap=True)
    places = " ".join(escape(str(folder / name)) for name in own)
    check = f"gradus check {escape(str(folder / own[0]))}   and then: " if own[0].endswith(".py") else ""
    console.print(f"next: {check}gradus submit {places}", soft_wrap=True)
