"""Where two works are alike, for the pairs that somebody will look at: parts, runs of tokens, lines, texts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.similarity.fingerprint import Fingerprint, Part
from grader.similarity.graph import Numbers
from grader.similarity.index import find_features, known_of
from grader.similarity.score import VIEWS, Comparison
from grader.similarity.sources import Source, Work
from grader.similarity.texts import RareText
from grader.similarity.tokens import GRAM, grams_of, pieces_of, tokens_of

FEW = 0.05  # of all students
MOST_PLACES = 8  # of one run of tokens in one file; what is repeated more often than that begins no match
MOST_PARTS = 200  # of a work, those with most features; they are held one by one against those of the other
MOST_TOKENS = 100_000  # of a work that are looked at for equal runs
MOST_MATCHES = 60
MOST_TEXTS = 20


class Shade(IntEnum):
    """How rare is what a line shares with the other work."""

    template = -2
    empty = -1
    nothing = 0
    common = 1
    rare = 2
    unique = 3  # nobody else has it


SHADES = {shade.value: shade for shade in Shade}


@dataclass(frozen=True)
class Span:
    file: str
    first: int
    last: int


@dataclass(frozen=True)
class SharedPart:
    """A function and where most of what it shares stands in the other work."""

    left: Span
    right: Span
    left_name: str
    right_name: str
    shared: int  # features that both have and at most half of all students
    few: int  # of these, those that few have
    unique: int  # of these, those that nobody else has
    closest: tuple[int, int] = (0, 0)  # the fewest works, more than two, that have one of those that few have; how many such


@dataclass(frozen=True)
class Match:
    """A run of tokens that both have."""

    left: Span
    right: Span
    length: int


@dataclass(frozen=True)
class Evidence:
    parts: tuple[SharedPart, ...]
    matches: tuple[Match, ...]
    texts: tuple[tuple[RareText, RareText], ...]
    left: dict[str, list[Shade]]  # of each line of each file
    right: dict[str, list[Shade]]

    @property
    def unique(self) -> int:
        return sum(part.unique for part in self.parts)

    @property
    def few(self) -> int:
        return sum(part.few for part in self.parts)


@dataclass(frozen=True, eq=False)
class Gatherer:
    """Gathers the evidence of pairs, one after the other."""

    comparison: Comparison
    template_lines: frozenset[str] = frozenset()
    template_texts: frozenset[tuple[str, str]] = frozenset()

    def gather(self, left: Work, right: Work, one: Fingerprint, other: Fingerprint) -> Evidence:
        """What two works share, by their code and the fingerprints of it."""
        return Evidence(
            parts=tuple(self._parts(one, other)),
            matches=tuple(_matches(left, right, self.template_lines)),
            texts=tuple(self._texts(one, other)),
            left=self._shades(left, one, other),
            right=self._shades(right, other, one),
        )

    @property
    def _few(self) -> float:
        return max(3, FEW * self._everybody)

    @property
    def _everybody(self) -> int:
        return len(self.comparison.students)

    def _holders(self, view: str, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many students have each feature; those of the template count as had by all."""
        index = self.comparison.indices[view]
        places, is_known = find_features(index.vocabulary, hashes)
        found = np.full(len(hashes), self._everybody)
        found[is_known] = index.holders[places[is_known]]
        return found

    def _shades(self, work: Work, own: Fingerprint, other: Fingerprint) -> dict[str, list[Shade]]:
        """Of each line the rarest of what it shares; rows count through all files."""
        blank = {source.name: _blank(source, self.template_lines) for source in work.sources}
        starts = dict(zip(blank, accumulate(map(len, blank.values()), initial=0), strict=False))
        spans, shades = self._shared(own, other, starts)
        rarest = np.zeros(sum(map(len, blank.values())) + 1, np.int8)
        for shade in (Shade.common, Shade.rare, Shade.unique):
            first, last = spans[shades == shade].T
            rarest[_covered(first, last, len(rarest))] = shade
        return {name: _laid_over(lines, rarest[starts[name] :].tolist()) for name, lines in blank.items()}

    def _shared(self, own: Fingerprint, other: Fingerprint, starts: Mapping[str, int]) -> tuple[Numbers, Numbers]:
        """((first, last) row, shade) of each feature that both have and not everybody."""
        spans, shades = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
        offsets = [starts[part.file] - 1 for part in own.parts]  # lines are counted from one
        for name, view in VIEWS.items():
            mine = [view(part) for part in own.parts]
            hashes = np.concatenate([np.zeros(0, np.uint64), *(found.hashes for found in mine)])
            lines = np.concatenate([spans[0], *(found.lines + offset for found, offset in zip(mine, offsets, strict=True))])
            _, both = find_features(known_of([other], view), hashes)
            holders = self._holders(name, hashes[both])
            counted = holders < self._everybody
            spans.append(lines[both][counted])
            shades.append(np.select([holders <= 2, holders <= self._few], [Shade.unique, Shade.rare], Shade.common)[counted])
        return np.concatenate(spans), np.concatenate(shades)

    def _parts(self, one: Fingerprint, other: Fingerprint) -> Iterator[SharedPart]:
        """The parts of one that share something with the other, those with most of it that is unique first."""
        theirs = _largest(other.parts)
        found = [shared for part in _largest(one.parts) if (shared := self._best(part, theirs)) is not None]
        yield from sorted(found, key=lambda shared: (-shared.unique, -shared.shared, shared.left.first))

    def _best(self, part: Part, others: Sequence[Part]) -> SharedPart | None:
        candidates = [(*self._counted(part, theirs), -number, theirs) for number, theirs in enumerate(others)]
        if not candidates:
            return None
        unique, few, shared, _, theirs = max(candidates, key=lambda candidate: candidate[:4])
        if not shared:
            return None
        left, right = Span(part.file, *part.lines), Span(theirs.file, *theirs.lines)
        return SharedPart(left, right, part.name, theirs.name, shared, few, unique, self._closest(part, theirs))

    def _closest(self, mine: Part, theirs: Part) -> tuple[int, int]:
        """Where a third one has the same, nothing is theirs alone: how many have it then, and how much of it."""
        holders = self._holders("canonical", np.intersect1d(mine.canonical.hashes, theirs.canonical.hashes, assume_unique=True))
        holders = holders[(holders > 2) & (holders <= self._few) & (holders < self._everybody)]
        return (int(holders.min()), int((holders == holders.min()).sum())) if len(holders) else (0, 0)

    def _counted(self, mine: Part, theirs: Part) -> tuple[int, int, int]:
        """(features that nobody else has, that few have, that at most half have) of those that both parts have"""
        both = np.intersect1d(mine.canonical.hashes, theirs.canonical.hashes, assume_unique=True)
        holders = self._holders("canonical", both)
        at_most = (2, self._few, self._everybody / 2)
        unique, few, shared = (int((holders <= most).sum()) for most in at_most)
        return unique, few, shared

    def _texts(self, one: Fingerprint, other: Fingerprint) -> Iterator[tuple[RareText, RareText]]:
        """Comments, strings, numbers and names that both have and hardly anybody else."""
        few = max(2, FEW * self._everybody / 2)
        counts = self._text_counts
        theirs = {text.key: text for text in other.texts}
        both = [(text, theirs[text.key]) for text in one.texts if text.key in theirs and text.key not in self.template_texts]
        rare = sorted(
            (pair for pair in both if counts[pair[0].key] <= few), key=lambda pair: (counts[pair[0].key], -len(pair[0].text))
        )
        yield from rare[:MOST_TEXTS]

    @cached_property
    def _text_counts(self) -> Counter[tuple[str, str]]:
        """How many students have each text."""
        texts: dict[str, set[tuple[str, str]]] = {}
        for work in self.comparison.works:
            texts.setdefault(work.student, set()).update(text.key for text in work.texts)
        return Counter(key for keys in texts.values() for key in keys)


