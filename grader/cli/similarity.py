"""`gradus similarity`: which of the works in a folder are alike, and where."""

import csv
import gc
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.terminal import ExitCode, answers, progress_of, reading, remarks, said, stop
from grader.protocol import Text

if TYPE_CHECKING:
    from grader.similarity.folders import Collection
    from grader.similarity.score import Comparison, Pair

SHOWN = 20
FEW = 10
IN_REPORT = 50
WORTH_SHOWING = 0.1

Paths = list[Path]


def similarity(
    folder: Annotated[
        Path, typer.Argument(help="One subfolder or file (.py, .ipynb, .zip) for each student.", show_default=False)
    ],
    template: Annotated[
        Paths | None, typer.Option(help="A file, or a folder, that students were given; repeat it for more.")
    ] = None,
    archive: Annotated[
        Paths | None, typer.Option(help="A folder of an earlier term, or of public solutions; repeat it for more.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every pair as left,right,similarity.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every pair as JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a report with both sides of the first pairs into this file.")] = None,
    at_least: Annotated[float, typer.Option(help="Leave out pairs below this similarity.", min=0, max=1)] = 0.0,
    cache: Annotated[
        Path | None,
        typer.Option(help="A folder to keep what was read of each work, so that the next run reads only what is new."),
    ] = None,
) -> None:
    """Compare the works of a class: most similar pairs first. A pair is a question to a person, never an answer."""
    if as_csv and as_json:
        stop(ExitCode.usage, "--csv and --json both go to the standard output.", "Choose one of them.")
    if html and (html.is_dir() or not html.parent.is_dir()):
        stop(ExitCode.usage, f"{html} cannot be a file.", "Give --html a file in a folder that exists.")
    if cache:
        _make(cache)
    collection = _collect(folder, template or [], archive or [])
    with _uncollected():
        comparison = _compare(collection, cache)
        if html:
            _write_report(html, collection, comparison)
        if as_csv:
            _print_csv(comparison, at_least)
        elif as_json:
            _print_json(comparison, at_least)
        else:
            _show(comparison, max(at_least, WORTH_SHOWING))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Fingerprints are many small objects without cycles: the collector would walk through all of them, time and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _collect(folder: Path, templates: Paths, archives: Paths) -> "Collection":
    from grader.similarity.folders import Collection

    for path in (folder, *archives):
        if not path.is_dir():
            stop(ExitCode.usage, f"{path} is not a folder.", "Give a folder with one subfolder or file for each student.")
    for path in templates:
        if not path.exists():
            stop(ExitCode.usage, f"There is no file {path}.", "Check the path given with --template.")
    with reading():
        collection = Collection.find(folder, templates, archives)
    if not collection.works:
        stop(
            ExitCode.usage, f"{folder} holds no .py, .ipynb or .zip file, nor a folder.", "Give the folder that holds the works."
        )
    if len(collection.works) == 1 and not collection.archived:
        stop(ExitCode.usage, f"{folder} holds the work of one student only.", "Two are needed, or --archive.")
    return collection


def _make(cache: Path) -> None:
    try:
        cache.mkdir(exist_ok=True)
    except OSError as error:
        stop(ExitCode.usage, f"{cache} cannot be a folder: {error.strerror}.", "Give --cache a folder that can be written.")


def _compare(collection: "Collection", cache: Path | None) -> "Comparison":
    from grader.similarity.score import compare

    with progress_of("read") as show:
        prints, notes = collection.fingerprints(show, cache)
    for note in notes:
        remarks().print(f"! {note}", soft_wrap=True, markup=False)
    if len(collection.works) < FEW:
        remarks().print(said(TOO_FEW), soft_wrap=True, markup=False)
    return compare(prints.works, archive=prints.archived, templates=prints.templates)


TOO_FEW = Text(
    en=f"! Fewer than {FEW} works: what independent solutions have in common is not known, so figures are too high.",
    zh=f"! 不足 {FEW} 份作业：无从得知独立完成的解答本来有多少相同之处，因此数值偏高。",
)


def _print_csv(comparison: "Comparison", at_least: float) -> None:
    sys.stdout.write("left,right,similarity\n")
    rows = _rows(comparison, at_least, name=_csv_field, similarity="{:.4f}".format)
    sys.stdout.writelines(f"{left},{right},{similarity}\n" for left, right, similarity in rows)


def _csv_field(text: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()


def _print_json(comparison: "Comparison", at_least: float) -> None:
    """One pair a line."""
    sys.stdout.write(f'{{"works": {comparison.count}, "pairs": [')
    rows = _rows(
        comparison, at_least, name=partial(json.dumps, ensure_ascii=False), similarity=lambda value: json.dumps(round(value, 4))
    )
    for number, (left, right, similarity) in enumerate(rows):
        sys.stdout.write(f'{"," if number else ""}\n  {{"left": {left}, "right": {right}, "similarity": {similarity}}}')
    sys.stdout.write("\n]}\n")


def _rows(
    comparison: "Comparison", at_least: float, *, name: Callable[[str], str], similarity: Callable[[float], str]
) -> Iterator[tuple[str, str, str]]:
    """Left, right and similarity of every pair as they are to be written; names and figures are put into words once."""
    names = [name(student) for student in comparison.students.names]
    for pairs, values in comparison.order(at_least):
        figures = {value: similarity(value) for value in set(values.tolist())}
        for (left, right), value in zip(pairs.tolist(), values.tolist(), strict=True):
            yield names[left], names[right], figures[value]


def _show(comparison: "Comparison", at_least: float) -> None:
    from rich.table import Table

    pairs = list(comparison.ranked(at_least, SHOWN))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in (Text(en="similarity", zh="相似度"), Text(en="left", zh="左"), Text(en="right", zh="右")):
        table.add_column(said(heading), overflow="fold")
    for pair in pairs:
        table.add_row(f"{pair.similarity:.2f}", pair.left, pair.right)
    if pairs:
        answers().print(table, markup=False)
    answers().print(said(_summary(comparison, pairs, at_least)), soft_wrap=True, markup=False)


def _summary(comparison: "Comparison", pairs: Sequence["Pair"], at_least: float) -> Text:
    count = comparison.count
    archived = len(comparison.students) - count
    beside_en, beside_zh = (f" and {archived} of the archive", f"，另有存档 {archived} 份") if archived else ("", "")
    shown_en = f"the first {len(pairs)} pairs" if pairs else f"no pair at or above {at_least:.2f}"
    shown_zh = f"以上是最相似的 {len(pairs)} 对" if pairs else f"没有达到 {at_least:.2f} 的作业对"
    return Text(
        en=f"{count} works{beside_en}: {shown_en}. Look at both sides (--html) before you conclude anything.",
        zh=f"共 {count} 份作业{beside_zh}：{shown_zh}。下结论之前，请先对照两边的代码（--html）。",
    )


def _write_report(path: Path, collection: "Collection", comparison: "Comparison") -> None:
    from grader.cli.terminal import language
    from grader.similarity.report import report_of

    with progress_of("report") as show:
        text = report_of(collection, comparison, most=IN_REPORT, language=language(), progress=show)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        stop(ExitCode.usage, f"{path} cannot be written: {error.strerror}.", "Choose another file with --html.")
    remarks().print(f"✓ {path}", soft_wrap=True, markup=False)
