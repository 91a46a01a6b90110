"""One tenant per GPU, and none for a GPU in doubt. The devices are on paper; the locks and tables are real."""

import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from grader.sandbox import gpu
from grader.sandbox.base import GraderFailure, Isolation, Limits
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.fake_gpu import FakeNvml, fake_device
from grader.sandbox.gpu import Device, DeviceFault
from server.grading import devices
from server.grading import fleet as fleet_module
from server.grading.devices import Locks
from server.grading.fleet import Fleet, prepare_devices
from server.models import DeviceState, GpuDevice, Job, Message, Queue, State, Submission
from server.settings import Settings

ZERO, ONE = fake_device(0), fake_device(1)
ADA, BOB = "GPU-0000", "GPU-0001"


class OnCuda(FakeSandbox):
    """Multiplies on the CPU and says that it was CUDA, or does something else that a test wants to be noticed."""

    def __init__(self, nvml: FakeNvml, device: Device) -> None:
        super().__init__(Isolation.fork)
        self.nvml, self.device = nvml, device
        self.place, self.product, self.leaves, self.is_broken = "cuda", 0.0, False, False

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Any]:
        if self.is_broken:
            raise GraderFailure("cuInit: 304")
        with super().open(limits) as box:
            answer = box.request

            def request(op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
                reply = answer(op, payload, seconds=seconds)
                return reply if op != "call" else {"value": (reply["value"][0] + self.product, self.place)}

            box.request = request
            yield box
        if self.leaves:
            self.nvml.processes[self.device.uuid] = {77}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "CLEAN_S", 0.1)


@pytest.fixture
def nvml() -> FakeNvml:
    return FakeNvml(ZERO, ONE)


@pytest.fixture
def boxes(nvml: FakeNvml) -> dict[str, OnCuda]:
    return {device.uuid: OnCuda(nvml, device) for device in (ZERO, ONE)}


@pytest.fixture
def make_fleet(session: Session, database_url: str, nvml: FakeNvml, boxes: dict[str, OnCuda]) -> Iterator[Callable[..., Fleet]]:
    fleets = []

    def make(*found: Device, forget: Callable[[Device], None] = lambda _: None) -> Fleet:
        locks = Locks(database_url)
        fleets.append(Fleet(found or (ZERO, ONE), nvml, locks, open_sandbox=lambda device: boxes[device.uuid], forget=forget))
        return fleets[-1]

    yield make
    for fleet in fleets:
        fleet.close()


@pytest.fixture
def fleet(make_fleet: Callable[..., Fleet]) -> Fleet:
    fleet = make_fleet()
    fleet.prepare()
    return fleet


def rows(session: Session) -> dict[str, tuple[DeviceState, str | None]]:
    session.rollback()
    session.expire_all()
    return {each.uuid: (each.state, each.why) for each in devices.list_devices(session)}


def test_a_worker_tells_of_its_devices_and_tries_them(fleet: Fleet, session: Session) -> None:
    assert rows(session) == {ADA: (DeviceState.ready, None), BOB: (DeviceState.ready, None)}
    row = session.get(GpuDevice, ADA)
    assert (row.name, row.memory_bytes, row.idle_bytes) == (ZERO.name, ZERO.memory_bytes, 0)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"place": "cpu"}, "CUDA does not start"),
        ({"product": 1.0}, "multiplied wrongly"),
        ({"leaves": True}, r"processes \[77\]"),
        ({"is_broken": True}, "cuInit: 304"),
    ],
)
def test_a_device_that_fails_its_self_test_is_out_and_the_worker_goes_on_with_the_others(
    make_fleet: Callable[..., Fleet], boxes: dict[str, OnCuda], session: Session, fault: dict[str, Any], words: str
) -> None:
    vars(boxes[ADA]).update(fault)
    fleet = make_fleet()
    fleet.prepare()
    assert rows(session)[ADA][0] is DeviceState.quarantined and rows(session)[BOB][0] is DeviceState.ready
    assert re.search(words, rows(session)[ADA][1])
    with fleet.place("cuda") as place:
        assert place.device == ONE


@pytest.mark.parametrize("trouble", ["a process", "an error", "no answer"])
def test_a_device_that_is_in_use_or_broken_when_a_worker_starts_is_out(
    make_fleet: Callable[..., Fleet], nvml: FakeNvml, session: Session, trouble: str
) -> None:
    if trouble == "a process":
        nvml.processes[ADA] = {4242}
    elif trouble == "an error":
        nvml.complaints[ADA] = ["the driver reported Xid 79"]
    else:
        nvml.lost.add(ADA)
    make_fleet().prepare()
    state, why = rows(session)[ADA]
    assert state is DeviceState.quarantined
    assert {"a process": "4242", "an error": "Xid 79", "no answer": "does not answer"}[trouble] in why


