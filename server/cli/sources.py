"""What a submission was made with, as options, as questions on a terminal, and later: `gradus declare`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

if TYPE_CHECKING:
    from server.cli.client import Client

Source = dict[str, Any]  # as the API takes it

KINDS = ("person", "link", "ai", "other")
WORDS = {"person": "person", "link": "link", "ai": "AI tool", "other": "other"}
FORM = 'KIND:"WHAT, what for":function,function'
QUESTION = "Did you use anything beyond the course's material?"

UsedNothing = Annotated[bool, typer.Option("--used-nothing", help="Declare that nothing beyond the course's material was used.")]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar=FORM,
        help='Declare a source, as often as there are: ai:"ChatGPT, explained softmax backward":softmax_loss. '
        "KIND is person, link, ai or other.",
    ),
]


def declare(
    submission: Annotated[int, typer.Argument(metavar="ID", help="The number of a submission of yours.")],
    used_nothing: UsedNothing = False,
    source: Sources = None,
    as_json: AsJson = False,
) -> None:
    """Say what a submission was made with, or correct it; without options, show what was said."""
    from server.cli.client import signed_in

    declared = read_options(used_nothing, source)
    with signed_in() as client:
        path = f"/submissions/{submission}/declarations"
        if declared is not None:
            client.post(path, json={"sources": declared})
        history = client.get(path)
    if as_json:
        print_json(history)
        return
    for line in told(history):
        answers().print(line, soft_wrap=True)


def read_options(used_nothing: bool, sources: Sequence[str] | None) -> list[Source] | None:
    """None where neither was given."""
    if used_nothing and sources:
        raise Problem("--used-nothing and --source contradict each other.", next_step="give one of them", code=ExitCode.usage)
    if sources:
        return [read_source(text) for text in sources]
    return [] if used_nothing else None


def read_source(text: str) -> Source:
    """KIND, what and what for, and the functions; an address may have colons of its own."""
    kind, colon, rest = text.partition(":")
    if kind not in KINDS or not colon or not rest.strip():
        why = f"{text!r} is not written as {FORM}; KIND is one of: {', '.join(KINDS)}"
        raise Problem("A source cannot be read.", why=why, code=ExitCode.usage)
    head, colon, tail = rest.rpartition(":")
    names = [name.strip() for name in tail.split(",")] if colon else []
    if not all(is_name(name) for name in names):
        head, names = rest, []
    what, _, used_for = (head or rest).partition(",")
    return {"kind": kind, "what": what.strip(), "used_for": used_for.strip(), "names": names}


def is_name(text: str) -> bool:
    """Of a function or a method."""
    return bool(text) and all(part.isidentifier() for part in text.split("."))


def ask(client: "Client", course: str) -> list[Source] | None:
    """On a terminal, where the course asks; None where it does not, or nobody is there to answer."""
    if not is_terminal():
        return None
    wish = client.get(f"/courses/{course}")["asks_sources"]
    return None if wish == "no" else questions()


def is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def questions() -> list[Source]:
    """Yes or no, then one source after the other until an empty answer."""
    if not typer.confirm(QUESTION, default=None, err=True):
        return []
    found = [ask_about(typer.prompt("  who or what", err=True))]
    while what := ask_line("what else (Enter: nothing else)"):
        found.append(ask_about(what))
    return found


def ask_about(what: str) -> Source:
    kind = ""
    while kind not in KINDS:
        kind = typer.prompt(f"  kind ({', '.join(KINDS)})", err=True).strip()
    used_for = ask_line("what for")
    names = ask_line("for which functions, with commas").split(",")
    return {"kind": kind, "what": what.strip(), "used_for": used_for, "names": [name.strip() for name in names if name.strip()]}


def ask_line(words: str) -> str:
    """An answer that may be empty."""
    return typer.prompt(f"  {words}", default="", show_default=False, err=True).strip()


def told(history: Sequence[dict[str, Any]]) -> list[str]:
    """What counts, and how often something else was said before."""
    from server.cli.report import local_time

    if not history:
        return ["Nothing was declared yet. Declare with: gradus declare ID --used-nothing, or --source " + escape(FORM)]
    newest, *earlier = history
    lines = lines_of(newest)
    said = f"said {local_time(newest['made_at'])} by {escape(newest['made_by'])}"
    return [*lines, f"[quiet]{said}{f', {len(earlier)} earlier' if earlier else ''}[/]"]


def lines_of(declaration: dict[str, Any]) -> list[str]:
    """A line a source."""
    return [line_of(source) for source in declaration["sources"]] or ["nothing beyond the course's material"]


def line_of(source: Source) -> str:
    used_for = f": {escape(source['used_for'])}" if source["used_for"] else ""
    names = f" [quiet]for {escape(', '.join(source['names']))}[/]" if source["names"] else ""
    return f"{WORDS[source['kind']]} [strong]{escape(source['what'])}[/]{used_for}{names}"
