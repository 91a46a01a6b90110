"""A case as pages, API and export show it: plain values, with names replaced where that was asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from server.cases import rules
from server.cases.anonymous import Known, Pseudonyms, anonymised, make_pseudonyms, people_in
from server.cases.exhibits import Content, view_of
from server.cases.models import Case, Event, EventKind, Party, Verdict
from server.cases.retention import erased_from
from server.cases.rules import Awaited
from server.cases.service import standing_of
from server.similarity.sides import Sides

LANE, MARGIN = 12, 8  # of the picture: height of a student's row, room above and below
WIDTH = 100
NEWS = timedelta(days=30)  # after a case was closed


@dataclass(frozen=True)
class Decision:
    """A verdict with its reasons, and whether it counts."""

    verdict: Verdict
    points: Decimal | None
    reasons: str | None
    by: str
    at: datetime


@dataclass(frozen=True)
class Said:
    text: str | None  # None: erased
    at: datetime


@dataclass(frozen=True)
class PartyView:
    id: int
    version: int
    login: str
    name: str
    submission_id: int | None  # None: anonymous
    attempt: int
    awaited: Awaited
    told_at: datetime | None
    heard_until: datetime | None
    messages: tuple[Said, ...]
    statements: tuple[Said, ...]
    standing: Decision | None  # what counts
    waiting: Decision | None  # decided, to be seconded
    sent_back: Said | None  # why the last verdict was not shared, if it is to be decided anew
    decided_by_id: int | None
    seconded_by: str | None


@dataclass(frozen=True)
class EventView:
    kind: EventKind
    at: datetime
    actor: str | None
    about: str | None  # a student's name
    verdict: Verdict | None
    points: Decimal | None
    exhibit: int | None  # which one was added


@dataclass(frozen=True)
class Dot:
    kind: EventKind
    x: float


@dataclass(frozen=True)
class Lane:
    """One student's row of the picture; `hearing` is from when until when a statement could be made."""

    name: str
    y: float
    dots: tuple[Dot, ...]
    hearing: tuple[float, float] | None


@dataclass(frozen=True)
class Timeline:
    start: datetime
    end: datetime
    height: float
    lanes: tuple[Lane, ...]
    now: float


@dataclass(frozen=True)
class CaseView:
    id: int
    version: int
    assignment: str
    reason: str | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    erased_from: datetime | None
    is_anonymous: bool
    parties: tuple[PartyView, ...]
    exhibit_ids: tuple[int, ...]
    added_at: tuple[datetime, ...]  # when each exhibit came into the case
    contents: tuple[Content, ...]  # of these exhibits
    events: tuple[EventView, ...]
    timeline: Timeline

    @cached_property
    def exhibits(self) -> list[Sides]:
        """As pages show them: only those need the code in colour."""
        return [view_of(id, content) for id, content in zip(self.exhibit_ids, self.contents, strict=True)]


@dataclass(frozen=True)
class CaseRow:
    """One line of the list of cases."""

    id: int
    assignment: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    parties: tuple["PartyRow", ...]


@dataclass(frozen=True)
class PartyRow:
    name: str
    login: str
    awaited: Awaited
    heard_until: datetime | None
    verdict: Verdict | None
    points: Decimal | None
    decided_by: str | None


@dataclass(frozen=True)
class OwnCase:
    """What a student may know of a case about himself."""

    id: int
    assignment: str
    told_at: datetime
    heard_until: datetime
    messages: tuple[Said, ...]
    statements: tuple[Said, ...]
    decision: Decision | None  # that counts; who has decided is the staff
    can_state: bool
    grown_at: tuple[datetime, ...]  # since he was told, works of his came into the case
    erased_at: datetime | None
    erased_from: datetime | None


def row_of(case: Case, *, now: datetime) -> CaseRow:
    return CaseRow(
        id=case.id,
        assignment=case.assignment.slug,
        opened_by=case.opened_by.display_name,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        erased_at=case.erased_at,
        parties=tuple(party_row(party, now=now) for party in case.parties),
    )


def party_row(party: Party, *, now: datetime) -> PartyRow:
    return PartyRow(
        name=party.student.display_name,
        login=party.student.login,
        awaited=awaited_of(party, now=now),
        heard_until=party.heard_until,
        verdict=party.verdict,
        points=party.points,
        decided_by=party.decided_by.display_name if party.decided_by else None,
    )


def awaited_of(party: Party, *, now: datetime) -> Awaited:
    tells = party.case.assignment.course.tells_students
    return rules.awaited_of(standing_of(party), tells_students=tells, now=now)


def case_view(case: Case, *, anonymous: bool, now: datetime) -> CaseView:
    """For staff. Names stand in it nowhere if it is anonymous, but for those of the staff."""
    names = pseudonyms_of(case) if anonymous else make_pseudonyms([])
    contents = tuple(anonymised(each.content, names) if anonymous else each.content for each in case.exhibits)
    parties = tuple(party_view(party, case.events, names, anonymous=anonymous, now=now) for party in case.parties)
    return CaseView(
        id=case.id,
        version=case.version,
        assignment=case.assignment.slug,
        reason=names.text(case.reason) if case.reason else None,
        opened_by=case.opened_by.display_name,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        erased_at=case.erased_at,
        erased_from=erased_from(case),
        is_anonymous=anonymous,
        parties=parties,
        exhibit_ids=tuple(each.id for each in case.exhibits),
        added_at=tuple(each.added_at for each in case.exhibits),
        contents=contents,
        events=tuple(event_view(event, parties) for event in case.events),
        timeline=timeline_of(case, parties, now=now),
    )


