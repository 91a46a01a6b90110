"""The question on pages: a line with two answers, and rows for sources. Nothing that was typed is lost by a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import Depends, Form
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import Manifest
from server.assignments.models import Assignment
from server.courses.models import Asking, Enrollment
from server.declarations import queries, rules
from server.declarations.models import Declaration
from server.declarations.schemas import DeclarationIn, read_sources
from server.declarations.wording import wording_of

ROWS = 8  # on a page; more can be said by the API

Answer = Literal["", "nothing", "some"]
Cells = Annotated[list[str], Form(default_factory=list, max_length=rules.MAX_SOURCES)]
Ticked = Annotated[list[str], Form(default_factory=list, max_length=rules.MAX_SOURCES * rules.MAX_NAMES)]


@dataclass(frozen=True)
class Row:
    """One source as it was typed."""

    kind: str = ""
    what: str = ""
    used_for: str = ""
    names: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.what.strip() or self.used_for.strip() or self.names)

    @property
    def source(self) -> dict[str, Any]:
        return {"kind": self.kind, "what": self.what, "used_for": self.used_for, "names": list(self.names)}


@dataclass(frozen=True)
class Typed:
    """The question's part of a form that came in."""

    answer: Answer = ""
    rows: Sequence[Row] = ()

    def read(self) -> DeclarationIn | None:
        """None where the question was left open. Raises BadDeclaration."""
        if self.answer == "":
            return None
        if self.answer == "nothing":
            return read_sources([])
        filled = [row.source for row in self.rows if not row.is_empty]
        if not filled:
            raise rules.BadDeclaration(
                "Name at least one source, or choose “no, nothing”.",
                "请至少写明一个来源，或选择“没有，什么都没用”。",
                field="declaration.sources",
            )
        return read_sources(filled)


def read_form(kind: Cells, what: Cells, used_for: Cells, names: Ticked, used: Annotated[Answer, Form()] = "") -> Typed:
    """A row's cells stand at the same place of the lists; a function is ticked as `row:name`."""
    ticked = [each.partition(":") for each in names]
    cells = zip(kind, what, used_for, strict=False)
    rows = [Row(*each, tuple(name for row, _, name in ticked if row == str(n))) for n, each in enumerate(cells)]
    return Typed(used, rows)


TypedSources = Annotated[Typed, Depends(read_form, scope="function")]


@dataclass(frozen=True)
class Question:
    """What a page asks, and what stands in its fields."""

    is_required: bool
    wording: Text
    answer: Answer
    rows: Sequence[Row]
    names: Sequence[str]
    taken_from: int | None = None  # the attempt whose sources are suggested


def ask(
    session: Session, *, assignment: Assignment, manifest: Manifest, membership: Enrollment, typed: Typed | None = None
) -> Question | None:
    """Beside an upload. The last declaration is suggested, and never taken without an answer; None: nobody asks."""
    course = assignment.course
    if not rules.is_asked(course, membership.role):
        return None
    blank = Question(course.asks_sources is Asking.required, wording_of(course), "", fill_up([]), known_names(manifest, []))
    if typed is not None:
        return replace(blank, answer=typed.answer, rows=fill_up(typed.rows), names=known_names(manifest, typed.rows))
    last = queries.find_last(session, assignment=assignment, user=membership.user)
    if last is None or not last[0].sources:
        return blank
    rows = rows_of(last[0])
    return replace(blank, rows=fill_up(rows), names=known_names(manifest, rows), taken_from=last[1].attempt)


def ask_again(*, assignment: Assignment, manifest: Manifest, newest: Declaration | None, typed: Typed | None = None) -> Question:
    """On the page of a submission: what counts now stands in the fields, to be corrected."""
    if typed is not None:
        answer, rows = typed.answer, list(typed.rows)
    else:
        answer = "" if newest is None else "some" if newest.sources else "nothing"
        rows = rows_of(newest) if newest else []
    return Question(True, wording_of(assignment.course), answer, fill_up(rows), known_names(manifest, rows))


def rows_of(declaration: Declaration) -> list[Row]:
    return [Row(each["kind"], each["what"], each["used_for"], tuple(each["names"])) for each in declaration.sources]


def fill_up(rows: Sequence[Row]) -> list[Row]:
    """At least one empty row to type into, as long as there may be more."""
    return [*rows, *[Row()] * max(ROWS - len(rows), 1)][: rules.MAX_SOURCES]


def known_names(manifest: Manifest, rows: Sequence[Row]) -> list[str]:
    """The functions that the assignment asks for, and those that were named beside them."""
    return list(dict.fromkeys([*manifest.required, *(name for row in rows for name in row.names)]))
