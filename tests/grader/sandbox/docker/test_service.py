"""The narrow path with an engine that keeps count: what is granted, what is refused, and that nothing outlives its connection."""

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.preflight import Finding, Level, walls
from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.docker import service
from grader.sandbox.docker.narrow import MAX_LINE, Refused, Start, read_question
from grader.sandbox.docker.remote import RemoteEngine
from grader.sandbox.docker.service import Service, listen, look_again
from grader.sandbox.docker.template import Order
from grader.sandbox.options import Options
from tests.thorough import examples

OWNER = "boot:1:2"
START = {"ask": "start", "isolation": "fork", "device": None, "deadline_s": 60}


class EchoLine:
    """A container that repeats what it hears, says a last word when its input ends, and then ends."""

    def __init__(self, number: int, engine: "CountingEngine") -> None:
        self.id = f"container-{number}"
        self.socket, self.inside = socket.socketpair()
        self.engine = engine
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        with suppress(OSError):
            while data := self.inside.recv(1 << 16):
                self.inside.sendall(data)
                if data.endswith(b"exit\n"):
                    self.inside.shutdown(socket.SHUT_RDWR)
                    return
            self.inside.sendall(b"last words")
            self.inside.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.engine.running.discard(self.id)
        for end in (self.inside, self.socket):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class CountingEngine:
    def __init__(self) -> None:
        self.running: set[str] = set()
        self.orders: list[Order] = []
        self.most = 0
        self.delay_s = 0.0
        self.failure: str | None = None
        self.findings: list[Finding] = []

    def start(self, order: Order) -> EchoLine:
        time.sleep(self.delay_s)
        if self.failure:
            raise GraderFailure(self.failure)
        self.orders.append(order)
        line = EchoLine(len(self.orders), self)
        self.running.add(line.id)
        self.most = max(self.most, len(self.running))
        return line

    def digest(self, device: str | None = None) -> str:
        return "sha256:" + ("c" if device else "a") * 64


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


@pytest.fixture
def path(tmp_path: Path, engine: CountingEngine) -> Iterator[Path]:
    with serving(tmp_path / "runner.sock", engine) as path:
        yield path


@contextmanager
def serving(path: Path, engine: CountingEngine, slots: int = 3) -> Iterator[Path]:
    """The real service in a thread; afterwards not one container may be left."""
    ready, stop = threading.Event(), []

    async def serve() -> None:
        with listen(path) as listener:
            service = Service(engine, owner=OWNER, slots=slots, devices=["GPU-1"])
            looking = asyncio.create_task(look_again(service, lambda: engine.findings)) if engine.findings else None
            task = asyncio.create_task(service.serve(listener))
            stop.append((asyncio.get_running_loop(), task))
            ready.set()
            await asyncio.gather(task, return_exceptions=True)
            if looking:
                looking.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(5)
    yield path
    loop, task = stop[0]
    loop.call_soon_threadsafe(task.cancel)
    thread.join(10)
    assert not thread.is_alive()
    assert not engine.running


def order(device: str | None = None, lasts_s: float = 60) -> Order:
    return Order(isolation=Isolation.fork, owner="the caller says so", deadline=int(time.time() + lasts_s), device=device)


