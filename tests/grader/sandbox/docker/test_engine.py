"""The engine itself: one stream, of which nothing is lost, and failures that are told within seconds."""

import gc
import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.docker import engine as module
from grader.sandbox.docker.engine import LocalEngine, collect, find_local, open_engine
from grader.sandbox.docker.template import Order, launch
from grader.sandbox.options import Options

ANY = Order(Isolation.fork, "elsewhere:1:1", 1)
ECHO = "import os\nwhile data := os.read(0, 1 << 16):\n    while data:\n        data = data[os.write(1, data):]"
Left = Callable[[], list[str]]


def read_frames(stream: socket.socket, count: int) -> bytes:
    """The first `count` bytes of what the container wrote to its output, without the frames around them."""
    raw, written = b"", b""
    while len(written) < count:
        raw += (more := stream.recv(1 << 20))
        assert more, f"the stream ended after {len(written)} bytes"
        while len(raw) >= 8 and len(raw) >= 8 + (length := int.from_bytes(raw[4:8], "big")):
            written, raw = written + raw[8 : 8 + length], raw[8 + length :]
    return written


def wait_until(happened: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.docker
def test_every_byte_goes_in_and_comes_out(engine: LocalEngine, order: Order) -> None:
    sent = random.Random(1).randbytes(3 << 20)
    line = engine.start_instead(order, ["-c", ECHO])
    writer = threading.Thread(target=line.socket.sendall, args=(sent,))
    writer.start()
    assert read_frames(line.socket, len(sent)) == sent
    writer.join()
    line.close()


@pytest.mark.docker
def test_what_a_container_says_first_is_not_lost(engine: LocalEngine, order: Order) -> None:
    line = engine.start_instead(order, ["-c", "print('x' * 200_000, end='', flush=True); import sys; sys.stdin.read()"])
    assert read_frames(line.socket, 200_000) == b"x" * 200_000
    line.close()


@pytest.mark.docker
def test_both_outputs_of_a_short_program_are_collected(engine: LocalEngine, order: Order) -> None:
    line = engine.start_instead(order, ["-c", "import sys; print('out'); print('error', file=sys.stderr)"])
    said = collect(line.socket, seconds=20)
    assert (said.out, said.error) == ("out\n", "error\n")
    line.close()


@pytest.mark.docker
def test_a_closed_line_is_a_destroyed_container(engine: LocalEngine, order: Order, left: Left) -> None:
    line = engine.start_instead(order, ["-c", "import time; time.sleep(100)"])
    assert left() == [line.id]
    line.close()
    line.close()
    assert wait_until(lambda: not left())


@pytest.mark.docker
def test_a_judge_that_is_killed_takes_the_container_with_it(engine: LocalEngine, order: Order, left: Left) -> None:
    line = engine.start_instead(order, ["-c", "import sys; sys.stdin.read()"])
    line.socket.close()  # what the kernel does for a process that dies
    assert wait_until(lambda: not left())


@pytest.mark.docker
def test_no_descriptor_is_left_open(engine: LocalEngine, order: Order) -> None:
    def visit() -> int:
        engine.start_instead(order, ["-c", ""]).close()
        gc.collect()
        return psutil.Process().num_fds()

    open_files = [visit() for _ in range(6)]
    assert max(open_files[3:]) <= max(open_files[:3])


@pytest.mark.docker
def test_a_container_that_is_killed_from_outside_can_still_be_closed(engine: LocalEngine, order: Order, left: Left) -> None:
    line = engine.start_instead(order, ["-c", "import sys; sys.stdin.read()"])
    engine.api().kill(line.id)
    assert line.socket.recv(1) == b""
    line.close()
    assert wait_until(lambda: not left())


@pytest.mark.docker
def test_a_container_that_cannot_start_leaves_nothing(engine: LocalEngine, order: Order, left: Left) -> None:
    strange = LocalEngine(engine.options.model_copy(update={"runtime": "no-such-runtime"}))
    with pytest.raises(GraderFailure, match="start a container"):
        strange.start(order)
    assert left() == []


@pytest.mark.docker
def test_an_image_that_is_not_here_is_not_pulled(engine: LocalEngine, order: Order) -> None:
    strange = LocalEngine(engine.options.model_copy(update={"image": "gradus-sandbox:nowhere"}))
    with pytest.raises(GraderFailure, match="gradus sandbox build"):
        strange.start(order)
    with pytest.raises(GraderFailure, match="gradus sandbox build"):
        strange.digest()


@pytest.mark.docker
def test_a_digest_names_the_bytes_of_the_image(engine: LocalEngine) -> None:
    assert engine.digest().startswith("sha256:")
    assert engine.digest() == engine.api().inspect_image(engine.options.image)["Id"]


@pytest.mark.docker
def test_a_name_that_is_moved_starts_nothing_else(engine: LocalEngine, order: Order) -> None:
    """What runs is what was checked, until the process ends; an image that was removed is looked for again."""
    api, name = engine.api(), f"gradus-sandbox:moved-{secrets.token_hex(4)}"
    ours = engine.options.image
    pinned = LocalEngine(engine.options.model_copy(update={"image": name}))
    api.tag(ours, *name.split(":"))
    try:
        checked = pinned.digest()
        other = next(each["Id"] for each in api.images(filters={"dangling": False}) if each["Id"] != checked)
        api.tag(other, *name.split(":"), force=True)
        line = pinned.start(order)
        try:
            assert api.inspect_container(line.id)["Image"] == checked == pinned.digest()
        finally:
            line.close()
    finally:
        api.remove_image(name)
    pinned._pinned[name] = "sha256:" + "0" * 64
    with pytest.raises(GraderFailure, match="not there"):
        pinned.start(order)
    assert name not in pinned._pinned


def test_four_threads_start_and_stop_at_once(engine: LocalEngine, order: Order, left: Left) -> None:
    def visit(number: int) -> str:
        line = engine.start_instead(order, ["-c", f"print({number})"])
        said = collect(line.socket, seconds=30).out
        line.close()
        return said

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(visit, range(8))) == [f"{number}\n" for number in range(8)]
    assert wait_until(lambda: not left())


