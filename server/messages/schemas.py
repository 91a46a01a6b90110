"""JSON shapes of messages."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from grader.protocol import Text
from server.messages.models import Kind, PersonalMessage
from server.messages.views import words_of
from server.web.i18n import LANGUAGES


class MessageOut(BaseModel):
    id: int
    kind: Kind
    course: str | None
    title: Text
    sentence: Text
    link: str = Field(description="A path of this platform's pages.")
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, message: PersonalMessage, *, root: Path, now: datetime) -> Self:
        en, zh = (words_of(message, language=language, root=root, now=now) for language in LANGUAGES)
        plain = {name: getattr(message, name) for name in ("id", "kind", "link", "created_at", "read_at")}
        course = message.course.slug if message.course else None
        title, sentence = Text(en=en.title, zh=zh.title), Text(en=en.sentence, zh=zh.sentence)
        return cls(**plain, course=course, title=title, sentence=sentence)


class Read(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(max_length=1000)


class Mailing(BaseModel):
    """Whether one's messages also come by e-mail."""

    model_config = ConfigDict(extra="forbid")

    wanted: bool
