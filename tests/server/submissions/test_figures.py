"""Where lines, dots and pictures of a check's figures go."""

import struct
import zlib
from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.protocol import Curve, Pictures, Scatter, Text
from server.submissions.figures import BOTTOM, LEFT, RIGHT, SIDE, TOP, drawing_of, round_up

TITLE = Text(en="A figure", zh="一幅图")
numbers = st.none() | st.floats(-1e9, 1e9)


def test_a_share_runs_from_nothing_to_all_and_its_band_is_a_strip() -> None:
    plot = drawing_of(Curve(title=TITLE, steps=[1, 100], values=[0.0, 1.0], band=(0.75, 1.0), is_fraction=True))
    ((first, last),) = plot.lines
    assert ((last.x, last.y), first.y) == ((RIGHT, TOP), BOTTOM) and LEFT < first.x < LEFT + 5
    assert plot.band == (TOP, (BOTTOM - TOP) / 4)
    assert [tick.text for tick in plot.y_ticks] == ["0%", "50%", "100%"]
    assert [(tick.at, tick.text) for tick in plot.x_ticks] == [(LEFT, "0"), ((LEFT + RIGHT) / 2, "50"), (RIGHT, "100")]
    assert [dot.text for dot in (first, last)] == ["1: 0%", "100: 100%"]


def test_a_gap_parts_the_line() -> None:
    plot = drawing_of(Curve(title=TITLE, steps=[1, 2, 3, 4, 5], values=[2.5, 2.0, None, 1.0, None]))
    assert [[dot.text for dot in line] for line in plot.lines] == [["1: 2.5", "2: 2"], ["4: 1"]]
    assert [tick.text for tick in plot.y_ticks] == ["0", "1.5", "3"] and plot.band is None


@pytest.mark.parametrize("values", [[None, None], [0.0, 0.0]])
def test_where_there_is_nothing_the_axis_still_has_three_marks(values: list[float | None]) -> None:
    plot = drawing_of(Curve(title=TITLE, steps=[1, 2], values=values))
    assert [(tick.at, tick.text) for tick in plot.y_ticks] == [(BOTTOM, "0"), ((TOP + BOTTOM) / 2, "0.5"), (TOP, "1")]


@given(st.lists(numbers, min_size=1, max_size=8), st.booleans())
@settings(deadline=None)
def test_no_value_leaves_the_frame(values: list[float | None], is_fraction: bool) -> None:
    steps = list(range(1, len(values) + 1))
    plot = drawing_of(Curve(title=TITLE, steps=steps, values=values, is_fraction=is_fraction))
    dots = [dot for line in plot.lines for dot in line]
    assert len(dots) == sum(value is not None for value in values)
    assert all(LEFT <= dot.x <= RIGHT and TOP <= dot.y <= BOTTOM for dot in dots)


@pytest.mark.parametrize(
    ("value", "top"), [(0.0, 0), (-3.0, 0), (2.41, 3), (0.1, 0.1), (0.11, 0.2), (9.5, 10), (7, 8), (1e9, 1e9)]
)
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert round_up(value) == top


def test_a_plane_has_its_origin_at_the_lower_left() -> None:
    scatter = Scatter(
        title=TITLE, points=[(-3.0, -3.0), (3.0, 3.0), (0.0, 1.5)], marks=[(0.0, 0.0)], frame=(-3, -3, 6), outside=0, total=3
    )
    plot = drawing_of(scatter)
    assert plot.points == [(0, SIDE), (SIDE, 0), (SIDE / 2, SIDE / 4)] and plot.marks == [(SIDE / 2, SIDE / 2)]


def dots_of(address: str) -> tuple[tuple[int, int], list[bytes]]:
    """Width and height of a PNG as ours, and its rows without the filter's byte."""
    data = b64decode(address.removeprefix("data:image/png;base64,"))
    size = struct.unpack(">II", data[16:24])
    start = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[start - 4 : start])
    raw = zlib.decompress(data[start + 4 : start + 4 + length])
    return size, [raw[at + 1 : at + 1 + 2 * size[0]] for at in range(0, len(raw), 1 + 2 * size[0])]


def test_pictures_stand_ten_in_a_row_with_nothing_between_them() -> None:
    drawing = drawing_of(Pictures(title=TITLE, pixels=[[[0, 255], [7, n]] for n in range(11)], total=99))
    (width, height), rows = dots_of(drawing.address)
    assert (width, height) == (29, 5) and (drawing.width, drawing.height) == (3 * 29, 3 * 5)
    assert rows[0][:6] == bytes([0, 255, 255, 255, 0, 0]) and rows[1][6:10] == bytes([7, 255, 1, 255])
    assert not any(rows[2]) and rows[4] == bytes([7, 255, 10, 255]) + bytes(54)
