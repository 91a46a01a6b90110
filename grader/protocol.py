"""What goes into the judge (`Job`) and what comes out (`Report`), as plain data.

`Report.contract()` is the JSON that `gradus grade --json` prints; other programs rely on its keys.
`Report.model_dump(mode="json")` additionally holds what only staff and the pages need (`word`, `detail`, `kind`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, PlainSerializer

REFUSED = (*range(9), *range(11, 32), *range(127, 160), *range(0xD800, 0xE000))  # control characters and lone surrogates
READABLE = dict.fromkeys(REFUSED, "\N{REPLACEMENT CHARACTER}") | {ord("\r"): "\n"}


def printable(text: str) -> str:
    """The text without what databases refuse (NUL), encodings refuse (lone surrogates) and terminals obey (escapes)."""
    return text if text.isascii() and text.isprintable() else text.translate(READABLE)


Shown = Annotated[str, AfterValidator(printable)]  # every text of a report: it may hold what a student wrote, or a program said
Points = Annotated[Decimal, PlainSerializer(float, when_used="json")]


class Plain(BaseModel):
    """Immutable data that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Plain):
    """One sentence, written separately in English and in Chinese."""

    en: Shown
    zh: Shown

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class Visibility(StrEnum):
    public = "public"
    hidden = "hidden"


class Outcome(StrEnum):
    passed = "passed"
    failed = "failed"
    error = "error"
    skipped = "skipped"


class Status(StrEnum):
    graded = "graded"
    ungradable = "ungradable"
    system_fault = "system_fault"


class Whose(StrEnum):
    student = "student"
    assignment = "assignment"
    system = "system"


class Word(StrEnum):
    """All that a student ever learns about a hidden check."""

    passed = "passed"
    wrong_value = "wrong_value"
    wrong_shape = "wrong_shape"
    wrong_type = "wrong_type"
    not_finite = "not_finite"
    crashed = "crashed"
    missing = "missing"
    forbidden = "forbidden"
    timed_out = "timed_out"
    out_of_memory = "out_of_memory"
    too_many_processes = "too_many_processes"
    too_much_output = "too_much_output"
    incomplete = "incomplete"


class Feedback(StrEnum):
    """When a question is scored, and its author told. Before that nothing is known that could be told."""

    at_once = "at_once"
    after_close = "after_close"
    after_release = "after_release"

    def is_due(self, now: "Feedback") -> bool:
        """now: the latest of them that has come."""
        stages = list(Feedback)
        return stages.index(self) <= stages.index(now)


class Fault(Plain):
    """Why a submission could not be graded, and who has to act."""

    whose: Whose
    code: Shown
    message: Text
    line: int | None = None


class Mistake(Plain):
    """A known mistake that explains a failed check."""

    id: Shown
    message: Text


class Detail(Plain):
    """What was seen at a failed check. For staff, and for the student where the check is public."""

    call: Shown | None = None  # "affine_forward(x: 4×5, w: 5×3, b: 3)"
    expected: Shown | None = None  # "float32 4×3"
    actual: Shown | None = None
    largest_error: float | None = None
    where: list[int] | None = None  # index of the largest error
    error_map: list[list[float]] | None = None  # |actual - expected|, at most 16×16, for the heat map
    line: int | None = None  # line of the student's file
    source: list[tuple[int, Shown]] = []  # the lines around it
    traceback: Shown | None = None
    output: Shown | None = None  # what the student's code printed


class Curve(Plain):
    """How far a training has come after so many updates."""

    kind: Literal["curve"] = "curve"
    title: Text
    steps: list[int]  # numbers of updates, rising
    values: list[FiniteFloat | None]  # one for each of them; None where there is no number that can be drawn
    band: tuple[FiniteFloat, FiniteFloat] | None = None  # where the last value is expected
    is_fraction: bool = False  # of one, told in percent


class Scatter(Plain):
    """Points of a plane, and marks where they should be."""

    kind: Literal["scatter"] = "scatter"
    title: Text
    points: list[tuple[FiniteFloat, FiniteFloat]]  # those inside the frame
    marks: list[tuple[FiniteFloat, FiniteFloat]]
    frame: tuple[FiniteFloat, FiniteFloat, FiniteFloat]  # left, bottom, side of a square
    outside: int  # so many of those that would be drawn are not in the frame
    total: int  # so many points there were


class Pictures(Plain):
    """Small grey pictures of equal size."""

    kind: Literal["pictures"] = "pictures"
    title: Text
    pixels: list[list[list[int]]]  # pictures, rows, columns; 0 is black, 255 white
    total: int  # so many there were


Figure = Curve | Scatter | Pictures


class Series(Plain):
    """What student code has logged under one name, thinned out. It is what they say: drawn, never believed."""

    name: Shown
    steps: list[int] = Field(min_length=1)  # rising
    values: list[FiniteFloat | None] = Field(min_length=1)  # one for each; None where there is no number that can be drawn
    total: int  # so many were logged


class Logged(Plain):
    """What student code has logged while one check ran."""

    check: Shown  # its id
    series: list[Series] = Field(min_length=1)


