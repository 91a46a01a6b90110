"""What `[[questions]]` and `[[sections]]` in an assignment.toml say. Prompts and answers stand in `questions.py`."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from grader.protocol import Feedback, Plain, Text


class QuestionKind(StrEnum):
    number = "number"
    matrix = "matrix"
    choice = "choice"  # one of several
    choices = "choices"  # any of several
    short = "short"  # a word or a line, compared with what is accepted
    text = "text"  # read by a person
    file = "file"  # a PDF or a picture, read by a person
    review = "review"  # nothing is answered: a person reads the code that was handed in

    @property
    def is_manual(self) -> bool:
        return self in (QuestionKind.text, QuestionKind.file, QuestionKind.review)


class Variants(StrEnum):
    """Who has the same paper."""

    assignment = "assignment"
    student = "student"


class RubricItem(Plain):
    """What a person can tick when marking: so many points given, or taken where below zero, and the words for it."""

    points: Decimal
    text: Text


class Question(Plain):
    """rubric: what markers of a manual question begin with; a course changes its own copy."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    part: str
    kind: QuestionKind
    points: Decimal = Field(gt=0)
    title: Text
    section: str | None = None
    feedback: Feedback = Feedback.at_once
    rubric: list[RubricItem] = Field(default_factory=list)

    @property
    def is_manual(self) -> bool:
        return self.kind.is_manual

    @model_validator(mode="after")
    def _rubrics_are_for_markers(self) -> Self:
        if self.rubric and not self.is_manual:
            raise ValueError("rubric: only text, file and review are marked by a person")
        return self


class Section(Plain):
    """Questions of equal points of which only so many count, the best ones.

    choose: how many. shuffled: each paper has them in an order of its own.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    choose: int = Field(ge=1)
    shuffled: bool = False


def problem_with(questions: Sequence[Question], sections: Sequence[Section], parts: Sequence[str]) -> str | None:
    """What does not fit together, as an author needs to hear it."""
    for ids in (["questions", *(each.id for each in questions)], ["sections", *(each.id for each in sections)]):
        repeated = [id for id, n in Counter(ids[1:]).items() if n > 1]
        if repeated:
            return f"{ids[0]}: the id {repeated[0]!r} occurs twice"
    known = {section.id for section in sections}
    for question in questions:
        if question.part not in parts:
            return f"questions.{question.id}.part: there is no part {question.part!r}"
        if question.section is not None and question.section not in known:
            return f"questions.{question.id}.section: there is no section {question.section!r}"
    return next((found for each in sections if (found := _problem_with_section(each, questions))), None)


def _problem_with_section(section: Section, questions: Sequence[Question]) -> str | None:
    """Of equal points and one part, so that any choice is worth the same; marked by people or by the judge, not both."""
    mine = [question for question in questions if question.section == section.id]
    if section.choose > len(mine):
        return f"sections.{section.id}.choose: {section.choose} of {len(mine)} questions cannot be chosen"
    if len({(each.points, each.part, each.is_manual) for each in mine}) > 1:
        return f"sections.{section.id}: its questions need equal points, one part, and all or none marked by people"
    return None


def points_of(questions: Sequence[Question], sections: Sequence[Section]) -> Decimal:
    """What they are worth together, where of a section only so many count."""
    alone = sum((each.points for each in questions if each.section is None), Decimal(0))
    chosen = [(each.choose, next(q.points for q in questions if q.section == each.id)) for each in sections]
    return alone + sum((count * points for count, points in chosen), Decimal(0))
