"""A class plays an exam: scripts for everybody, an invigilator who lets people move, and the wait for the last verdict."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from server.rehearsals.records import Log
from server.rehearsals.student import Device, Kind, Script, Student

RAMP_S, LAST_S, PAUSE_S = 60.0, 30.0, 5.0
ONE_IN = 10  # loses its connection, moves, never hands in
CHECKS_EVERY_S = 600.0  # of one student, and once at least
CLOSING_S = 5.0  # before the end: nobody hands in as late as that

Tell = Callable[["Played"], None]


@dataclass
class Played:
    """How far it is, and afterwards how it was. archive: the exam's own, as the staff download it."""

    students: Sequence[Student]
    log: Log
    stage: str = "sitting"
    elapsed_s: float = 0.0
    permitted: int = 0
    delays_s: dict[str, float] = field(default_factory=dict)  # by login, the longest that a check has waited
    running: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    archive: bytes | None = None


def scripts(count: int, *, seconds: float, checks: int, draw: random.Random) -> list[Script]:
    """One in ten of each kind, and at least one of each in a class of four or more. The shorter, the closer together."""
    each = max(1, count // ONE_IN) if count >= len(Kind) else 0
    kinds = [kind for kind in (Kind.drops, Kind.moves, Kind.stays) for _ in range(each)]
    kinds += [Kind.steady] * (count - len(kinds))
    return [script(kind, seconds=seconds, checks=checks, draw=draw) for kind in kinds]


def script(kind: Kind, *, seconds: float, checks: int, draw: random.Random) -> Script:
    """Everything in a share of the time, where that is short."""
    ramp, last = min(RAMP_S, seconds / 5), min(LAST_S, seconds / 4)
    closing = min(CLOSING_S, seconds / 8)
    broken = draw.uniform(0.35, 0.45) * seconds
    return Script(
        kind=kind,
        starts_s=draw.uniform(0, ramp),
        hands_in_s=seconds - draw.uniform(closing, last),
        ends_s=seconds,
        pause_s=max(0.5, min(PAUSE_S, seconds / 8)),
        checks_s=tuple(sorted(draw.uniform(0.3, 0.7) * seconds for _ in range(min(checks, 1 + int(seconds // CHECKS_EVERY_S))))),
        breaks_s=(broken, broken + 0.2 * seconds),
    )


async def play(url: str, begun: Mapping[str, Any], *, tell: Tell, wait_s: float, seed: int = 0) -> Played:
    """begun: what the API answered. Ends when all is judged, or wait_s after the last has handed in."""
    log, draw = Log(), random.Random(seed)
    room = f"/courses/{begun['id']}/exams/{begun['exam']}"
    seconds = (datetime.fromisoformat(begun["closes_at"]) - datetime.fromisoformat(begun["now"])).total_seconds()
    plan = scripts(len(begun["students"]), seconds=seconds, checks=begun["check_limit"], draw=draw)
    students = [Student(url, room, account, each, log, seed=seed) for account, each in zip(begun["students"], plan, strict=True)]
    staff = Device(url, room, begun["staff"]["token"], log, agent="an invigilator of the rehearsal")
    played, began = Played(students, log), time.monotonic()
    watching = [asyncio.create_task(show(played, began, tell)), asyncio.create_task(invigilate(staff, played))]
    try:
        async with asyncio.TaskGroup() as group:
            for student in students:
                group.create_task(student.sit(began))
        played.stage = "judging"
        await settle(staff, played, until=time.monotonic() + max(0.0, began + seconds - time.monotonic()) + wait_s)
        watching[1].cancel()
        played.stage = "comparing"
        played.archive = await download(staff)
        tell(played)
    finally:
        for task in watching:
            task.cancel()
        for task in watching:
            with suppress(asyncio.CancelledError):
                await task
        await staff.hang_up()
    return played


async def show(played: Played, began: float, tell: Tell) -> None:
    while True:
        played.elapsed_s = time.monotonic() - began
        tell(played)
        await asyncio.sleep(0.5)


async def invigilate(staff: Device, played: Played) -> None:
    """Lets everybody move who asks, and looks how long checks wait."""
    while True:
        live = await staff.ask("GET", "live")
        for line in live.body["students"] if live.is_ok else []:
            if line["queue_delay_s"] is not None:
                played.delays_s[line["login"]] = max(line["queue_delay_s"], played.delays_s.get(line["login"], 0.0))
            for place in line["waiting"]:
                answer = await staff.ask("POST", f"places/{place['id']}", name="places", json={"decision": "permit"})
                played.permitted += answer.is_ok
        await asyncio.sleep(1.0)


async def settle(staff: Device, played: Played, *, until: float) -> None:
    """Until nobody sits and every work has its verdict."""
    while True:
        found = await staff.ask("GET", "release")
        if found.is_ok:
            played.running, played.ungraded = found.body["running"], found.body["ungraded"]
            if not (played.running or played.ungraded):
                return
        if time.monotonic() >= until:
            return
        await asyncio.sleep(1.0)


async def download(staff: Device) -> bytes | None:
    """The archive of the exam; None where it could not be had, which is in the log."""
    began = time.monotonic()
    try:
        answer = await staff.http.get(f"/api/v1{staff.room}/archive", headers=staff.headers, timeout=300.0)
    except httpx.HTTPError as error:
        staff.log.failed("GET archive", type(error).__name__)
        return None
    staff.log.answered("GET archive", 1000 * (time.monotonic() - began))
    if answer.is_error:
        staff.log.failed("GET archive", f"HTTP {answer.status_code}")
        return None
    return answer.content
