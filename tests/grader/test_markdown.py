"""Handouts: formulas and code are drawn, raw HTML is shown as it was written."""

import re
from pathlib import Path

import pytest

from grader.markdown import render_markdown

ROOT = Path(__file__).resolve().parents[2]
HANDOUTS = sorted([*ROOT.glob("assignments/*/handout.*.md"), *ROOT.glob("tests/server/content/*/handout.*.md")])


def test_formulas_become_mathml() -> None:
    html = render_markdown("The rule $w^2$ and\n\n$$\n\\frac{1}{N}\n$$\n")
    assert "<msup><mi>w</mi><mn>2</mn></msup>" in html
    assert 'display="block"' in html
    assert "<mfrac>" in html


def test_an_aligned_formula_is_no_numbered_one() -> None:
    html = render_markdown("$$\n\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}\n$$")
    assert html.count("<mtr>") == 2
    assert "(1)" not in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo", "one\ntwo"),
        ("两个网络互相博弈，\n或者", "两个网络互相博弈，或者"),
        ("一行\n下一行", "一行下一行"),
        ("张量\n`x`", "张量\n<code>x</code>"),
        ("例如，\n`x`", "例如，<code>x</code>"),
        ("**粗**\n下", "<strong>粗</strong>\n下"),
    ],
)
def test_a_line_that_ends_leaves_a_gap_where_the_language_has_one(text: str, shown: str) -> None:
    assert render_markdown(text) == f"<p>{shown}</p>\n"


def test_dollars_are_money_where_they_are_no_formula() -> None:
    assert "It costs $5 and $6." in render_markdown("It costs $5 and $6.")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)>",
        "[link](javascript:alert(1))",
        "![picture](javascript:alert(1))",
        "$\\href{javascript:alert(1)}{x}$",
        "$<img src=x onerror=alert(1)>$",
        '```"><script>alert(1)</script>\ncode\n```',
        "```python\n</code></pre><script>alert(1)</script>\n```",
        "| a |\n|:-:|\n| <b onclick=alert(1)>x</b> |",
    ],
)
def test_nothing_in_a_handout_acts(text: str) -> None:
    html = render_markdown(text)
    tags = re.findall(r"<[a-z][^>]*>", html)
    assert not [tag for tag in tags if re.search(r"<script|<img|\son\w+=|javascript:|\sstyle=", tag)]


def test_code_has_classes_and_no_styles() -> None:
    html = render_markdown("```python\ndef f(x): ...\n```\n\n| a |\n|--:|\n| 1 |\n")
    assert '<span class="k">def</span>' in html
    assert 'class="to-right"' in html
    assert "style=" not in html


def test_a_formula_that_cannot_be_read_is_shown_as_it_was_written() -> None:
    assert "<code>\\frac{</code>" in render_markdown("$\\frac{$")


@pytest.mark.parametrize("path", HANDOUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_formula_of_our_handouts_is_drawn(path: Path) -> None:
    html = render_markdown(path.read_text(encoding="utf-8"))
    assert " style=" not in html  # displaystyle= is MathML's own
    unread = re.findall(r'class="math[^"]*">\s*<code>.*?</code>', html)
    assert unread == []
    assert "<mi>\\" not in html
