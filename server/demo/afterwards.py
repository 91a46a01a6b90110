"""What happens in the demo once all is graded: one work goes back for a fix, one student asks about a check. Once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from server.cli.client import Client
from server.cli.exits import Problem
from server.demo import cast
from server.demo.play import Attempt

RETURNED, REASON = "alex/1", "It could not be graded: its page says why. Hand in your functions alone, nothing around them."
ASKED_BY, STATEMENT = "jonas/1", "On XOR my loop ends after the passes that the handout names. Is the limit of the check right?"


def talk(url: str, tokens: Mapping[str, str], attempts: Sequence[Attempt]) -> None:
    """A later start of the demo is refused both, since they were done before."""
    known = {each.hand_in.folder: each.submission for each in attempts if each.submission}
    if RETURNED in known:
        with Client(url, tokens[cast.INSTRUCTOR]) as staff, suppress(Problem):
            staff.post(f"/submissions/{known[RETURNED]['id']}/return", json={"reason": REASON})
    check = first_failed(known[ASKED_BY]) if ASKED_BY in known else None
    if check is not None:
        with Client(url, tokens["jonas"]) as student, suppress(Problem):
            asked = {"subject": f"check:{check}", "statement": STATEMENT}
            student.post(f"/submissions/{known[ASKED_BY]['id']}/regrades", json=asked)


def first_failed(submission: Mapping) -> str | None:
    checks = submission["run"]["report"]["checks"] if submission["run"] else []
    return next((each["id"] for each in checks if each["outcome"] == "failed"), None)
