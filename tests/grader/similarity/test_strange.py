"""Whatever is handed in gets a fingerprint, is compared, and is shown: strange Python, huge Python, and no Python at all."""

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from grader.similarity.evidence import Gatherer
from grader.similarity.fingerprint import Fingerprint, fingerprint
from grader.similarity.score import compare
from grader.similarity.sources import File, Work, work_of
from grader.similarity.storage import decoded, encoded
from tests.thorough import examples

STRANGE = {
    "a number of 50 000 digits": "x = 0x" + "f" * 50_000 + "\ny = x + 1.5\nz = 1 / x",
    "an integer that is no float": "x = 10**400 + 1.5\ny = " + "9" * 400 + " + 1.5\nz = 1 / " + "9" * 400,
    "numbers without end": "x = 1e999 + 1e999\ny = 1e999 - 1e999\nz = 1e999 * 0 + 1 / 1e-320 + 3j / 2",
    "deep brackets": "x = " + "(" * 300 + "1" + ")" * 300,
    "a long chain": "x = np.zeros(3)" + ".reshape(3)" * 2000,
    "many signs": "x = " + "-" * 5000 + "1",
    "lambdas in lambdas": "x = " + "lambda a: " * 900 + "a",
    "functions in functions": "".join(" " * depth + "def f(x):\n" for depth in range(90)) + " " * 90 + "pass",
    "quotes": "'''" * 9999 + '"' * 9999,
    "open brackets": "x = (\n" * 9999,
    "one line": "x = [" + ",".join(map(str, range(8_000))) + "]",
    "import import": "import " * 30_000,
    "half a pair": "x = {'\\udfff': '\\ud800'}  # \U0001f600\n",
    "old line ends": "x = 1\ry = 2\r\nz = 3",
    "odd line ends": "x = '\x85'\n# a\u2028b\ny = 1\x0c\n",
    "names": "def 前向(权重, 数据):\n    结果 = 权重 @ 数据\n    return 结果\nﬁ = µ = 1\n",
    "match": "def f(p):\n match p:\n  case [a, *c] if a > 1: return c\n  case {'x': y, **z}: return y\n  case A(x=1) | B(): 2\n",
    "walrus": "def f(x):\n if (n := len(x)) > 3: return [y := 1, y**n]\nwhile (k := f(3)) != 0: print(k)",
    "async": "async def f(x):\n async with x as y:\n  async for a in y: yield [await b async for b in a]\n",
    "decorators": "@a.b(1)\n@c\ndef f(*args, k=1, **kw): return g(*args, **kw, k=k)\n@d\nclass A(B, metaclass=M): x: int = 1",
    "stars": "a, *b = c\n*d, e = f\n[*x, *y]\n{**a, 'b': 1}\nf(*a, **c)\nfor i, *j in zip(a, *b): f()\nfor a, in zip(x): f()",
    "calls without what they need": "for i, x in enumerate(): len()\nfor i in range(): zip()\nnp.where(a)\nx.view()\nnp.sum()",
    "except*": "try:\n x = 1\nexcept* ValueError as e:\n y = 2\nfinally:\n del x, y[0]\n",
    "attributes of nobody": "class A:\n def f(): return self.x\n def g(x, self): self.z: float = 2\n(x): int = 4\nx[()] = 1",
    "held by one another": "class A:\n def f(self):\n  self.a = self.b\n  self.b = self.a\n  return self.a + self.b",
}  # fmt: skip

# each would take minutes, or all memory, if one step more made it twice as much work
GROWING = {
    "a sum turned around": "def f(x, a, b):\n" + " x = a - (x - b)\n" * 1000 + " return x",
    "doubled": "def f(x):\n" + " x = x + x\n x = x * x + 1\n" * 1500 + " return x",
    "read in one another": "def f(x): return " + "+".join(["f(x)"] * 30) + "\ny = " + "+".join(["f(1)"] * 30),
    "held in one another": "class A:\n def __init__(self):\n"
    + "".join(f"  self.a{n} = self.a{n + 1} + self.a{n + 2}\n" for n in range(60))
    + " def f(self): return self.a0",
    "equal lines": "import numpy as np\n" + "x = np.dot(x, y) + 1\n" * 2000,
    "functions": "".join(f"def f{n}(x):\n return x + {n}\n" for n in range(800)),
}
FRAGMENTS = [
    *(code for code in STRANGE.values() if len(code) < 400),
    *(
        "x = ",
        "def f(a, *b):\n",
        " return ",
        "(",
        ")",
        "[",
        "]",
        ":",
        "\n ",
        "\n",
        "if x:\n",
        "else:\n",
        "for i, y in z:\n",
        "'",
        "#",
    ),
    *("while i < 3:\n", "i += 1\n", "x[i]", "self.w", ".T", " @ ", " - ", " ** ", "np.sum(x, 1)", "lambda: ", "\\", "\t", "not "),
]


def read(student: str, code: str) -> tuple[Work, Fingerprint]:
    work = work_of(student, [File("a.py", code.encode("utf-8", "surrogatepass"))])
    return work, fingerprint(work)


def hold_together(code: str) -> None:
    """Through all the steps, beside the same with one line more."""
    (left, one), (right, other) = read("one", code), read("other", code + "\nq = p(7) + 1\n")
    comparison = compare([one, other])
    assert 0 <= comparison.similarity.min() <= comparison.similarity.max() <= 1
    if left.sources and right.sources:
        evidence = Gatherer(comparison).gather(left, right, one, other)
        assert len(evidence.left["a.py"]) == left.sources[0].text.count("\n") + 1
    assert [part.lines for part in decoded(encoded(one)).parts] == [part.lines for part in one.parts]


@pytest.mark.parametrize("code", (STRANGE | GROWING).values(), ids=(STRANGE | GROWING).keys())
def test_it_is_read_compared_and_shown(code: str) -> None:
    hold_together(code)


@pytest.mark.parametrize("code", GROWING.values(), ids=GROWING.keys())
def test_what_grows_has_features_in_proportion(code: str) -> None:
    _, print_ = read("one", code)
    assert 0 < sum(len(part.canonical.hashes) for part in print_.parts) < 5 * code.count("\n") + 200


@settings(max_examples=examples(60), deadline=None)
@drawn(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_whatever_is_put_together_is_read(code: str) -> None:
    hold_together(code)
