"""Which assignment is meant: COURSE/ASSIGNMENT, or less where that is clear."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.exits import ExitCode, Problem

if TYPE_CHECKING:
    from server.cli.client import Client

TargetArgument = Annotated[
    str | None, typer.Argument(metavar="[COURSE/ASSIGNMENT]", help="May be shortened or left out where only one fits.")
]


@dataclass(frozen=True)
class Target:
    course: str
    assignment: str

    @property
    def path(self) -> str:
        return f"/courses/{self.course}/assignments/{self.assignment}"

    def __str__(self) -> str:
        return f"{self.course}/{self.assignment}"


def find_target(client: "Client", text: str | None) -> Target:
    """COURSE/ASSIGNMENT as written; otherwise the only assignment of yours that fits."""
    course, slash, assignment = (text or "").strip("/").partition("/")
    if slash and course and assignment:
        return Target(course, assignment)
    known = list_targets(client)
    fitting = [target for target in known if course in ("", target.course, target.assignment)]
    if len(fitting) == 1:
        return fitting[0]
    unknown = f"{text!r} is not the name of an assignment of yours."
    raise Problem(
        unknown if text and not fitting else "It is not clear which assignment is meant.",
        why="yours: " + (", ".join(map(str, fitting or known)) or "none yet"),
        next_step="name one as COURSE/ASSIGNMENT",
        code=ExitCode.usage,
    )


def list_targets(client: "Client") -> list[Target]:
    """Every assignment of every course one is in."""
    courses = [course["slug"] for course in client.get("/courses")]
    return [Target(course, found["slug"]) for course in courses for found in client.get(f"/courses/{course}/assignments")]
