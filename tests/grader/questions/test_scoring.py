"""What answers earn."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.protocol import Text, Word
from grader.questions import Choice, Choices, Known, Matrix, Number, Option, Short
from grader.questions.manifest import Question, QuestionKind, Section
from grader.questions.scoring import left_out, plain, score, trimmed

ASK = Text(en="?", zh="？")
NUMBER = Number(prompt=ASK, answer=26, mistakes=[Known("rounded_up", 27, ASK), Known("half", 13, ASK, share=Decimal("0.5"))])
MATRIX = Matrix(
    prompt=ASK, answer=[[1, 2], [3, 4]], grid=(3, 3), per_cell=True, mistakes=[Known("turned", [[1, 3], [2, 4]], ASK)]
)
CHOICES = Choices(prompt=ASK, options=[Option(Text(en=str(n), zh=str(n)), is_right=n < 2) for n in range(4)])
CHOICE = Choice(prompt=ASK, options=[Option(Text(en=str(n), zh=str(n)), is_right=n == 1) for n in range(3)])
SHORT = Short(prompt=ASK, accepted=["cross-correlation", "互相关"], mistakes=[Known("convolution", "convolution", ASK)])
EVERY = (NUMBER, MATRIX, CHOICES, CHOICE, SHORT)


def test_a_number_is_right_in_any_spelling() -> None:
    assert {score(NUMBER, typed).share for typed in ("26", "26.0", "52/2", "２６", "2.6e1")} == {1}


def test_a_known_mistake_is_named_and_earns_what_its_author_says() -> None:
    up, half = score(NUMBER, "27"), score(NUMBER, "13")
    assert (up.share, up.mistake.id, up.word) == (0, "rounded_up", Word.wrong_value)
    assert (half.share, half.mistake.id, half.word) == (Decimal("0.5"), "half", Word.incomplete)


def test_tolerances_hold_up_to_their_border_and_not_beyond() -> None:
    close = Number(prompt=ASK, answer=10.0, absolute=0.5)
    assert [score(close, typed).share for typed in ("9.5", "10.5", "10.500001", "9.4999")] == [1, 1, 0, 0]


def test_each_cell_of_a_matrix_is_told_and_earns_its_share() -> None:
    found = score(MATRIX, [["1", "2"], ["3", "5"]])
    assert found.share == Decimal("0.75") and found.cells == [[True, True], [True, False]]


def test_a_matrix_of_another_size_says_so_and_nothing_about_the_right_one() -> None:
    found = score(MATRIX, [["1", "2", "3"]])
    assert found.word is Word.wrong_shape and "1×3" in found.text.en and "2×2" not in found.text.en and not found.cells


def test_a_mistake_in_a_matrix_is_named_beside_the_cells_that_are_right() -> None:
    found = score(MATRIX, [["1", "3"], ["2", "4"]])
    assert found.mistake.id == "turned" and found.share == Decimal("0.5")


def test_blank_edges_are_cut_off_and_gaps_stay() -> None:
    assert trimmed([["1", "", ""], ["", "2", ""], ["", "", ""]]) == [["1", ""], ["", "2"]]


@pytest.mark.parametrize(("ticked", "share"), [("AB", 1), ("A", 0.5), ("AC", 0), ("ABC", 0.5), ("ABCD", 0), ("", 0)])
def test_a_wrong_tick_takes_away_what_a_right_one_earns(ticked: str, share: float) -> None:
    assert score(CHOICES, list(ticked)).share == Decimal(str(share))


def test_spelling_is_forgiven_and_another_word_is_not() -> None:
    assert all(score(SHORT, said).share == 1 for said in ("Cross correlation", "CROSS－CORRELATION.", " 互 相关 "))
    assert score(SHORT, "Convolution").mistake.id == "convolution"
    assert score(SHORT, "correlation").share == 0


def test_a_line_that_would_keep_a_pattern_busy_is_compared_at_once() -> None:
    assert score(SHORT, "a" * 100_000 + "!").share == 0 and plain("-" * 100_000) == ""


JUNK = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda each: st.lists(each, max_size=4))


@given(st.sampled_from(EVERY), JUNK)
def test_whatever_comes_in_is_scored_between_nothing_and_all(asked: object, answer: object) -> None:
    assert 0 <= score(asked, answer).share <= 1


def question(id: str) -> Question:
    return Question(id=id, part="p", kind=QuestionKind.number, points=Decimal(5), title=ASK, section="s")


@given(st.lists(st.integers(0, 5), min_size=2, max_size=5), st.integers(1, 5))
def test_of_a_section_the_best_count(points: list[int], choose: int) -> None:
    choose = min(choose, len(points))
    questions = [question(f"q{number}") for number in range(len(points))]
    earned = {each.id: Decimal(value) for each, value in zip(questions, points, strict=True)}
    kept = set(earned) - left_out(questions, [Section(id="s", title=ASK, choose=choose)], earned)
    assert sum(earned[id] for id in kept) == max(sum(some) for some in permutations(points, choose))
