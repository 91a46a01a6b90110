"""A notebook as one Python file: its code cells in order, without magics and outputs."""

import re
import warnings
from typing import TYPE_CHECKING

from grader.protocol import Text
from grader.reading.trees import parse
from grader.refusals import BadSubmission

if TYPE_CHECKING:
    import nbformat

MARK = "# --- cell {number} ---"
MARK_LINE = re.compile(r"^# --- cell (\d+) ---$")
MAX_CELLS = 1000
# %magic, !shell, ?help, help?, and name = !shell; a lone `% 7)` continues an expression and stays
MAGIC = re.compile(r"^(\s*)(?:%{1,2}[A-Za-z]|!|\?|\w+\s*=\s*(?:!|%[A-Za-z])|[\w.]+\?{1,2}\s*$).*$")


def source_of_notebook(data: bytes, shown: str) -> bytes:
    """The code of all cells but those tagged `skip`; a comment marks where each begins. `shown` names it in refusals."""
    notebook = _parse(data, shown)
    cells = [(number, cell) for number, cell in enumerate(notebook.cells, start=1) if _is_wanted(cell)]
    if not cells:
        raise BadSubmission(
            "no_python",
            en=f"{shown} has no code cell. Put your solution into code cells that are not tagged skip.",
            zh=f"{shown} 里没有代码单元。请把解答写在代码单元里，并且不要加 skip 标签。",
        )
    parts = [f"{MARK.format(number=number)}\n{_without_magics(cell.source)}\n" for number, cell in cells]
    return "".join(parts).encode("utf-8", "replace")


def cell_of_line(source: bytes, line: int) -> tuple[int, int] | None:
    """(cell, line within the cell) of a line of a source made here; None for any other source."""
    for above, text in enumerate(reversed(source.decode("utf-8", "replace").split("\n")[:line])):
        if found := MARK_LINE.match(text):
            return int(found[1]), above
    return None


def place_of(line: int, source: bytes, file: str | None = None) -> Text:
    """A line of a submission in words: of a notebook's cell, or of a file where it is not the main one."""
    if cell := cell_of_line(source, line):
        return Text(en=f"cell {cell[0]}, line {cell[1]}", zh=f"第 {cell[0]} 个单元第 {cell[1]} 行")
    if file is None:
        return Text(en=f"line {line}", zh=f"第 {line} 行")
    return Text(en=f"line {line} of {file}", zh=f"{file} 第 {line} 行")


def _parse(data: bytes, shown: str) -> "nbformat.NotebookNode":
    import nbformat  # a tenth of a second, which few submissions need

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cell ids and the like, which do not matter here
            notebook = nbformat.reads(data.decode("utf-8-sig"), as_version=4)
        if len(notebook.cells) <= MAX_CELLS and all(isinstance(cell.source, str) for cell in notebook.cells):
            return notebook
        raise ValueError(f"more than {MAX_CELLS} cells, or cells without text")
    except Exception as error:  # nbformat raises whatever a malformed notebook makes it stumble over
        raise BadSubmission(
            "broken_notebook",
            en=f"{shown} cannot be read as a notebook ({type(error).__name__}). Save it again as .ipynb.",
            zh=f"{shown} 无法作为笔记本读取（{type(error).__name__}）。请重新保存为 .ipynb 后提交。",
        ) from error


def _is_wanted(cell: "nbformat.NotebookNode") -> bool:
    return cell.cell_type == "code" and "skip" not in (cell.get("metadata", {}).get("tags") or [])


def _without_magics(source: str) -> str:
    """The cell as Python: lines for the notebook itself become `pass`, cells in another language become empty."""
    source = source.replace("\r\n", "\n")
    if _is_python(source):
        return source
    lines = source.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(("%%time", "%%capture")):
        return "\n".join("" for _ in lines)
    return "\n".join(MAGIC.sub(r"\1pass", line) for line in lines)


def _is_python(source: str) -> bool:
    try:
        parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
