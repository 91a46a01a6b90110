"""A case without names: students become A, B, C …, in headings, file names, texts, and in comments and strings of the code.

Identifiers of the code stay as they are, or it could not be read any more: `max` may be a person, too.
"""

import io
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHORTEST = {True: 2, False: 3}  # characters of a part of a name that is replaced by itself: a Chinese one, another
WRITTEN = {tokenize.COMMENT, tokenize.STRING, *filter(None, [getattr(tokenize, "FSTRING_MIDDLE", None)])}
OURS = {"kind", "by", "first", "name", "names", "check", "checks", "id"}
CHINESE = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Known:
    """A person as a case names him; of an archived work, only its name is known."""

    login: str
    name: str

    @property
    def key(self) -> str:
        return self.login or self.name


@dataclass(frozen=True)
class Pseudonyms:
    """`letters`: by key. `pattern`: everything by which somebody can be recognised."""

    letters: Mapping[str, str]
    words: Mapping[str, str]  # in lower case → letter
    pattern: re.Pattern[str] | None

    def of(self, key: str) -> str:
        return self.letters.get(key, key)

    def text(self, text: str) -> str:
        """Prose, or a file's name."""
        return self.pattern.sub(lambda found: self.words[found[0].lower()], text) if self.pattern else text

    def code(self, lines: list[str]) -> list[str]:
        """Comments and strings only; where the file is no Python, what follows a number sign."""
        if self.pattern is None or not self.pattern.search("\n".join(lines)):
            return lines
        try:
            spans = [*written_spans(lines)]
        except (tokenize.TokenError, SyntaxError, ValueError):
            spans = [(number, line.index("#"), len(line)) for number, line in enumerate(lines) if "#" in line]
        changed = list(lines)
        for number, start, end in sorted(spans, reverse=True):  # from the end, so that earlier places stay right
            line = changed[number]
            changed[number] = line[:start] + self.text(line[start:end]) + line[end:]
        return changed


def written_spans(lines: list[str]) -> Iterable[tuple[int, int, int]]:
    """Line (from 0), start and end of what is written for people; a string of several lines has several."""
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type in WRITTEN:
            (first, start), (last, end) = token.start, token.end
            for row in range(first, last + 1):
                line = lines[row - 1] if row <= len(lines) else ""
                yield row - 1, start if row == first else 0, min(end, len(line)) if row == last else len(line)


def make_pseudonyms(people: Iterable[Known]) -> Pseudonyms:
    """In this order, each person once."""
    distinct = {person.key: person for person in people if person.key}
    letters = {key: letter(number) for number, key in enumerate(distinct)}
    words: dict[str, str] = {}
    for key, person in distinct.items():
        for word in {key, person.name, *parts_of(person.name)}:
            words.setdefault(word.lower(), letters[key])
    return Pseudonyms(letters, words, pattern_of(words))


def letter(number: int) -> str:
    """A … Z, AA, AB …"""
    head = letter(number // len(LETTERS) - 1) if number >= len(LETTERS) else ""
    return head + LETTERS[number % len(LETTERS)]


def parts_of(name: str) -> Iterable[str]:
    return [part for part in re.split(r"[\s,.·'()-]+", name) if len(part) >= SHORTEST[bool(CHINESE.search(part))]]


def pattern_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """The longest first. Chinese has no borders of words; of others a digit or a sign beside it is a border, a letter is none."""
    found = "|".join(bordered(word) for word in by_length(words))
    return re.compile(found, re.IGNORECASE) if found else None


def bordered(word: str) -> str:
    text = re.escape(word)
    return text if CHINESE.search(word) else rf"(?<![^\W\d_]){text}(?![^\W\d_])"


def by_length(words: Iterable[str]) -> list[str]:
    return sorted((word for word in words if word), key=len, reverse=True)


def people_in(contents: Iterable[Content], first: Iterable[Known] = ()) -> list[Known]:
    """`first`: whom the case is about; then everybody else whose work is shown, archived works among them."""
    sides = [side for content in contents for side in (content["left"], content["right"]) if side]
    return [*first, *(Known(side["login"], side["name"]) for side in sides)]


def anonymised(content: Content, names: Pseudonyms) -> dict[str, Any]:
    """The same exhibit in the same form."""
    return {
        **content,
        "left": anonymised_side(content["left"], names),
        "right": anonymised_side(content["right"], names) if content["right"] else None,
        "evidence": anonymised_evidence(content["evidence"], names) if content["evidence"] else None,
        "facts": in_values(content["facts"], names),
    }


def anonymised_side(side: Content, names: Pseudonyms) -> dict[str, Any]:
    letter = names.of(side["login"] or side["name"])
    files = [{"name": names.text(file["name"]), "lines": names.code(file["lines"])} for file in side["files"]]
    declared = in_values(side["declared"], names)
    return {**side, "student": None, "login": letter, "name": letter, "files": files, "declared": declared}


def anonymised_evidence(evidence: Content, names: Pseudonyms) -> dict[str, Any]:
    shades = {side: {names.text(file): lines for file, lines in evidence[side].items()} for side in ("left", "right")}
    return {**in_values({key: value for key, value in evidence.items() if key not in shades}, names), **shades}


def in_values(value: Any, names: Pseudonyms) -> Any:
    """In every text of a JSON value that was written by people; words of ours and names in code stay."""
    if isinstance(value, str):
        return names.text(value)
    if isinstance(value, Mapping):
        return {key: each if key in OURS else in_values(each, names) for key, each in value.items()}
    return [in_values(each, names) for each in value] if isinstance(value, list) else value
