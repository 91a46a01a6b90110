"""The commands that need no server: each a plain function that Typer can mount anywhere."""

import typer

from grader.cli import sandbox
from grader.cli.check import check
from grader.cli.grade import grade
from grader.cli.paper import paper
from grader.cli.similarity import similarity
from grader.cli.verify import verify

__all__ = ["app", "check", "grade", "paper", "similarity", "verify"]

app = typer.Typer(name="grader", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (grade, verify, paper, check, similarity):
    app.command()(command)
app.add_typer(sandbox.app, name="sandbox")
