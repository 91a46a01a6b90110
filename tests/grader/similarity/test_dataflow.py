"""Different spellings of one thing are one thing to the canonical view, and different things stay different."""

import ast

import pytest

from grader.similarity.dataflow import graph_of
from grader.similarity.fingerprint import fingerprint
from grader.similarity.graph import features_of
from grader.similarity.names import names_of
from grader.similarity.rules import Canonical
from grader.similarity.sources import Source
from grader.similarity.spelling import Spelling
from tests.grader.similarity.conftest import work


def features(code: str, spell: Spelling | None = None) -> list[int]:
    """Of the first function of some code."""
    tree = ast.parse("import numpy as np\nimport torch\nimport torch.nn.functional as F\n" + code)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    graph = graph_of(function.body, function.args, names_of([tree]), spell or Canonical())
    return features_of([graph])[0][0].tolist()


def of(expression: str) -> str:
    return f"def f(x, y, z):\n    return np.log({expression})\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x + y * z", "z * y + x"),
        ("x - y", "-y + x"),
        ("-(x - y)", "y - x"),
        ("-x * y", "-(x * y)"),
        ("x / y", "x * (1 / y)"),
        ("x / 4", "0.25 * x"),
        ("x ** 2", "x * x"),
        ("np.square(x)", "np.power(x, 2)"),
        ("x ** 0.5", "np.sqrt(x)"),
        ("x @ y", "x.dot(y)"),
        ("np.matmul(x, y)", "torch.mm(x, y)"),
        ("x.T", "np.transpose(x)"),
        ("np.sum(x, axis=1)", "x.sum(1)"),
        ("x.sum(dim=1)", "torch.sum(x, 1)"),
        ("x.max(axis=1, keepdims=True)", "x.max(axis=1)[:, None]"),
        ("x.sum(1).reshape(-1, 1)", "x.sum(1)[:, np.newaxis]"),
        ("x.shape[0]", "len(x)"),
        ("x.size(0)", "x.shape[0]"),
        ("x.view(2, -1)", "np.reshape(x, (2, -1))"),
        ("x > y", "y < x"),
        ("not x < y", "y <= x"),
        ("np.maximum(x, 0)", "np.where(x > 0, x, 0)"),
        ("F.relu(x)", "x.clamp(min=0)"),
        ("torch.relu(x)", "torch.nn.ReLU()(x)"),
        ("1 / (1 + np.exp(-x))", "torch.sigmoid(x)"),
        ("x if y < z else z", "z if not (y < z) else x"),
        ("np.zeros(x.shape)", "np.zeros_like(x)"),
        ("x[0][y]", "x[0, y]"),
        ("x[y, :]", "x[y]"),
        ("x.copy() + 1", "1 + x.clone()"),
        ("torch.cat([x, y], dim=0)", "np.concatenate([x, y], axis=0)"),
    ],
)
def test_spellings_of_one_thing_are_equal(one: str, other: str) -> None:
    assert features(of(one)) == features(of(other))
    assert features(of(one), Spelling()) != features(of(other), Spelling())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x - y", "y - x"),
        ("x / y", "y / x"),
        ("x @ y", "y @ x"),
        ("x < y", "y < x"),
        ("x.sum(axis=0)", "x.sum(axis=1)"),
        ("x * 0.5", "x * 0.25"),
        ("x if y else z", "z if y else x"),
        ("np.exp(x)", "np.tanh(x)"),
        ("x[0]", "x[1]"),
    ],
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert features(of(one)) != features(of(other))


@pytest.mark.parametrize(
    "same",
    [
        "def f(a, b):\n    c = a @ b\n    d = np.exp(c)\n    return d / d.sum()\n",
        "def f(p, q):\n    return np.exp(p @ q) / np.exp(p @ q).sum()\n",
        "def f(a, b):\n    unused = a - 7\n    d = np.exp(a @ b)\n    e = d.sum()\n    return d / e\n",
        "def f(a, b):\n    e, n = a @ b, 0\n    if False:\n        e = None\n    return np.exp(e) / np.exp(e).sum()\n",
    ],
)
def test_names_temporaries_and_dead_code_leave_no_trace(same: str) -> None:
    plain = "def f(x, y):\n    s = x @ y\n    return np.exp(s) / np.sum(np.exp(s))\n"
    assert features(same) == features(plain)


