"""An answers.toml to fill in: one's own questions as comments, and a place for each answer."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from server.cli.terminal import in_language

WIDTH = 100
HEAD = {
    "en": "Fill in what you can; what stays empty is not answered. Numbers without units: 26, 3/4, 1e-3. A file that answers a "
    "question is named here and handed in beside this one: gradus submit {name} answers.toml FILE",
    "zh": "会做的先填，留空即为未作答。数字不带单位：26、3/4、1e-3。用文件回答的题目在这里写文件名，提交时一并交上："
    "gradus submit {name} answers.toml 文件",
}
HINTS = {
    "number": {"en": "a number", "zh": "填一个数"},
    "matrix": {"en": "rows of numbers; leave cells at the edges empty", "zh": "按行填数，边上多余的格子留空"},
    "choice": {"en": "one letter", "zh": "填一个字母"},
    "choices": {"en": 'letters, as in ["A", "C"]', "zh": '若干字母，例如 ["A", "C"]'},
    "short": {"en": "a word or a line", "zh": "填一个词或一句话"},
    "text": {"en": "some sentences, between the quotes", "zh": "几句话，写在引号之间"},
    "file": {"en": "the name of a PDF, PNG or JPEG", "zh": "PDF、PNG 或 JPEG 的文件名"},
}


def answers_file(paper: Mapping[str, Any], name: str) -> str:
    """name: COURSE/ASSIGNMENT, as it is handed in to."""
    sections = {section["id"]: section for section in paper["sections"]}
    lines = [*comment(in_language(HEAD).format(name=name))]
    begun = None
    for question in paper["questions"]:
        if (section := question["section"]) != begun and section in sections:
            lines += ["", "", *comment(f"{in_language(sections[section]['title'])} ({sections[section]['choose']})")]
        begun = section
        lines += ["", *lines_of(question)]
    return "\n".join(lines) + "\n"


def lines_of(question: Mapping[str, Any]) -> Iterator[str]:
    yield from comment(f"{in_language(question['title'])} · {question['points']:g}")
    yield from comment(in_language(question["prompt"]))
    for option in question["options"]:
        yield from comment(f"{option['letter']}  {in_language(option['text'])}")
    if question["rule"]:
        yield from comment(in_language(question["rule"]))
    if question["kind"] != "review":
        yield f"{question['id']} = {blank(question)}  # {in_language(HINTS[question['kind']])}"


def blank(question: Mapping[str, Any]) -> str:
    if question["kind"] == "matrix":
        rows, columns = question["size"]
        row = "[" + ", ".join(['""'] * columns) + "]"
        return "[\n" + "".join(f"  {row},\n" for _ in range(rows)) + "]"
    return {"choices": "[]", "text": "'''\n'''"}.get(question["kind"], '""')


def comment(text: str) -> Iterator[str]:
    """Nothing in a prompt can end the comment: each of its lines has a mark of its own."""
    for line in text.splitlines():
        yield from (f"# {part}" for part in textwrap.wrap(line, WIDTH, break_long_words=False) or [""])
