"""What templates can do."""

from decimal import Decimal

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from server.web.templating import environment, filesize, fixed, points, polyline, said, static_url


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("12.0000"), "12"), (Decimal("7.5"), "7.5"), (Decimal(0), "0"), (Decimal(100), "100"), (0.25, "0.25")],
)
def test_points_carry_no_zeros_that_say_nothing(value: Decimal, text: str) -> None:
    assert points(value) == text


def test_names_in_backticks_stand_in_code_type_and_everything_is_escaped() -> None:
    assert said("`f` returned <b>inf</b>") == "<code>f</code> returned &lt;b&gt;inf&lt;/b&gt;"
    assert said("`<img src=x onerror=alert(1)>`") == "<code>&lt;img src=x onerror=alert(1)&gt;</code>"


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ nobody_said_this }}").render()
    with pytest.raises(TemplateNotFound):
        environment("en").get_template("courses/../base.html")


def test_a_static_address_changes_with_the_content() -> None:
    assert static_url("base.css").startswith("/static/base.css?v=")
    assert static_url("base.css") != static_url("parts.css")


def test_sizes_have_units() -> None:
    assert [filesize(size) for size in (5, 2048, 2 << 20)] == ["5 B", "2.0 KiB", "2.0 MiB"]


def test_numbers_of_a_column_end_at_the_same_place_and_corners_are_what_an_svg_reads() -> None:
    assert (fixed(0.5, 3), fixed(12, 0), polyline([(0, 1.5), (100, 2)])) == ("0.500", "12", "0,1.5 100,2")


def test_a_sentence_that_is_filled_in_is_still_escaped() -> None:
    template = environment("en").from_string("{{ sentence | filled(low, high) }}")
    assert template.render(sentence="{} to {}", low="0.1", high="<b>") == "0.1 to &lt;b&gt;"


@pytest.mark.parametrize(("language", "joined"), [("en", "One. Two."), ("zh_CN", "One.Two.")])
def test_only_english_has_a_gap_between_sentences(language: str, joined: str) -> None:
    assert environment(language).from_string("One.{{ gap }}Two.").render() == joined
