"""Values and calls in words."""

import torch

from grader.checks.describe import call_text, value_text
from grader.runner.wire import Handle


def affine(x, w, b, *, scale=1.0):
    return x, w, b, scale


def test_a_call_reads_as_the_student_would_write_it() -> None:
    args = (torch.zeros(4, 5), torch.zeros(5, 3), torch.tensor(2.5))
    assert call_text("affine", affine, args, {"scale": 0.1}) == "affine(x: 4×5, w: 5×3, b: 2.5, scale=0.1)"


def test_a_call_without_a_known_signature_shows_values_only() -> None:
    assert (
        call_text("f", None, (torch.zeros(2), [64, 128, 10], None, Handle(1, "Model")), {}) == "f(2, [64, 128, 10], None, Model)"
    )


def test_values_show_dtype_and_shape_and_long_ones_are_cut() -> None:
    assert value_text(torch.zeros(4, 3)) == "float32 4×3"
    assert value_text((torch.zeros(()), 1, "a")) == "(float32 (), int 1, str 'a')"
    assert value_text({"w": torch.zeros(2, dtype=torch.int64)}) == "{w: int64 2}"
    assert len(value_text(list(range(10_000)))) < 70
