"""What says more to a person than to a program: comments, strings, numbers and names, where hardly anybody else has them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.similarity.sources import Source
from grader.similarity.tokens import NEVER_A_NAME, Piece, pieces_of

SHORTEST = {"comment": 10, "text": 8, "number": 5, "name": 5}
FEWEST = min(SHORTEST.values())
LONGEST = 160
WORDY = re.compile(r"\w\w")


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
    return tuple(distinct_texts((source.name, pieces_of(source.text)) for source in sources).values())


def distinct_texts(files: Iterable[tuple[str, Sequence[Piece]]]) -> dict[tuple[str, str], RareText]:
    found: dict[tuple[str, str], RareText] = {}
    seen: set[str] = set()
    for name, pieces in files:
        for kind, written, line in pieces:
            if len(written) >= FEWEST and kind in SHORTEST and written not in seen:
                seen.add(written)
                text = " ".join(written.strip("#'\" \n").split())[:LONGEST]
                if len(text) >= SHORTEST[kind] and written not in NEVER_A_NAME and WORDY.search(text):
                    found.setdefault((kind, text), RareText(kind, text, name, line))
    return found
