"""A simulated student: starts, reads, saves, checks, hands in or does not; by the requests that the room's page makes."""

import asyncio
import hashlib
import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx

from server.rehearsals import answers
from server.rehearsals.records import Log

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
FIELDS_AT_ONCE = 2  # that somebody changes between two saves
OVER = frozenset({"time_is_over", "already_handed_in"})  # what the clock's hand-in answers to somebody who goes on typing
CLOCK_EVERY = 12  # turns, as in the room: what a save answers tells the time, too
JUDGED = frozenset({"graded", "needs_staff", "cancelled"})
BUSY = frozenset({"check_still_running", "checks_used_up"})


class Kind(StrEnum):
    """What happens to one of a class."""

    steady = "steady"
    drops = "drops"  # loses the connection for a while
    moves = "moves"  # goes on at another device
    stays = "stays"  # never hands in


@dataclass(frozen=True)
class Script:
    """Moments in seconds from the beginning. pause_s: between two saves."""

    kind: Kind
    starts_s: float
    hands_in_s: float
    ends_s: float
    pause_s: float
    checks_s: tuple[float, ...]
    breaks_s: tuple[float, float]  # when the connection is lost, or the device is left; and until when at the latest


@dataclass(frozen=True)
class Reply:
    """code: 0 where nothing was answered. what: of a refusal, its word."""

    status: int
    body: Any = None
    what: str = ""

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


def connect(url: str) -> httpx.AsyncClient:
    """A connection of one's own, as a browser has it."""
    return httpx.AsyncClient(base_url=url, timeout=TIMEOUT)


class Device:
    """A browser's tab with a connection of its own."""

    def __init__(self, url: str, room: str, token: str, log: Log, *, agent: str) -> None:
        self.url, self.room, self.log = url, room, log
        self.headers = {"Authorization": f"Bearer {token}", "User-Agent": agent}
        self.http = connect(url)

    async def ask(self, method: str, what: str, *, fine: Collection[str] = (), name: str = "", **options: Any) -> Reply:
        """Counted under its name. `fine`: refusals that are no error here."""
        kind, began = f"{method} {name or what}", time.monotonic()
        self.log.sent[kind] += 1
        try:
            answer = await self.http.request(method, f"/api/v1{self.room}/{what}".rstrip("/"), headers=self.headers, **options)
        except httpx.HTTPError as error:
            self.log.failed(kind, type(error).__name__)
            return Reply(0, what=type(error).__name__)
        self.log.answered(kind, 1000 * (time.monotonic() - began))
        reply = read_reply(answer)
        if not reply.is_ok and reply.what not in fine:
            self.log.failed(kind, reply.what)
        return reply

    async def hang_up(self) -> None:
        await self.http.aclose()

    async def reconnect(self) -> None:
        await self.hang_up()
        self.http = connect(self.url)


def read_reply(answer: httpx.Response) -> Reply:
    try:
        body = answer.json() if answer.content else None
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, Mapping) and answer.is_error else None
    return Reply(answer.status_code, body, str(code or f"HTTP {answer.status_code}"))


