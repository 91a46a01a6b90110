"""A paper: an assignment's questions as one seed draws them. Read without torch, by pages and by the judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader.authored import NotImportable, author_module
from grader.protocol import Text
from grader.questions.asked import KINDS, Asked, Asking, Choice, Choices, Matrix, Number, Short
from grader.questions.draw import Draw
from grader.questions.manifest import Question, Section
from grader.questions.scoring import ALL, score
from grader.variants.drawn import VARIANT, BrokenVariant, draw_variant, state_of
from grader.variants.variant import Variant

if TYPE_CHECKING:
    from grader.spec import Manifest

QUESTIONS = "questions.py"
MOST_OPTIONS = 26
LARGEST = 16  # rows or columns of a form


class BrokenQuestions(Exception):
    """The questions are at fault; `grader.spec` tells staff which file."""


@dataclass(frozen=True)
class Item:
    """One question of a paper: what the manifest says of it, and what was drawn."""

    question: Question
    asked: Asked


@dataclass(frozen=True)
class Paper:
    """Holds the answers, so it stays on the trusted side."""

    seed: str
    items: Sequence[Item]

    def item(self, id: str) -> Item | None:
        return next((item for item in self.items if item.question.id == id), None)


def draw_paper(folder: Path, manifest: "Manifest", seed: str) -> Paper:
    """The same seed gives the same paper as long as questions.py stays as it is. Raises BrokenQuestions."""
    if not manifest.questions:
        return Paper(seed, ())
    path = folder / QUESTIONS
    try:
        seen = path.stat()
    except OSError as error:
        raise BrokenQuestions("is missing") from error
    drawn = _drawn(path, seen.st_mtime_ns, seen.st_size, seed, state_of(folder))
    if unused := set(drawn) - {question.id for question in manifest.questions}:
        raise BrokenQuestions(f"{min(unused)}: assignment.toml has no [[questions]] of this id")
    items = {question.id: Item(question, _of_kind(question, drawn.get(question.id))) for question in manifest.questions}
    return Paper(seed, tuple(items[id] for id in in_drawn_order(manifest.questions, manifest.sections, seed)))


def in_drawn_order(questions: Sequence[Question], sections: Sequence[Section], seed: str) -> list[str]:
    """The ids as this seed orders them: questions of a shuffled section change places with one another and with no others."""
    order = [question.id for question in questions]
    for section in sections:
        places = [place for place, question in enumerate(questions) if question.section == section.id]
        if section.shuffled:
            mixed = Draw(seed, f"section {section.id}").shuffled([order[place] for place in places])
            for place, id in zip(places, mixed, strict=True):
                order[place] = id
    return order


def _of_kind(question: Question, asked: Asked | None) -> Asked:
    if asked is None:
        raise BrokenQuestions(f"there is no function {question.id} with @asks")
    wanted = KINDS[question.kind]
    if type(asked) is not wanted:
        raise BrokenQuestions(f"{question.id}: kind is {question.kind}, so a {wanted.__name__} is wanted; it gives {asked!r:.80}")
    return asked


@lru_cache(maxsize=512)
def _drawn(path: Path, changed: int, size: int, seed: str, _state_of_variant: object) -> Mapping[str, Asked]:
    """Every question of the file, by id."""
    try:
        variant = draw_variant(path.parent, seed)
    except BrokenVariant as broken:
        raise BrokenQuestions(f"{VARIANT} {broken}") from broken
    return {id: _draw(asking, seed, variant) for id, asking in _askings(path, changed, size).items()}


@lru_cache(maxsize=64)
def _askings(path: Path, _changed: int, _size: int) -> Mapping[str, Asking]:
    """The functions of the file, run once for each state of it."""
    try:
        module = author_module(path)
    except NotImportable as problem:
        raise BrokenQuestions(str(problem)) from problem
    found = [value for value in vars(module).values() if isinstance(value, Asking)]
    return {asking.id: asking for asking in found}


def _draw(asking: Asking, seed: str, variant: Variant) -> Asked:
    try:
        asked = asking.draw(Draw(seed, asking.id, variant))
    except Exception as error:
        raise BrokenQuestions(f"{asking.id}: {type(error).__name__}: {error} (seed {seed[:8]})") from error
    if not isinstance(asked, Asked):
        raise BrokenQuestions(f"{asking.id}: gives {asked!r:.80}, which is no question")
    if isinstance(asked, Choice | Choices) and asked.is_shuffled:
        asked = replace(asked, options=tuple(Draw(seed, f"{asking.id} options").shuffled(asked.options)))
    if problem := problem_with(asked):
        raise BrokenQuestions(f"{asking.id}: {problem} (seed {seed[:8]})")
    return asked


def problem_with(asked: Asked) -> str | None:
    """What is wrong with a question whoever answers it, as its author needs to hear it."""
    if not (asked.prompt.en.strip() and asked.prompt.zh.strip()):
        return "prompt: en or zh is empty"
    match asked:
        case Number() | Matrix():
            return _problem_with_values(asked)
        case Choice():
            return _problem_with_options(asked) or (None if len(asked.right) == 1 else "exactly one option has to be right")
        case Choices():
            return _problem_with_options(asked) or (None if asked.right else "at least one option has to be right")
        case Short():
            return None if asked.accepted else "accepted: say what is right"
    return None


def _problem_with_options(asked: Choice | Choices) -> str | None:
    if not 2 <= len(asked.options) <= MOST_OPTIONS:
        return f"options: 2 to {MOST_OPTIONS} of them"
    texts = [(option.text.en, option.text.zh) for option in asked.options]
    return "options: two are the same" if len(set(texts)) < len(texts) else None


def _problem_with_values(asked: Number | Matrix) -> str | None:
    cells = [asked.answer] if isinstance(asked, Number) else [cell for row in asked.answer for cell in row]
    if isinstance(asked, Matrix):
        rows, columns = asked.size
        if len({len(row) for row in asked.answer}) != 1 or not (0 < rows <= LARGEST and 0 < columns <= LARGEST):
            return f"answer: a matrix has rows of equal length, and its form at most {LARGEST} of them"
        if rows < len(asked.answer) or columns < len(asked.answer[0]):
            return "grid: the answer does not fit in"
    if any(isinstance(cell, float) for cell in cells) and not (asked.absolute or asked.relative):
        return "absolute, relative: a float needs a tolerance; a whole number or a Fraction is compared exactly"
    twins = [each.id for each in asked.mistakes if score(asked, as_typed(each.value)).share == ALL]
    return f"mistakes: {twins[0]} is a right answer; draw until it is not" if twins else None


def as_typed(value: object) -> object:
    """An author's value as a student would type it."""
    if isinstance(value, list | tuple):
        return [as_typed(cell) for cell in value]
    return value if isinstance(value, str) else str(value)


def right_answer(asked: Asked) -> object:
    """What earns everything; None where a person decides."""
    match asked:
        case Number() | Matrix():
            return as_typed(asked.answer)
        case Choice():
            return asked.right[0]
        case Choices():
            return asked.right
        case Short():
            return asked.accepted[0]
    return None


def rule_of(asked: Asked) -> Text | None:
    """How points are given, where it is not all or nothing."""
    match asked:
        case Choices():
            return Text(
                en="Tick all that are right. A wrong tick takes away what a right one earns; the whole is never below zero.",
                zh="请选出所有正确的选项。选错一项扣去选对一项所得的分，本题不低于零分。",
            )
        case Matrix(per_cell=True):
            return Text(en="Each right entry earns its share of the points.", zh="每个元素单独计分。")
    return None
