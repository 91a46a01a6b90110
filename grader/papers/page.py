"""A paper as one HTML file that needs nothing else: for a printer, an archive, or an author who looks at it."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.markdown import render_markdown
from grader.papers.comparing import Difference
from grader.papers.sheet import Sheet

WORDS = {
    "en": {
        "points": "points", "minutes": "minutes", "allowed": "Allowed", "starter": "Code to begin with", "answer": "Answer",
        "solution": "Solution", "mistakes": "Known mistakes", "differs": "What differs", "where": "Where", "what": "What",
        "variant": "Variant", "constants": "Constants", "marked": "marked by people", "name": "Name",
        "colon": ": ", "opens": "(", "closes": ")",
    },
    "zh": {
        "points": "分", "minutes": "分钟", "allowed": "允许携带", "starter": "起始代码", "answer": "答案",
        "solution": "解答", "mistakes": "已知错误", "differs": "不同之处", "where": "位置", "what": "类别",
        "variant": "试卷", "constants": "常数", "marked": "人工批阅", "name": "姓名",
        "colon": "：", "opens": "（", "closes": "）",
    },
}  # fmt: skip


def paper_page(sheets: Sequence[Sheet], differences: Sequence[Difference], *, language: str) -> str:
    """One sheet, or two side by side. language: en or zh."""
    template = _environment().get_template("paper.html")
    return template.render(sheets=sheets, differences=differences, language=language, words=WORDS[language])


@lru_cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent)
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found.filters["markdown"] = render_markdown
    return found
