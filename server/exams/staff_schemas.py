"""JSON shapes of what staff set up, see and do."""

from datetime import datetime
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from grader.protocol import Text
from server.exams import staff_rules
from server.exams.checklist import Item
from server.exams.invigilation import Granted
from server.exams.live import Line, digest_of, name_of
from server.exams.models import Exam, ExamNotice, Grant, MissedSave, Place, PlaceState, Sitting
from server.exams.rules import Phase, Window
from server.exams.setup import Plan, Simulation
from server.exams.staff_rules import MOST_MINUTES, MOST_REASON, Need

Reason = Field(max_length=4 * MOST_REASON)


class WindowIn(BaseModel):
    """Of a section that sits at another time than the others."""

    model_config = ConfigDict(extra="forbid")

    section: str
    opens_at: AwareDatetime
    closes_at: AwareDatetime


class ExamIn(BaseModel):
    """What is left out stays as it is; of an exam that is made, as we have it. `version`: as it was read, 0 for a new one."""

    model_config = ConfigDict(extra="forbid")

    minutes: int | None = Field(None, gt=0, le=MOST_MINUTES)
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    is_practice: bool | None = None
    asks_to_move: bool | None = None
    networks: list[str] | None = None
    check_limit: int | None = Field(None, ge=0, le=1000)
    fair_wait_s: int | None = Field(None, gt=0, le=3600)
    moderated_percent: int | None = Field(None, ge=0, le=100)
    honour: Text | None = None
    windows: list[WindowIn] | None = None
    version: int = 0
    confirm: bool = Field(False, description="Needed where somebody could read the questions earlier by it.")
    moves_running: bool = Field(False, description="Who sits gets the later end of the window, too.")

    def plan(self, before: Plan) -> Plan:
        """`before` with what was named."""
        named = self.model_fields_set
        fields = {name: getattr(self, name) for name in vars(before) if name in named and getattr(self, name) is not None}
        fields |= {"networks": tuple(self.networks)} if self.networks is not None else {}
        if "honour" in named:
            fields |= {"honour_en": self.honour.en if self.honour else None, "honour_zh": self.honour.zh if self.honour else None}
        if self.windows is not None:
            fields["windows"] = {each.section: Window(each.opens_at, each.closes_at) for each in self.windows}
        window = Window(self.opens_at or before.window.opens_at, self.closes_at or before.window.closes_at)
        return Plan(**(vars(before) | fields | {"window": window}))


class GroupOut(BaseModel):
    """Who could start when. `section` null: everybody without a window of his own."""

    section: str | None
    students: int
    before: dict[str, datetime] | None
    after: dict[str, datetime]
    sitting: int
    cut_off: int = Field(description="Of those who sit: who would still end with an earlier window.")


class SimulationOut(BaseModel):
    reasons: list[str]
    groups: list[GroupOut]

    @classmethod
    def of(cls, simulation: Simulation) -> Self:
        return cls.model_validate(simulation.spelled())


class SetUpOut(BaseModel):
    """`simulation` alone where it was only asked what would happen."""

    slug: str
    is_exam: bool
    version: int
    time_zone: str
    opens_at: datetime
    closes_at: datetime
    minutes: int
    is_practice: bool
    asks_to_move: bool
    networks: list[str]
    check_limit: int
    fair_wait_s: int
    moderated_percent: int
    honour: Text | None
    windows: list[WindowIn]
    released_at: datetime | None
    simulation: SimulationOut | None = None

    @classmethod
    def of(cls, assignment: Any, plan: Plan, exam: Exam | None, simulation: Simulation | None = None) -> Self:
        honour = Text(en=plan.honour_en or "", zh=plan.honour_zh or "") if plan.honour_en or plan.honour_zh else None
        windows = [WindowIn(section=name, **vars(window)) for name, window in sorted((plan.windows or {}).items())]
        fields = {name: getattr(plan, name) for name in vars(plan) if name in cls.model_fields}
        return cls(**fields | {
            "slug": assignment.slug, "is_exam": exam is not None, "version": exam.version if exam else 0,
            "time_zone": assignment.course.time_zone, **vars(plan.window), "networks": list(plan.networks), "honour": honour,
            "windows": windows, "released_at": assignment.released_at,
            "simulation": SimulationOut.of(simulation) if simulation else None,
        })  # fmt: skip


class PlaceOut(BaseModel):
    """`address` is a digest: equal ones are equal addresses."""

    id: int
    state: PlaceState
    agent: str
    address: str
    opened_at: datetime

    @classmethod
    def of(cls, place: Place, key: bytes) -> Self:
        return cls(
            id=place.id, state=place.state, agent=place.agent, address=digest_of(key, place.address), opened_at=place.opened_at
        )


