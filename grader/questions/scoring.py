"""What an answer earns: the drawn question and what was answered in, share of the points and the reason out. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from grader.protocol import Mistake, Text, Word
from grader.questions.asked import Asked, Choice, Choices, Known, Matrix, Number, Rows, Short, Value
from grader.questions.manifest import Question, Section
from grader.questions.numbers import NotANumber, is_close, read_number

CENT = Decimal("0.01")
NOTHING, ALL = Decimal(0), Decimal(1)
SEPARATORS = re.compile(r"[\s\-_]+")

RIGHT = Text(en="Right.", zh="回答正确。")
WRONG = Text(en="Not right.", zh="回答不正确。")
BLANK = Text(en="Not answered.", zh="未作答。")
UNREADABLE = Text(en="This answer cannot be read as one to this question.", zh="这个答案的格式与题目不符，无法读取。")
PARTLY = Text(en="Partly right.", zh="部分正确。")
NO_SUCH_OPTION = Text(en="There is no such option.", zh="没有这个选项。")

Answer = str | list[str] | list[list[str]]


@dataclass(frozen=True)
class Scored:
    """share: of the points, 0 to 1. cells: of a matrix of the right size, which are right."""

    share: Decimal
    word: Word
    text: Text
    mistake: Mistake | None = None
    cells: Sequence[Sequence[bool]] = ()


def score(asked: Asked, answer: Answer | None) -> Scored:
    """Of a question that the judge scores. Whatever is not an answer to it earns nothing, and is never an exception."""
    if is_blank(answer):
        return Scored(NOTHING, Word.missing, BLANK)
    match asked, answer:
        case Number(), str():
            return _number(asked, answer)
        case Matrix(), list():
            return _matrix(asked, answer)
        case Choice(), str():
            return _choice(asked, answer)
        case Choices(), list():
            return _choices(asked, answer)
        case Short(), str():
            return _short(asked, answer)
    return Scored(NOTHING, Word.wrong_type, UNREADABLE)


def is_blank(answer: object, depth: int = 2) -> bool:
    """Also a matrix of empty cells, and a text of spaces. What is nested deeper is no answer, and not blank either."""
    if isinstance(answer, str):
        return not answer.strip()
    return answer is None or (isinstance(answer, Sequence) and depth > 0 and all(is_blank(each, depth - 1) for each in answer))


def _number(asked: Number, answer: str) -> Scored:
    try:
        value = read_number(answer)
    except NotANumber as problem:
        return Scored(NOTHING, Word.wrong_type, problem.text)
    if _is_right(value, asked.answer, asked):
        return Scored(ALL, Word.passed, RIGHT)
    known = next((each for each in asked.mistakes if _is_right(value, each.value, asked)), None)
    return _wrong(known, NOTHING, WRONG)


def _is_right(value: Fraction, answer: Value, asked: Number | Matrix) -> bool:
    return is_close(value, Fraction(answer), absolute=asked.absolute, relative=asked.relative)


def _matrix(asked: Matrix, answer: list) -> Scored:
    try:
        values = [[read_number(cell) for cell in row] for row in trimmed(answer)]
    except NotANumber as problem:
        return Scored(NOTHING, Word.wrong_type, problem.text)
    except (TypeError, AttributeError):
        return Scored(NOTHING, Word.wrong_type, UNREADABLE)
    if not values:
        return Scored(NOTHING, Word.wrong_type, UNREADABLE)
    known = next((each for each in asked.mistakes if _all_right(values, each.value, asked)), None)
    if not _has_size_of(values, asked.answer):
        return _wrong(known, NOTHING, _wrong_size(values), word=Word.wrong_shape)
    cells = _cells(values, asked.answer, asked)
    right, total = sum(map(sum, cells)), sum(map(len, cells))
    if right == total:
        return Scored(ALL, Word.passed, RIGHT, cells=cells)
    share = Decimal(right) / total if asked.per_cell else NOTHING
    return _wrong(known, share, _some_cells(right, total), cells=cells)


def trimmed(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Without the empty rows and columns at the lower and right edge; a gap inside stays, and is no number."""
    height = max((n for n, row in enumerate(rows, 1) if not is_blank(row)), default=0)
    kept = rows[:height]
    width = max((n for row in kept for n, cell in enumerate(row, 1) if not is_blank(cell)), default=0)
    return [list(row[:width]) for row in kept]


