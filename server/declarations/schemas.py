"""JSON shapes of declarations, which is also how forms and commands send them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from server.declarations import rules
from server.declarations.models import Declaration, SourceKind


def check_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("not one line of printable characters")
    return text


What = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=rules.MAX_WHAT), AfterValidator(check_line)
]
UsedFor = Annotated[str, StringConstraints(strip_whitespace=True, max_length=rules.MAX_USED_FOR), AfterValidator(check_line)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=rules.MAX_NAME), AfterValidator(check_line)
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceIn(Strict):
    """A person, link, tool or other thing, and for which functions, where it was for some alone."""

    kind: SourceKind
    what: What
    used_for: UsedFor = ""
    names: Annotated[list[Name], Field(max_length=rules.MAX_NAMES)] = []


class DeclarationIn(Strict):
    """No source at all says: nothing beyond the course's material."""

    sources: Annotated[list[SourceIn], Field(max_length=rules.MAX_SOURCES)]

    @property
    def plain(self) -> list[dict[str, Any]]:
        """As it is stored; a name said twice is one."""
        return [each.model_dump(mode="json") | {"names": list(dict.fromkeys(each.names))} for each in self.sources]


def read_sources(sources: Sequence[dict[str, Any]]) -> DeclarationIn:
    """From a form's rows. Raises BadDeclaration."""
    try:
        return DeclarationIn.model_validate({"sources": sources})
    except ValidationError as error:
        raise rules.fault_of(error.errors()[0]["loc"]) from error


def read_json(text: str | None) -> DeclarationIn | None:
    """What stands in the form beside the files, if anything does. Raises BadDeclaration."""
    if not text:
        return None
    try:
        return DeclarationIn.model_validate_json(text)
    except ValidationError as error:
        raise rules.fault_of(error.errors()[0]["loc"]) from error


class SourceOut(BaseModel):
    kind: SourceKind
    what: str
    used_for: str
    names: list[str]


class DeclarationOut(BaseModel):
    id: int
    submission: int
    made_by: str
    made_at: datetime
    after_s: float  # since the submission was received
    sources: list[SourceOut]

    @classmethod
    def of(cls, declaration: Declaration, *, received_at: datetime) -> Self:
        return cls(
            id=declaration.id,
            submission=declaration.submission_id,
            made_by=declaration.made_by.login,
            made_at=declaration.made_at,
            after_s=max(0.0, round((declaration.made_at - received_at).total_seconds(), 1)),
            sources=[SourceOut(**source) for source in declaration.sources],
        )
