"""The works of an exhibit as a page shows them: coloured lines with their shades, and which passages answer each other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

MOST_COLOURED = 200_000  # characters of one file; beyond, code stays plain

Place = Mapping[str, Any]  # {"file", "first", "last", …} of the evidence
Anchor = tuple[int, int, int, int]  # rows: left first, left last, right first, right last


@dataclass(frozen=True)
class Line:
    number: int
    row: int  # counted through all files of a side
    html: Markup
    shade: str  # a name of grader.similarity.evidence.Shade
    is_declared: bool


@dataclass(frozen=True)
class Run:
    """Lines one below the other that were given out to all, or that were not."""

    is_template: bool
    lines: Sequence[Line]


@dataclass(frozen=True)
class File:
    name: str
    runs: Sequence[Run]


@dataclass(frozen=True)
class Side:
    id: str  # left or right, with the exhibit's prefix; the ids of its lines begin with it
    name: str
    work: Mapping[str, Any]  # of the exhibit: login, attempt, received_at, archive, declared
    files: Sequence[File]

    @property
    def received_at(self) -> datetime | None:
        text = self.work["received_at"]
        return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Passage:
    """A place on the left and where it stands on the right; counts only of functions."""

    left: Place
    right: Place
    rows: Anchor
    unique: int = 0
    few: int = 0
    closest: tuple[int, int] = (0, 0)
    shared: int = 0
    length: int = 0


@dataclass(frozen=True)
class Sides:
    prefix: str  # of the ids; none where a page has one exhibit
    left: Side
    right: Side | None  # None: a work by itself
    facts: Sequence[Mapping[str, Any]]
    functions: Sequence[Passage]  # those with most that nobody else has first
    matches: Sequence[Passage]
    texts: Sequence[Mapping[str, Any]]

    @property
    def works(self) -> list[Side]:
        return [side for side in (self.left, self.right) if side is not None]

    @property
    def passages(self) -> list[Passage]:
        """What one walks through, from the top of the left work down: functions, and matches outside of them."""
        functions = [each for each in self.functions if each.unique or each.few] or self.functions
        outside = [each for each in self.matches if not any(is_within(each.rows, other.rows) for other in functions)]
        return sorted([*functions, *outside], key=lambda passage: passage.rows)

    @property
    def anchors(self) -> list[Anchor]:
        """By which the two sides scroll together, the finest first."""
        return [passage.rows for passage in (*self.matches, *self.functions)]


def sides_of(
    content: Mapping[str, Any], *, names: tuple[str, ...], masked: Mapping[str, str] | None = None, prefix: str = ""
) -> Sides:
    """names: of the works there are, as the reader shall see them.    masked: words that the code shall not show."""
    evidence = content["evidence"] or {}
    works = {side: content[side] for side in ("left", "right") if content[side] is not None}
    rows = {side: first_rows(work["files"]) for side, work in works.items()}
    shown = {
        side: side_of(prefix + side, work, evidence.get(side, {}), rows[side], name, masked or {})
        for (side, work), name in zip(works.items(), names, strict=True)
    }
    return Sides(
        prefix=prefix,
        left=shown["left"],
        right=shown.get("right"),
        facts=content["facts"],
        functions=[passage_of(part, rows) for part in evidence.get("parts", ())],
        matches=[passage_of(match, rows) for match in evidence.get("matches", ())],
        texts=evidence.get("texts", ()),
    )


def first_rows(files: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The row in which each file begins."""
    begins, row = {}, 0
    for file in files:
        begins[file["name"]] = row
        row += len(file["lines"])
    return begins


def side_of(
    id: str,
    work: Mapping[str, Any],
    shades: Mapping[str, Sequence[str]],
    rows: Mapping[str, int],
    name: str,
    masked: Mapping[str, str],
) -> Side:
    declared = {name for source in work.get("declared") or () for name in source.get("names", ())}
    files = [
        File(file["name"], runs_of(lines_of(file["lines"], shades.get(file["name"], ()), rows[file["name"]], declared, masked)))
        for file in work["files"]
    ]
    return Side(id, name, work, files)


def lines_of(texts: Sequence[str], shades: Sequence[str], row: int, declared: set[str], masked: Mapping[str, str]) -> list[Line]:
    said = {place for name in declared for place in lines_of_function(texts, name)}
    coloured = colour([mask(text, masked) for text in texts])
    return [
        Line(place + 1, row + place, html, shades[place] if place < len(shades) else "nothing", place in said)
        for place, html in enumerate(coloured)
    ]


def colour(texts: Sequence[str]) -> list[Markup]:
    """Each line by itself: what begins in one line and ends in another is opened anew in each."""
    code = "\n".join(texts)
    if len(code) > MOST_COLOURED:
        return [escape(text) for text in texts]
    html = highlight(code, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))
    lines = [Markup(line) for line in html.split("\n")[: len(texts)]]
    return lines + [Markup()] * (len(texts) - len(lines))


def mask(text: str, masked: Mapping[str, str]) -> str:
    for word, instead in masked.items():
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", instead, text, flags=re.IGNORECASE)
    return text


def lines_of_function(texts: Sequence[str], name: str) -> Iterator[int]:
    """Where a function or class stands, by its indentation: the text need not be valid Python."""
    head = re.compile(rf"(\s*)(?:async\s+def|def|class)\s+{re.escape(name.rsplit('.', 1)[-1])}\b")
    for place, text in enumerate(texts):
        if found := head.match(text):
            yield place
            yield from indented(texts, place + 1, depth=len(found[1]))


def indented(texts: Sequence[str], start: int, *, depth: int) -> Iterator[int]:
    """The lines from `start` that stand deeper, up to the first that does not."""
    for place in range(start, len(texts)):
        text = texts[place]
        if text.strip() and len(text) - len(text.lstrip()) <= depth:
            return
        yield place


def runs_of(lines: Sequence[Line]) -> list[Run]:
    """Empty lines go with the template where it goes on after them."""
    given = [line.shade == "template" for line in lines]
    for place, line in enumerate(lines):
        if line.shade == "empty" and place and given[place - 1]:
            given[place] = next(
                (not_empty.shade == "template" for not_empty in lines[place:] if not_empty.shade != "empty"), True
            )
    pairs = groupby(zip(given, lines, strict=True), key=lambda pair: pair[0])
    return [Run(is_template, [line for _, line in group]) for is_template, group in pairs]


def passage_of(found: Mapping[str, Any], rows: Mapping[str, Mapping[str, int]]) -> Passage:
    counts = {name: found.get(name, 0) for name in ("unique", "few", "shared", "length")}
    counts["closest"] = tuple(found.get("closest", (0, 0)))  # unknown in what was gathered before it was counted
    left, right = found["left"], found["right"]
    return Passage(left, right, (*rows_of(left, rows["left"]), *rows_of(right, rows["right"])), **counts)


def rows_of(place: Place, rows: Mapping[str, int]) -> tuple[int, int]:
    begin = rows.get(place["file"], 0) - 1
    return begin + place["first"], begin + place["last"]


def is_within(inner: Anchor, outer: Anchor) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer[2] <= inner[2] and inner[3] <= outer[3]