@dataclass
class Written:
    """What the server has acknowledged, by field, and what was sent later without an answer: either may stand there."""

    acknowledged: dict[str, Any] = field(default_factory=dict)
    maybe: dict[str, list[Any]] = field(default_factory=dict)
    count: int = 0
    receipt: str | None = None
    handed_in_s: float | None = None

    def sent(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.maybe.setdefault(name, []).append(value)

    def kept(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.acknowledged[name] = value
            self.maybe[name] = []
            self.count += 1

    def lost(self, saved: Mapping[str, Any]) -> list[str]:
        """Fields that were acknowledged and hold something else."""
        return sorted(
            name
            for name, value in self.acknowledged.items()
            if not any(is_same(each, saved.get(name)) for each in [value, *self.maybe.get(name, [])])
        )


def is_same(written: Any, saved: Any) -> bool:
    """Of a file, what the server says of it: it is told by its hash."""
    if isinstance(written, Mapping) and isinstance(saved, Mapping):
        return written.get("sha256") == saved.get("sha256")
    return written == saved


class Student:
    """`sit` plays the script to its end and raises nothing: what goes wrong is in the log."""

    def __init__(self, url: str, room: str, account: Mapping[str, str], script: Script, log: Log, *, seed: int) -> None:
        self.url, self.room, self.account, self.script, self.log = url, room, account, script, log
        self.draw = random.Random(f"{seed} {account['login']}")
        self.device = self.open_device("a tab of the rehearsal")
        self.written = Written()
        self.versions: dict[str, int] = {}
        self.typed: dict[str, Any] = {}  # and not acknowledged yet
        self.paper: Mapping[str, Any] = {"parts": [], "files": [], "has_checks": False}
        self.code: dict[str, str] = {}
        self.checks_asked, self.lines, self.turns = 0, 0, 0
        self.is_checking = False
        self.has_started = self.has_moved = self.is_over = False
        self.began = 0.0

    @property
    def login(self) -> str:
        return self.account["login"]

    @property
    def now_s(self) -> float:
        return time.monotonic() - self.began

    def open_device(self, agent: str) -> Device:
        return Device(self.url, self.room, self.account["token"], self.log, agent=agent)

    async def until(self, moment_s: float) -> None:
        await asyncio.sleep(max(0.0, moment_s - self.now_s))

    async def sit(self, began: float) -> None:
        """began: by `time.monotonic`, when the class began."""
        self.began = began
        try:
            await self.until(self.script.starts_s)
            if await self.start():
                await self.work()
        finally:
            await self.device.hang_up()

    async def start(self) -> bool:
        await self.device.ask("GET", "", name="exam")
        begun = await self.device.ask("POST", "start", json={"accepts_honour": True})
        if not begun.is_ok:
            return False
        self.device.headers["X-Exam-Place"] = begun.body["place"]["key"]
        paper = await self.device.ask("GET", "paper")
        self.has_started = True
        if paper.is_ok:
            self.paper = paper.body
            self.code = {each["field"]: each["starter"] for each in paper.body["files"]}
        return paper.is_ok

    async def work(self) -> None:
        script, checks = self.script, list(self.script.checks_s)
        await self.upload()
        while not self.is_over and self.now_s < script.ends_s and (script.kind is Kind.stays or self.now_s < script.hands_in_s):
            turn = self.now_s
            self.type_some()
            if turn >= script.breaks_s[0] and not self.has_moved and script.kind in (Kind.drops, Kind.moves):
                self.has_moved = True
                await (self.drop() if script.kind is Kind.drops else self.move())
            await self.save()
            if checks and turn >= checks[0] and not self.is_over:
                checks.pop(0)
                await self.check()
            if self.is_checking:
                await self.look_at_the_checks()
            if self.turns % CLOCK_EVERY == 0:
                await self.look_at_the_clock()
            self.turns += 1
            ends = script.ends_s if script.kind is Kind.stays else script.hands_in_s
            await self.until(min(turn + script.pause_s, ends))
        if script.kind is not Kind.stays and not self.is_over:
            await self.hand_in()

    def type_some(self) -> None:
        """Into a few fields, and a line of code every other time."""
        asked = [each for each in answers.questions_of(self.paper) if answers.answer_to(each, self.draw) is not None]
        for question in self.draw.sample(asked, min(FIELDS_AT_ONCE, len(asked))):
            self.typed[question["field"]] = answers.answer_to(question, self.draw)
        self.lines += 1
        if self.lines % 2:
            for name, text in self.code.items():
                self.typed[name] = self.code[name] = answers.more_code(text, self.login, self.lines)

    def body(self) -> dict[str, Any]:
        return {"answers": {name: {"value": value, "version": self.versions.get(name, 0)} for name, value in self.typed.items()}}

    async def save(self) -> None:
        """All that is not acknowledged yet; what got no answer goes along the next time."""
        if not self.typed:
            return
        values = dict(self.typed)
        self.written.sent(values)
        reply = await self.device.ask("PUT", "answers", fine=OVER, json=self.body() | {"flags": []})
        if reply.is_ok:
            conflicts = reply.body["conflicts"]
            self.versions |= reply.body["versions"] | {name: each["version"] for name, each in conflicts.items()}
            self.written.kept({name: value for name, value in values.items() if name not in conflicts})
            self.typed = {name: value for name, value in values.items() if name in conflicts}
        self.is_over = reply.what in OVER

    async def upload(self) -> None:
        for question in answers.questions_of(self.paper):
            if answers.wants_file(question):
                file = {"file": ("sketch.png", answers.PIXEL, "image/png")}
                reply = await self.device.ask("POST", f"files/{question['id']}", name="files", fine=OVER, files=file)
                if reply.is_ok:
                    self.versions |= reply.body["versions"]
                    digest = hashlib.sha256(answers.PIXEL).hexdigest()
                    self.written.kept({question["field"]: {"sha256": digest}})

    async def check(self) -> None:
        if self.paper["has_checks"]:
            self.is_checking = (await self.device.ask("POST", "checks", fine=OVER | BUSY)).is_ok
            self.checks_asked += self.is_checking

    async def look_at_the_checks(self) -> None:
        reply = await self.device.ask("GET", "checks", fine=OVER)
        self.is_checking = not (reply.is_ok and reply.body and reply.body["state"] in JUDGED)

    async def look_at_the_clock(self) -> None:
        reply = await self.device.ask("GET", "clock", fine=OVER)
        if reply.is_ok:
            self.is_over = self.is_over or bool(reply.body["is_over"])

    async def drop(self) -> None:
        """Types on without a connection, and saves all of it when there is one again."""
        await self.device.hang_up()
        while self.now_s < min(self.script.breaks_s[1], self.script.ends_s):
            await asyncio.sleep(min(self.script.pause_s, max(0.05, self.script.breaks_s[1] - self.now_s)))
            self.type_some()
        await self.device.reconnect()

    async def move(self) -> None:
        """To another device, which waits for permission where the exam asks for it; the first tab is told that it was left."""
        await self.save()
        old, new = self.device, self.open_device("another device of the rehearsal")
        try:
            entered = await new.ask("POST", "place")
            if not entered.is_ok:
                self.log.failed("moving", "not let in")
                return await new.hang_up()
            new.headers["X-Exam-Place"] = entered.body["key"]
            state = entered.body["state"]
            while state == "waiting" and self.now_s < self.script.hands_in_s:
                await asyncio.sleep(min(1.0, self.script.pause_s))
                clock = await new.ask("GET", "clock")
                state = clock.body["place"] if clock.is_ok else state
            if state != "active":
                self.log.failed("moving", f"still {state}")
                return await new.hang_up()
            self.device = new
            left = await old.ask("GET", "clock")
            if left.is_ok and left.body["place"] != "left":
                self.log.failed("moving", "the first tab goes on")
        finally:
            if self.device is new:
                await old.hang_up()
        await self.read_again()

    async def read_again(self) -> None:
        """What stands in the paper at the new device has to be what was acknowledged at the old one."""
        paper = await self.device.ask("GET", "paper")
        if paper.is_ok:
            saved = paper.body["saved"]
            self.versions |= {name: each["version"] for name, each in saved.items()}
            for name in self.written.lost({name: each["value"] for name, each in saved.items()}):
                self.log.failed("moving", f"{name} was not there")

    async def hand_in(self) -> None:
        """With what was typed last; asked once more where nothing was answered."""
        self.type_some()
        values = dict(self.typed)
        self.written.sent(values)
        for _ in range(3):
            reply = await self.device.ask("POST", "hand-in", json=self.body())
            if reply.status:
                break
        if reply.is_ok:
            if reply.body["handed_in_by"] == "student":  # else the clock was faster, and what came along is kept beside the paper
                self.written.kept(values)
            self.written.receipt, self.written.handed_in_s = reply.body["receipt"], self.now_s
