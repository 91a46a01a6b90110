"""`gradus paper`: one student's paper, or two side by side, without a server."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.grade import known_folder, typed_seed
from grader.cli.terminal import ExitCode, answers, language, remarks, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from rich.table import Table

    from grader.papers.comparing import Difference
    from grader.papers.sheet import Entry, Sheet


def paper(
    assignment: Annotated[str, typer.Argument(help="An assignment's id, or the path of its folder.", show_default=False)],
    variant: Annotated[str, typer.Option(help="The seed of the paper; short ones are filled up with zeros.")] = "1",
    beside: Annotated[str | None, typer.Option(help="The seed of another one to compare with.", show_default=False)] = None,
    with_key: Annotated[bool, typer.Option("--answers", help="With answers, solutions and all constants.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write one HTML file to print instead.", show_default=False)] = None,
    in_language: Annotated[str | None, typer.Option("--language", help="en or zh; the terminal's if left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, in both languages.")] = False,
) -> None:
    """Show the paper that a seed draws: handout, questions and starter; without --answers nothing of the key."""
    from grader.papers.comparing import compare
    from grader.spec import BrokenAssignment

    if in_language not in (None, "en", "zh"):
        stop(ExitCode.usage, f"There is no language {in_language!r}.", "Choose en or zh.")
    spoken = in_language or language()
    seeds = [typed_seed(each) for each in (variant, beside) if each is not None]
    try:
        sheets = _sheets(known_folder(assignment), seeds, with_key=with_key)
    except BrokenAssignment as broken:
        stop(ExitCode.ungradable, str(broken), "Repair the file; `gradus verify` checks all of it.")
    differences = compare(*sheets) if len(sheets) == 2 else []
    if html is not None:
        _write(html, sheets, differences, spoken)
    elif as_json:
        typer.echo(json.dumps(_listed(sheets, differences), ensure_ascii=False, indent=2))
    else:
        for sheet in sheets:
            for piece in _pieces(sheet, spoken):
                answers().print(piece)
        if len(sheets) == 2:
            answers().print(_table(sheets, differences, spoken))


def _sheets(folder: Path, seeds: list[str], *, with_key: bool) -> "list[Sheet]":
    from grader.papers.sheet import sheet_of
    from grader.spec import load_manifest

    manifest = load_manifest(folder)
    return [sheet_of(folder, manifest, seed, with_key=with_key) for seed in seeds]


def _listed(sheets: "list[Sheet]", differences: "list[Difference]") -> dict[str, object]:
    listed: dict[str, object] = {"papers": [sheet.model_dump(mode="json", exclude_none=True) for sheet in sheets]}
    return listed | ({"differences": [each.model_dump(mode="json") for each in differences]} if len(sheets) == 2 else {})


def _write(path: Path, sheets: "list[Sheet]", differences: "list[Difference]", spoken: str) -> None:
    from grader.papers.page import paper_page

    try:
        path.write_text(paper_page(sheets, differences, language=spoken), encoding="utf-8")
    except OSError as error:
        stop(ExitCode.usage, f"{path} cannot be written: {error.strerror}.", "Name another file.")
    remarks().print(f"{path}: open it in a browser, or print it.", soft_wrap=True, markup=False)


def _pieces(sheet: "Sheet", spoken: str) -> "Iterator[RenderableType]":
    from rich.markdown import Markdown
    from rich.markup import escape
    from rich.syntax import Syntax

    yield f"[bold]{escape(sheet.title.in_language(spoken))}[/]  [dim]{sheet.short_seed}[/]"
    if sheet.constants:
        yield escape(", ".join(f"{name} = {value.in_language(spoken)}" for name, value in sheet.constants.items()))
    yield Markdown(sheet.body(spoken))
    headings = sheet.headings()
    for number, entry in enumerate(sheet.entries, start=1):
        yield from (f"\n[bold underline]{escape(title.in_language(spoken))}[/]" for title in headings[number - 1])
        yield f"\n[bold]{number} · {escape(entry.title.in_language(spoken))}[/] ({entry.points:g})"
        yield escape(entry.prompt.in_language(spoken))
        yield from (f"  {chr(ord('A') + n)}  {escape(option.in_language(spoken))}" for n, option in enumerate(entry.options))
        yield from _key(entry, spoken)
    if sheet.starter:
        yield Syntax(sheet.starter, "python", theme="ansi_light", background_color="default")


def _key(entry: "Entry", spoken: str) -> "Iterator[str]":
    from rich.markup import escape

    if entry.key is None:
        return
    yield f"  [green]✓[/] {escape(entry.key.answer.in_language(spoken) if entry.key.answer else '—')}"
    if entry.key.solution:
        yield f"    {escape(entry.key.solution.in_language(spoken))}"
    yield from (f"  [red]✗[/] {escape(id)}: {escape(value)}" for id, value in entry.key.mistakes.items())


def _table(sheets: "list[Sheet]", differences: "list[Difference]", spoken: str) -> "Table | str":
    from rich.markup import escape
    from rich.table import Table

    if not differences:
        return "The two papers are the same."
    table = Table(title="What differs", title_justify="left")
    for heading in ("where", "what", *(sheet.short_seed for sheet in sheets)):
        table.add_column(heading, overflow="fold")
    for each in differences:
        table.add_row(each.where, each.what, escape(each.left.in_language(spoken)), escape(each.right.in_language(spoken)))
    return table