def _largest(parts: Sequence[Part]) -> Sequence[Part]:
    """In the order in which they stand."""
    if len(parts) <= MOST_PARTS:
        return parts
    by_size = sorted(range(len(parts)), key=lambda number: -len(parts[number].canonical.hashes))
    return [parts[number] for number in sorted(by_size[:MOST_PARTS])]


def _blank(source: Source, template_lines: frozenset[str]) -> list[Shade]:
    return [_of_line(line.strip(), template_lines) for line in source.text.split("\n")]


def _laid_over(blank: Sequence[Shade], rarest: Sequence[int]) -> list[Shade]:
    return [SHADES[value] if shade is Shade.nothing else shade for shade, value in zip(blank, rarest, strict=False)]


def _of_line(line: str, template_lines: frozenset[str]) -> Shade:
    if not line:
        return Shade.empty
    if line in template_lines:
        return Shade.template
    return Shade.empty if line.startswith("#") else Shade.nothing


def _matches(left: Work, right: Work, template_lines: frozenset[str]) -> list[Match]:
    """Greedy tiling: the longest runs first, each token in at most one."""
    mine, theirs = _stream(left, template_lines), _stream(right, template_lines)
    taken, matched = np.zeros(len(mine.words), bool), np.zeros(len(theirs.words), bool)
    found: list[Match] = []
    for length, here, there in sorted(_runs(mine, theirs), key=lambda run: (-run[0], run[1], run[2])):
        first, size = _longest(~(taken[here : here + length] | matched[there : there + length]))
        if size >= GRAM:
            here, there = here + first, there + first
            taken[here : here + size] = matched[there : there + size] = True
            found.append(Match(_span(mine.places[here : here + size]), _span(theirs.places[there : there + size]), size))
            if len(found) == MOST_MATCHES:
                break
    return found


