"""Languages of the pages: the source is English, the rest are gettext catalogs read when the server starts."""

from collections.abc import Iterable
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGS = Path(__file__).parent / "translations"
COOKIE = "gradus_language"
DEFAULT = "en"
LANGUAGES = {"en": "English", "zh_CN": "中文"}  # code → its own name, in the order of the switch


class Catalog(NullTranslations):
    """Messages of one .po file. Reading the text spares everyone a compile step."""

    def __init__(self, language: str) -> None:
        super().__init__()
        with (CATALOGS / f"{language}.po").open("rb") as file:
            entries = read_po(file, locale=language)
        self._one = {entry.id: entry.string for entry in entries if entry.id and isinstance(entry.id, str) and entry.string}
        self._many = {entry.id[0]: entry.string for entry in entries if entry.id and not isinstance(entry.id, str)}

    def gettext(self, message: str) -> str:
        return self._one.get(message, message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Chinese has one form for every number, so the first is the right one."""
        forms = self._many.get(one)
        return forms[0] if forms and forms[0] else super().ngettext(one, many, n)

    @property
    def messages(self) -> set[str]:
        return {*self._one, *(one for one, forms in self._many.items() if all(forms))}


@lru_cache
def translations(language: str) -> NullTranslations:
    """The catalog of a language; English is what the templates themselves say."""
    return NullTranslations() if language == DEFAULT else Catalog(language)


def known(language: str | None) -> str | None:
    """The language of ours that a tag such as `zh-Hans-CN` or `en_GB` stands for, if any."""
    primary = (language or "").replace("-", "_").split("_")[0].lower()
    return {"en": "en", "zh": "zh_CN"}.get(primary)


def choose_language(*wishes: str | None, accept: str = "") -> str:
    """The first wish that we speak, then the browser's `Accept-Language`, then English."""
    for wish in (*wishes, *accepted(accept)):
        if language := known(wish):
            return language
    return DEFAULT


def accepted(header: str) -> Iterable[str]:
    """Tags of an `Accept-Language` header, most wanted first."""
    entries = [entry.partition(";q=") for entry in header.replace(" ", "").split(",")]
    return [tag for tag, _, weight in sorted(entries, key=lambda entry: -_weight(entry[2])) if tag]


def _weight(text: str) -> float:
    """A browser that sends nonsense gets the language it names last."""
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def html_tag(language: str) -> str:
    """The BCP 47 tag for `<html lang>`, which also picks the Chinese glyphs."""
    return language.replace("_", "-")
