"""Code as tokens, read by a regular expression, so that a file which does not parse is read as well."""

import builtins
import keyword
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from grader.similarity.graph import Hashes, label_hash, mixed

GRAM = 12
LONGEST_NUMBER = 8
NEVER_A_NAME = frozenset(keyword.kwlist) | frozenset(dir(builtins))
TOKEN = re.compile(
    r"""(?P<text>(?i:[rbuf]{0,2})(?:'''(?:\\.|[^\\])*?'''|\"""(?:\\.|[^\\])*?\"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<name>[^\W\d]\w*)
    |(?P<comment>\#[^\n]*)
    |(?P<number>(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)[jJ]?)
    |(?P<newline>\n)
    |(?P<mark>\*\*=?|//=?|<<=?|>>=?|->|:=|[-+*/%@&|^=!<>]=|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
ANY_TOKEN = re.compile(rf"[^\S\n]*({re.sub(r'[?]P<[a-z]+>', '?:', TOKEN.pattern)})", TOKEN.flags)  # without names: twice as fast
OWN = re.compile(r"\b(?:def|class)\s+(\w+)|\bself\.(\w+)\s*=[^=]")
IMPORT = re.compile(r"^[ \t]*(?:from\s+[\w.]+\s+import|import)\s+(.+)$", re.MULTILINE)
DEPTH = dict.fromkeys("([{", 1) | dict.fromkeys(")]}", -1)


class Tokens(NamedTuple):
    """The tokens of a file without comments and docstrings, by column."""

    words: list[str]  # what each counts as
    lines: list[int]
    written: list[str]


Piece = tuple[str, str, int]  # kind (comment, text, number, name, mark, newline), as written, line


def pieces_of(text: str) -> list[Piece]:
    every = ANY_TOKEN.findall(text + "\n")  # so that a token follows each space, and none is looked at twice
    kinds = {written: _kind(written) for written in set(every)}
    found: list[Piece] = []
    line = 1
    for written in every:
        kind = kinds[written]
        found.append((kind, written, line))
        if kind == "newline":
            line += 1
        elif kind == "text":
            line += written.count("\n")
    return found


def _kind(written: str) -> str:
    """Its kind says itself: no alternative looks at what is around it."""
    match = TOKEN.match(written)
    return (match.lastgroup or "") if match else ""


def tokens_of(text: str, pieces: Sequence[Piece]) -> Tokens:
    """What the student named is one word; what a library named stays."""
    own = {name for pair in OWN.findall(text) for name in pair if name}
    kept = NEVER_A_NAME.union(name for names in IMPORT.findall(text) for name in re.findall(r"\w+", names)) - own
    words: list[str] = []
    lines: list[int] = []
    every: list[str] = []
    before, starts, depth = "", True, 0
    for place, (kind, written, line) in enumerate(pieces):
        if kind == "name":
            word = written if written in kept or (before == "." and written not in own) else "name"
        elif kind == "mark":
            word = written
            if written in DEPTH:
                depth = max(0, depth + DEPTH[written])
        elif kind == "newline":
            starts = depth == 0
            continue
        elif kind == "number":
            word = written if len(written) <= LONGEST_NUMBER else "number"
        elif kind == "text" and not (starts and _ends_line(pieces, place)):
            word = "text"
        else:
            continue
        words.append(word)
        lines.append(line)
        every.append(written)
        before, starts = written, False
    return Tokens(words, lines, every)


def _ends_line(pieces: Sequence[Piece], place: int) -> bool:
    """A string that is a whole line is a docstring, or a text that stands as a comment."""
    return pieces[place + 1][0] in ("newline", "comment")  # the last piece is a newline


@cache
def _word_hash(word: str) -> int:
    return label_hash(f"token {word}")


def grams_of(words: Sequence[str]) -> Hashes:
    """A hash of each run of GRAM tokens, in order."""
    count = len(words) - GRAM + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    hashes = np.array([_word_hash(word) for word in words], np.uint64)
    grams = np.zeros(count, np.uint64)
    for place in range(GRAM):
        grams = mixed(grams + hashes[place : place + count] + np.uint64(place))
    return grams
