"""What the commands show: one console for answers, one for remarks, both silent about colour when nobody looks."""

import json
import os
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.theme import Theme

from server.cli.exits import Problem

THEME = Theme({"pass": "green", "fail": "red", "wait": "yellow", "hint": "blue", "quiet": "dim", "strong": "bold"})

WIDTH_OF_A_FILE = 120

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


def answers() -> Console:
    """Standard output: what was asked for, and nothing else."""
    return make_console(stderr=False)


def remarks() -> Console:
    """Standard error: progress, questions and problems."""
    return make_console(stderr=True)


def make_console(*, stderr: bool) -> Console:
    """A file or a pipe has no width of its own: wide enough for tables, narrow enough for a log."""
    console = Console(theme=THEME, highlight=False, stderr=stderr)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_OF_A_FILE
    return console


def print_json(data: Any) -> None:
    """Machine-readable output is never wrapped or coloured."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def tell_problem(problem: Problem) -> None:
    console = remarks()
    console.print(f"[fail]✗[/] {escape(problem.what)}", soft_wrap=True)
    if problem.why:
        console.print(f"  why:  {escape(problem.why)}", soft_wrap=True)
    if problem.next_step:
        console.print(f"  next: {escape(problem.next_step)}", soft_wrap=True)


def language() -> str:
    """en or zh, as the reader's locale says."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    return "zh" if locale.lower().startswith("zh") else "en"


def in_language(text: dict[str, str] | None) -> str:
    """The sentence of a bilingual text that suits the reader."""
    return (text or {}).get(language(), (text or {}).get("en", ""))
