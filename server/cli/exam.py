"""`gradus exam`: exams for staff."""

import typer

from server.cli import exam_after
from server.cli.exits import Commands

app = typer.Typer(help="Exams; for staff.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)
exam_after.register(app)
