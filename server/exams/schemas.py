"""JSON shapes of exams, as students' rooms and programs read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from grader.disclosure import PublicResult
from grader.protocol import Points, Text
from grader.questions.manifest import QuestionKind
from grader.spec import Manifest
from server.exams import queries, rules
from server.exams.fields import QUESTION
from server.exams.models import Grant, HandedInBy, Place, PlaceState, Sitting
from server.exams.saving import Kept, Typed
from server.exams.views import CheckRun, Clock, PaperView, honour_of
from server.questions.views import Field as Asked


class SittingOut(BaseModel):
    number: int
    started_at: datetime
    ends_at: datetime
    last_saved_at: datetime | None
    handed_in_at: datetime | None
    handed_in_by: HandedInBy | None
    receipt: str | None = Field(description="SHA-256 of what was handed in, as a submission's.")
    left_out: dict[str, Text] = Field(description="By field, why it could not be handed in. It stays saved.")

    @classmethod
    def of(cls, sitting: Sitting, *, ends_at: datetime, receipt: str | None) -> Self:
        return cls(
            number=sitting.number,
            started_at=sitting.started_at,
            ends_at=ends_at,
            last_saved_at=sitting.last_saved_at,
            handed_in_at=sitting.handed_in_at,
            handed_in_by=sitting.handed_in_by,
            receipt=receipt,
            left_out=sitting.left_out,
        )


class ExamOut(BaseModel):
    """What a student may know before it begins: nothing of the paper."""

    slug: str
    title: Text
    is_practice: bool
    minutes: int
    opens_at: datetime
    closes_at: datetime
    phase: rules.Phase
    working_left_s: int = Field(description="Of somebody who started now.")
    granted_s: int
    check_limit: int
    asks_to_move: bool
    honour: Text
    materials: Text | None
    sitting: SittingOut | None
    now: datetime

    @classmethod
    def of(cls, standing: queries.Standing, manifest: Manifest, *, receipt: str | None, now: datetime) -> Self:
        exam, sitting = standing.exam, standing.sitting
        return cls(
            slug=exam.assignment.slug,
            title=manifest.title,
            is_practice=exam.is_practice,
            minutes=exam.minutes,
            opens_at=standing.window.opens_at,
            closes_at=standing.window.closes_at,
            phase=standing.phase(now),
            working_left_s=standing.working_left_s(now),
            granted_s=standing.granted_s,
            check_limit=exam.check_limit,
            asks_to_move=exam.asks_to_move,
            honour=honour_of(exam, manifest),
            materials=manifest.exam.materials if manifest.exam else None,
            sitting=SittingOut.of(sitting, ends_at=standing.end, receipt=receipt) if sitting else None,
            now=now,
        )


class StartIn(BaseModel):
    accepts_honour: bool = False


class PlaceOut(BaseModel):
    """`key` goes into the header X-Exam-Place of every request from this tab."""

    key: str
    state: PlaceState


class StartedOut(SittingOut):
    place: PlaceOut

    @classmethod
    def begun(cls, sitting: Sitting, place: Place, key: str, *, ends_at: datetime) -> Self:
        known = SittingOut.of(sitting, ends_at=ends_at, receipt=None)
        return cls(**known.model_dump(), place=PlaceOut(key=key, state=place.state))


class OptionOut(BaseModel):
    letter: str
    text: Text


class QuestionOut(BaseModel):
    """A question as its form shows it. `rows` and `columns`: of a matrix."""

    field: str
    id: str
    kind: QuestionKind
    points: Points
    title: Text
    prompt: Text
    rule: Text | None
    unit: str
    options: list[OptionOut]
    rows: int
    columns: int
    most_characters: int

    @classmethod
    def of(cls, asked: Asked) -> Self:
        question = asked.question
        return cls(
            field=f"{QUESTION}{question.id}",
            id=question.id,
            kind=question.kind,
            points=question.points,
            title=question.title,
            prompt=asked.prompt,
            rule=asked.rule,
            unit=asked.unit,
            options=[OptionOut(letter=letter, text=text) for letter, text in asked.options],
            rows=len(asked.rows),
            columns=len(asked.rows[0]) if asked.rows else 0,
            most_characters=asked.most_characters,
        )


class SectionOut(BaseModel):
    """`choose`: how many of the group's questions count; None: all."""

    id: str | None
    title: Text | None
    choose: int | None
    questions: list[QuestionOut]


