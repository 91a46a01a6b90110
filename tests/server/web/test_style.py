"""Rules of the look that can be computed: contrast in both themes, five sizes, two weights, one set of colours."""

import re
from collections.abc import Iterator
from itertools import product

import pytest

from server.web.templating import STATIC

SHEETS = {path.name: path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.css"))}
LIGHT, DARK = 0, 1
TEXT_COLOURS = ("ink", "soft", "accent", "pass", "fail", "wait", "hint")
GROUNDS = ("paper", "raised", "sunk")
UNUSED = {("wait", "sunk")}  # code is never amber
READABLE, VISIBLE = 4.5, 3.0  # WCAG 2: text, and edges of what can be operated


def colours(theme: int) -> dict[str, str]:
    """The palette of a theme: the dark one replaces what it names."""
    blocks = re.findall(r":root \{(.*?)\}", SHEETS["base.css"], re.S)
    palettes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    return palettes[0] | palettes[theme]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), sorted({*product(TEXT_COLOURS, GROUNDS)} - UNUSED))
def test_text_can_be_read_on_every_ground(theme: int, text: str, ground: str) -> None:
    palette = colours(theme)
    assert contrast(palette[text], palette[ground]) >= READABLE


def test_a_wall_is_as_dark_as_the_dark_theme() -> None:
    wall = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", re.search(r"\.display \{(.*?)\}", SHEETS["base.css"], re.S)[1]))
    assert {name: colour for name, colour in colours(DARK).items() if name in wall} == wall
    assert set(TEXT_COLOURS) | set(GROUNDS) <= set(wall)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_buttons_and_the_edges_of_fields_can_be_seen(theme: int) -> None:
    palette = colours(theme)
    assert contrast(palette["on-accent"], palette["accent"]) >= READABLE
    assert contrast(palette["edge"], palette["raised"]) >= VISIBLE


def declarations(name: str) -> Iterator[str]:
    for sheet in SHEETS.values():
        yield from re.findall(rf"(?<![\w-]){name}:\s*([^;}}]+)", sheet)


def test_there_are_five_sizes_and_two_weights() -> None:
    sizes = {size for size in declarations("font-size") if not size.endswith("em")}
    assert sizes <= {f"var(--{name})" for name in ("small", "body", "lead", "title", "figure")} | {"10px"}
    assert set(declarations("font-weight")) == {"var(--strong)", "var(--plain)"}


def test_colours_are_named_once() -> None:
    used = {name for name, sheet in SHEETS.items() for _ in re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet)}
    assert used == {"base.css"}


def test_whoever_asked_for_no_motion_gets_none() -> None:
    assert "@media (prefers-reduced-motion: reduce)" in SHEETS["base.css"]
