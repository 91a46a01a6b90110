"""JSON shapes of attendance."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from server.attendance import rules
from server.attendance.models import Leave, LeaveState, Presence, RollCall, Source
from server.attendance.views import Cell, Entry, Line


class NewRollCall(BaseModel):
    title: str = Field(max_length=rules.MAX_TITLE)
    section: str | None = Field(None, description="The name of a section; left out: everybody.")
    minutes: int = Field(10, description="How long codes count. 0: without codes, the staff call the names.")
    late_after: int = Field(5, description="From this minute on, whoever signs in is late.")


class NewMark(BaseModel):
    """`seen`: id of the sighting that was looked at, 0 for none; where another stands there by now, nothing is changed."""

    presence: Presence
    reason: str = Field("", max_length=rules.MAX_REASON)
    seen: int | None = None


class TypedCode(BaseModel):
    code: str = Field(max_length=40)


class NewLeave(BaseModel):
    first_day: date
    last_day: date
    reason: str = Field(max_length=rules.MAX_REASON)


class LeaveAnswer(BaseModel):
    approve: bool
    word: str = Field("", max_length=rules.MAX_REASON)


class RollCallOut(BaseModel):
    id: int
    title: str
    section: str | None
    opened_by: str
    opened_at: datetime
    late_from: datetime
    closes_at: datetime

    @classmethod
    def of(cls, roll_call: RollCall) -> Self:
        return cls(
            id=roll_call.id,
            title=roll_call.title,
            section=roll_call.section.name if roll_call.section else None,
            opened_by=roll_call.opened_by.login,
            opened_at=roll_call.opened_at,
            late_from=roll_call.late_from,
            closes_at=roll_call.closes_at,
        )


class EntryOut(BaseModel):
    """`sighting` is what a mark has to name as seen. `same_browser`: a fact, which proves nothing by itself."""

    student: str
    name: str
    presence: Presence | None
    source: Source | None
    reason: str | None
    at: datetime | None
    sighting: int
    same_browser: list[str]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        sighting = entry.sighting
        return cls(
            student=entry.student.user.login,
            name=entry.student.user.display_name,
            presence=entry.presence,
            source=sighting.source if sighting else None,
            reason=sighting.reason if sighting else None,
            at=sighting.at if sighting else None,
            sighting=sighting.id if sighting else 0,
            same_browser=list(entry.same_browser),
        )


class RollCallDetail(RollCallOut):
    students: list[EntryOut]


class OwnCell(BaseModel):
    id: int
    title: str
    opened_at: datetime
    presence: Presence | None
    is_open: bool

    @classmethod
    def of(cls, cell: Cell) -> Self:
        call = cell.roll_call
        return cls(id=call.id, title=call.title, opened_at=call.opened_at, presence=cell.presence, is_open=cell.is_open)


class ShareOut(BaseModel):
    """`fraction`: present, and late by half, of all that is not excused; null where nothing counts yet."""

    student: str
    present: int
    late: int
    absent: int
    excused: int
    fraction: Decimal | None

    @classmethod
    def of(cls, line: Line) -> Self:
        share = line.share
        counts = {name: getattr(share, name) for name in ("present", "late", "absent", "excused", "fraction")}
        return cls(student=line.student.user.login, **counts)


class OwnOut(BaseModel):
    share: ShareOut
    roll_calls: list[OwnCell]

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls(share=ShareOut.of(line), roll_calls=[OwnCell.of(cell) for cell in line.cells])


class LeaveOut(BaseModel):
    id: int
    student: str
    first_day: date
    last_day: date
    reason: str
    state: LeaveState
    answer: str | None

    @classmethod
    def of(cls, leave: Leave) -> Self:
        names = ("id", "first_day", "last_day", "reason", "state", "answer")
        return cls(student=leave.student.login, **{name: getattr(leave, name) for name in names})
