"""Ways in which a check ends early."""

from collections.abc import Mapping
from typing import Any

from grader.protocol import Detail, Text, Word
from grader.runner.errors import NO_GPU_MEMORY


class CheckFailed(Exception):
    """The submission does not do what the check asks. An outcome, not an error."""

    def __init__(self, text: Text, *, word: Word = Word.wrong_value, detail: Detail | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.word = word
        self.detail = detail or Detail()


class StudentError(Exception):
    """What the student's code raised, as the runner described it. A check may catch it where raising is right."""

    def __init__(self, error: Any) -> None:
        fields: Mapping[str, Any] = error if isinstance(error, Mapping) else {}  # the sandbox may send anything
        self.kind = _text(fields.get("kind"), 40) or "exception"
        self.type = _text(fields.get("type"), 100) or "Exception"
        self.message = _text(fields.get("message"), 2000) or ""
        self.file = _text(fields.get("file"), 200)
        self.function = _text(fields.get("function"), 200)
        self.line = _line(fields.get("line"))
        self.source = _lines(fields.get("source"))
        self.traceback = _text(fields.get("traceback"), 8000)
        super().__init__(f"{self.type}: {self.message}")

    @property
    def is_of_gpu(self) -> bool:
        """Whether the memory that ran out was the GPU's, as far as torch's words tell."""
        return any(words in self.message for words in NO_GPU_MEMORY)


def _text(value: Any, length: int) -> str | None:
    return value[:length] if isinstance(value, str) and value else None


def _line(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value < 1 << 24 else None


def _lines(source: Any) -> list[tuple[int, str]]:
    """At most seven numbered lines."""
    rows = source[:7] if isinstance(source, list) else []
    pairs = [row for row in rows if isinstance(row, list | tuple) and len(row) == 2]
    return [(row[0], row[1][:300]) for row in pairs if _line(row[0]) and isinstance(row[1], str)]
