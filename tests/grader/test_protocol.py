"""What a report may hold, whoever wrote the words in it."""

import json
import types
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from grader.protocol import Detail, PolicyHit, Report, Text, printable

STRANGE = "a\0b\ud800\x1b[31m\x9b"
CLEAN = "a�b��[31m�"


@given(st.text(st.characters(exclude_categories=[])))
def test_text_of_a_student_can_be_stored_encoded_and_printed(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text) and printable(shown) == shown
    assert "\\u0000" not in json.dumps(shown) and "\x1b" not in shown and shown.encode("utf-8").decode() == shown


@pytest.mark.parametrize("text", ["two\nlines\tand a tab", "梯度 ∇f ≈ 0.5", "x" * 5000, ""])
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def leaves(annotation: Any, where: str) -> Iterator[tuple[str, Any]]:
    """The types of which a field is made, with what pydantic adds to them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            whole = field.rebuild_annotation()  # what was Annotated on top of it belongs to it
            yield from leaves(whole, f"{annotation.__name__}.{name}")
    elif get_origin(annotation) in (list, dict, tuple, Union, types.UnionType):
        for part in get_args(annotation):
            yield from leaves(part, where)
    else:
        yield where, annotation


def is_text(annotation: Any) -> bool:
    """Whether any text at all may stand there; the words of an enumeration are ours."""
    kind = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    return kind is Any or kind is object or (isinstance(kind, type) and issubclass(kind, str) and not issubclass(kind, Enum))


TEXTS = [(where, annotation) for where, annotation in leaves(Report, "Report") if is_text(annotation)]


def test_the_walk_through_a_report_meets_all_that_it_is_made_of() -> None:
    places = {where for where, _ in TEXTS}
    assert {"Text.zh", "Detail.source", "PolicyHit.name", "CheckResult.operators", "Report.metrics", "Fault.code"} <= places
    assert "PolicyHit.kind" not in places and not is_text(Literal["source"])


@pytest.mark.parametrize(("where", "annotation"), TEXTS, ids=[where for where, _ in TEXTS])
def test_every_place_in_a_report_that_a_student_can_fill_is_cleaned(where: str, annotation: Any) -> None:
    assert TypeAdapter(annotation).validate_python(STRANGE) == CLEAN, f"{where} should be Shown"


def test_what_a_report_is_made_of_is_cleaned_on_the_way_in() -> None:
    detail = Detail(call="\0", expected="\x1b", actual="\x9b", source=[(1, "\0")], traceback="\ud800", output="\x07")
    hit = PolicyHit(rule="\0", name=STRANGE, line=1, evidence="\x1b")
    text = "".join(part.model_dump_json() for part in (Text(en="\0", zh="\0"), detail, hit))
    assert "\\u00" not in text and text.count("\N{REPLACEMENT CHARACTER}") == 14
