"""`gradus admin integrity`: what a course has settled about honest work."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from server.cli.admin import CourseSlug, choose, done, get_course, open_session
from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

Asks = Annotated[str | None, typer.Option("--asks-sources", help="no, asked or required: what students used, with each attempt.")]
HonourEn = Annotated[Path | None, typer.Option("--honour-en", help="A Markdown file with the wording; an empty one: ours.")]
HonourZh = Annotated[Path | None, typer.Option("--honour-zh", help="The same in Chinese.")]
Tells = Annotated[bool | None, typer.Option("--tells-students/--tells-nobody", help="Whether students are told of a case.")]
Second = Annotated[bool | None, typer.Option("--second-eyes/--one-decides", help="Whether a verdict needs a second person.")]
Kept = Annotated[int | None, typer.Option("--cases-kept-days", help="For how long a case is kept after it was closed.")]


def integrity(
    course: CourseSlug,
    asks_sources: Asks = None,
    honour_en: HonourEn = None,
    honour_zh: HonourZh = None,
    tells_students: Tells = None,
    second_eyes: Second = None,
    cases_kept_days: Kept = None,
    as_json: AsJson = False,
) -> None:
    """Show or change how a course asks for sources and keeps cases; without options, show."""
    with open_session() as session:
        from server.courses import integrity as domain
        from server.courses.models import Asking

        found = get_course(session, course)
        wanted = {
            "asks_sources": choose(Asking, asks_sources) if asks_sources else None,
            "honour_en": read_wording(honour_en),
            "honour_zh": read_wording(honour_zh),
            "tells_students": tells_students,
            "second_eyes": second_eyes,
            "cases_kept_days": cases_kept_days,
        }
        named = {name: value for name, value in wanted.items() if value is not None}
        changed = domain.change(session, course=found, by=None, settings=named)
        settings = domain.settings_of(found)
    if as_json:
        print_json(settings)
        return
    for name, value in settings.items():
        answers().print(f"{name:16} {'*' if name in changed else ' '} {escape(said(value))}", soft_wrap=True)
    if changed:
        done(f"Changed in {course}: {', '.join(changed)}.")


def read_wording(file: Path | None) -> str | None:
    try:
        return None if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} cannot be read.", why=str(error), code=ExitCode.usage) from error


def said(value: Any) -> str:
    """On one line: wording by its beginning."""
    if value is None:
        return "ours"
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else text[:79] + "…"
