"""Cases as JSON: for staff whole, for a student his own part."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from grader.protocol import Points
from server.cases.models import EventKind, Verdict
from server.cases.rules import MAX_TEXT, Awaited

Long = Annotated[str, StringConstraints(max_length=2 * MAX_TEXT)]  # longer ones are refused with a sentence, these unread
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class FromView(BaseModel):
    """Made from a view of `views.py`, field by field."""

    model_config = ConfigDict(from_attributes=True)


class NewCase(BaseModel):
    """Either pairs of one assignment, or one submission."""

    pairs: list[Id] = []
    submission: Id | None = None
    students: list[str]  # logins
    reason: Long


class NewExhibits(BaseModel):
    """The same, to be added; `version` is that of the case."""

    pairs: list[Id] = []
    submission: Id | None = None
    version: int


class Telling(BaseModel):
    message: Long
    heard_until: AwareDatetime
    version: int


class Deciding(BaseModel):
    verdict: Verdict
    points: Points | None = None
    reasons: Long = ""
    version: int


class Seconding(BaseModel):
    version: int


class SendingBack(BaseModel):
    reason: Long
    version: int


class Stating(BaseModel):
    text: Long


class DecisionOut(FromView):
    verdict: Verdict
    points: Points | None
    reasons: str | None
    by: str
    at: datetime


class SaidOut(FromView):
    text: str | None
    at: datetime


class PartyOut(FromView):
    """`version` goes along with every change, so that nobody decides on what he has not seen."""

    id: int
    version: int
    login: str
    name: str
    submission_id: int | None
    attempt: int
    awaited: Awaited
    told_at: datetime | None
    heard_until: datetime | None
    messages: list[SaidOut]
    statements: list[SaidOut]
    standing: DecisionOut | None
    waiting: DecisionOut | None
    sent_back: SaidOut | None
    seconded_by: str | None


class EventOut(FromView):
    kind: EventKind
    at: datetime
    actor: str | None
    about: str | None
    verdict: Verdict | None
    points: Points | None
    exhibit: int | None  # its place among `contents`, from 1


class CaseOut(FromView):
    id: int
    version: int  # goes along with what is added
    assignment: str
    reason: str | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    erased_from: datetime | None
    is_anonymous: bool
    parties: list[PartyOut]
    events: list[EventOut]
    contents: list[dict[str, Any]]  # the exhibits, each as it was when it came into the case


class PartyRowOut(FromView):
    name: str
    login: str
    awaited: Awaited
    heard_until: datetime | None
    verdict: Verdict | None
    points: Points | None
    decided_by: str | None


class CaseRowOut(FromView):
    id: int
    assignment: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    parties: list[PartyRowOut]


class OwnLineOut(FromView):
    number: int
    text: str
    in_question: bool


class OwnFileOut(FromView):
    name: str
    lines: list[OwnLineOut]


class OwnWorkOut(FromView):
    attempt: int
    files: list[OwnFileOut]


class OwnDecisionOut(FromView):
    """Who of the staff has decided is not said: it is the course's decision."""

    verdict: Verdict
    points: Points | None
    reasons: str | None
    at: datetime


class OwnCaseRowOut(FromView):
    """What a student learns of a case about himself, but for his own code."""

    id: int
    assignment: str
    told_at: datetime
    heard_until: datetime
    messages: list[SaidOut]
    statements: list[SaidOut]
    decision: OwnDecisionOut | None
    can_state: bool
    grown_at: list[datetime]  # when something was added to what is in question, since one was told
    erased_at: datetime | None
    erased_from: datetime | None


class OwnCaseOut(OwnCaseRowOut):
    """All that he learns."""

    works: list[OwnWorkOut]
