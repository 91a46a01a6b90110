"""The form of a paper: `answer.ID`, of a matrix `answer.ID.ROW.COLUMN`, `file.ID`. No refusal loses what was typed."""

import re
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from grader.protocol import printable
from grader.questions.asked import Attachment, Choices, Matrix, Review
from grader.questions.paper import Paper
from server.questions.service import Typed

VERSION, OVERWRITE = "version", "overwrite"


async def read_fields(request: Request) -> FormData:
    """Which fields there are depends on the paper, so no signature can name them."""
    return await request.form()


Fields = Annotated[FormData, Depends(read_fields, scope="function")]


def read_form(fields: FormData, paper: Paper) -> Typed:
    """What belongs to the paper; other fields are the business of others."""
    answers: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for item in paper.items:
        id = item.question.id
        match item.asked:
            case Review():
                continue
            case Attachment():
                if (found := _file(fields, id)) is not None:
                    files[id] = found
                continue
            case Matrix():
                typed = _rows(fields, id, item.asked.size)
            case Choices():
                typed = [_text(each) for each in fields.getlist(f"answer.{id}")]
            case _:
                typed = _text(fields.get(f"answer.{id}"))
        if typed:
            answers[id] = typed
    removed = frozenset(item.question.id for item in paper.items if f"remove.{item.question.id}" in fields)
    return Typed(answers, files, removed, _version(fields))


def _text(value: object) -> str:
    return printable(value.replace("\r\n", "\n")) if isinstance(value, str) else ""


def _rows(fields: FormData, id: str, size: tuple[int, int]) -> list[list[str]]:
    """Empty where every cell is."""
    rows, columns = size
    typed = [[_text(fields.get(f"answer.{id}.{y}.{x}")) for x in range(columns)] for y in range(rows)]
    return typed if any(cell.strip() for row in typed for cell in row) else []


def _file(fields: FormData, id: str) -> tuple[str, bytes] | None:
    """A field in which nothing was chosen comes with an empty name."""
    file = fields.get(f"file.{id}")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return printable(file.filename), file.file.read()


def _version(fields: FormData) -> int:
    """Of the draft that stood on the page; or that which somebody has been told of and means to replace."""
    typed = fields.get(OVERWRITE) or fields.get(VERSION)
    return int(typed) if isinstance(typed, str) and re.fullmatch(r"\d{1,9}", typed, re.ASCII) else 0
