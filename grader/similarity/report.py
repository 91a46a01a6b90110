"""The report that can be sent on: one HTML file, without scripts, that loads nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from grader.similarity.evidence import Evidence, Gatherer, Shade
from grader.similarity.folders import Collection
from grader.similarity.score import Comparison, Pair
from grader.similarity.sources import Work
from grader.similarity.texts import texts_of

WORTH_SHOWING = 0.05

Progress = Callable[[int, int, str], None]

NAMES = {shade: shade.name for shade in Shade}  # an enumeration takes its time over each
GLYPHS = {Shade.unique: "●", Shade.rare: "◐", Shade.common: "○", Shade.template: "·", Shade.nothing: " ", Shade.empty: " "}


Line = tuple[int, str, str, str]  # its number and text, the name and the glyph of its shade


@dataclass(frozen=True)
class Side:
    name: str
    files: list[tuple[str, list[Line]]]


@dataclass(frozen=True)
class Shown:
    """A pair with both sides."""

    pair: Pair
    evidence: Evidence
    works: tuple[Work, Work]

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        return _side(self.works[0], self.evidence.left), _side(self.works[1], self.evidence.right)


def report_of(collection: Collection, comparison: Comparison, *, most: int, language: str, progress: Progress) -> str:
    """The first pairs, each with its evidence, as one page."""
    gatherer = gatherer_of(collection, comparison)
    pairs = list(comparison.ranked(WORTH_SHOWING, most))
    shown: list[Shown] = []
    for pair in pairs:
        works = collection.read(pair.left), collection.read(pair.right)
        shown.append(
            Shown(pair, gatherer.gather(*works, comparison.works[pair.left_work], comparison.works[pair.right_work]), works)
        )
        progress(len(shown), len(pairs), pair.left)
    here = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return here.get_template("report.html").render(
        shown=shown, count=comparison.count, archived=len(comparison.students) - comparison.count, zh=language == "zh"
    )


def gatherer_of(collection: Collection, comparison: Comparison) -> Gatherer:
    templates = [source for work in collection.read_templates() for source in work.sources]
    lines = frozenset(line.strip() for source in templates for line in source.text.split("\n"))
    return Gatherer(comparison, lines, frozenset(text.key for text in texts_of(templates)))


def _side(work: Work, shades: dict[str, list[Shade]]) -> Side:
    files = []
    for source in work.sources:
        listed = zip(source.text.split("\n"), shades[source.name], strict=True)
        lines = [(number, text, NAMES[shade], GLYPHS[shade]) for number, (text, shade) in enumerate(listed, start=1)]
        files.append((source.name, lines))
    return Side(work.student, files)
