"""How two values differ: type, shape, dtype, finiteness, numbers."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import tensor

from grader.checks.compare import error_map, find_difference
from grader.protocol import Word
from grader.runner.wire import Handle

ONES = torch.ones(2, 3)


def word_of(actual: Any, expected: Any, rtol: float = 1e-4, atol: float = 1e-5) -> Word | None:
    found = find_difference(actual, expected, rtol=rtol, atol=atol)
    return found and found.word


@pytest.mark.parametrize(
    ("actual", "expected", "word"),
    [
        (ONES, ONES, None),
        (ONES + 1e-6, ONES, None),
        (ONES + 1e-2, ONES, Word.wrong_value),
        (ONES.T, ONES, Word.wrong_shape),
        (ONES[None], ONES, Word.wrong_shape),
        (ONES.double(), ONES, Word.wrong_type),
        (ONES * math.nan, ONES, Word.not_finite),
        (ONES * math.inf, ONES, Word.not_finite),
        (ONES, ONES * math.inf, Word.wrong_value),
        (ONES * -math.inf, ONES * math.inf, Word.wrong_value),
        (ONES * math.inf, ONES * math.inf, None),
        (ONES * math.nan, ONES * math.nan, None),
        (ONES.tolist(), ONES, Word.wrong_type),
        (None, ONES, Word.wrong_type),
        (Handle(1, "numpy.ndarray"), ONES, Word.wrong_type),
        (tensor(1), tensor(2), Word.wrong_value),
        (tensor(100_001), tensor(100_000), Word.wrong_value),
        (tensor(2**60 + 1), tensor(2**60), Word.wrong_value),
        (tensor([True]), tensor([False]), Word.wrong_value),
        (tensor(1 + 2j), tensor(1 + 2j), None),
        (tensor(1 + 2j), tensor(1 + 3j), Word.wrong_value),
        (torch.empty(0, 3), torch.empty(0, 3), None),
        (torch.empty(3, 0), torch.empty(0, 3), Word.wrong_shape),
        (1.0, 1.0 + 1e-9, None),
        (1, 1.0, None),
        (True, 1.0, Word.wrong_type),
        (math.nan, 1.0, Word.not_finite),
        (tensor(1.0), 1.0, Word.wrong_type),
        (1, True, Word.wrong_type),
        (2, 3, Word.wrong_value),
        ("a", "b", Word.wrong_value),
        (None, None, None),
        ((ONES, 1), (ONES, 1), None),
        ([ONES, 1], (ONES, 1), None),
        ((ONES,), (ONES, 1), Word.wrong_shape),
        ((ONES, 2), (ONES, 1), Word.wrong_value),
        (ONES, (ONES, ONES), Word.wrong_type),
        ({"a": ONES}, {"a": ONES}, None),
        ({"b": ONES}, {"a": ONES}, Word.wrong_shape),
        ({"a": ONES + 1}, {"a": ONES}, Word.wrong_value),
        ([("a", ONES)], {"a": ONES}, Word.wrong_type),
        (10**70, 1.0, Word.not_finite),
    ],
)
def test_the_first_difference_has_the_right_word(actual: Any, expected: Any, word: Word | None) -> None:
    assert word_of(actual, expected) == word


def test_the_largest_error_is_found_where_it_is() -> None:
    actual = torch.zeros(2, 3, 4)
    actual[1, 2, 0], actual[0, 0, 1] = 0.5, 0.25
    found = find_difference(actual, torch.zeros(2, 3, 4), rtol=0, atol=0.1)
    assert (found.largest_error, found.where) == (0.5, [1, 2, 0])
    assert (found.expected, found.actual) == ("float32 2×3×4", "float32 2×3×4")
    assert "0.5 at [1, 2, 0]" in found.text.en and "[1, 2, 0]" in found.text.zh


def test_the_place_inside_a_structure_is_named() -> None:
    found = find_difference({"a": [ONES, ONES + 1]}, {"a": [ONES, ONES]}, rtol=0, atol=0)
    assert "['a'][1]" in found.text.en and "['a'][1]" in found.text.zh


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4))
def test_an_error_map_has_at_most_16_by_16_cells_and_keeps_the_largest(shape: list[int]) -> None:
    error = torch.rand(shape)
    cells = error_map(error)
    if error.numel() == 0:
        assert cells is None
    else:
        assert len(cells) <= 16 and all(len(row) <= 16 for row in cells)
        assert max(map(max, cells)) == pytest.approx(float(error.max()), rel=1e-3)


@given(st.floats(allow_nan=True, allow_infinity=True, width=32), st.floats(allow_nan=True, allow_infinity=True, width=32))
def test_what_is_reported_can_always_be_written_as_json(actual: float, expected: float) -> None:
    found = find_difference(tensor([[actual]]), tensor([[expected]]), rtol=1e-4, atol=1e-5)
    if found and found.largest_error is not None:
        assert math.isfinite(found.largest_error)
    if found and found.error_map:
        assert math.isfinite(found.error_map[0][0])


@given(st.floats(-1e3, 1e3), st.floats(0, 1), st.floats(0, 1))
def test_the_tolerance_is_absolute_plus_relative(value: float, rtol: float, atol: float) -> None:
    expected = tensor(value, dtype=torch.float64)
    allowed = atol + rtol * abs(value)
    assert word_of(expected + 0.99 * allowed, expected, rtol, atol) is None
    assert word_of(expected + 1.01 * allowed + 1e-6, expected, rtol, atol) is Word.wrong_value
