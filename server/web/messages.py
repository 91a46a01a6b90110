"""Which messages the pages say, and which of them a catalog lacks: `python -m server.web.messages`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from server.web.i18n import DEFAULT, LANGUAGES, Catalog

SERVER = Path(__file__).resolve().parent.parent
METHODS = [("**/templates/**.html", "jinja2"), ("*/pages.py", "python"), ("*/views.py", "python"), ("web/*.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}


def said() -> set[str]:
    """Every message of templates and pages, under its English text; of plurals the singular."""
    return {message[0] if isinstance(message, tuple) else message for message in _found()}


def _found() -> Iterator[str | tuple[str, ...]]:
    for _, _, message, _, _ in extract_from_dir(SERVER, method_map=METHODS, options_map=OPTIONS):
        yield message


def main() -> None:
    messages = said()
    missing = {language: messages - Catalog(language).messages for language in LANGUAGES if language != DEFAULT}
    for language, lacking in missing.items():
        for message in sorted(lacking):
            print(f"{language}: {message!r} is not translated")
    sys.exit(any(missing.values()))


if __name__ == "__main__":
    main()
