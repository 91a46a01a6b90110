"""Answers as they are handed in: one `answers.json`, whether they came from a form, a file or the API. Without torch."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from grader.collect import display_name
from grader.protocol import Text, printable
from grader.questions.asked import Asked, Attachment, Choice, Choices, Essay, Matrix, Number, Review, Short
from grader.questions.attachments import check_attachment
from grader.questions.numbers import NotANumber, read_number
from grader.questions.paper import Item, Paper
from grader.questions.scoring import NO_SUCH_OPTION, UNREADABLE, Answer, is_blank, trimmed
from grader.refusals import BadSubmission

ANSWERS = "answers.json"
FILES = (ANSWERS, "answers.toml")
MOST_BYTES = 1 << 20
SHORT_CHARACTERS = 200


@dataclass(frozen=True)
class HandedIn:
    """answers: by question, of an attachment its file's name. attachments: name → bytes."""

    answers: Mapping[str, Answer]
    attachments: Mapping[str, bytes]

    @property
    def content(self) -> bytes:
        """The answers as they are kept: equal answers are equal bytes, so that a receipt's hash can be checked."""
        return (json.dumps(self.answers, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


class BadAnswers(BadSubmission):
    """problems: by question, what is wrong with its answer. Nothing was scored."""

    def __init__(self, problems: Mapping[str, tuple[Text, Text]]) -> None:
        """problems: the title of the question, and the sentence."""
        self.problems = {id: sentence for id, (_, sentence) in problems.items()}
        en = " ".join(f"{title.en}: {sentence.en}" for title, sentence in problems.values())
        zh = "".join(f"{title.zh}：{sentence.zh}" for title, sentence in problems.values())
        super().__init__("bad_answers", en=en, zh=zh)


class _Problem(Exception):
    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def read_answers(paper: Paper, raw: Mapping[str, Any], files: Mapping[str, bytes]) -> HandedIn:
    """What was typed or sent, put into its form; blank answers are left out. Raises BadAnswers with all that is wrong.

    files: what came beside the answers; an answer to a question for a file names one of them.
    """
    problems: dict[str, tuple[Text, Text]] = {}
    if unknown := sorted(set(raw) - {item.question.id for item in paper.items}):
        name = display_name(unknown[0])
        problems[unknown[0]] = (
            Text(en=name, zh=name),
            Text(en="This assignment has no such question.", zh="本作业没有这道题。"),
        )
    answers: dict[str, Answer] = {}
    attachments: dict[str, bytes] = {}
    for item in paper.items:
        if is_blank(given := raw.get(item.question.id)):
            continue
        try:
            if isinstance(item.asked, Attachment):
                name, content = _attachment(item, given, files)
                answers[item.question.id], attachments[name] = name, content
            else:
                answers[item.question.id] = _in_form(item.asked, given)
        except _Problem as problem:
            problems[item.question.id] = (item.question.title, problem.text)
    if problems:
        raise BadAnswers(problems)
    return HandedIn(answers, attachments)


def _in_form(asked: Asked, given: Any) -> Answer:
    match asked:
        case Number():
            return _number(given)
        case Matrix():
            return _matrix(asked, given)
        case Choice():
            return _letter(asked, given)
        case Choices():
            ticked = {_letter(asked, letter) for letter in _list(given)}
            return [letter for letter in asked.letters if letter in ticked]
        case Short():
            return _text(given, SHORT_CHARACTERS)
        case Essay():
            return _text(given, asked.most_characters)
        case Review():
            raise _Problem(Text(en="Nothing is answered here; leave it out.", zh="这一项不用作答，请去掉。"))
    raise _Problem(UNREADABLE)


def _number(given: Any) -> str:
    """As it was typed; a number of JSON or TOML as they write it."""
    text = str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given
    if not isinstance(text, str):
        raise _Problem(UNREADABLE)
    try:
        read_number(text)
    except NotANumber as problem:
        raise _Problem(problem.text) from problem
    return text.strip()


def _matrix(asked: Matrix, given: Any) -> list[list[str]]:
    rows = [[_cell(cell) for cell in _list(row)] for row in _list(given)]
    height, width = asked.size
    if len(rows) > height or any(len(row) > width for row in rows):
        raise _Problem(Text(en=f"At most {height}×{width} entries fit in.", zh=f"最多 {height}×{width} 个元素。"))
    cut = trimmed([row + [""] * (width - len(row)) for row in rows])
    for y, row in enumerate(cut, 1):
        for x, cell in enumerate(row, 1):
            _check_cell(cell, y, x)
    return cut


def _cell(given: Any) -> str:
    return str(given).strip() if isinstance(given, str | int | float) and not isinstance(given, bool) else ""


def _check_cell(cell: str, y: int, x: int) -> None:
    if not cell:
        text = Text(en=f"Row {y}, column {x} is empty.", zh=f"第 {y} 行第 {x} 列是空的。")
        raise _Problem(text)
    try:
        read_number(cell)
    except NotANumber as problem:
        en, zh = f"Row {y}, column {x}: {problem.text.en}", f"第 {y} 行第 {x} 列：{problem.text.zh}"
        raise _Problem(Text(en=en, zh=zh)) from problem


def _letter(asked: Choice | Choices, given: Any) -> str:
    letter = given.strip().upper() if isinstance(given, str) else ""
    if letter not in asked.letters:
        raise _Problem(NO_SUCH_OPTION)
    return letter


def _text(given: Any, most: int) -> str:
    if not isinstance(given, str):
        raise _Problem(UNREADABLE)
    text = printable(given.replace("\r\n", "\n")).strip()
    if len(text) > most:
        en, zh = f"{len(text)} characters; at most {most} fit in.", f"共 {len(text)} 个字符，最多 {most} 个。"
        raise _Problem(Text(en=en, zh=zh))
    return text


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise _Problem(UNREADABLE)
    return given


def _attachment(item: Item, given: Any, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Under the question's own name: what a stranger called his file leads nowhere."""
    if not isinstance(given, str) or given not in files:
        name = display_name(str(given))
        raise _Problem(Text(en=f"The file {name} did not come along.", zh=f"没有收到文件 {name}。"))
    try:
        kind = check_attachment(given, files[given])
    except BadSubmission as bad:
        raise _Problem(bad.message) from bad
    return f"{item.question.id}.{kind.suffix}", files[given]


def parse_answers(name: str, data: bytes) -> dict[str, Any]:
    """The content of an answers.toml or answers.json. Raises BadSubmission."""
    if len(data) > MOST_BYTES:
        en, zh = f"{name} is larger than {MOST_BYTES >> 20} MiB.", f"{name} 超过 {MOST_BYTES >> 20} MiB。"
        raise BadSubmission("too_large", en=en, zh=zh)
    try:
        text = data.decode("utf-8-sig")
        raw = json.loads(text) if PurePosixPath(name).suffix == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        said = str(error).splitlines()[0][:200]
        en, zh = f"{name} cannot be read: {said}", f"{name} 无法读取：{said}"
        raise BadSubmission("unreadable_answers", en=en, zh=zh) from error
    if not isinstance(raw, dict):
        en, zh = f"{name} has to hold one answer for each question's id.", f"{name} 应为“题目 id = 答案”的形式。"
        raise BadSubmission("unreadable_answers", en=en, zh=zh)
    return raw


def split_files(files: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The answers among what was handed in, and the other files. Raises BadSubmission."""
    named = [name for name in files if name in FILES]
    if len(named) > 1:
        en, zh = "Hand in answers.toml or answers.json, not both.", "answers.toml 和 answers.json 请只交一个。"
        raise BadSubmission("two_answers", en=en, zh=zh)
    raw = parse_answers(named[0], files[named[0]]) if named else {}
    return raw, {name: data for name, data in files.items() if name not in named}
