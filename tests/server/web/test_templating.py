"""What templates can do."""

from decimal import Decimal

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from server.web.templating import environment, filesize, points, said, static_url


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
    assert (filesize(5), filesize(2048)) == ("5 B", "2.0 KiB")
