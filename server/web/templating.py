"""Pages out of templates: one Jinja environment per language, each domain with its own folder of templates."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.markdown import render_markdown
from grader.protocol import Text
from server.web import assets, moments
from server.web.i18n import LANGUAGES, html_tag, translations

SERVER = Path(__file__).resolve().parent.parent
STATIC = Path(__file__).parent / "static"
BACKTICKS = re.compile(r"`([^`]+)`")
GAPS = {"en": " ", "zh_CN": ""}  # between two sentences
DOMAINS = (
    "accounts",
    "identities",
    "courses",
    "channels",
    "messages",
    "announcements",
    "assignments",
    "teams",
    "deadlines",
    "submissions",
    "questions",
    "returns",
    "leaderboard",
    "marking",
    "attendance",
    "participation",
    "declarations",
    "spotchecks",
    "similarity",
    "cases",
    "gradebook",
    "exams",
    "exam_results",
    "lti",
    "regrades",
    "reruns",
)


@lru_cache
def environment(language: str) -> Environment:
    """Everything a template of this language can use; undefined names are errors, text is escaped."""
    shared = FileSystemLoader(Path(__file__).parent / "templates")
    domains = PrefixLoader({domain: FileSystemLoader(SERVER / domain / "templates") for domain in DOMAINS})
    jinja = Environment(
        loader=ChoiceLoader([shared, domains]),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    jinja.globals.update(
        language=language, html_tag=html_tag(language), gap=GAPS[language], languages=LANGUAGES, static=static_url,
        units="|".join(moments.UNITS[language][:4]), has_scripts=assets.has_scripts(),
    )  # fmt: skip
    jinja.filters.update(
        text=text_in(language),
        ordinal=ordinal_in(language),
        points=points,
        said=said,
        markdown=render_markdown,
        filesize=filesize,
        fixed=fixed,
        moment=datetime.fromisoformat,
        filled=filled,
        polyline=polyline,
    )
    return jinja


def text_in(language: str) -> Any:
    def text(value: Text) -> str:
        return value.in_language(language)

    return text


def ordinal_in(language: str) -> Any:
    """3rd, 12th, 21st; in Chinese a prefix does for all."""

    def ordinal(number: int) -> str:
        if language != "en":
            return f"第 {number} 名"
        ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending}"

    return ordinal


def points(value: Decimal | float) -> str:
    """12, 7.5, 0.25: no zeros that say nothing."""
    return f"{Decimal(str(value)).quantize(Decimal('0.01')).normalize():f}"


def said(sentence: str) -> Markup:
    """A sentence whose `names` stand in code type; everything else is escaped."""
    return Markup(BACKTICKS.sub(r"<code>\1</code>", str(escape(sentence))))


def filesize(size_bytes: int) -> str:
    if size_bytes < 1024:
        return f"{size_bytes} B"
    return f"{size_bytes / 1024:.1f} KiB" if size_bytes < 1 << 20 else f"{size_bytes / 2**20:.1f} MiB"


def fixed(value: float, decimals: int) -> str:
    """0.500: columns of one kind of number end at the same place."""
    return f"{value:.{decimals}f}"


def filled(sentence: str, *values: object) -> str:
    """A translated sentence with {} in it, for where it stands so often that translating it each time would be slow."""
    return str(sentence).format(*values)


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """What an SVG wants to read."""
    return " ".join(f"{x},{y}" for x, y in points)


@lru_cache
def static_url(name: str) -> str:
    """An address that changes with the content, so that browsers may keep the file for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?v={digest}"


def moments_in(language: str, *, zone: str, now: datetime) -> dict[str, Any]:
    """The functions by which a template says times."""

    def absolute(moment: datetime, in_zone: str = zone) -> str:
        return moments.absolute(moment, language=language, zone=in_zone, now=now)

    def relative(moment: datetime) -> str:
        return moments.duration(moment - now, language=language)

    def duration(span: timedelta) -> str:
        return moments.duration(span, language=language)

    return {"absolute": absolute, "relative": relative, "now": now, "duration": duration}


def render(language: str, template: str, context: Mapping[str, Any]) -> Markup:
    return Markup(environment(language).get_template(template).render(context))


def respond(page: Markup, *, status: int = 200) -> HTMLResponse:
    """The same address says different things to different people and in different languages."""
    return HTMLResponse(page, status_code=status, headers={"Vary": "Cookie, Accept-Language"})
