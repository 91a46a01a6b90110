"""What a paper's fields are called, and what of an answer can be seen to be wrong without its key."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from grader.protocol import Text, printable
from grader.questions.manifest import Question, QuestionKind
from grader.questions.numbers import NotANumber, read_number
from grader.spec import Manifest

QUESTION, FILE = "question:", "file:"
MOST_BYTES = 256 << 10  # of one answer


def fields_of(manifest: Manifest) -> list[str]:
    """In the order of the paper: what can be answered, then the code."""
    asked = [f"{QUESTION}{each.id}" for each in manifest.questions if each.kind is not QuestionKind.review]
    return asked + ([f"{FILE}{manifest.module}.py"] if manifest.wants_code else [])


def question_of(field: str, manifest: Manifest) -> Question | None:
    id = field.removeprefix(QUESTION)
    return next((each for each in manifest.questions if f"{QUESTION}{each.id}" == field), None) if id != field else None


def tidied(value: Any) -> Any:
    """Text without what cannot be stored, at any depth; anything but text, lists and plain values becomes text."""
    match value:
        case str():
            return printable(value.replace("\r\n", "\n"))
        case list():
            return [tidied(each) for each in value]
        case None | bool() | int():
            return value
        case float() if isfinite(value):
            return value
    return printable(str(value))


def problem_of(question: Question | None, value: Any) -> Text | None:
    """Why a number cannot be read as one. Blank ones are no problem."""
    if question is None:
        return None
    if question.kind is QuestionKind.number and isinstance(value, str) and value.strip():
        return _unreadable(value)
    if question.kind is QuestionKind.matrix and isinstance(value, list):
        cells = [cell for row in value if isinstance(row, list) for cell in row if isinstance(cell, str) and cell.strip()]
        return next((found for cell in cells if (found := _unreadable(cell))), None)
    return None


def _unreadable(text: str) -> Text | None:
    try:
        read_number(text)
    except NotANumber as problem:
        return problem.text
    return None


def is_blank(value: Any) -> bool:
    match value:
        case None:
            return True
        case str():
            return not value.strip()
        case list():
            return all(is_blank(each) for each in value)
        case Mapping():
            return not value
    return False
