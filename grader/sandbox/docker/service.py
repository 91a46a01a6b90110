"""`gradus sandbox serve`: alone holds the engine's socket and the launch template, and hands containers over a Unix socket.

It never looks into the stream: bytes go through as they come, in chunks of a fixed size, both ways.
"""

import asyncio
import logging
import os
import select
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from grader.preflight import Finding, Level, in_a_line
from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.engine import Engine, Line
from grader.sandbox.docker.narrow import (
    MAX_LINE,
    MAX_NAME,
    MAX_NAMES,
    MAX_REASON,
    Answer,
    Asked,
    Digest,
    Outcome,
    Ping,
    Refused,
    Safety,
    Start,
    read_question,
    write_line,
)
from grader.sandbox.docker.template import Order

log = logging.getLogger(__name__)

ASK_WITHIN_S = 5.0
SLOT_WITHIN_S = 30.0  # a container that is being destroyed frees its slot a moment later
LAST_WORDS_S = 2.0  # between the end of what goes in and the end of the container
REAP_EVERY_S = 30.0
LOOK_EVERY_S = 3600.0
LOOKED_WITHIN_S = 60.0  # the first look starts a container
WAITING = 64  # connections beyond the containers
CHUNK = 1 << 18
Returned = TypeVar("Returned")
MODE = 0o660  # the owner, and the group that the workers belong to


class Service:
    """One connection, one question; a granted container lives as long as its connection."""

    def __init__(self, engine: Engine, *, owner: str, slots: int, devices: Collection[str] = ()) -> None:
        self.engine, self.owner, self.devices = engine, owner, frozenset(devices)
        self.slots = slots
        self.free = asyncio.Semaphore(slots)
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.visits: set[asyncio.Task[None]] = set()
        self.starting = ThreadPoolExecutor(slots, thread_name_prefix="start")
        self.ending = ThreadPoolExecutor(slots, thread_name_prefix="end")  # its own, so that a slow start never delays an end

    async def serve(self, listener: socket.socket) -> None:
        """Until cancelled; then every container is destroyed before this returns."""
        try:
            while True:
                client, _ = await asyncio.get_running_loop().sock_accept(listener)
                self.welcome(client)
        finally:
            for visit in self.visits:
                visit.cancel()
            await asyncio.gather(*self.visits, return_exceptions=True)
            self.starting.shutdown()
            self.ending.shutdown()

    def welcome(self, client: socket.socket) -> None:
        if len(self.visits) >= self.slots + WAITING:
            client.close()
            return
        visit = asyncio.create_task(self.receive(client))
        self.visits.add(visit)
        visit.add_done_callback(self.visits.discard)

    async def receive(self, client: socket.socket) -> None:
        """Whatever a caller does, it is only this connection that ends."""
        with client:
            client.setblocking(False)
            try:
                async with asyncio.timeout(ASK_WITHIN_S):
                    question = read_question(await read_line(client))
                await self.answer(client, question)
            except (Refused, GraderFailure) as reason:
                await refuse(client, str(reason))
            except (TimeoutError, ConnectionError) as error:
                log.debug("A connection ended early: %r", error)

    async def answer(self, client: socket.socket, question: Asked) -> None:
        match question:
            case Ping():
                await say(client, Answer(ok=True))
            case Safety():
                await say(client, Answer(ok=True, safety=await self.safety()))
            case Digest(device=device):
                await say(client, Answer(ok=True, digest=await self.digest(device)))
            case Start():
                self.check_device(question.device)
                async with self.slot(), self.container(question) as line:
                    await say(client, Answer(ok=True, id=line.id, digest=await self.digest(question.device)))
                    async with asyncio.timeout(question.deadline_s):
                        await relay(client, line.socket)

    async def safety(self) -> Outcome | None:
        """Of the last look; the first one is waited for."""
        await asyncio.wait([self.outcome], timeout=LOOKED_WITHIN_S)
        return self.outcome.result() if self.outcome.done() else None

    def conclude(self, findings: Sequence[Finding]) -> None:
        """Log what is not ok, and keep the names for whoever asks."""
        for each in (each for each in findings if not each.ok):
            log.log(logging.ERROR if each.level is Level.unsafe else logging.WARNING, "%s", in_a_line(each))
        done = asyncio.get_running_loop().create_future()
        done.set_result(summary(findings))
        if not self.outcome.done():
            self.outcome.set_result(done.result())
        self.outcome = done

    async def digest(self, device: str | None) -> str:
        self.check_device(device)
        return await run(self.starting, self.engine.digest, device)

    def check_device(self, device: str | None) -> None:
        if device is not None and device not in self.devices:
            raise Refused("that device is not one of this service's")

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(SLOT_WITHIN_S):
                await self.free.acquire()
        except TimeoutError:
            raise GraderFailure(f"all {self.slots} containers are in use; raise GRADUS_SANDBOX_SLOTS") from None
        try:
            yield
        finally:
            self.free.release()

    @asynccontextmanager
    async def container(self, question: Start) -> AsyncIterator[Line]:
        """One container; destroyed even where the caller is gone before it has started."""
        deadline = int(time.time() + question.deadline_s)
        order = Order(isolation=question.isolation, owner=self.owner, deadline=deadline, device=question.device)
        start = asyncio.ensure_future(run(self.starting, self.engine.start, order))
        try:
            line = await asyncio.shield(start)
        except asyncio.CancelledError:
            with suppress(GraderFailure):
                await run(self.ending, (await start).close)
            raise
        try:
            line.socket.setblocking(False)
            yield line
        finally:
            await asyncio.shield(run(self.ending, line.close))


