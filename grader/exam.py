"""What `[exam]` in an assignment.toml says: how long a sitting is and what may lie on the desk."""

from pydantic import Field

from grader.protocol import Plain, Text

MOST_MINUTES = 24 * 60


class Exam(Plain):
    """minutes: working time. materials: what is allowed. honour: the statement that is confirmed before the start.

    practice: anybody may take it at any time, to learn the pages.
    """

    minutes: int = Field(ge=1, le=MOST_MINUTES)
    materials: Text | None = None
    honour: Text | None = None
    calculator: bool = False
    practice: bool = False