def say(path: Path, data: bytes) -> bytes:
    """Everything that comes back to these bytes."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(path))
        with suppress(BrokenPipeError):
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: receive(client), b""))


def receive(client: socket.socket) -> bytes:
    try:
        return client.recv(1 << 16)
    except ConnectionResetError:
        return b""


def soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not condition():
        time.sleep(0.005)
    return condition()


def test_a_container_is_granted_and_its_stream_is_the_connection(path: Path, engine: CountingEngine) -> None:
    line = RemoteEngine(path).start(order())
    assert line.id == "container-1" and engine.running == {"container-1"}
    line.socket.sendall(b"hello")
    assert line.socket.recv(100) == b"hello"
    line.close()
    line.close()
    assert soon(lambda: not engine.running)


def test_megabytes_go_through_unchanged_and_in_order(path: Path) -> None:
    line = RemoteEngine(path).start(order())
    data = os.urandom(1 << 20) * 8
    threading.Thread(target=line.socket.sendall, args=(data,)).start()
    seen = bytearray()
    while len(seen) < len(data):
        seen += line.socket.recv(1 << 20)
    assert bytes(seen) == data
    line.close()


def test_the_service_is_the_owner_and_keeps_the_deadline(path: Path, engine: CountingEngine) -> None:
    line = RemoteEngine(path).start(order(lasts_s=60))
    line.close()
    assert engine.orders[0].owner == OWNER
    assert abs(engine.orders[0].deadline - time.time() - 60) < 5


def test_who_stops_talking_still_hears_the_last_words(path: Path, engine: CountingEngine) -> None:
    line = RemoteEngine(path).start(order())
    line.socket.shutdown(socket.SHUT_WR)
    assert b"".join(iter(lambda: line.socket.recv(100), b"")) == b"last words"
    assert soon(lambda: not engine.running)


def test_who_hears_the_end_of_a_container_is_let_go(path: Path, engine: CountingEngine) -> None:
    line = RemoteEngine(path).start(order())
    line.socket.sendall(b"exit\n")
    assert b"".join(iter(lambda: line.socket.recv(100), b"")) == b"exit\n"
    assert soon(lambda: not engine.running)


def test_a_container_past_its_deadline_is_destroyed_while_its_caller_waits(path: Path, engine: CountingEngine) -> None:
    line = RemoteEngine(path).start(order(lasts_s=1))
    assert line.socket.recv(100) == b""
    assert soon(lambda: not engine.running)


def test_a_caller_that_does_not_listen_is_gone_at_its_deadline(path: Path, engine: CountingEngine) -> None:
    line = RemoteEngine(path).start(order(lasts_s=1))
    line.socket.settimeout(5)
    with pytest.raises(OSError):
        while True:
            line.socket.sendall(bytes(1 << 20))
    assert soon(lambda: not engine.running)


def test_a_caller_that_leaves_while_its_container_starts_leaves_nothing(path: Path, engine: CountingEngine) -> None:
    engine.delay_s = 0.3
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.sendall(json.dumps(START).encode() + b"\n")
    time.sleep(0.1)
    client.close()
    assert soon(lambda: len(engine.orders) == 1 and not engine.running)


def test_a_service_that_stops_destroys_what_it_started(tmp_path: Path, engine: CountingEngine) -> None:
    with serving(tmp_path / "s", engine) as path:
        line = RemoteEngine(path).start(order())
        assert engine.running
    assert line.socket.recv(10) == b""


def test_a_service_that_stops_during_a_start_destroys_that_one_too(tmp_path: Path, engine: CountingEngine) -> None:
    engine.delay_s = 0.5
    with serving(tmp_path / "s", engine) as path:
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(path))
        client.sendall(json.dumps(START).encode() + b"\n")
        time.sleep(0.1)
    client.close()
    assert len(engine.orders) == 1


def test_no_more_containers_run_than_there_are_slots(
    tmp_path: Path, engine: CountingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SLOT_WITHIN_S", 0.2)
    with serving(tmp_path / "s", engine, slots=2) as path:
        remote = RemoteEngine(path)
        lines = [remote.start(order()), remote.start(order())]
        with pytest.raises(GraderFailure, match="all 2 containers are in use"):
            remote.start(order())
        lines[0].close()
        remote.start(order()).close()
        remote.ping()  # questions need no slot
    assert engine.most == 2


def test_the_digest_is_that_of_the_device_s_image(path: Path) -> None:
    assert RemoteEngine(path).digest() == "sha256:" + "a" * 64
    assert RemoteEngine(path).digest("GPU-1") == "sha256:" + "c" * 64


def test_a_device_of_the_list_is_handed_on_and_any_other_refused(path: Path, engine: CountingEngine) -> None:
    RemoteEngine(path).start(order(device="GPU-1")).close()
    assert engine.orders[0].device == "GPU-1"
    with pytest.raises(GraderFailure, match="not one of this service's"):
        RemoteEngine(path).start(order(device="all"))


def test_what_the_engine_says_reaches_the_caller_as_our_fault(path: Path, engine: CountingEngine) -> None:
    engine.failure = "the image gradus-sandbox:cpu is not there"
    with pytest.raises(GraderFailure, match="gradus-sandbox:cpu is not there"):
        RemoteEngine(path).start(order())


def test_a_service_that_is_not_there_is_our_fault_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(GraderFailure, match="is `gradus sandbox serve` running"):
        RemoteEngine(tmp_path / "nobody").ping()


def test_only_the_owner_and_its_group_may_connect(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o660


def test_a_socket_left_by_a_dead_service_is_replaced(tmp_path: Path, engine: CountingEngine) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    with serving(tmp_path / "s", engine) as path:
        RemoteEngine(path).ping()


@pytest.mark.parametrize(
    "more",
    [
        {"image": "alpine"}, {"mounts": ["/:/host"]}, {"volumes": {"/": "/host"}}, {"env": {"LD_PRELOAD": "x"}},
        {"environment": ["A=B"]}, {"privileged": True}, {"cap_add": ["SYS_ADMIN"]}, {"command": ["sh"]}, {"network": "host"},
        {"security_opt": []}, {"owner": "somebody"}, {"deadline": 9}, {"user": "0"}, {"runtime": "runc"},
        {"isolation": "none"}, {"isolation": None}, {"device": "GPU-2"}, {"device": ["GPU-1"]}, {"device": 0},
        {"device": "nvidia.com/gpu=all"}, {"deadline_s": 0}, {"deadline_s": -1}, {"deadline_s": 1e9}, {"deadline_s": "60"},
        {"deadline_s": True}, {"deadline_s": float("nan")}, {"deadline_s": float("inf")}, {"ask": "exec"}, {"ask": None},
    ],
)  # fmt: skip
def test_nothing_but_isolation_device_and_deadline_can_be_chosen(
    path: Path, engine: CountingEngine, more: dict[str, object]
) -> None:
    answer = json.loads(say(path, json.dumps(START | more).encode() + b"\n"))
    assert answer["ok"] is False and answer["error"]
    assert not engine.orders
    RemoteEngine(path).ping()


@pytest.mark.parametrize(
    "data", [b"x" * MAX_LINE, b"x" * 100_000, b"", b"\n", b'{"ask": "ping"}', b'{"ask": "ping"}\nmore', b"[]\n"]
)
def test_a_line_that_is_none_is_refused(path: Path, engine: CountingEngine, data: bytes) -> None:
    assert json.loads(say(path, data) or b'{"ok": false}')["ok"] is False
    RemoteEngine(path).ping()


def test_a_caller_that_says_nothing_is_let_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ASK_WITHIN_S", 0.2)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(3)
        client.connect(str(path))
        assert client.recv(10) == b""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["ask", "isolation", "device", "deadline_s", "image", "mounts", "env", "privileged"]) | st.text(
    max_size=8
)
asked = st.dictionaries(names, json_values | st.sampled_from(["start", "digest", "ping", "fork", "fresh", "GPU-1"]), max_size=6)


@given(st.binary(max_size=2 * MAX_LINE) | asked.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=examples(500), deadline=None)
def test_whatever_is_read_is_one_of_three_questions_or_refused(line: bytes) -> None:
    try:
        question = read_question(line)
    except Refused as reason:
        assert len(str(reason)) < 200
        return
    allowed = {"ask", "isolation", "device", "deadline_s"}
    assert set(json.loads(line)) <= allowed
    assert not isinstance(question, Start) or (question.isolation in Isolation and 0 < question.deadline_s <= 86400)


@given(st.lists(st.binary(max_size=3000) | asked.map(lambda value: json.dumps(value).encode() + b"\n"), min_size=1, max_size=4))
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_service_that_hears_nonsense_goes_on(path: Path, engine: CountingEngine, said: list[bytes]) -> None:
    for data in said:
        say(path, data)
    RemoteEngine(path).ping()
    assert soon(lambda: not engine.running)
    assert all(started.device in (None, "GPU-1") and started.owner == OWNER for started in engine.orders)


@pytest.mark.parametrize(
    ("findings", "level", "said"),
    [
        ([("Engine", Level.ok)], Level.ok, "asked by the service: ok"),
        ([("Engine", Level.ok), ("users", Level.warn)], Level.warn, "asked by the service: warn (users)"),
        ([("runc", Level.unsafe), ("users", Level.warn)], Level.unsafe, "asked by the service: unsafe (runc)"),
        ([("image", Level.unsafe)], Level.warn, "asked by the service: unsafe (image)"),
        ([("n" * 999, Level.unsafe)] * 99, Level.unsafe, "n" * 40),
    ],
)
def test_what_the_service_saw_of_the_engine_reaches_the_worker_as_a_word_and_names(
    tmp_path: Path, engine: CountingEngine, findings: list[tuple[str, Level]], level: Level, said: str
) -> None:
    engine.findings = [Finding(name, each, "seen: /secret/place", "fix") for name, each in findings]
    with serving(tmp_path / "runner.sock", engine) as path:
        (found,) = walls.engine(Options(engine=path))
        assert (found.name, found.level) == ("engine", level) and said in found.seen
        assert "/secret/place" not in RemoteEngine(path).safety().model_dump_json()


def test_a_service_that_still_looks_is_a_warning(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOOKED_WITHIN_S", 0.05)
    (found,) = walls.engine(Options(engine=path))
    assert found.level is Level.warn and "still looking" in found.seen
