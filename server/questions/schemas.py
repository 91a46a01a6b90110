"""JSON shapes of questions and answers."""

from typing import Any, Self

from pydantic import BaseModel

from grader.protocol import Feedback, Points, Text
from grader.questions.asked import Essay, Matrix, Number
from grader.questions.manifest import QuestionKind
from grader.questions.paper import Item, rule_of
from server.questions.access import OwnPaper
from server.questions.views import options_of
from server.submissions.schemas import FileOut


class OptionOut(BaseModel):
    letter: str
    text: Text


class QuestionOut(BaseModel):
    """As its reader has it. What is right is in no field."""

    id: str
    part: str
    kind: QuestionKind
    points: Points
    title: Text
    prompt: Text  # Markdown with formulas
    section: str | None
    feedback: Feedback
    rule: Text | None  # how points are given, where it is not all or nothing
    unit: str
    options: list[OptionOut]
    size: tuple[int, int] | None  # rows and columns that an answer may have
    most_characters: int | None

    @classmethod
    def of(cls, item: Item) -> Self:
        question, asked = item.question, item.asked
        return cls(
            id=question.id,
            part=question.part,
            kind=question.kind,
            points=question.points,
            title=question.title,
            prompt=asked.prompt,
            section=question.section,
            feedback=question.feedback,
            rule=rule_of(asked),
            unit=asked.unit if isinstance(asked, Number) else "",
            options=[OptionOut(letter=letter, text=text) for letter, text in options_of(asked)],
            size=asked.size if isinstance(asked, Matrix) else None,
            most_characters=asked.most_characters if isinstance(asked, Essay) else None,
        )


class SectionOut(BaseModel):
    id: str
    title: Text
    choose: int


class PaperOut(BaseModel):
    """One's own questions; they go into an answers.toml or answers.json by their ids."""

    questions: list[QuestionOut]
    sections: list[SectionOut]

    @classmethod
    def of(cls, own: OwnPaper) -> Self:
        sections = [SectionOut(id=each.id, title=each.title, choose=each.choose) for each in own.manifest.sections]
        return cls(questions=[QuestionOut.of(item) for item in own.paper.items], sections=sections)


class AnswersOut(BaseModel):
    """What was handed in."""

    answers: dict[str, Any]
    attachments: list[FileOut]