class CheckResult(Plain):
    id: Shown
    part: Shown
    title: Text
    points: Points
    max_points: Points
    outcome: Outcome
    visibility: Visibility
    message: Text
    word: Word
    mistake: Mistake | None = None
    seconds: float = 0.0
    detail: Detail | None = None
    figures: list[Figure] = []  # what the check has drawn
    cells: list[list[bool]] = []  # of a question for a matrix: which entries are right
    is_concealed: bool = False  # it ended when hidden inputs were in play: students get one word, as of a hidden check
    is_question: bool = False  # an answer was scored, no code was run
    operators: dict[Shown, int] = {}  # ATen operators that ran, as the student's process counted them. For staff only.


class PolicyHit(Plain):
    """A use of something the assignment forbids. Evidence for a person, not proof."""

    rule: Shown
    name: Shown
    line: int | None
    evidence: Shown
    kind: Literal["source", "trace"] = "source"  # read from the file, or seen while a check ran


class Metric(Plain):
    """A number for the leaderboard; `private` stays hidden until it is released."""

    public: float | None = None
    private: float | None = None


class Measure(Plain):
    """A score on one half of a competition's items, the interval in which it lies (95 %), and what each item gave."""

    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    count: int
    items: Shown = ""  # base64 of what `grader.competition.items` packs; left out where only the numbers are kept


class Measured(Plain):
    """What a submission reached in a competition. For the server: neither half is for students as it stands."""

    public: Measure
    private: Measure


class Environment(Plain):
    python: Shown
    torch: Shown
    device: Shown  # "cpu" or "cuda": where the submission's tensors were
    sandbox: Shown
    isolation: Shown
    gpu: Shown | None = None  # its name
    gpu_memory_bytes: int | None = None  # the most that was in use, measured from outside
    gpu_allocated_bytes: int | None = None  # the most that torch allocated, as told from inside: evidence


class Timing(Plain):
    """Seconds: until the sandbox was ready, inside the student's code, and in total."""

    sandbox: float
    student: float
    total: float


@dataclass(frozen=True)
class Job:
    """One submission to be judged.

    files: name → bytes as collected by `grader.collect` (Python sources only).
    seed: 64 hex digits; every random input of every check is derived from it.
    answers: to questions, by id; None where those are left out. variant: the seed of their paper; `seed` where None.
    stage: questions that are due later are left open.
    """

    assignment: Path
    files: Mapping[str, bytes]
    seed: str
    public_only: bool = False
    draws: bool = True  # False where nobody will look at figures: checks then leave out what only those need
    run_id: int | None = None
    answers: Mapping[str, Any] | None = None
    variant: str | None = None
    stage: Feedback = Feedback.after_release


class Mark(Plain):
    """What may be told of one check while others still run: of a hidden one no more than a student's report will say."""

    id: Shown
    part: Shown
    title: Text
    max_points: Points
    visibility: Visibility
    points: Points = Decimal(0)
    outcome: Outcome | None = None  # None until the check has ended
    word: Word | None = None
    is_question: bool = False

    @property
    def is_done(self) -> bool:
        return self.outcome is not None


@dataclass(frozen=True)
class Progress:
    """Told before each check, "check 3 of 9", and now and then while one logs.

    `marks` has one for each check, in the assignment's order.
    """

    done: int
    total: int
    check_id: str | None = None
    score: Decimal = field(default_factory=Decimal)
    marks: Sequence[Mark] = ()
    logged: Sequence[Logged] = ()  # of public checks, also of the one that runs


class Abandoned(Exception):
    """Whoever hears of the progress no longer wants the report: raised by that, and passed on by everything."""


class Report(Plain):
    assignment: Shown
    status: Status
    score: Points
    max_score: Points
    seed: Shown
    fault: Fault | None = None
    checks: list[CheckResult] = []
    policy: list[PolicyHit] = []
    metrics: dict[Shown, Metric] = {}
    measured: Measured | None = None  # in a competition, whose metric is then no more for students than this
    environment: Environment
    timing: Timing
    notes: list[Text] = []  # what the reader should know beside the verdict
    training: list[Logged] = []  # of each check whose code has logged anything
    run_id: int | None = None
    variant: Shown | None = None  # the seed of the paper that was answered. For staff only.
    open_questions: list[Shown] = []  # ids of questions that are scored later

    def marks(self) -> list[Mark]:
        """What progress says at the end."""
        return [Mark.model_validate(check, from_attributes=True) for check in self.checks]

    def contract(self) -> dict[str, Any]:
        """The public JSON object of `gradus grade --json`. What only some reports have is left out of the others."""
        absent = {name for name, value in self.environment if value is None}
        ours = {
            "checks": {"__all__": {"part", "word", "detail", "figures", "operators", "cells", "is_concealed", "is_question"}},
            "policy": {"__all__": {"kind"}},
            "run_id": True,
            "variant": True,
            "open_questions": True,
            "measured": True,
        }
        empty = {name: True for name in ("notes", "training") if not getattr(self, name)}
        found = self.model_dump(mode="json", exclude=ours | {"environment": absent} | empty)
        drawn = [check for check in self.checks if check.figures]
        figures = {check.id: [figure.model_dump(mode="json") for figure in check.figures] for check in drawn}
        return found | ({"figures": figures} if figures else {})