class Stream(NamedTuple):
    """The tokens of all files of a work, without the lines of the template, by column."""

    words: list[str]
    places: list[tuple[str, int]]  # file and line


@lru_cache(maxsize=16)  # works that are alike are so in several pairs, one after the other
def _stream(work: Work, template_lines: frozenset[str]) -> Stream:
    words: list[str] = []
    places: list[tuple[str, int]] = []
    for source in work.sources:
        given = [line.strip() in template_lines for line in source.text.split("\n")]
        tokens = tokens_of(source.text, pieces_of(source.text))
        for word, line in zip(tokens.words, tokens.lines, strict=True):
            if not given[line - 1]:
                words.append(word)
                places.append((source.name, line))
    return Stream(words[:MOST_TOKENS], places[:MOST_TOKENS])


def _runs(mine: Stream, theirs: Stream) -> Iterator[tuple[int, int, int]]:
    """(length, place here, place there) of every run of at least GRAM tokens that cannot be made longer."""
    here, there = grams_of(mine.words).tolist(), grams_of(theirs.words).tolist()
    places: dict[int, list[int]] = {}
    for place, gram in enumerate(there):
        places.setdefault(gram, []).append(place)
    open_runs: dict[int, tuple[int, int]] = {}  # by diagonal: (where it began here, where it was last seen)
    for place, gram in enumerate(here):
        for other in places.get(gram, ())[:MOST_PLACES]:
            diagonal = other - place
            start, last = open_runs.get(diagonal, (place, place - 1))
            if last != place - 1:
                yield last - start + GRAM, start, start + diagonal
                start = place
            open_runs[diagonal] = (start, place)
    for diagonal, (start, last) in open_runs.items():
        yield last - start + GRAM, start, start + diagonal


def _longest(free: NDArray[np.bool_]) -> tuple[int, int]:
    """(start, length) of the longest run of true values."""
    as_bytes = free.tobytes()
    size = max(map(len, as_bytes.split(b"\0")))
    return as_bytes.index(b"\1" * size), size


def _span(places: Sequence[tuple[str, int]]) -> Span:
    file = places[0][0]
    lines = [line for name, line in places if name == file]
    return Span(file, lines[0], lines[-1])


def _covered(first: Numbers, last: Numbers, count: int) -> NDArray[np.bool_]:
    """Of so many rows those that lie in one of the spans."""
    begun = np.bincount(first, minlength=count)[:count]
    ended = np.bincount(np.minimum(last + 1, count), minlength=count + 1)[:count]
    return np.cumsum(begun - ended) > 0
