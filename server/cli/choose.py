"""`gradus choose`: mark a submission as final, where those count."""

from typing import Annotated

import typer

from server.cli.terminal import answers


def choose(
    submission: Annotated[int, typer.Argument(help="The submission's number.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
) -> None:
    """Mark a submission as final: the best of those counts for the private score."""
    from server.cli.client import signed_in

    with signed_in() as client:
        change = client.delete if undo else client.post
        change(f"/submissions/{submission}/choice")
    answers().print(f"[pass]✓[/] Submission {submission} is {'no longer' if undo else 'marked as'} final.")
