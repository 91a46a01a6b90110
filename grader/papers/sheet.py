"""A variant as plain data: what its student reads, and with the answers only where they are asked for. Without torch."""

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from grader.protocol import Plain, Text
from grader.questions.asked import Asked, Choice, Choices, Matrix, Number
from grader.questions.judging import paper_of
from grader.questions.paper import Item, right_answer, rule_of
from grader.spec import Manifest
from grader.variants.binding import handout_of, starter_of, told_constants, variant_of_seed
from grader.variants.drawn import has_variant
from grader.variants.variant import Variant

LANGUAGES = ("en", "zh")
SHORT = 12
TITLE = re.compile(r"\A\s*# .*\n")


class Key(Plain):
    """What only staff may read of a question. answer: None where people mark."""

    answer: Text | None = None
    solution: Text | None = None
    mistakes: dict[str, str] = Field(default_factory=dict)  # by id, the value that shows it


class Entry(Plain):
    """One question. rows, columns: of a matrix's form."""

    id: str
    part: str
    kind: str
    points: float
    title: Text
    prompt: Text
    section: str | None = None
    options: list[Text] = Field(default_factory=list)
    rows: int = 0
    columns: int = 0
    rule: Text | None = None
    key: Key | None = None


class Sheet(Plain):
    """constants: those that the student is told, by name; with the key, all of them."""

    assignment: str
    title: Text
    seed: str
    minutes: int | None = None
    materials: Text | None = None
    constants: dict[str, Text] = Field(default_factory=dict)
    handout: Text
    parts: dict[str, Text] = Field(default_factory=dict)  # titles by id
    sections: dict[str, Text] = Field(default_factory=dict)
    entries: list[Entry]
    starter: str | None = None
    with_key: bool = False

    @property
    def short_seed(self) -> str:
        """Enough to tell papers apart; seeds that were typed are short and end where others begin."""
        return self.seed.lstrip("0")[:SHORT] or "0"

    def headings(self) -> list[list[Text]]:
        """For each question, what begins with it: its part, its section."""
        before: set[str] = set()
        found = []
        for entry in self.entries:
            named = [(f"part {entry.part}", self.parts[entry.part])]
            named += [(f"section {entry.section}", self.sections[entry.section])] if entry.section else []
            found.append([title for key, title in named if key not in before])
            before |= {key for key, _ in named}
        return found

    def body(self, language: str) -> str:
        """The handout without its title, which the paper has itself."""
        return TITLE.sub("", self.handout.in_language(language), count=1)


def sheet_of(folder: Path, manifest: Manifest, seed: str, *, with_key: bool = False) -> Sheet:
    """Raises BrokenAssignment."""
    variant = variant_of_seed(folder, seed)
    shown = variant if with_key else told_constants(folder, variant)
    exam = manifest.exam
    return Sheet(
        assignment=manifest.id,
        title=manifest.title,
        seed=seed,
        minutes=exam and exam.minutes,
        materials=exam and exam.materials,
        constants=_spelled(shown) if has_variant(folder) else {},
        handout=Text(**{each: handout_of(folder / f"handout.{each}.md", variant) for each in LANGUAGES}),
        parts={part.id: part.title for part in manifest.parts},
        sections={section.id: section.title for section in manifest.sections},
        entries=[_entry(item, with_key=with_key) for item in paper_of(folder, manifest, seed).items],
        starter=starter_of(folder, variant) if manifest.wants_code else None,
        with_key=with_key,
    )


def _spelled(variant: Variant) -> dict[str, Text]:
    return {name: value if isinstance(value := variant[name], Text) else plain(str(value)) for name in variant}


def _entry(item: Item, *, with_key: bool) -> Entry:
    question, asked = item.question, item.asked
    rows, columns = asked.size if isinstance(asked, Matrix) else (0, 0)
    return Entry(
        id=question.id,
        part=question.part,
        kind=str(question.kind),
        points=float(question.points),
        title=question.title,
        prompt=asked.prompt,
        section=question.section,
        options=[option.text for option in getattr(asked, "options", ())],
        rows=rows,
        columns=columns,
        rule=rule_of(asked),
        key=_key(asked) if with_key else None,
    )


def _key(asked: Asked) -> Key:
    mistakes = {known.id: spelled_answer(known.value) for known in getattr(asked, "mistakes", ())}
    right = right_answer(asked)
    return Key(answer=None if right is None else _right(asked, right), solution=asked.solution, mistakes=mistakes)


def _right(asked: Asked, right: object) -> Text:
    """With the words of an option, whose letter is another one on another paper."""
    match asked:
        case Choice() | Choices():
            letters = [right] if isinstance(right, str) else list(right)
            texts = [(letter, asked.option(letter).text) for letter in letters]
            en, zh = (";".join(f" {letter} {text.in_language(each)}" for letter, text in texts).strip() for each in LANGUAGES)
            return Text(en=en, zh=zh)
        case Number():
            return plain(f"{right} {asked.unit}".strip())
    return plain(spelled_answer(right))


def plain(text: str) -> Text:
    """The same in every language."""
    return Text(en=text, zh=text)


def spelled_answer(value: object) -> str:
    """A matrix row by row."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(" ".join(map(str, row)) if isinstance(row, list | tuple) else str(row) for row in value)
    return str(value)
