"""Which lines of the table are shown, and in which order: what the reader asked for, in the address."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from server.gradebook.book import Book, Sheet
from server.gradebook.rules import Standing

BELOW = Decimal(-1)  # what has no points yet stands below what has none


class Look(BaseModel):
    """`sort`: a column's key, `name`, `login` or `grade`; with `down`, the most first."""

    section: str = Field("", max_length=100)
    search: str = Field("", max_length=100)
    sort: str = Field("login", max_length=100)
    down: bool = False

    def query(self, **other: object) -> str:
        """The same look with something changed, as the end of an address."""
        wanted = self.model_dump() | other
        default = {name: field.default for name, field in Look.model_fields.items()}
        said = {name: str(value).lower() if value is True else value for name, value in wanted.items() if value != default[name]}
        return f"?{urlencode(said)}" if said else "?"

    def sorted_by(self, key: str) -> str:
        """A click on the head of a column: points begin with the most, names with the first; a second click turns it round."""
        first_down = key not in ("login", "name")
        return self.query(sort=key, down=not self.down if self.sort == key else first_down)


def rows_of(book: Book, look: Look) -> Sequence[Sheet]:
    wanted = look.search.strip().casefold()
    found = [
        sheet
        for sheet in book.sheets
        if look.section in ("", sheet.section) and any(wanted in name.casefold() for name in names_of(sheet))
    ]
    keys = {each.key for each in book.columns}
    return sorted(found, key=lambda sheet: place_of(sheet, look.sort, keys), reverse=look.down)


def names_of(sheet: Sheet) -> tuple[str, ...]:
    user = sheet.student.user
    return user.login, user.display_name, user.student_number or ""


def place_of(sheet: Sheet, sort: str, keys: set[str]) -> Any:
    if sort == "name":
        return sheet.student.user.display_name.casefold()
    if sort == "grade":
        return BELOW if sheet.grade.so_far is None else sheet.grade.so_far
    if sort not in keys:
        return sheet.login
    cell = sheet.entries[sort].cell
    return cell.share if cell.standing in (Standing.scored, Standing.missing) else BELOW
