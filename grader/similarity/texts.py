"""What says more to a person than to a program: comments, strings, numbers and names, where hardly anybody else has them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.similarity.sources import Source
from grader.similarity.tokens import NEVER_A_NAME, TOKEN

SHORTEST = {"comment": 10, "text": 8, "number": 5, "name": 5}
LONGEST = 160


@dataclass(frozen=True)
class RareText:
    kind: str  # comment, text, number, name
    text: str
    file: str
    line: int

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.text


def texts_of(sources: Iterable[Source]) -> tuple[RareText, ...]:
    """Each text once, where it comes first."""
    found: dict[tuple[str, str], RareText] = {}
    for source in sources:
        for text in _texts(source):
            found.setdefault(text.key, text)
    return tuple(found.values())


def _texts(source: Source) -> Iterator[RareText]:
    line = 1
    for match in TOKEN.finditer(source.text):
        kind, written = match.lastgroup or "", match[0]
        if kind in SHORTEST and written not in NEVER_A_NAME:
            text = " ".join(written.strip("#'\" \n").split())[:LONGEST]
            if len(text) >= SHORTEST[kind] and re.search(r"\w\w", text):
                yield RareText(kind, text, source.name, line)
        line += written.count("\n")
