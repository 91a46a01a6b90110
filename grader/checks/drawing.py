"""Figures out of what a student's code has made. Whatever that was, a figure stays small, and every number in it finite."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from grader.protocol import Curve, Pictures, Scatter, Text

MOST_STEPS = 100
MOST_POINTS = 500
MOST_PICTURES = 40
MOST_PIXELS = 16_384  # of all pictures of a figure
LONGEST_SIDE = 64  # of a picture; of larger ones every second, third, … pixel is taken
LARGEST = 1e9  # a value beyond it is as good as infinite
ROOM = 0.25  # around the marks, as a share of what they span


def curve_of(title: Text, values: Mapping[int, float], band: tuple[float, float] | None, is_fraction: bool) -> Curve:
    """Values by number of updates; raises ValueError where there are none."""
    if not values:
        raise ValueError("a curve of no values")
    steps = sorted(values)[:MOST_STEPS]
    return Curve(title=title, steps=steps, values=[_drawable(values[n]) for n in steps], band=band, is_fraction=is_fraction)


def _drawable(value: float) -> float | None:
    return _rounded(value) if abs(value) <= LARGEST else None  # a nan is not


def scatter_of(title: Text, points: Tensor, marks: Tensor) -> Scatter:
    """points: (N, 2)    marks: (M, 2), which alone say what is in the frame. Raises ValueError for other shapes."""
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points of shape {tuple(points.shape)} instead of (N, 2)")
    first, (low, side) = points[:MOST_POINTS].double(), _frame(marks.double())
    inside = ((first >= low) & (first <= low + side)).all(dim=1)  # a nan lies nowhere
    frame = tuple(map(_rounded, (*low.tolist(), side)))
    outside = int((~inside).sum())
    return Scatter(
        title=title, points=_pairs(first[inside]), marks=_pairs(marks), frame=frame, outside=outside, total=len(points)
    )


def _frame(marks: Tensor) -> tuple[Tensor, float]:
    """The lower left corner and the side of a square around the marks, with some room."""
    low, high = marks.amin(dim=0), marks.amax(dim=0)
    side = (float((high - low).max()) or 1.0) * (1 + 2 * ROOM)
    return (low + high - side) / 2, side


def _pairs(points: Tensor) -> list[tuple[float, float]]:
    return [(_rounded(x), _rounded(y)) for x, y in points.tolist()]


def _rounded(value: float) -> float:
    """To four digits: nobody sees more, and everybody stores them."""
    return float(f"{value:.4g}")


def pictures_of(title: Text, pictures: Tensor) -> Pictures:
    """pictures: (N, H, W), 0 to 1. Raises ValueError for other shapes and for pictures of nothing."""
    if pictures.ndim != 3 or pictures.numel() == 0:
        raise ValueError(f"pictures of shape {tuple(pictures.shape)} instead of (N, H, W)")
    every = math.ceil(max(pictures.shape[1:]) / LONGEST_SIDE)
    small = pictures[:MOST_PICTURES, ::every, ::every]
    small = small[: MOST_PIXELS // small[0].numel()].double().nan_to_num(0.0).clamp(0, 1)
    return Pictures(title=title, pixels=(255 * small).round().to(torch.uint8).tolist(), total=len(pictures))
