"""The GPUs that workers have told of: which may be used, which are quarantined and why, and who has one right now."""

import logging
import os
from collections.abc import Sequence

import psycopg
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.sandbox.gpu import Device
from server.database import use_psycopg
from server.errors import AppError
from server.grading.models import DeviceState, GpuDevice
from server.outbox import run_after_commit
from server.submissions.models import Job, Queue, State
from server.submissions.service import GRADE

log = logging.getLogger(__name__)

CLOCK = func.clock_timestamp()
WAITING = (State.received, State.queued)


class UnknownDevice(AppError):
    status, code = 404, "unknown_device"

    def __init__(self, uuid: str) -> None:
        super().__init__(f"No worker has told of a GPU {uuid}; gradus admin devices lists them.", f"没有 {uuid} 这块 GPU。")


class NotQuarantined(AppError):
    status, code = 409, "not_quarantined"

    def __init__(self, uuid: str) -> None:
        super().__init__(f"The GPU {uuid} is in service already.", f"GPU {uuid} 本来就在使用中。")


def register(session: Session, *, device: Device, host: str, idle_bytes: int) -> None:
    """Tell of a device. One that is quarantined stays so: a person has to look at it, not a restart.

    What counts as idle only ever falls: memory that something holds unseen at a start is not the driver's own.
    """
    facts = {"host": host, "name": device.name, "memory_bytes": device.memory_bytes, "idle_bytes": idle_bytes}
    new = insert(GpuDevice).values(uuid=device.uuid, state=DeviceState.ready, **facts)
    least = func.least(GpuDevice.idle_bytes, idle_bytes)
    changed = {**facts, "idle_bytes": least, "seen_at": CLOCK}
    session.execute(new.on_conflict_do_update(index_elements=[GpuDevice.uuid], set_=changed))


def miss(session: Session, *, host: str, present: Sequence[Device]) -> None:
    """Devices that this host once had and NVML lists no more."""
    gone = select(GpuDevice.uuid).where(GpuDevice.host == host, GpuDevice.uuid.not_in([device.uuid for device in present]))
    for uuid in session.scalars(gone).all():
        quarantine(session, uuid=uuid, why="NVML lists it no more")


def quarantine(session: Session, *, uuid: str, why: str) -> None:
    """Take a device out of service. The first reason stays: what follows is mostly its consequence."""
    ready = GpuDevice.uuid == uuid, GpuDevice.state == DeviceState.ready
    changed = session.execute(update(GpuDevice).where(*ready).values(state=DeviceState.quarantined, why=why, since=CLOCK))
    if changed.rowcount:
        log.error("GPU %s is quarantined: %s. When it is repaired: gradus admin devices --release %s", uuid, why, uuid)


def set_back(session: Session, *, uuid: str, by: str) -> GpuDevice:
    """Put a quarantined device back into service, and note who did it. What is on it then counts as idle: that person looked."""
    device = session.get(GpuDevice, uuid, with_for_update=True)
    if device is None:
        raise UnknownDevice(uuid)
    if device.state is DeviceState.ready:
        raise NotQuarantined(uuid)
    log.warning("GPU %s (quarantined: %s) is set back into service by %s", uuid, device.why, by)
    device.state, device.why, device.since = DeviceState.ready, None, CLOCK
    device.set_back_by, device.set_back_at = by, CLOCK
    device.idle_bytes = device.memory_bytes  # until it is looked at next
    send_next(session)
    session.flush()
    return device


def list_devices(session: Session) -> Sequence[GpuDevice]:
    return session.scalars(select(GpuDevice).order_by(GpuDevice.host, GpuDevice.uuid)).all()


def list_quarantined(session: Session) -> Sequence[GpuDevice]:
    return [device for device in list_devices(session) if device.state is DeviceState.quarantined]


def count_by_state(session: Session) -> dict[DeviceState, int]:
    rows = session.execute(select(GpuDevice.state, func.count()).group_by(GpuDevice.state))
    return dict.fromkeys(DeviceState, 0) | dict(rows.all())


def find_idle_bytes(session: Session, *, uuid: str) -> int | None:
    return session.scalar(select(GpuDevice.idle_bytes).where(GpuDevice.uuid == uuid))


def find_ready(session: Session, *, uuid: str) -> GpuDevice | None:
    return session.scalar(select(GpuDevice).where(GpuDevice.uuid == uuid, GpuDevice.state == DeviceState.ready))


def send_next(session: Session) -> None:
    """A device is free: the job that has waited longest for one may have been turned away meanwhile. Exams first."""
    waiting = select(Job).where(Job.queue.in_((Queue.gpu, Queue.exam_gpu)), Job.state.in_(WAITING))
    exams_first = (Job.queue == Queue.exam_gpu).desc(), Job.id
    if (job := session.scalar(waiting.order_by(*exams_first).limit(1))) is not None:
        run_after_commit(session, GRADE, job.id, queue=job.queue)


class Locks:
    """Who has which device: advisory locks of PostgreSQL on a connection that does nothing else.

    The server frees them when the connection ends, hence when this process ends, however it ends. The name of a lock is the
    device's UUID, which is the same for all workers of a machine, also where they run in containers. See docs/decisions/0009.
    """

    def __init__(self, url: str) -> None:
        self._url = use_psycopg(url).replace("+psycopg", "", 1)
        self._connection: psycopg.Connection | None = None  # not SQLAlchemy's: that one would reconnect, without the locks
        self._held: set[str] = set()
        self._process = os.getpid()

    def take(self, uuid: str) -> bool:
        """Without waiting; False if somebody has it, also if that is this process itself."""
        self._connect()  # first: with a connection that was lost, what was held is held no more
        if uuid in self._held or not self._ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", uuid):
            return False
        self._held.add(uuid)
        return True

    def give_back(self, uuid: str) -> None:
        """Free it, come what may: where the question fails, the connection ends, and all its locks with it."""
        try:
            if self.still_has(uuid):
                self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", uuid)
        except BaseException:
            self.close()
            raise
        finally:
            self._held.discard(uuid)

    def still_has(self, uuid: str) -> bool:
        """False once the connection has been lost in between: somebody else may have the device by now."""
        return uuid in self._held and self._is_alive()

    def close(self) -> None:
        self._held.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> None:
        if self._process != os.getpid():
            raise RuntimeError("locks belong to the process that opened them")
        if not self._is_alive():
            self.close()
            self._connection = psycopg.connect(self._url, autocommit=True)

    def _ask(self, question: str, uuid: str) -> bool:
        return bool(self._connection.execute(question, [f"gradus device {uuid}"]).fetchone()[0])

    def _is_alive(self) -> bool:
        try:
            return self._connection is not None and self._connection.execute("SELECT true").fetchone() is not None
        except psycopg.Error:
            return False
