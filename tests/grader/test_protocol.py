"""What a report may hold, whoever wrote the words in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.protocol import Detail, Text, printable


@given(st.text(st.characters(exclude_categories=[])))
def test_text_of_a_student_can_be_stored_encoded_and_printed(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text) and printable(shown) == shown
    assert "\\u0000" not in json.dumps(shown) and "\x1b" not in shown and shown.encode("utf-8").decode() == shown


@pytest.mark.parametrize("text", ["two\nlines\tand a tab", "梯度 ∇f ≈ 0.5", "x" * 5000, ""])
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_every_place_in_a_report_that_a_student_can_fill_is_cleaned() -> None:
    detail = Detail(call="\0", expected="\x1b", actual="\x9b", source=[(1, "\0")], traceback="\ud800", output="\x07")
    text = Text(en="\0", zh="\0").model_dump_json() + detail.model_dump_json()
    assert "\\u00" not in text and text.count("\N{REPLACEMENT CHARACTER}") == 8
