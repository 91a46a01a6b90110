"""What is kept of a submission: the features of each function and of its tokens. It depends on nobody else: made once."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from grader.similarity.dataflow import graph_of
from grader.similarity.graph import Graph, Hashes, Numbers, distinct, features_of
from grader.similarity.names import FUNCTIONS, Names, names_of
from grader.similarity.rules import Canonical
from grader.similarity.sources import Source, Work
from grader.similarity.spelling import Spelling
from grader.similarity.texts import RareText, distinct_texts
from grader.similarity.tokens import GRAM, Tokens, grams_of, pieces_of, tokens_of

OUTSIDE = "<module>"


@dataclass(frozen=True, eq=False)
class Features:
    """Distinct hashes, sorted, and the (first, last) line of the first place of each."""

    hashes: Hashes
    lines: NDArray[np.int32]

    def without(self, known: Hashes) -> "Features":
        kept = ~np.isin(self.hashes, known)
        return Features(self.hashes[kept], self.lines[kept])


@dataclass(frozen=True, eq=False)
class Part:
    """One function, or what stands outside of all functions, of one file."""

    file: str
    name: str
    lines: tuple[int, int]
    canonical: Features
    plain: Features
    tokens: Features


@dataclass(frozen=True, eq=False)
class Fingerprint:
    student: str
    parts: tuple[Part, ...]
    texts: tuple[RareText, ...]
    digest: bytes  # of the code without layout, comments and docstrings


def fingerprint(work: Work) -> Fingerprint:
    names = names_of(source.tree for source in work.sources if source.tree is not None)
    parts: list[Part] = []
    digest = blake2b(digest_size=16)
    pieces = [pieces_of(source.text) for source in work.sources]
    for source, found in zip(work.sources, pieces, strict=True):
        tokens = tokens_of(source.text, found)
        digest.update("\x1f".join(tokens.written).encode("utf-8", "replace"))
        parts += _parts(source, tokens, names)
    texts = tuple(distinct_texts(zip((source.name for source in work.sources), pieces, strict=True)).values())
    return Fingerprint(work.student, tuple(parts), texts, digest.digest())


@dataclass(frozen=True)
class _Piece:
    name: str
    lines: tuple[int, int]
    statements: Sequence[ast.stmt]
    arguments: ast.arguments | None


def _parts(source: Source, tokens: Tokens, names: Names) -> Iterator[Part]:
    end = source.text.count("\n") + 1
    pieces = list(_pieces(source.tree, end)) if source.tree else [_Piece(OUTSIDE, (1, end), (), None)]
    flows = features_of([_graph(piece, names, spell) for piece in pieces for spell in (Canonical(), Spelling())])
    grams = _grams(tokens, _owners(pieces, end), len(pieces))
    for number, piece in enumerate(pieces):
        canonical, plain = (Features(*found) for found in flows[2 * number : 2 * number + 2])
        yield Part(source.name, piece.name, piece.lines, canonical, plain, grams[number])


def _pieces(tree: ast.Module, end: int) -> Iterator[_Piece]:
    """The functions and methods of a file, then the rest as one piece."""
    rest: list[ast.stmt] = []
    for node, name in _flattened(tree.body, ""):
        if isinstance(node, FUNCTIONS):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield _Piece(name, (first, node.end_lineno or first), node.body, node.args)
        else:
            rest.append(node)
    yield _Piece(OUTSIDE, (1, end), rest, None)


def _flattened(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[ast.stmt, str]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _flattened(node.body, f"{prefix}{node.name}.")
        else:
            yield node, prefix + getattr(node, "name", "")


def _owners(pieces: Sequence[_Piece], end: int) -> Numbers:
    """The number of the piece that each line belongs to."""
    owner = np.full(end + 2, len(pieces) - 1)
    for number, piece in enumerate(pieces[:-1]):
        first, last = piece.lines
        owner[first : last + 1] = number
    return owner


def _graph(piece: _Piece, names: Names, spell: Spelling) -> Graph:
    """What is nested too deeply to be read has its tokens still."""
    try:
        return graph_of(piece.statements, piece.arguments, names, spell)
    except RecursionError:
        return Graph()


def _grams(tokens: Tokens, owner: Numbers, count: int) -> list[Features]:
    """Of each piece the runs of tokens that lie in it alone."""
    lines = np.array(tokens.lines, np.int32)
    order = np.argsort(owner[lines], kind="stable")
    hashes = grams_of([tokens.words[place] for place in order.tolist()])
    lines = lines[order]
    owners = owner[lines]
    firsts, lasts = owners[: len(hashes)], owners[GRAM - 1 :][: len(hashes)]
    inside = firsts == lasts
    places = np.stack([lines[: len(hashes)], lines[GRAM - 1 :][: len(hashes)]], axis=1)
    return [Features(*found) for found in distinct(hashes[inside], places[inside], firsts[inside], count)]
