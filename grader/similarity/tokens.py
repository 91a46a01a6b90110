"""Code as tokens, read by a regular expression, so that a file which does not parse is read as well."""

import builtins
import keyword
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.similarity.graph import Hashes, label_hash, mixed

GRAM = 12
LONGEST_NUMBER = 8
NEVER_A_NAME = frozenset(keyword.kwlist) | frozenset(dir(builtins))
TOKEN = re.compile(
    r"""(?P<text>(?i:[rbuf]{0,2})(?:'''(?:\\.|[^\\])*?'''|\"""(?:\\.|[^\\])*?\"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<comment>\#[^\n]*)
    |(?P<number>(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)[jJ]?)
    |(?P<name>[^\W\d]\w*)
    |(?P<newline>\n)
    |(?P<mark>\*\*=?|//=?|<<=?|>>=?|->|:=|[-+*/%@&|^=!<>]=|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
OWN = re.compile(r"\b(?:def|class)\s+(\w+)|\bself\.(\w+)\s*=[^=]")
IMPORT = re.compile(r"^[ \t]*(?:from\s+[\w.]+\s+import|import)\s+(.+)$", re.MULTILINE)


class Token(NamedTuple):
    word: str  # what it counts as
    line: int
    written: str


Piece = tuple[str, str, int, int]  # kind (comment, text, number, name, mark, newline), as written, line, where it ends


def pieces_of(text: str) -> list[Piece]:
    found: list[Piece] = []
    line = 1
    for match in TOKEN.finditer(text):
        kind, written = match.lastgroup or "", match[0]
        found.append((kind, written, line, match.end()))
        if kind == "newline":
            line += 1
        elif kind == "text":
            line += written.count("\n")
    return found


def tokens_of(text: str, pieces: Sequence[Piece] | None = None) -> list[Token]:
    """The tokens of a file without comments and docstrings. What the student named is one word; what a library named stays."""
    own = {name for pair in OWN.findall(text) for name in pair if name}
    kept = NEVER_A_NAME.union(name for names in IMPORT.findall(text) for name in re.findall(r"\w+", names)) - own
    found: list[Token] = []
    before, starts, depth = "", True, 0
    for kind, written, line, end in pieces_of(text) if pieces is None else pieces:
        if kind == "newline":
            starts = depth == 0
        elif kind == "name":
            found.append(Token(written if written in kept or (before == "." and written not in own) else "name", line, written))
            before, starts = written, False
        elif kind == "mark":
            depth = max(0, depth + (written in "([{") - (written in ")]}"))
            found.append(Token(written, line, written))
            before, starts = written, False
        elif kind == "number":
            found.append(Token(written if len(written) <= LONGEST_NUMBER else "number", line, written))
            before, starts = written, False
        elif kind == "text" and not (starts and _ends_line(text, end)):
            found.append(Token("text", line, written))
            before, starts = written, False
    return found


def _ends_line(text: str, place: int) -> bool:
    """A string that is a whole line is a docstring, or a text that stands as a comment."""
    end = text.find("\n", place)
    rest = text[place : len(text) if end < 0 else end].strip()
    return not rest or rest.startswith("#")


@cache
def _word_hash(word: str) -> int:
    return label_hash(f"token {word}")


def grams_of(tokens: Iterable[Token]) -> tuple[Hashes, NDArray[np.int32]]:
    """A hash of each run of GRAM tokens, in order, with its (first, last) line."""
    listed = list(tokens)
    words = np.array([_word_hash(token.word) for token in listed], np.uint64)
    lines = np.array([token.line for token in listed], np.int32)
    count = len(words) - GRAM + 1
    if count < 1:
        return np.zeros(0, np.uint64), np.zeros((0, 2), np.int32)
    grams = np.zeros(count, np.uint64)
    for place in range(GRAM):
        grams = mixed(grams + words[place : place + count] + np.uint64(place))
    return grams, np.stack([lines[:count], lines[GRAM - 1 :]], axis=1)
