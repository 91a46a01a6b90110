"""JSON shapes of accounts. Unknown fields are refused, so nobody can slip in a role or an owner."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from server.accounts.models import Language
from server.accounts.rules import MAX_PASSWORD


class Strict(BaseModel):
    """What clients send."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What clients get, read from rows."""

    model_config = ConfigDict(from_attributes=True)


class TokenRequest(Strict):
    login: str = Field(max_length=200)
    password: str = Field(max_length=MAX_PASSWORD)
    name: str = Field("command line", min_length=1, max_length=100)


class TokenOut(Shown):
    id: int
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None


class NewTokenOut(TokenOut):
    token: str  # shown this once


class UserOut(Shown):
    id: int
    login: str
    display_name: str
    email: str | None
    language: Language
