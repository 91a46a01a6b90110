"""A case as one HTML file: styles inside, no script, nothing that is fetched from anywhere. A browser prints it as PDF."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from fastapi.responses import HTMLResponse
from markupsafe import Markup

from server.assignments import service as assignments
from server.cases import views
from server.cases.models import Case
from server.settings import Settings
from server.web import moments, templating

SHEETS = ("base.css", "parts.css", "code.css", "cases.css")


def render(case: Case, *, language: str, anonymous: bool, settings: Settings, now: datetime) -> str:
    course = case.assignment.course
    times = templating.moments_in(language, zone=course.time_zone, now=now)
    context = {
        "case": views.case_view(case, anonymous=anonymous, now=now),
        "course": course,
        "manifest": assignments.manifest_of(case.assignment, root=settings.assignments),
        "styles": styles(),
        "zone": course.time_zone,
        "minutes": minutes_in(language),
    }
    return templating.render(language, "cases/export.html", times | context)


def minutes_in(language: str) -> Callable[[float], str]:
    """How facts say a time between."""

    def minutes(count: float) -> str:
        return moments.duration(timedelta(minutes=count), language=language)

    return minutes


def download(case: Case, *, language: str, anonymous: bool, settings: Settings, now: datetime) -> HTMLResponse:
    """To be saved, not shown: our content security policy lets no page of ours bring its own styles."""
    name = f"case-{case.id}{'-anonymous' if anonymous else ''}.html"
    page = render(case, language=language, anonymous=anonymous, settings=settings, now=now)
    return HTMLResponse(page, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@lru_cache
def styles() -> Markup:
    """Our own files, so nothing in them ends the style element."""
    return Markup("\n".join((templating.STATIC / name).read_text(encoding="utf-8") for name in SHEETS))
