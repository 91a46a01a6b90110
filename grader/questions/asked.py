"""Questions as they were drawn: the prompt for everybody, and beside it what never leaves the trusted side before its time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from grader.protocol import Text
from grader.questions.manifest import QuestionKind

Value = int | float | Fraction
Rows = Sequence[Sequence[Value]]

ESSAY_CHARACTERS = 8000


@dataclass(frozen=True)
class Known:
    """A wrong answer that people give, what it comes from, and the share of the points that it still earns."""

    id: str
    value: "Value | Rows | str"
    message: Text
    share: Decimal = Decimal(0)


@dataclass(frozen=True)
class Option:
    """why: what to say of it once the answers are shown."""

    text: Text
    is_right: bool = False
    why: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """prompt: Markdown with formulas. solution: the way to the answer, for when the answers are shown."""

    prompt: Text
    solution: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Number(Asked):
    """Right within absolute + relative · |answer|. Whole numbers and fractions are compared exactly where neither is given."""

    answer: Value
    absolute: float = 0.0
    relative: float = 0.0
    unit: str = ""
    mistakes: Sequence[Known] = ()


@dataclass(frozen=True, kw_only=True)
class Matrix(Asked):
    """As Number, cell by cell.

    per_cell: each right cell earns its share; else all of them or nothing.
    grid: rows and columns of the form, where the answer's own would give its size away; blank edges are cut off.
    """

    answer: Rows
    absolute: float = 0.0
    relative: float = 0.0
    per_cell: bool = False
    grid: tuple[int, int] | None = None
    mistakes: Sequence[Known] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the form."""
        return self.grid or (len(self.answer), len(self.answer[0]))


@dataclass(frozen=True, kw_only=True)
class _WithOptions(Asked):
    options: Sequence[Option]
    is_shuffled: bool = True

    @property
    def letters(self) -> list[str]:
        """The options' names on this paper: they say nothing about the order in which they were written."""
        return [chr(ord("A") + number) for number in range(len(self.options))]

    @property
    def right(self) -> list[str]:
        return [letter for letter, option in zip(self.letters, self.options, strict=True) if option.is_right]

    def option(self, letter: str) -> Option:
        return self.options[self.letters.index(letter)]


@dataclass(frozen=True, kw_only=True)
class Choice(_WithOptions):
    """One of several; exactly one is right."""


@dataclass(frozen=True, kw_only=True)
class Choices(_WithOptions):
    """Any of several. A right tick earns its share of the points, a wrong one takes as much away, never below zero."""


@dataclass(frozen=True, kw_only=True)
class Short(Asked):
    """A word or a line. Compared with what is accepted, upper and lower case, width, spaces and hyphens aside.

    Literals alone: a pattern that an author writes could keep a worker busy for hours on one hostile line.
    """

    accepted: Sequence[str]
    mistakes: Sequence[Known] = ()


@dataclass(frozen=True, kw_only=True)
class Essay(Asked):
    """Read by a person. solution: what a good answer says."""

    most_characters: int = ESSAY_CHARACTERS


@dataclass(frozen=True, kw_only=True)
class Attachment(Asked):
    """A PDF or a picture, looked at by a person."""


@dataclass(frozen=True, kw_only=True)
class Review(Asked):
    """Nothing is answered: a person reads the code that was handed in."""


KINDS: dict[QuestionKind, type[Asked]] = {
    QuestionKind.number: Number,
    QuestionKind.matrix: Matrix,
    QuestionKind.choice: Choice,
    QuestionKind.choices: Choices,
    QuestionKind.short: Short,
    QuestionKind.text: Essay,
    QuestionKind.file: Attachment,
    QuestionKind.review: Review,
}


@dataclass(frozen=True)
class Asking:
    """A function of a questions.py that draws the question of its name."""

    id: str
    draw: Callable[..., Asked] = field(repr=False)


def asks(function: Callable[..., Asked]) -> Asking:
    """Declare the question whose id is the function's name."""
    return Asking(function.__name__, function)


def latex(rows: Rows) -> str:
    """A matrix for a prompt, to stand between dollar signs."""
    return r"\begin{bmatrix}" + r" \\ ".join(" & ".join(map(str, row)) for row in rows) + r"\end{bmatrix}"