def summary(findings: Sequence[Finding]) -> Outcome:
    """The worst level, and who has it."""
    worst = max((each.level for each in findings), key=list(Level).index, default=Level.warn)
    names = [each.name[:MAX_NAME] for each in findings if each.level is worst and not each.ok]
    return Outcome(level=worst, names=tuple(names[:MAX_NAMES]))


async def run(where: Executor, what: Callable[..., Returned], *arguments: object) -> Returned:
    return await asyncio.get_running_loop().run_in_executor(where, what, *arguments)


async def read_line(client: socket.socket) -> bytes:
    """Raises Refused for a line that is too long, has no end, or is followed by more before it is answered."""
    said = b""
    while b"\n" not in said:
        more = await asyncio.get_running_loop().sock_recv(client, MAX_LINE + 1 - len(said))
        said += more
        if not more or len(said) > MAX_LINE:
            raise Refused(f"one line of at most {MAX_LINE} bytes is expected")
    line, rest = said.split(b"\n", 1)
    if rest:
        raise Refused("more was said before the answer")
    return line


async def say(client: socket.socket, answer: Answer) -> None:
    await asyncio.get_running_loop().sock_sendall(client, write_line(answer))


async def refuse(client: socket.socket, reason: str) -> None:
    log.warning("Refused: %s", reason)
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(ASK_WITHIN_S):
            await say(client, Answer(ok=False, error=reason[:MAX_REASON]))


async def relay(client: socket.socket, stream: socket.socket) -> None:
    """Bytes both ways until the container ends, or the caller goes away.

    A caller that only stopped talking still hears the container's last words.
    """
    outward, inward = asyncio.create_task(pump(client, stream)), asyncio.create_task(pump(stream, client))
    try:
        await asyncio.wait({outward, inward}, return_when=asyncio.FIRST_COMPLETED)
        if not inward.done() and not has_gone(client):
            await asyncio.wait({inward}, timeout=LAST_WORDS_S)
    finally:
        outward.cancel()
        inward.cancel()
        await asyncio.gather(outward, inward, return_exceptions=True)


async def pump(source: socket.socket, sink: socket.socket) -> None:
    """What was read is written before more is read, so that a caller who does not listen costs one chunk of memory."""
    loop = asyncio.get_running_loop()
    chunk = memoryview(bytearray(CHUNK))
    with suppress(ConnectionError):
        while count := await loop.sock_recv_into(source, chunk):
            await loop.sock_sendall(sink, chunk[:count])
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def has_gone(client: socket.socket) -> bool:
    """Whether the other side has closed for good, rather than stopped talking."""
    poll = select.poll()
    poll.register(client, 0)  # asks for hang-ups and errors alone
    return bool(poll.poll(0))


@contextmanager
def listen(path: Path) -> Iterator[socket.socket]:
    """The service's socket, in place of one that a dead service left; nobody beyond our group may connect."""
    path.unlink(missing_ok=True)
    mask = os.umask(0o777 & ~MODE)
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        listener.bind(str(path))
    finally:
        os.umask(mask)
    with closing(listener):
        listener.listen(WAITING)
        yield listener


async def repeat(every_s: float, what: Callable[[], object]) -> None:
    """In a thread of its own, again and again; a failure is a line in the log."""
    while True:
        try:
            await asyncio.to_thread(what)
        except GraderFailure as failure:
            log.warning("%s", failure)
        await asyncio.sleep(every_s)


async def look_again(service: Service, look: Callable[[], Sequence[Finding]]) -> None:
    """At the start and every hour, in a thread of its own."""
    while True:
        service.conclude(await asyncio.to_thread(look))
        await asyncio.sleep(LOOK_EVERY_S)


async def run_service(service: Service, path: Path, *, reap: Callable[[], object], look: Callable[[], Sequence[Finding]]) -> None:
    """Until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with listen(path) as listener:
        tasks = [asyncio.create_task(service.serve(listener)), asyncio.create_task(repeat(REAP_EVERY_S, reap))]
        tasks.append(asyncio.create_task(look_again(service, look)))
        stopped = asyncio.create_task(stop.wait())
        log.info("Serving at %s, at most %s containers", path, service.slots)
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
