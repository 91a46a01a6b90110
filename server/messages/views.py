"""Messages in words: for the page, the API and e-mail alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.spec import BrokenAssignment, UnknownAssignment, load_manifest
from server.courses.models import Course
from server.messages.models import PersonalMessage
from server.messages.rules import MOMENTS
from server.settings import Settings
from server.web import i18n, templating

WORDS, LETTER = "messages/words.html", "messages/letter.html"


@dataclass(frozen=True)
class Words:
    title: str
    sentence: str


@dataclass(frozen=True)
class Shown:
    """One message as its reader sees it."""

    message: PersonalMessage
    words: Words
    is_unread: bool


def words_of(message: PersonalMessage, *, language: str, root: Path, now: datetime) -> Words:
    """`language`: one of `i18n.LANGUAGES`. Times are the course's."""
    zone = message.course.time_zone if message.course else "UTC"
    context = templating.moments_in(language, zone=zone, now=now)
    words = templating.environment(language).get_template(WORDS).make_module(context)
    facts = {name: read_fact(name, value, language=language, root=root) for name, value in message.facts.items()}
    title, sentence = (macro(message.kind.value, facts).unescape().strip() for macro in (words.title, words.sentence))
    return Words(title, sentence)


def read_fact(name: str, value: str, *, language: str, root: Path) -> Any:
    if name in MOMENTS:
        return datetime.fromisoformat(value)
    return title_of(value, root=root, language=language) if name == "assignment" else value


def title_of(slug: str, *, root: Path, language: str) -> str:
    """Its slug, where the folder is gone."""
    try:
        return load_manifest(root / slug).title.in_language(language)
    except (BrokenAssignment, UnknownAssignment):
        return slug


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str


def letter_of(message: PersonalMessage, *, settings: Settings) -> Letter:
    """The same words as an e-mail, in the language of the person's account. Links need the platform's own address."""
    language = i18n.choose_language(message.user.language)
    words = words_of(message, language=language, root=settings.assignments, now=datetime.now(UTC))
    root = (settings.public_url or "").rstrip("/")
    context = {"words": words, "link": f"{root}{message.link}" if root else "", "inbox": f"{root}/messages" if root else ""}
    text = templating.render(language, LETTER, context).unescape()
    return Letter(subject_of(words, message.course, language), text.strip() + "\n")


def subject_of(words: Words, course: Course | None, language: str) -> str:
    return f"{course.title.in_language(language)} · {words.title}" if course else words.title


def shown_of(messages: Sequence[PersonalMessage], *, language: str, root: Path, now: datetime) -> list[Shown]:
    return [
        Shown(message, words_of(message, language=language, root=root, now=now), message.read_at is None) for message in messages
    ]
