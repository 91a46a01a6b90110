"""Numbers as people type them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.questions.numbers import BY_ZERO, NO_NUMBER, NOT_FINITE, WITH_COMMA, WITH_PERCENT, WITH_SPACE, NotANumber, read_number


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("26", 26), (" -0.75 ", Fraction(-3, 4)), ("3/4", Fraction(3, 4)), ("3 / 4", Fraction(3, 4)), ("1e-3", Fraction(1, 1000)),
        ("１．５", Fraction(3, 2)), ("1。5", Fraction(3, 2)), ("−3", -3), ("+ 3", 3), (".5", Fraction(1, 2)), ("5.", 5),
        ("1.5×10^-3", Fraction(3, 2000)), ("2*10^{3}", 2000), ("2 x 10^3", 2000),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_meant(typed: str, value: Fraction) -> None:
    assert read_number(typed) == value


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,5", WITH_COMMA), ("1,000.5", WITH_COMMA), ("1 000", WITH_SPACE), ("50%", WITH_PERCENT), ("1/0", BY_ZERO),
        ("inf", NOT_FINITE), ("26 px", NO_NUMBER), ("1½", NO_NUMBER), ("10²", NO_NUMBER), ("1e9999", NO_NUMBER), ("", NO_NUMBER),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused_with_how_to_write_it(typed: str, said: object) -> None:
    with pytest.raises(NotANumber) as refused:
        read_number(typed)
    assert refused.value.text == said


@given(st.fractions(max_denominator=10**6).filter(lambda value: abs(value) < 10**9))
def test_a_fraction_that_is_written_is_the_fraction_that_is_read(value: Fraction) -> None:
    assert read_number(str(value)) == value


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    try:
        assert isinstance(read_number(typed), Fraction)
    except NotANumber as refused:
        assert refused.text.en and refused.text.zh
