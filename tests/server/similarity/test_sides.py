"""Two works as a page shows them: every line once, what was given folded, what answers each other on the right rows."""

from grader.similarity.evidence import Shade
from server.similarity.sides import lines_of, runs_of, sides_of

CODE = [
    '"""A text',
    'of two lines."""',
    "",
    "class Net:",
    "    def forward(self, x):",
    "        return x",
    "",
    "def loss(x):",
    "    return x",
]
LONG = ["import torch", *CODE]


def work(lines: list[str], **fields: object) -> dict:
    return {"files": [{"name": "a.py", "lines": ["x = 1"]}, {"name": "b.py", "lines": lines}], "declared": [], **fields}


def content(**evidence: object) -> dict:
    span = {"file": "b.py", "first": 5, "last": 6, "name": "Net.forward"}
    part = {"left": span, "right": {**span, "first": 6, "last": 7}, "shared": 4, "few": 3, "unique": 2}
    inside = {"left": {"file": "b.py", "first": 6, "last": 6}, "right": {"file": "b.py", "first": 7, "last": 7}, "length": 13}
    outside = {"left": {"file": "a.py", "first": 1, "last": 1}, "right": {"file": "a.py", "first": 1, "last": 1}, "length": 15}
    found = {"parts": [part], "matches": [inside, outside], "texts": [], "left": {}, "right": {}}
    return {"left": work(CODE), "right": work(LONG), "facts": [], "evidence": found | evidence}


def test_rows_are_counted_through_all_files_and_answer_each_other() -> None:
    sides = sides_of(content(), names=("Ada", "Bob"))
    (function,) = sides.functions
    assert function.rows == (5, 6, 6, 7), "one row of the first file comes before"
    rows = [line.row for file in sides.left.files for run in file.runs for line in run.lines]
    assert rows == list(range(1 + len(CODE)))
    assert [passage.rows for passage in sides.passages] == [(0, 0, 0, 0), (5, 6, 6, 7)], "a match inside of a function is no stop"
    assert sides.anchors[0] == (6, 6, 7, 7), "but the finest to scroll by"


def test_a_work_by_itself_has_its_lines_and_nothing_that_answers_them() -> None:
    alone = sides_of(content() | {"right": None, "evidence": None}, names=("Ada",), prefix="x3-")
    assert alone.right is None and [(side.id, side.name) for side in alone.works] == [("x3-left", "Ada")]
    lines = [line for file in alone.left.files for run in file.runs for line in run.lines]
    assert {line.shade for line in lines} == {"nothing"} and len(lines) == 1 + len(CODE)
    assert alone.passages == [] and alone.anchors == []


def test_code_is_coloured_line_by_line_and_never_obeyed() -> None:
    lines = lines_of([*CODE, "<script>alert(1)</script>"], (), 0, set(), {})
    assert len(lines) == len(CODE) + 1
    for line in lines:
        assert line.html.count("<span") == line.html.count("</span>"), "what spans two lines is opened in each"
    assert "<script" not in lines[-1].html and "script" in lines[-1].html


def test_empty_lines_are_folded_with_the_template_around_them() -> None:
    shades = ["template", "empty", "template", "empty", "unique", "empty"]
    lines = lines_of(["a", "", "b", "", "c", ""], shades, 0, set(), {})
    assert [(run.is_template, len(run.lines)) for run in runs_of(lines)] == [(True, 3), (False, 3)]
    assert {shade.name for shade in Shade} >= set(shades)


def test_what_was_declared_is_marked_by_the_functions_it_names() -> None:
    lines = lines_of(CODE, (), 0, {"Net.forward"}, {})
    assert [line.number for line in lines if line.is_declared] == [5, 6, 7]


def test_hidden_names_do_not_stand_in_the_code_either() -> None:
    (line,) = lines_of(["# ada wrote it; canada is no name"], (), 0, set(), {"Ada": "Calm Fox 12"})
    assert "Calm Fox 12" in line.html and "canada" in line.html and "ada wrote" not in line.html
