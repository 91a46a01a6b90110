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

    answer: str | None = None
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
    entries: list[Entry]
    starter: str | None = None
    with_key: bool = False

    @property
    def short_seed(self) -> str:
        """Enough to tell papers apart; seeds that were typed are short and end where others begin."""
        return self.seed.lstrip("0")[:SHORT] or "0"

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
        entries=[_entry(item, with_key=with_key) for item in paper_of(folder, manifest, seed).items],
        starter=starter_of(folder, variant) if manifest.wants_code else None,
        with_key=with_key,
    )


def _spelled(variant: Variant) -> dict[str, Text]:
    return {name: value if isinstance(value := variant[name], Text) else Text(en=str(value), zh=str(value)) for name in variant}


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


def _right(asked: Asked, right: object) -> str:
    """With the words of an option, whose letter is another one on another paper."""
    match asked:
        case Choice() | Choices():
            letters = [right] if isinstance(right, str) else list(right)
            return "; ".join(f"{letter} {asked.option(letter).text.en}" for letter in letters)
        case Number():
            return f"{right} {asked.unit}".strip()
    return spelled_answer(right)


def spelled_answer(value: object) -> str:
    """A matrix row by row."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(" ".join(map(str, row)) if isinstance(row, list | tuple) else str(row) for row in value)
    return str(value)