class LineOut(BaseModel):
    login: str
    name: str
    section: str | None
    phase: Phase
    started_at: datetime | None
    ends_at: datetime | None
    handed_in_at: datetime | None
    last_saved_at: datetime | None
    last_seen_at: datetime | None
    is_away: bool
    answered: int
    fields: int
    place: PlaceOut | None
    moves: int
    changes: int
    waiting: list[PlaceOut]
    checks_used: int
    queue_delay_s: float | None
    granted_s: int
    credited_s: int
    missed: int
    needs: list[Need]

    @classmethod
    def of(cls, line: Line, fields: int, key: bytes) -> Self:
        sitting = line.sitting
        return cls(
            login=line.member.user.login, name=line.member.user.display_name, section=name_of(line.member), phase=line.phase,
            started_at=sitting and sitting.started_at, ends_at=line.end, handed_in_at=sitting and sitting.handed_in_at,
            last_saved_at=sitting and sitting.last_saved_at, last_seen_at=sitting and sitting.last_seen_at,
            is_away=line.is_away, answered=line.answered, fields=fields,
            place=PlaceOut.of(line.place, key) if line.place else None, moves=line.moves, changes=line.changes,
            waiting=[PlaceOut.of(each, key) for each in line.waiting], checks_used=line.checks.used,
            queue_delay_s=line.checks.delay_s, granted_s=line.granted_s, credited_s=line.credited_s, missed=line.missed,
            needs=list(line.needs),
        )  # fmt: skip


class LiveOut(BaseModel):
    now: datetime
    counts: dict[str, int]
    students: list[LineOut]


class GrantIn(BaseModel):
    """To students by login, to a section, or to all; minutes, or for an accommodation a share of the working time."""

    model_config = ConfigDict(extra="forbid")

    students: list[str] = Field([], max_length=5000)
    section: str | None = None
    all: bool = False
    minutes: int | None = Field(None, gt=0, le=MOST_MINUTES)
    percent: int | None = Field(None, gt=0, le=300)
    kind: Grant = Grant.extra
    reason: str = Reason

    def seconds(self, exam: Exam) -> int:
        """0 where neither was named, or both."""
        if (self.minutes is None) == (self.percent is None):
            return 0
        return staff_rules.seconds_of(minutes=self.minutes, percent=self.percent, working_minutes=exam.minutes)


class GrantedOut(BaseModel):
    """`left_out`: who has handed in, whom more time does not help."""

    seconds: int
    grants: dict[str, int] = Field(description="Ids by login.")
    left_out: list[str]

    @classmethod
    def of(cls, granted: Granted, logins: dict[int, str]) -> Self:
        ids = {logins[each.student_id]: each.id for each in granted.given}
        return cls(seconds=granted.given[0].seconds, grants=ids, left_out=granted.left_out)


class GrantOut(BaseModel):
    id: int
    login: str
    seconds: int
    kind: Grant
    reason: str
    cause: str | None
    given_by: str | None
    at: datetime


class Because(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Reason


class ReopenIn(Because):
    minutes: int = Field(gt=0, le=MOST_MINUTES)


class DecisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: str = Field(pattern="^(permit|refuse)$")


class NoticeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Text
    section: str | None = None


class NoticeOut(BaseModel):
    id: int
    at: datetime
    text: Text
    section_id: int | None

    @classmethod
    def of(cls, notice: ExamNotice) -> Self:
        return cls(id=notice.id, at=notice.at, text=Text(en=notice.text_en, zh=notice.text_zh), section_id=notice.section_id)


class SittingStateOut(BaseModel):
    login: str
    number: int
    started_at: datetime
    ends_at: datetime
    handed_in_at: datetime | None
    handed_in_by: str | None
    left_out: dict[str, Text]

    @classmethod
    def of(cls, sitting: Sitting, ends_at: datetime) -> Self:
        return cls(
            login=sitting.student.login, number=sitting.number, started_at=sitting.started_at, ends_at=ends_at,
            handed_in_at=sitting.handed_in_at, handed_in_by=sitting.handed_in_by, left_out=sitting.left_out,
        )  # fmt: skip


class MissedOut(BaseModel):
    """Something that arrived and does not count by itself. `value` is what would stand in the paper."""

    id: int
    login: str
    field: str
    value: Any
    why: str
    arrived_at: datetime
    counted_at: datetime | None
    dismissed_at: datetime | None
    dismissed_because: str | None

    @classmethod
    def of(cls, missed: MissedSave, login: str) -> Self:
        known = {name: getattr(missed, name) for name in cls.model_fields if name != "login"}
        return cls(login=login, **known)


class TickIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item: str = Field(max_length=40)
    note: str = Field("", max_length=500)


class ItemOut(BaseModel):
    id: str
    title: Text
    is_ok: bool
    seen: Text
    next_step: Text | None
    by_hand: bool

    @classmethod
    def of(cls, item: Item) -> Self:
        known = {name: getattr(item, name) for name in ("id", "title", "is_ok", "seen", "next_step")}
        return cls(**known, by_hand=item.by_hand is not None)
