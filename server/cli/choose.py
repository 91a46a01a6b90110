"""`gradus choose`: which submissions count in the end, where that is yours to say."""

from typing import Annotated

import typer

from server.cli.terminal import AsJson, answers, print_json

Which = Annotated[int, typer.Argument(metavar="SUBMISSION", min=1, help="Its number, as `gradus status` lists it.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take the mark back.")]


def choose(which: Which, undo: Undo = False, as_json: AsJson = False) -> None:
    """Mark a submission of a competition as final."""
    from server.cli.client import signed_in

    with signed_in() as client:
        path = f"/submissions/{which}/choice"
        client.delete(path) if undo else client.post(path)
    if as_json:
        print_json({"submission": which, "final": not undo})
    elif undo:
        answers().print(f"submission {which} is no longer final")
    else:
        answers().print(f"[pass]✓[/] submission {which} is final; take it back with: gradus choose {which} --undo")
