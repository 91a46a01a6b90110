"""`gradus spot-check talk`: what came of a talk, kept and shown. Nobody's text is written over unseen."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json, remarks

Draw = dict[str, Any]  # as the API sends it

IMPRESSIONS = ("own_work", "unsure", "not_explained", "absent")
WHOLE = {"answers": [], "impression": None, "note": ""}

Number = Annotated[int, typer.Option("--draw", metavar="ID", help="Which draw, as `gradus spot-check list` numbers them.")]
Asked = Annotated[list[str] | None, typer.Option("--asked", help="A question; as often as there were, each with its --said.")]
Said = Annotated[list[str] | None, typer.Option("--said", help="What was said to it, in the same order.")]
Seen = Annotated[int | None, typer.Option("--version", help="The version that yours takes the place of, as it was shown.")]
Note = Annotated[str | None, typer.Option("--note", help="For the staff.")]
Impression = Annotated[str | None, typer.Option("--impression", help=f"One of: {', '.join(IMPRESSIONS)}.")]


def talk(
    target: TargetArgument = None,
    *,
    draw: Number,
    asked: Asked = None,
    said: Said = None,
    impression: Impression = None,
    note: Note = None,
    version: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Keep what was asked and said, and your impression; what you leave out stays. Without options, show what was kept."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    mine = read_options(asked, said, impression, note)
    with signed_in() as client:
        path = f"{find_target(client, target).path}/spot-checks/draws/{draw}"
        found = client.get(path)
        if mine:
            found = keep(client, path, found, mine, version, as_json=as_json)
    if as_json:
        print_json(found)
        return
    for line in lines_of(found):
        answers().print(line, soft_wrap=True)


def read_options(asked: list[str] | None, said: list[str] | None, impression: str | None, note: str | None) -> dict[str, Any]:
    """What was given, as the API takes it; empty where nothing was."""
    if len(asked or []) != len(said or []):
        why = f"{len(asked or [])} questions and {len(said or [])} answers"
        next_step = 'give each --asked its --said; of a question without an answer: --said ""'
        raise Problem("Questions and answers do not go together.", why=why, next_step=next_step, code=ExitCode.usage)
    if impression not in (None, *IMPRESSIONS):
        raise Problem(f"{impression!r} is no impression.", why=f"it is one of: {', '.join(IMPRESSIONS)}", code=ExitCode.usage)
    pairs = [{"question": question, "answer": answer} for question, answer in zip(asked or [], said or [], strict=True)]
    given = {"answers": pairs or None, "impression": impression, "note": note}
    return {name: value for name, value in given.items() if value is not None}


def keep(client: Any, path: str, found: Draw, mine: dict[str, Any], version: int | None, *, as_json: bool) -> Draw:
    """Over a talk that is kept already only who names its version; else both texts are printed and nothing is changed."""
    whole = {name: mine.get(name, found[name] or empty) for name, empty in WHOLE.items()}
    if version is None and not is_empty(found):
        raise refused(found, mine, as_json=as_json)
    try:
        return client.put(path, json=whole | {"version": found["version"] if version is None else version})
    except Problem as problem:
        if "saved_meanwhile" not in problem.why:
            raise
        raise refused(client.get(path), mine, as_json=as_json) from problem


def is_empty(draw: Draw) -> bool:
    return not any(draw[name] for name in WHOLE)


def refused(kept: Draw, mine: dict[str, Any], *, as_json: bool) -> Problem:
    """Both are shown first, so that nothing that was typed is lost."""
    if as_json:
        print_json({"kept": kept, "yours": mine})
    else:
        for title, texts in (("kept", kept), ("yours, not kept", WHOLE | mine)):
            remarks().print(f"[strong]{title}:[/]", *talk_lines(texts), sep="\n", soft_wrap=True)
    return Problem(
        f"{kept['reader'] or 'Somebody'} has kept this talk already, so nothing was written over.",
        why=f"saved_meanwhile, it is at version {kept['version']}",
        next_step=f"to put yours in its place, add --version {kept['version']}",
        code=ExitCode.refused,
    )


def lines_of(draw: Draw) -> Iterator[str]:
    from server.cli.report import local_time

    who = f"[strong]{escape(draw['name'])}[/]   [quiet]{escape(draw['student'])}[/]"
    yield f"draw {draw['id']}   {who}   [quiet]version {draw['version']}[/]"
    if is_empty(draw):
        yield "Nothing was kept of a talk yet."
        return
    yield from talk_lines(draw)
    when = f", {local_time(draw['done_at'])}" if draw["done_at"] else ""
    yield f"[quiet]kept by {escape(draw['reader'] or '–')}{when}[/]"


def talk_lines(texts: dict[str, Any]) -> Iterator[str]:
    for each in texts["answers"]:
        yield f"  {escape(each['question'])}"
        yield f"    {escape(each['answer'] or '–')}"
    yield f"  impression: {(texts['impression'] or '–').replace('_', ' ')}"
    if texts["note"]:
        yield f"  note: {escape(texts['note'])}"
