"""How the grader's commands speak: answers to stdout, everything else to stderr, exit codes from one place."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from grader.protocol import Text


class ExitCode(IntEnum):
    done = 0
    ungradable = 1  # the student's files, or an assignment that does not hold what it promises
    usage = 2
    system_fault = 3


def answers() -> Console:
    return Console(highlight=False)


def remarks() -> Console:
    return Console(highlight=False, stderr=True)


@contextmanager
def progress_of(label: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on stderr while the block runs; it is told how much is done, of how much, and what about."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, console=remarks(), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=f"{label}: {what}")


def stop(code: ExitCode, what: str, next_step: str = "") -> NoReturn:
    """Say what is wrong and what to do, then end with this exit code."""
    remarks().print(f"[red]✗[/] {escape(what)}", soft_wrap=True)
    if next_step:
        remarks().print(f"  next: {escape(next_step)}", soft_wrap=True)
    raise typer.Exit(code)


@contextmanager
def reading() -> Iterator[None]:
    """Files of this machine that may not be read are a matter of usage, not of the submission."""
    try:
        yield
    except OSError as error:
        stop(ExitCode.usage, f"{error.filename} cannot be read: {error.strerror}.", "Check who may read it.")


def language() -> str:
    """en or zh, as the reader's locale says."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    return "zh" if locale.lower().startswith("zh") else "en"


def said(text: Text) -> str:
    return text.in_language(language())
