"""The narrow path: what a worker may say to the service that alone holds the engine's socket.

One line of JSON asks, one line answers. After a granted `start` the connection is the container's stream; closing it destroys the
container. Nothing that can be said names an image, a mount, a variable, a capability or a flag.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from grader.preflight import Level
from grader.protocol import Plain
from grader.sandbox.base import Isolation

MAX_LINE = 1024  # bytes of a question, the end of the line among them
MAX_ANSWER = 4096
MAX_REASON = 800  # characters, so that its bytes fit into an answer
LONGEST_S = 24 * 3600.0
MAX_NAMES, MAX_NAME = 16, 40  # of an outcome


class Question(Plain):
    model_config = ConfigDict(strict=True)


class Start(Question):
    """A container, for at most this long."""

    ask: Literal["start"] = "start"
    isolation: Isolation = Field(strict=False)  # a string in JSON
    device: str | None = None
    deadline_s: float = Field(gt=0, le=LONGEST_S, allow_inf_nan=False)


class Digest(Question):
    """Which image a container with this device, or with none, is made from."""

    ask: Literal["digest"] = "digest"
    device: str | None = None


class Ping(Question):
    ask: Literal["ping"] = "ping"


class Safety(Question):
    """What the service's own look at the engine, its runtime and the image came to."""

    ask: Literal["safety"] = "safety"


class Outcome(Plain):
    """One word, and the names of the questions that had another answer than ok; what was seen is in the service's log."""

    level: Level
    names: tuple[Annotated[str, Field(max_length=MAX_NAME)], ...] = Field(default=(), max_length=MAX_NAMES)


class Answer(Plain):
    """`id`, `digest` and `safety` where they were asked for; `error` is a sentence for the operator."""

    ok: bool
    id: str | None = None
    digest: str | None = None
    safety: Outcome | None = None
    error: str | None = None


class Refused(Exception):
    """The question was none of ours."""


Asked = Start | Digest | Ping | Safety
questions: TypeAdapter[Asked] = TypeAdapter(Annotated[Asked, Field(discriminator="ask")])


def read_question(line: bytes) -> Asked:
    """Raises Refused; what was said is not repeated in the reason."""
    try:
        return questions.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:80]
        raise Refused(f"{first['type']} at {where or 'the line'}") from error


def write_line(message: Question | Answer) -> bytes:
    return message.model_dump_json(exclude_none=True).encode() + b"\n"
