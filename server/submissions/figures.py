"""Where the lines and dots of a check's figures go, and their pictures as files. Numbers only; the drawing is the template's."""

import math
import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.figures import in_words, number
from grader.protocol import Curve, Figure, Pictures, Scatter, Text

WIDTH, HEIGHT = 320, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 308, 10, 170
SIDE = 240
SMALLEST = 1e-300  # what is below cannot be told from 0, and powers of ten end not far from it
COLUMNS, GAP, SCALE = 10, 1, 3  # of pictures: so many in a row, dots between them, CSS pixels for a dot


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class CurveDrawing:
    title: Text
    words: Text
    lines: Sequence[Sequence[Dot]]  # more than one where there are gaps
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    band: tuple[float, float] | None  # top and height of the strip where the last value is expected
    kind: str = "curve"
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


@dataclass(frozen=True)
class ScatterDrawing:
    title: Text
    words: Text
    points: Sequence[tuple[float, float]]
    marks: Sequence[tuple[float, float]]
    kind: str = "scatter"
    side: int = SIDE


@dataclass(frozen=True)
class PicturesDrawing:
    title: Text
    words: Text
    address: str  # data:image/png;base64,…
    width: int
    height: int
    kind: str = "pictures"


Drawing = CurveDrawing | ScatterDrawing | PicturesDrawing


def drawing_of(figure: Figure) -> Drawing:
    match figure:
        case Curve():
            return draw_curve(figure)
        case Scatter():
            return draw_scatter(figure)
        case Pictures():
            return draw_pictures(figure)


def draw_curve(curve: Curve) -> CurveDrawing:
    """From no updates at the left to the last; from 0, or what lies below it, to a round number that nothing exceeds."""
    low, high = range_of(curve)

    def x(step: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * step / (curve.steps[-1] or 1), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (min(max(value, low), high) - low) / (high - low), 1)

    def told(value: float) -> str:
        return number(value, is_fraction=curve.is_fraction)

    dots = [
        None if value is None else Dot(x(step), y(value), f"{step}: {told(value)}")
        for step, value in zip(curve.steps, curve.values, strict=True)
    ]
    last = curve.steps[-1]
    return CurveDrawing(
        title=curve.title,
        words=in_words(curve),
        lines=[list(run) for is_there, run in groupby(dots, bool) if is_there],
        x_ticks=[Tick(x(step), str(step)) for step in dict.fromkeys((0, last // 2, last))],
        y_ticks=[Tick(y(value), told(value)) for value in (low, (low + high) / 2, high)],
        band=(y(curve.band[1]), round(y(curve.band[0]) - y(curve.band[1]), 1)) if curve.band else None,
    )


def range_of(curve: Curve) -> tuple[float, float]:
    """What the axis spans; never nothing."""
    found = [0.0, *(value for value in curve.values if value is not None)]
    low, high = 0.0 - round_up(-min(found)), round_up(max(found))
    return (0.0, 1.0) if curve.is_fraction or low == high else (low, high)


def round_up(value: float) -> float:
    """The next of …, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, …; 0 for what is not positive, or too small to be reckoned with."""
    if value < SMALLEST:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{step * power:.3g}") for step in (1, 2, 3, 4, 5, 6, 8, 10, 20) if step * power >= value)


def draw_scatter(scatter: Scatter) -> ScatterDrawing:
    left, bottom, side = scatter.frame

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return round(SIDE * (point[0] - left) / side, 1), round(SIDE - SIDE * (point[1] - bottom) / side, 1)

    return ScatterDrawing(scatter.title, in_words(scatter), [*map(place, scatter.points)], [*map(place, scatter.marks)])


def draw_pictures(pictures: Pictures) -> PicturesDrawing:
    rows = grid(pictures.pixels)
    width, height = len(rows[0]) // 2, len(rows)
    address = "data:image/png;base64," + b64encode(png(rows)).decode()
    return PicturesDrawing(pictures.title, in_words(pictures), address, SCALE * width, SCALE * height)


def grid(pictures: Sequence[Sequence[Sequence[int]]]) -> list[bytes]:
    """Rows of dots, grey and opacity each: the pictures in rows of ten, on nothing."""
    height, width = len(pictures[0]), len(pictures[0][0])
    columns = min(COLUMNS, len(pictures))
    lines = -(-len(pictures) // columns)
    rows = [bytearray(2 * (columns * (width + GAP) - GAP)) for _ in range(lines * (height + GAP) - GAP)]
    for index, picture in enumerate(pictures):
        top, left = index // columns * (height + GAP), index % columns * (width + GAP)
        for row, greys in zip(rows[top : top + height], picture, strict=True):
            row[2 * left : 2 * (left + width)] = bytes(byte for grey in greys for byte in (grey, 255))
    return [bytes(row) for row in rows]


def png(rows: Sequence[bytes]) -> bytes:
    """A PNG file of rows of dots with a byte of grey and one of opacity each."""
    header = struct.pack(">IIBBBBB", len(rows[0]) // 2, len(rows), 8, 4, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
