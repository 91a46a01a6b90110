"""JSON shapes of a roster."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from grader.protocol import Text
from server.courses.invitations import Link
from server.courses.models import Course, Enrollment, Role, Section, Standing
from server.courses.roster import Applied, Preview
from server.courses.roster_exports import address_of
from server.courses.roster_files import Fault
from server.courses.roster_rules import Change, Entry, Known


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MemberOut(BaseModel):
    """`version` comes back with a change: whoever has read an older one is told."""

    login: str
    student_number: str | None
    name: str
    email: str | None
    section: str | None
    role: Role
    standing: Standing
    withdrawn_at: datetime | None
    has_signed_in: bool  # or could: the account has a password
    version: int

    @classmethod
    def of(cls, member: Enrollment) -> Self:
        user = member.user
        return cls(
            login=user.login,
            student_number=user.student_number,
            name=user.display_name,
            email=user.email,
            section=member.section.name if member.section else None,
            role=member.role,
            standing=member.standing,
            withdrawn_at=member.withdrawn_at,
            has_signed_in=user.password_hash is not None,
            version=member.version,
        )


class NewMember(Strict):
    student_number: str = Field("", max_length=100)
    name: str = Field(max_length=200)
    email: str = Field("", max_length=300)
    section: str = Field("", max_length=200)
    role: str = Field("", max_length=40)


class MemberChange(Strict):
    """What is left out stays; an empty section is none."""

    version: int
    role: Role | None = None
    section: str | None = Field(None, max_length=200)


class Leaving(Strict):
    reason: str = Field("", max_length=500)


class FaultOut(BaseModel):
    line: int
    column: str
    message: Text

    @classmethod
    def of(cls, fault: Fault) -> Self:
        return cls(line=fault.line, column=fault.column, message=fault.said)


class EntryOut(BaseModel):
    line: int
    student_number: str | None
    name: str
    email: str | None
    section: str | None
    role: Role | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class ChangeOut(BaseModel):
    """`fields`: name → before and after."""

    line: int
    login: str
    name: str
    fields: dict[str, tuple[str | None, str | None]]
    kept: list[str]

    @classmethod
    def of(cls, change: Change) -> Self:
        person = change.person
        return cls(
            line=change.entry.line, login=person.login, name=person.name, fields=dict(change.fields), kept=list(change.kept)
        )


class MissingOut(BaseModel):
    login: str
    student_number: str | None
    name: str
    section: str | None

    @classmethod
    def of(cls, person: Known) -> Self:
        return cls(**{name: getattr(person, name) for name in cls.model_fields})


class PreviewOut(BaseModel):
    """What the file would change now; `version` goes back when it is confirmed."""

    id: int
    version: int
    expires_at: datetime
    new: list[EntryOut]
    joining: list[ChangeOut]
    changed: list[ChangeOut]
    unchanged: int
    missing: list[MissingOut]
    faults: list[FaultOut]
    columns_left_out: list[str]

    @classmethod
    def of(cls, preview: Preview) -> Self:
        diff = preview.diff
        return cls(
            id=preview.file.id,
            version=preview.version,
            expires_at=preview.file.expires_at,
            new=[EntryOut.of(each) for each in diff.new],
            joining=[ChangeOut.of(each) for each in diff.joining],
            changed=[ChangeOut.of(each) for each in diff.changed],
            unchanged=len(diff.unchanged),
            missing=[MissingOut.of(each) for each in diff.missing],
            faults=[FaultOut.of(each) for each in preview.faults],
            columns_left_out=preview.left_out,
        )


class Confirmation(Strict):
    """`withdraw`: logins of missing students; null: all of them."""

    version: int
    withdraw: list[str] | None = []
    takes_good_lines: bool = False


class AppliedOut(BaseModel):
    new: int
    joined: int
    changed: int
    withdrawn: int
    unchanged: int
    lines_left_out: int

    @classmethod
    def of(cls, done: Applied) -> Self:
        values: dict[str, Any] = {name: getattr(done, name) for name in cls.model_fields if name != "lines_left_out"}
        return cls(**values, lines_left_out=done.left_out)


class Inviting(Strict):
    logins: list[str] | None = Field(None, max_length=5000, description="Left out: everybody who waits for a link.")


class LinkOut(BaseModel):
    login: str
    student_number: str | None
    name: str
    address: str  # shown this once
    expires_at: datetime

    @classmethod
    def of(cls, link: Link, base: str) -> Self:
        user = link.member.user
        return cls(
            login=user.login,
            student_number=user.student_number,
            name=user.display_name,
            address=address_of(link, base),
            expires_at=link.expires_at,
        )


class SectionOut(BaseModel):
    id: int
    name: str
    people: int

    @classmethod
    def of(cls, section: Section, people: int) -> Self:
        return cls(id=section.id, name=section.name, people=people)


class SectionName(Strict):
    name: str = Field(max_length=200)


class Merging(Strict):
    into: int


class JoinCodeIn(Strict):
    is_on: bool
    asks_section: bool = Field(False, description="Whether who joins chooses a section.")


class JoinCodeOut(BaseModel):
    """`code`: null where nobody signs up by himself."""

    code: str | None
    asks_section: bool

    @classmethod
    def of(cls, course: Course) -> Self:
        return cls(code=course.join_code, asks_section=course.join_asks_section)
