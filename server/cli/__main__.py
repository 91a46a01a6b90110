"""`python -m server.cli` is `gradus`."""

from server.cli import app

app()