def pseudonyms_of(case: Case) -> Pseudonyms:
    """The same letters on every page and in every export of this case."""
    first = [Known(party.student.login, party.student.display_name) for party in case.parties]
    return make_pseudonyms(people_in([exhibit.content for exhibit in case.exhibits], first))


def party_view(party: Party, events: Sequence[Event], names: Pseudonyms, *, anonymous: bool, now: datetime) -> PartyView:
    own = [event for event in events if event.party_id == party.id]
    standing, newest = decisions_of(own, names)
    login = party.student.login
    is_sent_back = party.verdict is None and any(event.kind is EventKind.returned for event in own)
    return PartyView(
        id=party.id,
        version=party.version,
        login=names.of(login),
        name=names.of(login) if anonymous else party.student.display_name,
        submission_id=None if anonymous else party.submission_id,
        attempt=party.submission.attempt,
        awaited=awaited_of(party, now=now),
        told_at=party.told_at,
        heard_until=party.heard_until,
        messages=said_of(own, EventKind.told, names),
        statements=said_of(own, EventKind.stated, names),
        standing=standing,
        waiting=newest if party.verdict is not None and party.counts_at is None else None,
        sent_back=said_of(own, EventKind.returned, names)[-1] if is_sent_back else None,
        decided_by_id=party.decided_by_id,
        seconded_by=party.seconded_by.display_name if party.seconded_by else None,
    )


def said_of(events: Iterable[Event], kind: EventKind, names: Pseudonyms) -> tuple[Said, ...]:
    return tuple(Said(names.text(event.text) if event.text else None, event.at) for event in events if event.kind is kind)


def decisions_of(events: Iterable[Event], names: Pseudonyms) -> tuple[Decision | None, Decision | None]:
    """What counts by now, and what was decided last: the same, unless that one waits for the second person."""
    standing = newest = None
    for event in events:
        if event.kind is EventKind.decided:
            newest = decision_of(event, names)
            standing = newest if event.details["counts"] else standing
        elif event.kind is EventKind.seconded:
            standing = newest
    return standing, newest


def decision_of(event: Event, names: Pseudonyms) -> Decision:
    points = event.details["points"]
    return Decision(
        verdict=Verdict(event.details["verdict"]),
        points=Decimal(points) if points else None,
        reasons=names.text(event.text) if event.text else None,
        by=event.actor.display_name if event.actor else "",
        at=event.at,
    )


def event_view(event: Event, parties: Iterable[PartyView]) -> EventView:
    about = next((party for party in parties if party.id == event.party_id), None)
    is_own = event.kind is EventKind.stated
    points = event.details.get("points")
    return EventView(
        kind=event.kind,
        at=event.at,
        actor=None if is_own or event.actor is None else event.actor.display_name,
        about=about.name if about else None,
        verdict=Verdict(event.details["verdict"]) if "verdict" in event.details else None,
        points=Decimal(points) if points else None,
        exhibit=event.details.get("exhibit"),
    )


def timeline_of(case: Case, parties: Sequence[PartyView], *, now: datetime) -> Timeline:
    """From the opening to the last event or deadline; as long as it is open, at least until now."""
    moments = [event.at for event in case.events] + [party.heard_until for party in parties if party.heard_until]
    moments += [now] if case.closed_at is None else []
    start, end = case.opened_at, max([*moments, case.opened_at + timedelta(hours=1)])

    def place(moment: datetime) -> float:
        return round(2 + (WIDTH - 4) * (moment - start) / (end - start), 2)

    lanes = tuple(lane_of(number, party, case.events, place) for number, party in enumerate(parties))
    return Timeline(start, end, 2 * MARGIN + LANE * len(lanes), lanes, min(place(now), WIDTH))


def lane_of(number: int, party: PartyView, events: Iterable[Event], place) -> Lane:
    dots = tuple(Dot(event.kind, place(event.at)) for event in events if event.party_id in (party.id, None))
    hearing = (place(party.told_at), place(party.heard_until)) if party.told_at and party.heard_until else None
    return Lane(party.name, MARGIN + LANE * (number + 0.5), dots, hearing)


def own_case(party: Party, events: Iterable[Event], *, now: datetime) -> OwnCase:
    """`events`: of the case; only what concerns him is looked at."""
    own, names = [event for event in events if event.party_id == party.id], make_pseudonyms([])
    standing, _ = decisions_of(own, names)
    case = party.case
    is_open = party.counts_at is None and case.erased_at is None
    return OwnCase(
        id=case.id,
        assignment=case.assignment.slug,
        told_at=party.told_at,
        heard_until=party.heard_until,
        messages=said_of(own, EventKind.told, names),
        statements=said_of(own, EventKind.stated, names),
        decision=standing,
        can_state=is_open and now < party.heard_until,
        grown_at=tuple(event.at for event in events if has_grown(event, party)),
        erased_at=case.erased_at,
        erased_from=erased_from(case),
    )


def has_grown(event: Event, party: Party) -> bool:
    return event.kind is EventKind.added and party.id in event.details["parties"] and event.at > party.told_at


def is_news(party: Party, *, now: datetime) -> bool:
    """Whether the course's page tells the student of it."""
    closed_at = party.case.closed_at
    return closed_at is None or now < closed_at + NEWS
