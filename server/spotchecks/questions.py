"""Questions for a short talk about one's own code, suggested from the code itself. Pure: the same code, the same questions."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.protocol import Text
from grader.reading.trees import parse
from grader.spec import Manifest
from server.spotchecks.rules import ticket_of

LONGEST_LINE = 100
LINES, WAYS, PARTS = 2, 1, 1  # questions of each kind


@dataclass(frozen=True)
class Place:
    """One statement in a function that the student wrote."""

    function: str
    file: str
    line: int
    text: str
    size: int  # nodes of its syntax


def suggest(sources: Mapping[str, bytes], manifest: Manifest, *, seed: str, login: str) -> list[Text]:
    """Three to five; which functions and parts they are about is drawn as the student was."""
    places = in_turn(statements(sources, manifest.required), seed, login)
    parts = sorted(manifest.parts, key=lambda part: ticket_of(seed, f"{login}:{part.id}"))
    asked = [about_line(place) for place in places[:LINES]]
    asked += [about_function(place) for place in places[LINES : LINES + WAYS] or places[:WAYS]]
    asked += [about_part(part.title) for part in parts[: PARTS if asked else 2]]
    return [*asked, ABOUT_CHANGE if places else ABOUT_WAY]


def in_turn(places: Iterable[Place], seed: str, login: str) -> list[Place]:
    """Of each function its richest statement, the functions in an order of the lot."""
    richest: dict[str, Place] = {}
    for place in places:
        if place.function not in richest or place.size > richest[place.function].size:
            richest[place.function] = place
    return sorted(richest.values(), key=lambda place: ticket_of(seed, f"{login}:{place.function}"))


def statements(sources: Mapping[str, bytes], required: Sequence[str]) -> Iterable[Place]:
    """What can be asked about: single statements of the functions and classes that the assignment asks for."""
    for file, data in sorted(sources.items()):
        try:
            tree = parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        lines = data.decode("utf-8", errors="replace").splitlines()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and (node.name in required or not required):
                yield from (Place(node.name, file, *each) for each in simple(node, lines))


def simple(node: ast.AST, lines: Sequence[str]) -> Iterable[tuple[int, str, int]]:
    for each in ast.walk(node):
        is_one = isinstance(each, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return)
        if is_one and each.lineno <= len(lines) and (size := sum(1 for _ in ast.walk(each))) > 3:
            yield each.lineno, shortened(lines[each.lineno - 1].strip()), size


def shortened(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def about_line(place: Place) -> Text:
    return Text(
        en=f"{place.function}, {place.file} line {place.line}:\n    {place.text}\nWhy is it needed, and what happens without it?",
        zh=f"{place.function} 中，{place.file} 第 {place.line} 行：\n    {place.text}\n为什么要这样写？去掉会怎样？",
    )


def about_function(place: Place) -> Text:
    return Text(
        en=f"{place.function}: why does it compute this in this order, and which shapes go in and come out?",
        zh=f"{place.function}：为什么按这样的顺序计算？输入和输出的形状分别是什么？",
    )


def about_part(title: Text) -> Text:
    return Text(
        en=f"“{title.en}”: how did you notice that it was right, and what was wrong first?",
        zh=f"“{title.zh}”：怎么确认写对了？最初错在哪里？",
    )


ABOUT_CHANGE = Text(
    en="Change one thing in this code here and now: what would you expect to come out differently, and why?",
    zh="现在改动其中一处：结果会有什么不同？为什么？",
)
ABOUT_WAY = Text(
    en="How was this made, from the data to the file? What was tried and given up, and why?",
    zh="从数据到这份文件，是怎么一步步做出来的？试过哪些做法又放弃了？为什么？",
)
