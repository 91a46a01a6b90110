"""The Docker backend with the real keeper, on an engine that needs no Docker: what is said, what is killed, whose fault it is."""

import os
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
import torch

from grader.sandbox.base import BoxEnded, GraderFailure, Isolation, Limits, Note, Sandbox
from grader.sandbox.docker.sandbox import DockerSandbox
from grader.sandbox.options import Options
from tests.grader.sandbox.conftest import call, load
from tests.grader.sandbox.namespace_engine import NamespaceEngine, NamespaceLine

SOURCE = b"""
import os, time
from gradus import log

def train(steps, pause):
    for step in range(steps):
        log(step, loss=1 / (1 + step))
        time.sleep(pause)
    return steps

def flood():
    note = b'{"logged":{"loss":[[1],[0.5]]}}'
    while True:
        os.write(3, b"GRN2" + len(note).to_bytes(4, "big") + bytes(8) + note)

def double(x):
    return 2 * x

def user():
    return os.getuid()

def sleep(seconds):
    time.sleep(seconds)

def look_at_the_keeper():
    found = []
    for name in ("environ", "mem", "fd", "maps", "cwd", "root"):
        try:
            path = f"/proc/1/{name}"
            os.listdir(path) if name == "fd" else os.readlink(path) if name in ("cwd", "root") else open(path, "rb").read(1)
            found.append(name)
        except OSError:
            pass
    for signal in (9, 15, 19):
        try:
            os.kill(1, signal)
            found.append(signal)
        except OSError:
            pass
    return found + sorted(int(number) for number in os.listdir("/proc/self/fd") if int(number) > 4)

def build_a_tower(height):
    os.chdir("/tmp")
    for _ in range(height):
        os.mkdir("0")
        os.chdir("0")
    return True

def answer_by_half():
    os.write(3, b"GRD2" + bytes([0, 0, 0, 9]))
    time.sleep(20)

def forge():
    data = b"\\x15\\0\\0\\0\\1\\0\\0\\0\\2{}" * 1000
    for number in range(3, 64):
        try:
            os.write(number, data)
        except OSError:
            pass
    time.sleep(1)
"""


@pytest.fixture(scope="module")
def engine() -> NamespaceEngine:
    return NamespaceEngine()


@pytest.fixture(scope="module")
def sandbox(engine: NamespaceEngine) -> Iterator[Sandbox]:
    opened = DockerSandbox(Isolation.fork, Options(), engine)
    try:
        opened.warm()
    except GraderFailure as failure:
        if os.geteuid() == 0 and "sandbox" in os.environ.get("GRADUS_REQUIRE", ""):
            raise
        pytest.skip(f"needs root and namespaces: {failure}")
    yield opened
    opened.close()
    assert engine.running() == 0


@pytest.fixture
def fresh_start(engine: NamespaceEngine) -> Iterator[DockerSandbox]:
    """A sandbox that a test may break, so with one host in it."""
    sandbox = DockerSandbox(Isolation.fork, Options(pool=1), engine)
    yield sandbox
    sandbox.close()


def in_use(engine: NamespaceEngine, box_user: int) -> NamespaceLine:
    """The line to the keeper whose child has this user."""
    for line in engine.lines:
        if line.process.poll() is None:
            below = psutil.Process(line.process.pid).children(recursive=True)
            if any(process.uids().real == box_user for process in below):
                return line
    raise LookupError(box_user)


def test_each_submission_is_a_user_of_its_own(sandbox: Sandbox) -> None:
    users = set()
    for _ in range(4):
        with sandbox.open(Limits()) as box:
            load(box, SOURCE)
            assert float(call(box, "double", torch.ones(()))["value"]) == 2.0
            users.add(call(box, "user")["value"])
    assert len(users) == 4 and min(users) >= 20000


def test_the_keeper_cannot_be_read_signalled_or_reached_by_a_descriptor(sandbox: Sandbox) -> None:
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        assert call(box, "look_at_the_keeper")["value"] == []


def test_bytes_in_the_form_of_chunks_are_only_a_wrong_answer(sandbox: Sandbox) -> None:
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        with pytest.raises(BoxEnded, match="protocol_error"):
            call(box, "forge", seconds=3)
            call(box, "double", 1, seconds=3)


def test_notes_pass_the_keeper_one_by_one(sandbox: Sandbox) -> None:
    heard: list[Note] = []
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        box.listener = heard.append
        assert call(box, "train", 100, 0.01)["value"] == 100
        assert [step for note in heard for step in note["loss"].steps] == list(range(100)) and len(heard) >= 3