def test_a_counting_while_is_a_for() -> None:
    looped = "def f(x, n):\n    t = 0\n    for i in range(n):\n        t += x[i] * i\n    return t\n"
    counted = "def f(x, n):\n    t = 0\n    k = 0\n    while n > k:\n        t = x[k] * k + t\n        k = k + 1\n    return t\n"
    assert features(looped) == features(counted)


def test_a_flipped_branch_is_the_same_branch() -> None:
    one = "def f(x, train):\n    if train:\n        y = x * 2\n    else:\n        y = np.exp(x)\n    return y.sum()\n"
    other = "def f(x, train):\n    if not train:\n        y = np.exp(x)\n    else:\n        y = x * 2\n    return y.sum()\n"
    assert features(one) == features(other)


def test_a_function_of_one_expression_is_read_in_its_place() -> None:
    apart = "def f(x, y):\n    return np.log(half(x + y))\n\ndef half(z):\n    return z / 2\n"
    assert features(apart) == features("def f(x, y):\n    return np.log((x + y) / 2)\n")


def test_a_layer_is_known_by_what_it_was_made_as() -> None:
    """`self.first` and `self.encode` are names of a student's; a Linear of 3 by 4 is not."""
    model = "import torch.nn as nn\nclass M(nn.Module):\n    def __init__(self):\n        self.{0} = nn.Linear(3, 4)\n"
    model += "    def forward(self, x):\n        return self.{0}(x).relu()\n"
    one, other = (fingerprint(work("ada", model.format(name))) for name in ("first", "encode"))
    assert [part.canonical.hashes.tolist() for part in one.parts] == [part.canonical.hashes.tolist() for part in other.parts]


def test_doubling_a_sum_again_and_again_stays_small() -> None:
    code = "def f(x):\n" + "    x = x + x\n" * 200 + "    return x\n"
    assert len(features(code)) < 2000


def test_what_is_nested_too_deeply_has_its_tokens_still() -> None:
    deep = "def f(x):\n    return " + "(x + " * 90 + "1" + ")" * 90 + "\n"
    far = "def f(x):\n    return x" + ".a(1)" * 3000 + "\n"
    for code in (deep, far):
        assert sum(len(part.tokens.hashes) for part in fingerprint(work("ada", code)).parts) > 0


def test_a_file_that_does_not_parse_is_read_as_tokens() -> None:
    source = Source("a.py", "def f(x:\n    return x + 1 * 2 - 3 / x ** 2\n")
    assert source.tree is None
    assert sum(len(part.tokens.hashes) for part in fingerprint(work("ada", source.text)).parts) > 0


@pytest.mark.parametrize(
    "statement",
    [
        "try:\n        z = x @ y\n    except* ValueError:\n        z = 0",
        "match x:\n        case [one, *rest] if one > y:\n            z = x @ y",
        "i = 0\n    while i < 3:\n        i += 1\n    else:\n        z = x @ y",
        "class Inner:\n        def g(self, w):\n            return np.log(x @ y)",
    ],
    ids=["except*", "match", "while, else", "a class in a function"],
)
def test_what_stands_in_any_statement_is_read(statement: str) -> None:
    wanted = set(features("def f(x, y, z):\n    return np.log(x @ y)\n"))
    assert wanted & set(features(f"def f(x, y, z):\n    {statement}\n    return np.log(z)\n"))


def test_what_a_pattern_captures_comes_from_what_was_matched() -> None:
    code = "def f(x, y, z):\n    match {}:\n        case [one, *_]:\n            z = np.log(one)\n    return z\n"
    assert features(code.format("x")) != features(code.format("y"))
    assert features(code.format("x")) == features(code.format("x").replace("one", "first"))


def test_neither_way_of_a_try_hides_the_other() -> None:
    wanted = set(features("def f(x, y):\n    return np.log(x @ y)\n"))
    for done, raised in (("np.log(x @ y)", "0"), ("1 / 0", "np.log(x @ y)")):
        code = (
            f"def f(x, y):\n    z = 1\n    try:\n        z = {done}\n    except ValueError:\n        z = {raised}\n    return z\n"
        )
        assert wanted & set(features(code))
