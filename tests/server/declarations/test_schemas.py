"""What a declaration may hold, by whichever way it comes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.declarations import rules
from server.declarations.forms import Row, Typed
from server.declarations.schemas import read_json

GOOD = {"kind": "ai", "what": "ChatGPT", "used_for": "explained softmax", "names": ["softmax_loss"]}


def test_no_source_is_a_declaration_and_nothing_at_all_is_none() -> None:
    assert read_json('{"sources": []}').plain == []
    assert read_json(None) is None and read_json("") is None


def test_a_name_said_twice_is_one_and_blanks_around_words_go() -> None:
    source = GOOD | {"what": "  ChatGPT ", "names": ["f", "g", "f"]}
    assert read_json(json.dumps({"sources": [source]})).plain == [GOOD | {"names": ["f", "g"]}]


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (GOOD | {"kind": "magic"}, "kind"),
        (GOOD | {"what": ""}, "what"),
        (GOOD | {"what": "x" * (rules.MAX_WHAT + 1)}, "what"),
        (GOOD | {"what": "a\nb"}, "what"),
        (GOOD | {"what": "a\x00b"}, "what"),
        (GOOD | {"used_for": "x" * (rules.MAX_USED_FOR + 1)}, "used_for"),
        (GOOD | {"names": ["f"] * (rules.MAX_NAMES + 1)}, "names"),
        (GOOD | {"names": [""]}, "names"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(source: dict, field: str) -> None:
    with pytest.raises(rules.BadDeclaration) as refusal:
        read_json(json.dumps({"sources": [GOOD, source]}))
    assert refusal.value.facts["field"].startswith(f"declaration.sources.1.{field}")
    assert "Source 2" in refusal.value.message.en and "来源 2" in refusal.value.message.zh


@pytest.mark.parametrize("text", ["[]", "{}", "nonsense", '{"sources": 3}', '{"sources": [], "more": 1}', '{"sources": [7]}'])
def test_what_is_no_declaration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(rules.BadDeclaration) as refusal:
        read_json(text)
    assert refusal.value.status == 422


@given(st.text(max_size=300))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        read_json(text)
    except rules.BadDeclaration as refusal:
        assert refusal.facts["field"].startswith("declaration")


def test_rows_of_a_form_that_stand_empty_are_no_sources() -> None:
    typed = Typed("some", [Row(), Row("link", "https://example.org/a:b", ""), Row("person")])
    assert [source["what"] for source in typed.read().plain] == ["https://example.org/a:b"]


def test_yes_without_a_source_is_asked_again_and_no_means_no() -> None:
    with pytest.raises(rules.BadDeclaration):
        Typed("some", [Row()]).read()
    assert Typed("nothing", [Row("ai", "ChatGPT")]).read().plain == []
    assert Typed("", [Row("ai", "ChatGPT")]).read() is None
