"""Papers as pages show them: the form without anything of the key, and answers with as much of it as it is time for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from grader.protocol import CheckResult, Feedback, Report, Text
from grader.questions.asked import Asked, Attachment, Choice, Choices, Essay, Known, Matrix, Number, Review, Short
from grader.questions.attachments import KINDS
from grader.questions.manifest import Question, Section, points_of
from grader.questions.paper import Item, Paper, right_answer, rule_of
from grader.questions.scoring import is_blank
from grader.spec import Manifest
from server.questions import rules
from server.questions.models import AnswerDraft
from server.questions.service import Typed
from server.submissions.models import FileKind, Submission


@dataclass(frozen=True)
class Field:
    """One question of the form, and what stands in it."""

    question: Question
    prompt: Text
    rule: Text | None
    unit: str
    options: Sequence[tuple[str, Text]]
    rows: Sequence[Sequence[str]]  # of a matrix
    value: str
    ticked: Sequence[str]
    most_characters: int
    attachment: Mapping[str, Any] | None
    problem: Text | None


@dataclass(frozen=True)
class Group:
    """Questions that stand together: of a section, or one by itself."""

    section: Section | None
    fields: Sequence[Field]


@dataclass(frozen=True)
class FormPart:
    id: str
    title: Text
    groups: Sequence[Group]


@dataclass(frozen=True)
class FormView:
    parts: Sequence[FormPart]
    version: int
    saved_at: datetime | None
    by_hand: Decimal  # points that people give
    problems: int
    taken_from: int | None = None  # the attempt whose answers stand in it


def form_of(
    paper: Paper,
    manifest: Manifest,
    draft: AnswerDraft | None,
    *,
    typed: Typed | None,
    problems: Mapping[str, Text],
    taken_from: int | None = None,
) -> FormView | None:
    """typed: stands in the fields in the place of the draft; it was refused just now, or is of an earlier attempt."""
    if not paper.items:
        return None
    answers = typed.answers if typed else draft.answers if draft else {}
    attachments = draft.attachments if draft else {}
    fields = [_field(item, answers.get(item.question.id), attachments, problems) for item in paper.items]
    parts = [FormPart(part.id, part.title, _groups(part.id, fields, manifest)) for part in manifest.parts]
    return FormView(
        parts=[part for part in parts if part.groups],
        version=draft.version if draft else 0,
        saved_at=draft.saved_at if draft and draft.version else None,
        by_hand=points_by_hand(manifest),
        problems=len(problems),
        taken_from=taken_from,
    )


def points_by_hand(manifest: Manifest) -> Decimal:
    manual = [each for each in manifest.questions if each.is_manual]
    sections = [each for each in manifest.sections if each.id in {question.section for question in manual}]
    return points_of(manual, sections)


def _groups(part: str, fields: Sequence[Field], manifest: Manifest) -> list[Group]:
    """In the manifest's order, a section where its first question stands."""
    sections = {section.id: section for section in manifest.sections}
    groups: dict[str, Group] = {}
    for each in fields:
        question = each.question
        if question.part != part:
            continue
        key = f"section {question.section}" if question.section else question.id
        known = groups.get(key)
        groups[key] = Group(sections.get(question.section or ""), [*(known.fields if known else ()), each])
    return list(groups.values())


def _field(item: Item, value: Any, attachments: Mapping[str, Any], problems: Mapping[str, Text]) -> Field:
    asked, question = item.asked, item.question
    return Field(
        question=question,
        prompt=asked.prompt,
        rule=rule_of(asked),
        unit=asked.unit if isinstance(asked, Number) else "",
        options=options_of(asked),
        rows=_filled(asked.size, value) if isinstance(asked, Matrix) else (),
        value=value if isinstance(value, str) else "",
        ticked=value if isinstance(asked, Choices) and isinstance(value, list) else [value] if isinstance(value, str) else [],
        most_characters=asked.most_characters if isinstance(asked, Essay) else 0,
        attachment=attachments.get(question.id),
        problem=problems.get(question.id),
    )


def options_of(asked: Asked) -> list[tuple[str, Text]]:
    if not isinstance(asked, Choice | Choices):
        return []
    return [(letter, option.text) for letter, option in zip(asked.letters, asked.options, strict=True)]


def _filled(size: tuple[int, int], value: Any) -> list[list[str]]:
    """Every cell of the form, whatever was saved when questions.py said something else."""
    given = value if isinstance(value, list) else []

    def cell(y: int, x: int) -> str:
        row = given[y] if y < len(given) and isinstance(given[y], list) else []
        return row[x] if x < len(row) and isinstance(row[x], str) else ""

    return [[cell(y, x) for x in range(size[1])] for y in range(size[0])]


@dataclass(frozen=True)
class OptionView:
    letter: str
    text: Text
    is_ticked: bool
    is_right: bool | None  # None before it is time to say
    why: Text | None


@dataclass(frozen=True)
class Key:
    """What is shown of the right answer once it is time."""

    text: str = ""
    rows: Sequence[Sequence[str]] = ()
    solution: Text | None = None
    tolerance: str = ""
    mistakes: Sequence[Known] = ()  # for staff

    @property
    def has_more(self) -> bool:
        return bool(self.text or self.rows or self.solution)