@pytest.mark.docker
def test_a_launch_with_a_hole_never_reaches_the_engine(
    engine: LocalEngine, order: Order, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    def holed(*arguments: object) -> dict:
        spec = launch(*arguments)
        return spec | {"host_config": spec["host_config"] | {"network_mode": "bridge"}}

    monkeypatch.setattr(module, "launch", holed)
    with pytest.raises(GraderFailure, match="other walls"):
        engine.start(order)
    assert left() == []


@pytest.fixture
def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine that takes every question and answers none."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "engine"))
        listener.listen(8)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine")
        monkeypatch.setattr(module, "CALL_S", 0.3)
        yield


@pytest.fixture
def stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Before the real engine: passes on so many connections, and from then on is as silent as an engine that was stopped."""
    real = os.environ.get("DOCKER_HOST", f"unix://{module.SOCKET}").removeprefix("unix://")
    listener, ends, left = socket.socket(socket.AF_UNIX), [], 0

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def accept() -> None:
        nonlocal left
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                ends.append(client)
                if left > 0:
                    left -= 1
                    engine = socket.socket(socket.AF_UNIX)
                    engine.connect(real)
                    ends.append(engine)
                    for pair in ((client, engine), (engine, client)):
                        threading.Thread(target=pump, args=pair, daemon=True).start()

    def stop_after(connections: int) -> None:
        nonlocal left
        left = connections

    listener.bind(str(tmp_path / "engine"))
    listener.listen(8)
    threading.Thread(target=accept, daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine")
    yield stop_after
    listener.shutdown(socket.SHUT_RDWR)
    for end in [listener, *ends]:
        end.close()


@pytest.mark.docker
@pytest.mark.parametrize("step", ["version", "info", "image", "create", "attach", "start"])
def test_an_engine_that_stops_at_any_step_of_a_start_is_our_failure_within_seconds(
    engine: LocalEngine, order: Order, left: Left, stopping: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Each step is a connection of its own. What was made by then stays for the reaper, by its label."""
    monkeypatch.setattr(module, "CALL_S", 3.0)
    stopping(["version", "info", "image", "create", "attach", "start"].index(step))
    started = time.monotonic()
    with pytest.raises(GraderFailure, match="the Docker engine could not"):
        LocalEngine(engine.options).start(order)
    assert time.monotonic() - started < 20
    for container in left():
        engine.remove(container)


@pytest.mark.usefixtures("stuck")
def test_a_stuck_engine_is_our_failure_within_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(GraderFailure, match="could not start a container"):
        LocalEngine(Options()).start(ANY)
    assert time.monotonic() - started < 5


@pytest.mark.usefixtures("stuck")
def test_what_a_stuck_engine_does_not_remove_is_left_to_the_reaper() -> None:
    assert LocalEngine(Options()).remove("0" * 64) is False


def test_an_engine_that_is_not_there_is_our_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing")
    with pytest.raises(GraderFailure, match="gradus sandbox check"):
        LocalEngine(Options()).start(ANY)
    assert find_local(Options()) is None


def test_an_engine_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    with pytest.raises(GraderFailure, match="on this machine"):
        LocalEngine(Options()).start(ANY)


def test_where_a_service_stands_before_the_engine_it_is_asked_instead(tmp_path: Path) -> None:
    options = Options(engine=tmp_path / "service")
    assert type(open_engine(options)).__name__ == "RemoteEngine"
    assert find_local(options) is None
    assert isinstance(open_engine(Options(engine=None)), LocalEngine)


@pytest.mark.usefixtures("stuck")
def test_threads_do_not_wait_for_each_other_at_a_stuck_engine() -> None:
    engine, started = LocalEngine(Options()), time.monotonic()

    def ask(_: int) -> None:
        with pytest.raises(GraderFailure):
            engine.start(ANY)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(8)))
    assert time.monotonic() - started < 2
