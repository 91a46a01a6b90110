"""What differs between two students' papers. Pure: two sheets in, plain data out."""

from collections.abc import Iterator
from typing import Literal

from grader.papers.sheet import Entry, Sheet, plain
from grader.protocol import Plain, Text

What = Literal["constant", "order", "wording", "options", "answer", "question", "starter", "handout"]


class Difference(Plain):
    """where: the name of a constant, or the id of a question."""

    where: str
    what: What
    left: Text
    right: Text


def compare(left: Sheet, right: Sheet) -> list[Difference]:
    """Of two papers of one assignment; answers where both sheets have the key. Equal papers have no difference."""
    return [*_constants(left, right), *_texts(left, right), *_order(left, right), *_entries(left, right)]


def _differing(where: str, what: What, left: Text | None, right: Text | None) -> Iterator[Difference]:
    if left != right:
        yield Difference(where=where, what=what, left=left or plain(""), right=right or plain(""))


def _constants(left: Sheet, right: Sheet) -> Iterator[Difference]:
    for name in dict.fromkeys([*left.constants, *right.constants]):
        yield from _differing(name, "constant", left.constants.get(name), right.constants.get(name))


def _texts(left: Sheet, right: Sheet) -> Iterator[Difference]:
    """Of long texts the lines that are not in both."""
    texts = [("handout", left.handout, right.handout), ("starter", plain(left.starter or ""), plain(right.starter or ""))]
    for name, one, other in texts:
        if one != other:
            mine = {each: _only(getattr(one, each), getattr(other, each)) for each in ("en", "zh")}
            theirs = {each: _only(getattr(other, each), getattr(one, each)) for each in ("en", "zh")}
            yield Difference(where=name, what=name, left=Text(**mine), right=Text(**theirs))


def _only(text: str, other: str) -> str:
    known = set(other.splitlines())
    return "\n".join(line for line in text.splitlines() if line not in known)


def _order(left: Sheet, right: Sheet) -> Iterator[Difference]:
    mine, theirs = ([entry.id for entry in sheet.entries] for sheet in (left, right))
    if mine != theirs:
        yield Difference(where="questions", what="order", left=plain(", ".join(mine)), right=plain(", ".join(theirs)))


def _entries(left: Sheet, right: Sheet) -> Iterator[Difference]:
    theirs = {entry.id: entry for entry in right.entries}
    mine = {entry.id: entry for entry in left.entries}
    for id in dict.fromkeys([*mine, *theirs]):
        if id in mine and id in theirs:
            yield from _entry(mine[id], theirs[id])
        else:
            titles = [sheet[id].title if id in sheet else None for sheet in (mine, theirs)]
            yield from _differing(id, "question", *titles)


def _entry(left: Entry, right: Entry) -> Iterator[Difference]:
    yield from _differing(left.id, "wording", left.prompt, right.prompt)
    yield from _differing(left.id, "options", _lettered(left), _lettered(right))
    if left.key and right.key:
        yield from _differing(left.id, "answer", left.key.answer, right.key.answer)


def _lettered(entry: Entry) -> Text:
    lines = [[f"{chr(ord('A') + n)} {getattr(option, each)}" for n, option in enumerate(entry.options)] for each in ("en", "zh")]
    return Text(en="\n".join(lines[0]), zh="\n".join(lines[1]))
