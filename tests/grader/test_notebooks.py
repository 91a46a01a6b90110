"""A notebook becomes one Python file."""

import ast
import json
import zlib
from typing import Any

import pytest

from grader.notebooks import cell_of_line, source_of_notebook
from grader.refusals import BadSubmission


def cell(source: str, *, kind: str = "code", tags: tuple[str, ...] = ()) -> dict[str, Any]:
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {
        "cell_type": kind,
        "id": f"c{zlib.crc32(source.encode())}",
        "source": source,
        "metadata": {"tags": list(tags)},
        **extra,
    }


def notebook(*cells: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **changes}).encode()


def source(*cells: dict[str, Any]) -> str:
    return source_of_notebook(notebook(*cells), "hw.ipynb").decode()


def test_code_cells_follow_each_other_and_the_rest_is_left_out() -> None:
    text = source(cell("x = 1"), cell("# Title", kind="markdown"), cell("y = 0", tags=("skip",)), cell("z = x + 1"))
    assert text == "# --- cell 1 ---\nx = 1\n# --- cell 4 ---\nz = x + 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install torch\nx = 1", "pass\nx = 1"),
        ("if True:\n    !ls\n    %time x = 2", "if True:\n    pass\n    pass"),
        ("files = !ls\nx = 1", "pass\nx = 1"),
        ("torch.nn?\nx = 1", "pass\nx = 1"),
        ("?print", "pass"),
        ("%%bash\nrm -rf /", "\n"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("x = 7 \\\n% 3", "x = 7 \\\n% 3"),
        ("s = '''\n%d\n!x\n'''", "s = '''\n%d\n!x\n'''"),
    ],
)
def test_magics_and_shell_lines_are_dropped_and_line_numbers_stay(before: str, after: str) -> None:
    text = source(cell(before))
    assert text == f"# --- cell 1 ---\n{after}\n"
    ast.parse(text)


def test_a_line_is_found_in_its_cell() -> None:
    text = source(cell("a = 1\nb = 2"), cell("c = 3\n\nd = 4")).encode()
    lines = text.decode().splitlines()
    assert cell_of_line(text, lines.index("b = 2") + 1) == (1, 2)
    assert cell_of_line(text, lines.index("d = 4") + 1) == (2, 3)
    assert cell_of_line(b"x = 1\n", 1) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"null",
        notebook(cell("x"), cells="no"),
        notebook({"cell_type": "code"}),
        notebook({"cell_type": "code", "source": {"a": 1}, "metadata": {}, "outputs": [], "execution_count": None}),
        notebook(cell("x"), nbformat=99),
        b'{"nbformat": 4, "cells": ' + b"[" * 100_000,
        notebook(*[cell("x")] * 1500),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes) -> None:
    with pytest.raises(BadSubmission) as caught:
        source_of_notebook(data, "hw.ipynb")
    assert "hw.ipynb" in caught.value.message.en and "hw.ipynb" in caught.value.message.zh


def test_a_notebook_without_code_is_refused() -> None:
    with pytest.raises(BadSubmission, match="no code cell"):
        source_of_notebook(notebook(cell("hello", kind="markdown"), cell("x = 1", tags=("skip",))), "hw.ipynb")
