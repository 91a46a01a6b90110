"""Answers as they are handed in, whichever way they came."""

import json

import pytest

from grader.questions.answers import BadAnswers, HandedIn, parse_answers, read_answers
from grader.questions.judging import paper_of
from grader.questions.work import Work, collect_work
from grader.refusals import BadSubmission
from grader.spec import load_assignment
from tests.grader.questions.test_paper import MIXED, SEED

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
MANIFEST = load_assignment(MIXED)
PAPER = paper_of(MIXED, MANIFEST, SEED)


def read(raw: dict[str, object], **files: bytes) -> HandedIn:
    return read_answers(PAPER, raw, files)


def test_typed_numbers_and_numbers_of_a_file_become_the_same_answers() -> None:
    typed = read({"total": " 12 ", "table": [["1", "2", ""], ["3", "4", ""], ["", "", ""]], "ticks": ["b", "A", "B"]})
    sent = read({"total": 12, "table": [[1, 2], [3, 4]], "ticks": ["A", "B"]})
    assert typed.content == sent.content
    assert typed.answers == {"total": "12", "table": [["1", "2"], ["3", "4"]], "ticks": ["A", "B"]}


def test_what_is_blank_is_left_out() -> None:
    assert read({"total": " ", "table": [["", ""]], "ticks": [], "essay": "\n", "sketch": ""}).answers == {}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"total": "1,5"}, "A comma"),
        ({"table": [["1", ""], ["2", "x"]]}, "Row 1, column 2 is empty"),
        ({"table": [["1", "x"]]}, "Row 1, column 2: This is not a number"),
        ({"table": [["1"] * 4]}, "At most 3×3"),
        ({"pick": "D"}, "no such option"),
        ({"ticks": "A"}, "cannot be read"),
        ({"essay": "a" * 201}, "201 characters; at most 200"),
        ({"style": "fine"}, "Nothing is answered here"),
        ({"sketch": "gone.png"}, "The file gone.png did not come along"),
        ({"nobody": 1}, "no such question"),
        ({"total": True}, "cannot be read"),
        ({"total": [[[[1]]]]}, "cannot be read"),
    ],
)
def test_each_answer_that_is_wrong_in_form_is_told_by_its_question(raw: dict[str, object], said: str) -> None:
    with pytest.raises(BadAnswers) as refused:
        read(raw)
    ((id, sentence),) = refused.value.problems.items()
    assert id in raw and said in sentence.en and sentence.zh


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(BadAnswers) as refused:
        read({"total": "x", "pick": "Z"})
    assert set(refused.value.problems) == {"total", "pick"}


def test_a_file_is_told_by_its_bytes_and_kept_under_the_name_of_its_question() -> None:
    found = read({"sketch": "../../etc/me.pdf"}, **{"../../etc/me.pdf": PNG})
    assert found.answers == {"sketch": "sketch.png"} and found.attachments == {"sketch.png": PNG}


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"<html>", b"GIF89a", b""])
def test_what_a_browser_would_run_is_no_attachment(data: bytes) -> None:
    with pytest.raises(BadAnswers, match="no PDF, PNG or JPEG"):
        read({"sketch": "me.png"}, **{"me.png": data})


def work(**files: bytes) -> Work:
    return collect_work(MANIFEST, PAPER, {name.replace("_", ".", 1): data for name, data in files.items()})


def test_code_answers_and_the_files_that_they_name_are_told_apart() -> None:
    found = work(answers_toml=b'total = 3\nsketch = "me.png"', me_png=PNG, solution_py=b"x = 1")
    assert found.code == {"solution.py": b"x = 1"} == found.uploaded
    assert found.handed_in.answers == {"total": "3", "sketch": "sketch.png"} and set(found.handed_in.attachments) == {
        "sketch.png"
    }


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(BadSubmission, match="Nothing is answered"):
        work(answers_toml=b"")


@pytest.mark.parametrize("data", [b"total = ", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_cannot_be_read_says_so(data: bytes) -> None:
    with pytest.raises(BadSubmission, match="cannot be read"):
        parse_answers("answers.toml", data)
    with pytest.raises(BadSubmission, match="cannot be read"):
        parse_answers("answers.json", data)


def test_the_kept_answers_are_plain_json_that_reads_back() -> None:
    handed_in = read({"essay": "因为\u2028所以", "total": "3/4"})
    assert json.loads(handed_in.content) == handed_in.answers
    assert read(parse_answers("answers.json", handed_in.content)).content == handed_in.content