def _has_size_of(values: Sequence[Sequence[Fraction]], rows: Rows) -> bool:
    return [len(row) for row in values] == [len(row) for row in rows]


def _cells(values: Sequence[Sequence[Fraction]], rows: Rows, asked: Matrix) -> list[list[bool]]:
    pairs = zip(values, rows, strict=True)
    return [[_is_right(cell, right, asked) for cell, right in zip(*pair, strict=True)] for pair in pairs]


def _all_right(values: Sequence[Sequence[Fraction]], rows: Rows, asked: Matrix) -> bool:
    return _has_size_of(values, rows) and all(map(all, _cells(values, rows, asked)))


def _wrong_size(values: Sequence[Sequence[Fraction]]) -> Text:
    size = f"{len(values)}×{len(values[0])}"
    return Text(en=f"Your matrix is {size}; the result has another size.", zh=f"你填的是 {size} 矩阵，结果不是这个大小。")


def _some_cells(right: int, total: int) -> Text:
    return Text(en=f"{right} of {total} entries are right.", zh=f"{total} 个元素中有 {right} 个正确。")


def _choice(asked: Choice, answer: str) -> Scored:
    if answer not in asked.letters:
        return Scored(NOTHING, Word.wrong_type, NO_SUCH_OPTION)
    if asked.option(answer).is_right:
        return Scored(ALL, Word.passed, RIGHT)
    return Scored(NOTHING, Word.wrong_value, WRONG)


def _choices(asked: Choices, answer: list) -> Scored:
    if not all(isinstance(letter, str) and letter in asked.letters for letter in answer):
        return Scored(NOTHING, Word.wrong_type, NO_SUCH_OPTION)
    ticked, right = set(answer), set(asked.right)
    share = Decimal(max(len(ticked & right) - len(ticked - right), 0)) / len(right)
    if share == 1:
        return Scored(ALL, Word.passed, RIGHT)
    return Scored(share, Word.incomplete if share else Word.wrong_value, PARTLY if share else WRONG)


def _short(asked: Short, answer: str) -> Scored:
    said = plain(answer)
    if said in map(plain, asked.accepted):
        return Scored(ALL, Word.passed, RIGHT)
    return _wrong(next((each for each in asked.mistakes if plain(each.value) == said), None), NOTHING, WRONG)


def plain(text: str) -> str:
    """As it is compared: 'Max－Pooling ' and 'max pooling' are one; of words in Chinese, spaces say nothing at all."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip(" \t\n.,;:!?。，；：！？")
    return SEPARATORS.sub("", folded)


def _wrong(
    known: Known | None, share: Decimal, text: Text, *, word: Word = Word.wrong_value, cells: Sequence[Sequence[bool]] = ()
) -> Scored:
    """What a known mistake still earns counts where it is more."""
    if known is None:
        return Scored(share, Word.incomplete if share else word, text, cells=cells)
    share = max(share, known.share)
    mistake = Mistake(id=known.id, message=known.message)
    return Scored(share, Word.incomplete if share else word, text, mistake, cells)


def points_earned(question: Question, scored: Scored) -> Decimal:
    return (question.points * scored.share).quantize(CENT)


def left_out(questions: Sequence[Question], sections: Sequence[Section], earned: Mapping[str, Decimal]) -> set[str]:
    """Of each section, the questions that do not count: all but the best. Of equal ones those stay that stand first."""
    dropped: set[str] = set()
    for section in sections:
        mine = [each.id for each in questions if each.section == section.id and each.id in earned]
        best = sorted(mine, key=lambda id: -earned[id])  # stable
        dropped |= set(best[section.choose :])
    return dropped