def test_memory_that_something_holds_unseen_never_becomes_idle(
    make_fleet: Callable[..., Fleet], nvml: FakeNvml, session: Session
) -> None:
    """As a process in another container does, which NVML counts and does not show."""
    nvml.used_bytes.update({ADA: 500 << 20, BOB: 500 << 20})
    make_fleet().prepare()
    nvml.used_bytes[ADA] = 900 << 20
    make_fleet().prepare()
    state, why = rows(session)[ADA]
    assert (state, session.get(GpuDevice, ADA).idle_bytes) == (DeviceState.quarantined, 500 << 20)
    assert "400 MiB more than the 500 MiB that count as idle" in why
    assert rows(session)[BOB][0] is DeviceState.ready


def test_a_device_first_seen_with_much_in_use_is_out(make_fleet: Callable[..., Fleet], nvml: FakeNvml, session: Session) -> None:
    nvml.used_bytes[ADA] = 3 << 30
    make_fleet().prepare()
    state, why = rows(session)[ADA]
    assert state is DeviceState.quarantined and "2048 MiB more than the 1024 MiB that count as idle" in why


def test_a_device_that_does_not_answer_forgets_nothing(fleet: Fleet, nvml: FakeNvml, session: Session) -> None:
    nvml.used_bytes[BOB] = 500 << 20
    nvml.lost.update({ADA, BOB})
    fleet.prepare()
    rows(session)
    assert session.get(GpuDevice, BOB).idle_bytes == 0


def test_what_is_on_a_device_when_a_person_sets_it_back_is_idle_from_then_on(
    make_fleet: Callable[..., Fleet], nvml: FakeNvml, session: Session
) -> None:
    """A new driver may keep more for itself than the one before; the operator decides, and it is measured at the next job."""
    fleet = make_fleet(ZERO)
    fleet.prepare()
    nvml.used_bytes[ADA] = 1200 << 20
    fleet.prepare()
    assert rows(session)[ADA][0] is DeviceState.quarantined
    devices.set_back(session, uuid=ADA, by="root")
    session.commit()
    with fleet.place("cuda") as place:
        assert place.device == ZERO
    rows(session)
    assert session.get(GpuDevice, ADA).idle_bytes == 1200 << 20
    nvml.used_bytes[ADA] = 1300 << 20
    with fleet.place("cuda") as place:
        assert place.must_wait


def test_a_device_that_is_no_longer_there_is_out(fleet: Fleet, session: Session) -> None:
    devices.register(session, device=fake_device(2), host="another machine", idle_bytes=0)
    devices.miss(session, host=socket.gethostname(), present=[ONE])
    session.commit()
    assert {uuid for uuid, (state, _) in rows(session).items() if state is DeviceState.quarantined} == {ADA}


def test_a_restart_does_not_bring_a_quarantined_device_back(fleet: Fleet, session: Session) -> None:
    devices.quarantine(session, uuid=ADA, why="smells of smoke")
    session.commit()
    fleet.prepare()
    assert rows(session)[ADA] == (DeviceState.quarantined, "smells of smoke")