def test_a_training_that_goes_on_logging_ends_with_its_time(sandbox: Sandbox) -> None:
    heard: list[Note] = []
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        box.listener = heard.append
        with pytest.raises(BoxEnded, match="timed_out"):
            call(box, "train", 10**9, 0, seconds=1)
    assert 2 < len(heard) <= 40


def test_a_flood_of_notes_ends_its_box_long_before_its_time(sandbox: Sandbox) -> None:
    heard: list[Note] = []
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        box.listener = heard.append
        with pytest.raises(BoxEnded, match="protocol_error: more notes"):
            call(box, "flood", seconds=30)
    assert len(heard) >= 64, "those that came until then are heard"


@pytest.mark.parametrize("how", ["the keeper is killed", "the line is cut"])
def test_what_is_lost_in_the_middle_of_a_request_is_ours(how: str, fresh_start: DockerSandbox, engine: NamespaceEngine) -> None:
    with pytest.raises(GraderFailure, match="lost"), fresh_start.open(Limits()) as box:
        load(box, SOURCE)
        line = in_use(engine, call(box, "user")["value"])
        break_it = line.kill_keeper if how == "the keeper is killed" else line.close
        threading.Timer(0.3, break_it).start()
        call(box, "sleep", 20, seconds=20)
    with fresh_start.open(Limits()) as box:
        load(box, SOURCE)
        assert call(box, "double", 4)["value"] == 8


@pytest.mark.thorough
def test_a_time_out_while_nobody_answers_is_ours(fresh_start: DockerSandbox, engine: NamespaceEngine) -> None:
    with pytest.raises(GraderFailure, match="standing still"), fresh_start.open(Limits()) as box:
        load(box, SOURCE)
        in_use(engine, call(box, "user")["value"]).suspend_keeper()
        call(box, "sleep", 20, seconds=0.5)


def test_a_time_out_while_the_keeper_answers_is_the_students(sandbox: Sandbox) -> None:
    with pytest.raises(BoxEnded, match="timed_out"), sandbox.open(Limits()) as box:
        load(box, SOURCE)
        call(box, "sleep", 20, seconds=0.5)


@pytest.mark.parametrize(("after", "work"), [(0.0, 0.1), (0.25, 0.4)], ids=["the request is late", "the answer is late"])
def test_a_delay_on_the_way_is_ours(after: float, work: float, fresh_start: DockerSandbox, engine: NamespaceEngine) -> None:
    with pytest.raises(GraderFailure, match="late on its way"), fresh_start.open(Limits()) as box:
        load(box, SOURCE)
        line = in_use(engine, call(box, "user")["value"])
        line.stand_still(after=after, seconds=2.0)
        time.sleep(0.0 if after else 0.1)
        call(box, "sleep", work, seconds=1.0)


def test_who_would_have_been_late_anyway_has_timed_out(fresh_start: DockerSandbox, engine: NamespaceEngine) -> None:
    with pytest.raises(BoxEnded, match="timed_out"), fresh_start.open(Limits()) as box:
        load(box, SOURCE)
        in_use(engine, call(box, "user")["value"]).stand_still(after=0.3, seconds=1.5)
        call(box, "sleep", 20, seconds=1.0)


def test_half_an_answer_is_none(sandbox: Sandbox) -> None:
    with pytest.raises(BoxEnded, match="timed_out"), sandbox.open(Limits()) as box:
        load(box, SOURCE)
        call(box, "answer_by_half", seconds=0.5)


def test_closing_ends_every_process(engine: NamespaceEngine) -> None:
    sandbox, before = DockerSandbox(Isolation.fresh, Options(pool=1), engine), engine.running()
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        line = in_use(engine, call(box, "user")["value"])
        below = psutil.Process(line.process.pid).children(recursive=True)
    sandbox.close()
    assert psutil.wait_procs(below, timeout=3)[1] == [] and engine.running() == before


def test_something_that_stays_has_the_container_thrown_away(
    fresh_start: DockerSandbox, engine: NamespaceEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with fresh_start.open(Limits()) as box:
        load(box, SOURCE)
        line = in_use(engine, call(box, "user")["value"])
        assert call(box, "build_a_tower", 60)["value"]
    fresh_start.warm()
    assert "thrown away" in caplog.text and "'/tmp/0'" in caplog.text
    assert line.process.poll() is not None


def test_limits_that_do_not_fit_into_a_container_are_refused_with_the_setting_to_change(sandbox: Sandbox) -> None:
    with pytest.raises(GraderFailure, match="GRADUS_SANDBOX_MEMORY_BYTES"), sandbox.open(Limits(memory_bytes=1 << 40)):
        pass
