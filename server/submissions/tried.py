"""A form that was sent and refused, so that its page can show it again with what was typed."""

from dataclasses import dataclass, field
from typing import Any

from server.errors import AppError


@dataclass(frozen=True)
class Tried:
    """`form`: which of the page's."""

    form: str = ""
    refusal: AppError | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    def typed(self, form: str, name: str) -> str:
        """What stood in a field of a form; empty where that form was not the one."""
        return self.fields.get(name, "") if self.form == form else ""

    def problem(self, form: str) -> Any:
        """Why this form was refused, in both languages."""
        return self.refusal.message if self.refusal and self.form == form else None