def test_a_worker_that_starts_leaves_nothing_open_behind(
    session: Session, database_url: str, nvml: FakeNvml, boxes: dict[str, OnCuda], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other processes are forked afterwards: they must not inherit a connection, a lock or NVML."""
    monkeypatch.setattr(fleet_module, "Nvidia", lambda: nvml)
    settings = Settings(database_url=database_url, devices="1")
    connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    before = session.scalar(text(connections))
    prepare_devices(settings, open_sandbox=lambda device: boxes[device.uuid])
    assert set(rows(session)) == {BOB}
    assert nvml.is_closed
    deadline = time.monotonic() + 10
    while session.scalar(text(connections)) > before:  # PostgreSQL takes a moment to end what was closed
        assert time.monotonic() < deadline, "a connection was left open"
        time.sleep(0.05)
        session.rollback()  # within a transaction it is counted once
    nvml.is_closed = False
    prepare_devices(settings.model_copy(update={"devices": ""}), open_sandbox=lambda device: pytest.fail("a box was opened"))
    assert not nvml.is_closed


def test_a_device_has_one_tenant_however_many_workers_there_are(fleet: Fleet, make_fleet: Callable[..., Fleet]) -> None:
    other, third = make_fleet(), make_fleet()
    with fleet.place("cuda") as mine, other.place("cuda") as theirs:
        assert {mine.device, theirs.device} == {ZERO, ONE}
        with third.place("cuda") as place:
            assert (place.device, place.must_wait) == (None, True)
    with third.place("cuda") as place:
        assert place.device is not None


def test_no_two_of_many_workers_ever_have_the_same_device(fleet: Fleet, make_fleet: Callable[..., Fleet]) -> None:
    """Each worker enters and leaves as fast as it can; a tenant who finds another on its device is the failure."""
    tenants: dict[str, int] = {ADA: 0, BOB: 0}
    trouble, served, lock = [], [], threading.Lock()

    def work(one: Fleet) -> None:
        for _ in range(15):
            with one.place("cuda") as place:
                if place.device is not None:
                    with lock:
                        tenants[place.device.uuid] += 1
                        if tenants[place.device.uuid] > 1:
                            trouble.append(place.device.uuid)
                    served.append(place.device.uuid)
                    with lock:
                        tenants[place.device.uuid] -= 1

    threads = [threading.Thread(target=work, args=[make_fleet()]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert trouble == [] and set(served) == {ADA, BOB}


def test_the_device_of_a_killed_worker_is_free_at_once(fleet: Fleet, database_url: str) -> None:
    """The lock goes with the connection, and the connection with the process."""
    source = (
        "import sys, time\nfrom server.grading.devices import Locks\nlocks = Locks(sys.argv[1])\n"
        "print(locks.take(sys.argv[2]) and locks.take(sys.argv[3]), flush=True)\ntime.sleep(60)"
    )
    command = [sys.executable, "-c", source, database_url, ADA, BOB]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as holder:
        try:
            assert holder.stdout.readline() == b"True\n"
            with fleet.place("cuda") as place:
                assert place.must_wait
        finally:
            holder.kill()
    for _ in range(50):
        with fleet.place("cuda") as place:
            if place.device is not None:
                return
        threading.Event().wait(0.1)
    pytest.fail("the lock outlived its process by five seconds")


@pytest.mark.parametrize(("wish", "must_wait"), [("cuda", True), ("auto", False), ("cpu", False)])
def test_only_what_needs_a_device_waits_for_one(make_fleet: Callable[..., Fleet], wish: str, must_wait: bool) -> None:
    fleet = make_fleet()
    fleet.devices.clear()
    with fleet.place(wish) as place:
        assert (place.device, place.must_wait) == (None, must_wait)


def test_what_needs_no_device_takes_none(fleet: Fleet, nvml: FakeNvml) -> None:
    looks = nvml.looks
    with fleet.place("cpu") as place:
        assert place.device is None
    assert nvml.looks == looks


@pytest.mark.parametrize("left", ["processes", "memory"])
def test_a_device_on_which_a_job_left_something_is_out(
    make_fleet: Callable[..., Fleet], nvml: FakeNvml, session: Session, left: str, caplog: pytest.LogCaptureFixture
) -> None:
    forgotten: list[Device] = []
    fleet = make_fleet(ZERO, forget=forgotten.append)
    fleet.prepare()
    with caplog.at_level(logging.ERROR), fleet.place("cuda") as place:
        assert place.device == ZERO
        if left == "processes":
            nvml.processes[ADA] = {99}
        else:
            nvml.used_bytes[ADA] = 1 << 30
    assert rows(session)[ADA][0] is DeviceState.quarantined
    assert forgotten == [ZERO]
    assert "gradus admin devices --release GPU-0000" in caplog.text
    with fleet.place("cuda") as place:
        assert place.must_wait


def test_what_a_dead_worker_left_on_a_device_is_found_before_the_next_job(fleet: Fleet, nvml: FakeNvml, session: Session) -> None:
    nvml.processes[ADA] = {4242}
    with fleet.place("cuda") as place:
        assert place.device == ONE
    assert rows(session)[ADA] == (DeviceState.quarantined, "processes [4242] are still on it")


def test_a_run_on_a_device_that_reports_an_error_does_not_count(fleet: Fleet, nvml: FakeNvml, session: Session) -> None:
    with fleet.place("cuda") as place:
        fleet.vouch(place)
        nvml.complaints[ADA] = ["the driver reported Xid 48, an error of the device"]
        with pytest.raises(DeviceFault, match="Xid 48"):
            fleet.vouch(place)
    assert rows(session)[ADA] == (DeviceState.quarantined, "the driver reported Xid 48, an error of the device")
    assert rows(session)[BOB][0] is DeviceState.ready


def test_a_run_whose_lock_was_lost_does_not_count(fleet: Fleet, session: Session) -> None:
    with fleet.place("cuda") as place:
        here = (
            "database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # other test processes have locks, too
        )
        locks = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND {here}"
        session.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({locks}) AS held"))
        session.commit()
        with pytest.raises(GraderFailure, match="lock on the GPU was lost"):
            fleet.vouch(place)
    with fleet.place("cuda") as place:
        assert place.device is not None


@pytest.mark.parametrize("fault", [OperationalError("SELECT", {}, Exception("the database is away")), KeyboardInterrupt()])
def test_a_device_is_free_again_when_the_look_at_it_fails(
    make_fleet: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    """With one GPU, a lock that stays would keep every CUDA job waiting, and nothing would say so."""
    fleet, other = make_fleet(ZERO), make_fleet(ZERO)
    fleet.prepare()

    def fail(*_: object, **__: object) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(devices, "find_ready", fail)
        with pytest.raises(type(fault)), fleet.place("cuda"):
            pytest.fail("a device was given out unseen")
    for one in (fleet, other):
        with one.place("cuda") as place:
            assert place.device == ZERO


def test_a_lock_that_cannot_be_given_back_goes_with_its_connection(
    database_url: str, tables: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Locks(database_url)) as mine, closing(Locks(database_url)) as theirs:
        assert mine.take(ADA)
        with monkeypatch.context() as patched:
            patched.setattr(mine, "_ask", lambda _, uuid: mine._connection.execute("SELECT 1 / 0"))
            with pytest.raises(psycopg.Error):
                mine.give_back(ADA)
        assert retake(theirs) and not mine.take(ADA)
        theirs.give_back(ADA)
        assert mine.take(ADA)


def test_locks_of_a_lost_connection_are_not_held(database_url: str, session: Session) -> None:
    with closing(Locks(database_url)) as mine:
        assert mine.take(ADA) and not mine.take(ADA)
        mine._connection.close()
        assert not mine.still_has(ADA)
        assert retake(mine)


def retake(locks: Locks) -> bool:
    """The server frees the locks of a connection a moment after it has ended."""
    return any(locks.take(ADA) or threading.Event().wait(0.1) for _ in range(50))


def test_after_a_failure_of_ours_the_device_is_tried_again(fleet: Fleet, boxes: dict[str, OnCuda], session: Session) -> None:
    with fleet.place("cuda") as place:
        place.has_failed = True
    assert rows(session)[ADA][0] is DeviceState.ready
    boxes[ADA].product = 0.5
    with fleet.place("cuda") as place:
        place.has_failed = True
    assert rows(session)[ADA] == (DeviceState.quarantined, "the self-test multiplied wrongly")


def test_a_person_sets_a_device_back_and_that_is_noted(fleet: Fleet, session: Session) -> None:
    devices.quarantine(session, uuid=ADA, why="it was left in use")
    devices.quarantine(session, uuid=ADA, why="what followed")
    assert devices.count_by_state(session) == {DeviceState.ready: 1, DeviceState.quarantined: 1}
    assert session.get(GpuDevice, ADA).why == "it was left in use"
    devices.set_back(session, uuid=ADA, by="root")
    session.commit()
    row = session.get(GpuDevice, ADA)
    assert (row.state, row.why, row.set_back_by) == (DeviceState.ready, None, "root")
    assert row.set_back_at >= row.seen_at
    with pytest.raises(devices.NotQuarantined):
        devices.set_back(session, uuid=ADA, by="root")
    with pytest.raises(devices.UnknownDevice):
        devices.set_back(session, uuid="GPU-none", by="root")


@pytest.fixture
def on_gpu(session: Session, hand_in: Callable[..., Submission], assignment, make_member) -> Callable[[str], Submission]:
    """A submission that waits for a GPU."""

    def make(login: str, queue: Queue = Queue.gpu) -> Submission:
        submission = hand_in(assignment, make_member(login))
        session.execute(update(Job).where(Job.submission_id == submission.id).values(queue=queue, state=State.queued))
        session.execute(text("DELETE FROM outbox"))
        session.commit()
        return submission

    return make


def test_a_device_that_gets_free_calls_for_the_job_that_waited_longest(
    fleet: Fleet, session: Session, on_gpu: Callable[[str], Submission]
) -> None:
    first, _ = on_gpu("ada"), on_gpu("bob")
    with fleet.place("cuda"):
        assert session.scalars(select(Message)).all() == []
        session.rollback()
    message = session.scalars(select(Message)).one()
    assert (message.arguments, message.queue) == ([first.job.id], "gpu")


def test_a_device_that_gets_free_calls_for_an_exam_first(
    fleet: Fleet, session: Session, on_gpu: Callable[..., Submission]
) -> None:
    _, exam = on_gpu("ada"), on_gpu("bob", Queue.exam_gpu)
    with fleet.place("cuda"):
        pass
    message = session.scalars(select(Message)).one()
    assert (message.arguments, message.queue) == ([exam.job.id], "exam_gpu")
