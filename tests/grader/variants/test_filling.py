"""Constants stand where their names stood, and nowhere else."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.protocol import Text
from grader.variants.filling import NotFillable, example_of, filled, placeholders, with_constants
from grader.variants.variant import Variant

SCALARS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.booleans()
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VARIANTS = st.dictionaries(NAMES, SCALARS | st.lists(st.lists(SCALARS)) | st.tuples(SCALARS, SCALARS), min_size=1).map(
    lambda constants: Variant(**constants)
)
STRIDE = Variant(stride=2, kernel=[[1, 2], [3, 4]], unit="mm", word=Text(en="shrunk", zh="缩小"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stride {{stride}}", "stride 2"),
        ("stride {{ stride }}", "stride 2"),
        ("K = {{kernel}}", "K = [[1, 2], [3, 4]]"),
        ("{{unit}}, {{unit:python}}", "mm, 'mm'"),
        ("$K = {{kernel:latex}}$", r"$K = \begin{bmatrix}1 & 2 \\ 3 & 4\end{bmatrix}$"),
        ("a {{word}} image", "a shrunk image"),
        (r"\frac{a}{{b}} {{ } f'{x}'", r"\frac{a}{{b}} {{ } f'{x}'"),
    ],
)
def test_a_placeholder_becomes_its_constant(text: str, said: str) -> None:
    known = Variant(**STRIDE, b=0) if "frac" in text else STRIDE
    assert filled(text, known) == said.replace("{{b}}", "0")


def test_wording_is_in_the_readers_language() -> None:
    assert filled("{{word}}", STRIDE, language="zh") == "缩小"


@pytest.mark.parametrize("text", ["{{strid}}", "{{stride:hex}}", "{{__class__}}", "{{Stride}}"])
def test_what_stands_for_nothing_is_refused(text: str) -> None:
    with pytest.raises(NotFillable, match=r"\{\{"):
        filled(text, STRIDE)


def test_nothing_is_reached_through_a_name() -> None:
    """No attributes, indices or calls: such text stays what it is."""
    for text in ("{{stride.__class__}}", "{{kernel[0]}}", "{{stride|e}}", "{{ 7 * 7 }}", "{stride}", "{{stride()}}"):
        assert filled(text, STRIDE) == text


@given(st.text(), NAMES)
def test_what_is_put_in_is_not_read_again(inner: str, name: str) -> None:
    value = "{{" + name + "}}" + inner
    assert filled("{{x}}", Variant(x=value)) == value


@given(st.text(alphabet=st.characters(blacklist_characters="{}")))
def test_text_without_placeholders_stays(text: str) -> None:
    assert filled(text, STRIDE) == text and not placeholders(text)


@given(VARIANTS)
def test_a_reference_computes_with_what_was_drawn_and_keeps_its_lines(variant: Variant) -> None:
    source = 'import math\n\nVARIANT = {\n    "stride": 2,\n    "other": [1],\n}\n\n\ndef f():\n    return VARIANT\n'
    bound = with_constants(source, variant)
    scope: dict[str, object] = {}
    exec(bound, scope)
    assert scope["f"]() == dict(variant)
    assert len(bound.split("\n")) == len(source.split("\n"))
    assert [node.lineno for node in ast.parse(bound).body if isinstance(node, ast.FunctionDef)] == [9]


def test_a_reference_without_constants_stays() -> None:
    source = "def f(VARIANT):\n    VARIANT = {'a': 1}\n"
    assert with_constants(source, STRIDE) == source and not example_of(source)


@pytest.mark.parametrize("value", ["make()", "{'A': 1}", "[1]", "{'a': None}", "{1: 2}"])
def test_an_example_is_plain(value: str) -> None:
    with pytest.raises(NotFillable, match="VARIANT"):
        example_of(f"VARIANT = {value}\n")
