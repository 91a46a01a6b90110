"""Handouts: Markdown with formulas and code, turned into HTML on the server. Raw HTML is shown, never obeyed."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# A handout's formula may say what it means, not where it links or how it is styled.
_LINKS_AND_STYLES = re.compile(r'\s(?:href|style|class|id)="[^"]*"')
_BARE_AMPERSAND = re.compile(r"&(?!#?\w+;)")


@lru_cache(maxsize=64)
def render_markdown(text: str) -> Markup:
    """HTML of a handout, safe to place into a page."""
    return Markup(_parser().render(text))


@lru_cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "highlight": highlighted}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, renderer=_formula, allow_digits=False, double_inline=True)
    parser.add_render_rule("table_open", lambda *_: '<div class="scroll"><table>')
    parser.add_render_rule("table_close", lambda *_: "</table></div>")
    parser.add_render_rule("softbreak", _line_end)
    for cell in ("th_open", "td_open"):
        parser.add_render_rule(cell, _aligned_cell)
    return parser


def _line_end(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    """A space in English; nothing between Chinese characters, nor beside their punctuation marks, which are wide enough."""
    before, after = tokens[index - 1].content[-1:], tokens[index + 1].content[:1]
    is_full = _is_wide(before) and _is_wide(after)
    return "" if is_full or _is_wide_mark(before) or _is_wide_mark(after) else "\n"


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in ("W", "F")


def _is_wide_mark(character: str) -> bool:
    return _is_wide(character) and unicodedata.category(character).startswith("P")


def _aligned_cell(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, _env: EnvType) -> str:
    """A class instead of an inline style, which the content security policy refuses."""
    if style := tokens[index].attrs.pop("style", None):
        tokens[index].attrSet("class", str(style).replace("text-align:", "to-"))
    return renderer.renderToken(tokens, index, options, _env)


def highlighted(code: str, language: str, _attributes: str = "") -> str:
    """Code with classes for its colours; a language we do not know stays plain."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return escape(code)
    return highlight(code, lexer, HtmlFormatter(nowrap=True))


def _formula(source: str, options: dict[str, bool]) -> str:
    """MathML, which browsers draw themselves; a formula that cannot be read is shown as it was written."""
    source = source.replace("{aligned}", "{align*}")
    try:
        mathml = convert(source, display="block" if options["display_mode"] else "inline")
    except Exception:  # the converter raises whatever its parser trips over, and the reader needs the handout
        return f"<code>{escape(source)}</code>"
    return _BARE_AMPERSAND.sub("&amp;", _LINKS_AND_STYLES.sub("", mathml))
