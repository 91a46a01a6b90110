"""Both languages say everything, and everybody gets the one they read."""

import re
from collections import defaultdict

import pytest
from babel.messages.pofile import read_po

from server.web import i18n, messages

OTHERS = [language for language in i18n.LANGUAGES if language != i18n.DEFAULT]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\}")


def entries(language: str) -> list:
    with (i18n.CATALOGS / f"{language}.po").open("rb") as file:
        return [entry for entry in read_po(file, locale=language) if entry.id]


@pytest.mark.parametrize("language", OTHERS)
def test_everything_the_pages_say_is_translated(language: str) -> None:
    assert messages.said() - i18n.Catalog(language).messages == set()


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_translated_that_no_page_says(language: str) -> None:
    assert i18n.Catalog(language).messages - messages.said() == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_placeholders_of_its_original(language: str) -> None:
    for entry in entries(language):
        originals, forms = ([entry.id], [entry.string]) if isinstance(entry.id, str) else (entry.id, entry.string)
        for form in forms:
            assert set(PLACEHOLDER.findall(form)) == set(PLACEHOLDER.findall(originals[-1])), entry.id


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_can_be_filled_in(language: str) -> None:
    """A percent sign of its own is two."""
    for entry in entries(language):
        for said in (entry.id, entry.string):
            for form in [said] if isinstance(said, str) else said:
                assert form % defaultdict(lambda: "1"), entry.id


@pytest.mark.parametrize(
    ("wishes", "accept", "language"),
    [
        (("zh_CN",), "en", "zh_CN"),
        ((None, "zh"), "en", "zh_CN"),
        ((None, None), "de, zh-Hans-CN;q=0.8, en;q=0.5", "zh_CN"),
        ((None,), "en-GB,en;q=0.9,zh;q=0.8", "en"),
        ((None,), "zh;q=0.1, en", "en"),
        ((None,), "fr", "en"),
        ((None,), "", "en"),
        (("tlh",), "zh;q=nonsense", "zh_CN"),
    ],
)
def test_the_first_wish_that_we_speak_wins(wishes: tuple, accept: str, language: str) -> None:
    assert i18n.choose_language(*wishes, accept=accept) == language


def test_chinese_has_one_form_for_every_number() -> None:
    one, many = "%(n)s submission is ahead of yours", "%(n)s submissions are ahead of yours"
    catalog = i18n.translations("zh_CN")
    assert catalog.ngettext(one, many, 1) == catalog.ngettext(one, many, 5) == "前面还有 %(n)s 份提交"
    assert i18n.translations("en").ngettext(one, many, 5) == many