@dataclass(frozen=True)
class AnswerView:
    """One question with what was answered. state: scored, later (nothing is known yet), by_hand."""

    question: Question
    prompt: Text
    state: str
    look: str
    result: CheckResult | None
    text: str
    rows: Sequence[Sequence[tuple[str, bool | None]]]  # cells, and whether they are right, where that is said
    options: Sequence[OptionView]
    attachment: str | None
    is_picture: bool
    key: Key | None
    is_essay: bool = False

    @property
    def is_blank(self) -> bool:
        return not (self.text or self.rows or self.attachment or any(option.is_ticked for option in self.options))


@dataclass(frozen=True)
class AnswersView:
    items: Sequence[AnswerView]
    by_hand: Decimal
    later: Decimal  # points of questions that are scored when it is time
    ids: frozenset[str] = field(default_factory=frozenset)

    def of_part(self, part: str) -> list[AnswerView]:
        return [item for item in self.items if item.question.part == part]


def answers_view(
    submission: Submission,
    manifest: Manifest,
    paper: Paper,
    answers: Mapping[str, Any] | None,
    report: Report | None,
    *,
    stage: Feedback,
    for_staff: bool,
) -> AnswersView | None:
    """stage: what has come by now, for this reader."""
    if answers is None or not paper.items:
        return None
    results = {result.id: result for result in report.checks} if report else {}
    later = set(report.open_questions) if report else set()
    names = {file.name for file in submission.files if file.kind is FileKind.attachment}
    items = [
        _answer(
            item,
            answers.get(item.question.id),
            results.get(item.question.id),
            names,
            is_later=item.question.id in later,
            shows_key=for_staff or rules.may_show_answers(item.question.feedback, stage),
            for_staff=for_staff,
        )
        for item in paper.items
    ]
    waiting = [item.question for item in items if item.state == "later"]
    later_points = sum((question.points for question in waiting if question.section is None), Decimal(0))
    return AnswersView(items, points_by_hand(manifest), later_points, frozenset(item.question.id for item in paper.items))


def _answer(
    item: Item,
    answer: Any,
    result: CheckResult | None,
    names: set[str],
    *,
    is_later: bool,
    shows_key: bool,
    for_staff: bool,
) -> AnswerView:
    asked, question = item.asked, item.question
    name = answer if isinstance(asked, Attachment) and answer in names else None
    kind = KINDS.get(name.rpartition(".")[2]) if name else None
    return AnswerView(
        question=question,
        prompt=asked.prompt,
        state="by_hand" if question.is_manual else "later" if is_later else "scored",
        look=_look(result),
        result=result,
        text=answer if isinstance(asked, Number | Short | Essay) and isinstance(answer, str) else "",
        rows=_marked(answer, result) if isinstance(asked, Matrix) and isinstance(answer, list) else (),
        options=_options(asked, answer, shows_key=shows_key),
        attachment=name,
        is_picture=kind is not None and kind.is_picture,
        key=_key(asked, for_staff=for_staff) if shows_key and not isinstance(asked, Review) else None,
        is_essay=isinstance(asked, Essay),
    )


def _look(result: CheckResult | None) -> str:
    if result is None or result.outcome is None:
        return "waiting"
    if 0 < result.points < result.max_points:
        return "partly"
    return {"passed": "passed", "skipped": "skipped"}.get(result.outcome, "failed")


def _marked(answer: list, result: CheckResult | None) -> list[list[tuple[str, bool | None]]]:
    cells = result.cells if result else []

    def is_right(y: int, x: int) -> bool | None:
        return cells[y][x] if y < len(cells) and x < len(cells[y]) else None

    return [[(str(cell), is_right(y, x)) for x, cell in enumerate(row)] for y, row in enumerate(answer)]


def _options(asked: Asked, answer: Any, *, shows_key: bool) -> list[OptionView]:
    if not isinstance(asked, Choice | Choices):
        return []
    ticked = answer if isinstance(answer, list) else [answer]
    return [
        OptionView(
            letter, option.text, letter in ticked, option.is_right if shows_key else None, option.why if shows_key else None
        )
        for letter, option in zip(asked.letters, asked.options, strict=True)
    ]


def _key(asked: Asked, *, for_staff: bool) -> Key:
    right = right_answer(asked)
    text = "" if is_blank(right) or isinstance(asked, Matrix) else ", ".join(right) if isinstance(right, list) else str(right)
    if isinstance(asked, Short):
        text = " · ".join(asked.accepted)
    return Key(
        text=text,
        rows=right if isinstance(asked, Matrix) else (),
        solution=asked.solution,
        tolerance=_tolerance(asked) if for_staff else "",
        mistakes=getattr(asked, "mistakes", ()) if for_staff else (),
    )


def _tolerance(asked: Asked) -> str:
    if not isinstance(asked, Number | Matrix):
        return ""
    parts = [f"± {asked.absolute:g}"] if asked.absolute else []
    return " ".join([*parts, *([f"± {asked.relative:.2%}"] if asked.relative else [])])
