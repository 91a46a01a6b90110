"""How a command ends: the one table of exit codes, and problems told in three lines instead of a traceback."""

from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup


class ExitCode(IntEnum):
    """What a shell script may rely on."""

    done = 0
    ungradable = 1  # the submission cannot be graded, or what was checked is not as it should be
    usage = 2
    system_fault = 3  # ours: no server, no sandbox, no database
    refused = 4  # the server said no: not signed in, closed, no attempts left
    interrupted = 130


class Problem(Exception):
    """Something that ends a command: what happened, why, and what to do next."""

    def __init__(self, what: str, *, why: str = "", next_step: str = "", code: ExitCode = ExitCode.system_fault) -> None:
        super().__init__(what)
        self.what, self.why, self.next_step, self.code = what, why, next_step, code


class Commands(TyperGroup):
    """The command group; its one addition is that a Problem becomes three lines and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            from server.cli.terminal import tell_problem

            tell_problem(problem)
            raise typer.Exit(problem.code) from problem
        except KeyboardInterrupt as interrupt:
            raise typer.Exit(ExitCode.interrupted) from interrupt
