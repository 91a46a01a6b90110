"""The same seed, the same constants; and what an author hears when they cannot be drawn."""

import math

import pytest

from grader.protocol import Text
from grader.spec import BrokenAssignment
from grader.variants import Variant
from grader.variants.binding import variant_of_seed
from grader.variants.drawn import draw_variant
from tests.grader.variants.conftest import DRAWN, SEEDS, Edit

REMEMBERED = (
    "Variant(factor=924, stride=4, kernel=[[2, 5], [7, 9]], "
    "unit='pixel', hidden_shift=929.125, word=Text(en='shrunk', zh='缩小'))"
)


def test_a_seed_stands_for_its_constants_for_ever() -> None:
    """Written down: a variant of last year can be drawn again."""
    assert repr(draw_variant(DRAWN, SEEDS[0])) == REMEMBERED
    assert draw_variant(DRAWN, SEEDS[0]) == draw_variant(DRAWN, SEEDS[0]) != draw_variant(DRAWN, SEEDS[1])


def test_an_assignment_without_a_variant_draws_nothing(tmp_path: object) -> None:
    assert not draw_variant(tmp_path, SEEDS[0])


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, {"a": 1}, [print], None, b"x", [1, [math.nan]]])
def test_constants_are_plain(value: object) -> None:
    with pytest.raises(ValueError, match="x: "):
        Variant(x=value)


@pytest.mark.parametrize("name", ["Stride", "x y", "__class__", "", "9"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        Variant(**{name: 1})


def test_what_one_check_does_to_a_list_the_next_does_not_see() -> None:
    variant = Variant(kernel=[[1, 2]])
    variant["kernel"][0].append(3)
    assert variant["kernel"] == [[1, 2]]


def test_wording_is_nothing_to_compute_with() -> None:
    assert Variant(n=1, word=Text(en="a", zh="b")).numbers == {"n": 1}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def draw(", "def drawn(", "there is no function draw"),
        ("return Variant(", "return dict(", "which is no Variant"),
        ("draw.integer(3, 1000)", "draw.integer(3, 3)", "nothing lies from 3 to below 3"),
        ("from grader.variants import", "import nowhere\nfrom grader.variants import", "cannot be imported"),
        ("draw.integer(3, 1000)", "float('nan')", "factor: nan"),
    ],
)
def test_a_broken_variant_is_the_authors(edited: Edit, old: str, new: str, said: str) -> None:
    with pytest.raises(BrokenAssignment, match=r"variant\.py") as caught:
        variant_of_seed(edited("variant.py", old, new).folder, SEEDS[0])
    assert said in str(caught.value)
