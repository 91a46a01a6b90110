"""Reading what uses what."""

import tracemalloc

import pytest

from grader.outline import Outline

SOURCE = """\
import torch.nn as nn

SCALE = 2


def inner(x):
    return SCALE * x


@print
def outer(x):
    return inner(x)


class Alone:
    def forward(self, x):
        return nn.functional.relu(x)
"""


def test_what_a_function_uses_is_reached_through_others() -> None:
    assert Outline(SOURCE).reached(["outer"]) == {"outer", "inner", "SCALE"}


def test_lines_cover_decorators_but_not_imports_or_strangers() -> None:
    lines = Outline(SOURCE).lines(["outer"])
    assert {3, 6, 7, 10, 11, 12} <= lines
    assert not lines & {1, 15, 16, 17}


def test_the_last_definition_counts() -> None:
    assert Outline("def f(): pass\ndef f(): return 1\n").line_of("f") == 2


def test_a_file_is_read_in_the_encoding_that_it_declares() -> None:
    assert Outline(b"# coding: utf-7\n+ACM- (\ndef f(): pass\n").line_of("f") == 3
    assert Outline("# coding: utf-7\ndéf = 1\n").line_of("déf") == 2


@pytest.mark.parametrize(
    "source",
    [
        "=".join(f"a{number}" for number in range(3000)) + "=0",
        "if True:\n" + "".join(f" a{number} = a{number + 1}\n" for number in range(3000)),
        "".join(f"def a{number}(): return a{number + 1}\n" for number in range(3000)),
    ],
    ids=["one line", "one statement", "one after the other"],
)
def test_thousands_of_names_take_no_more_than_each_by_itself(source: str) -> None:
    """A file may have fifty thousand in one statement: a set of them for each would fill the judge's memory."""
    tracemalloc.start()
    try:
        outline = Outline(source)
        assert len(outline.reached(["a0", "a1", "a2999"])) == 3000
        assert len(outline.lines(["a0"])) == len(source.splitlines())
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_what_cannot_be_parsed_defines_nothing() -> None:
    for source in ("def f(:", "x = " + "(" * 5000, "\x00", "-" * 200_000 + "1"):
        assert Outline(source).reached(["f"]) == set()


def test_what_only_raises_as_in_the_starter_counts_as_empty() -> None:
    outline = Outline(
        'def f(x):\n    """Doubles."""\n    raise NotImplementedError\n'
        "class A:\n    def g(self):\n        raise NotImplementedError('later')\n"
        "class B:\n    def g(self):\n        return 1\n    def h(self):\n        raise NotImplementedError\n"
        "def k(x):\n    if x is None:\n        raise NotImplementedError\n    return x\n"
    )
    assert [name for name in "fABk" if outline.is_empty(name)] == ["f", "A"]
    assert not outline.is_empty("not_there")