class PartOut(BaseModel):
    id: str
    title: Text
    sections: list[SectionOut]


class FileOut(BaseModel):
    field: str
    name: str
    starter: str


class SavedOut(BaseModel):
    version: int
    value: Any
    saved_at: datetime


class PaperOut(BaseModel):
    title: Text
    handout: Text
    parts: list[PartOut]
    files: list[FileOut]
    has_checks: bool
    saved: dict[str, SavedOut]
    flags: list[str]

    @classmethod
    def of(cls, paper: PaperView) -> Self:
        parts = paper.form.parts if paper.form else ()
        return cls(
            title=paper.title,
            handout=paper.handout,
            parts=[
                PartOut(
                    id=part.id,
                    title=part.title,
                    sections=[
                        SectionOut(
                            id=group.section.id if group.section else None,
                            title=group.section.title if group.section else None,
                            choose=group.section.choose if group.section else None,
                            questions=[QuestionOut.of(field) for field in group.fields],
                        )
                        for group in part.groups
                    ],
                )
                for part in parts
            ],
            files=[FileOut(field=each.field, name=each.name, starter=each.starter) for each in paper.files],
            has_checks=paper.has_checks,
            saved={name: SavedOut.model_validate(each, from_attributes=True) for name, each in paper.saved.items()},
            flags=list(paper.flags),
        )


class TypedIn(BaseModel):
    """`version`: of what it was made upon; 0: of nothing."""

    value: Any
    version: int = Field(0, ge=0)


class SaveIn(BaseModel):
    answers: dict[str, TypedIn] = Field(default_factory=dict, max_length=500)
    flags: list[str] | None = Field(None, max_length=500)

    @property
    def typed(self) -> Mapping[str, Typed]:
        return {name: Typed(each.value, each.version) for name, each in self.answers.items()}


class SaveOut(BaseModel):
    """`problems`: saved, but as it stands it cannot be read. `conflicts`: not saved; what came is kept beside it.

    `newest_notice`: the number of what was said last to anybody who sits; where it grows, the clock has something new to tell.
    """

    saved_at: datetime
    versions: dict[str, int]
    problems: dict[str, Text]
    conflicts: dict[str, SavedOut]
    now: datetime
    ends_at: datetime
    newest_notice: int

    @classmethod
    def of(cls, kept: Kept, *, now: datetime, ends_at: datetime, newest_notice: int) -> Self:
        conflicts = {name: SavedOut.model_validate(each, from_attributes=True) for name, each in kept.conflicts.items()}
        shown = {"versions": dict(kept.versions), "problems": dict(kept.problems), "conflicts": conflicts}
        return cls(saved_at=now, now=now, ends_at=ends_at, newest_notice=newest_notice, **shown)


class GrantOut(BaseModel):
    seconds: int
    kind: Grant
    reason: str
    at: datetime


class NoticeOut(BaseModel):
    id: int
    at: datetime
    text: Text


class CheckRunOut(BaseModel):
    """`fault`, `line`: why the code could not be loaded at all, and where."""

    attempt: int
    state: str
    checks: list[PublicResult]
    fault: Text | None
    line: int | None

    @classmethod
    def of(cls, run: CheckRun) -> Self:
        shown = run.shown
        return cls(attempt=run.attempt, state=run.state, checks=shown.results, fault=shown.fault, line=shown.line)


class ChecksOut(BaseModel):
    used: int
    limit: int
    newest: CheckRunOut | None


class ClockOut(BaseModel):
    """Of a place that is not active, only `now` and `place` are told."""

    now: datetime
    place: PlaceState
    is_over: bool | None = None
    ends_at: datetime | None = None
    granted: list[GrantOut] = Field(default_factory=list)
    notices: list[NoticeOut] = Field(default_factory=list)
    checks: ChecksOut | None = None

    @classmethod
    def of(cls, clock: Clock, *, is_over: bool, limit: int, now: datetime) -> Self:
        return cls(
            now=now,
            place=PlaceState.active,
            is_over=is_over,
            ends_at=clock.ends_at,
            granted=[GrantOut.model_validate(each, from_attributes=True) for each in clock.granted],
            notices=[NoticeOut(id=each.id, at=each.at, text=Text(en=each.text_en, zh=each.text_zh)) for each in clock.notices],
            checks=ChecksOut(used=clock.checks_used, limit=limit, newest=CheckRunOut.of(clock.newest) if clock.newest else None),
        )
