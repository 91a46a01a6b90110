"""The GPUs of this worker: one tenant each, looked at before and after every job, out of service at the first doubt."""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from grader.sandbox.base import GraderFailure, Sandbox
from grader.sandbox.gpu import MOST_IDLE_BYTES, Device, DeviceFault, Nvidia, Nvml, find, what_is_left
from grader.spec import BrokenAssignment, UnknownAssignment
from server.assignments.service import manifest_of
from server.database import session_factory, use_psycopg
from server.grading import devices
from server.grading.devices import Locks
from server.settings import Settings
from server.submissions.models import Job

log = logging.getLogger(__name__)

OpenSandbox = Callable[[Device], Sandbox]


@dataclass
class Place:
    """Where a job may run: on a device, or without one. A job that needs a device and gets none waits."""

    device: Device | None = None
    must_wait: bool = False
    doubts: list[str] = field(default_factory=list)  # what speaks against the device after the job
    has_failed: bool = False  # the job gave no verdict, for a reason of ours


class Fleet:
    """The devices of one worker process.

    open_sandbox: for the self-test. forget: closes what is kept warm on a device.
    """

    def __init__(
        self,
        found: tuple[Device, ...],
        nvml: Nvml,
        locks: Locks,
        *,
        open_sandbox: OpenSandbox,
        forget: Callable[[Device], None] = lambda _: None,
        sessions: sessionmaker[Session] = session_factory,
    ) -> None:
        self.devices = list(found)
        self.nvml, self.locks, self.sessions = nvml, locks, sessions
        self._open_sandbox, self._forget = open_sandbox, forget

    def prepare(self) -> None:
        """Once, when a worker starts: tell of each device and try it. One that somebody uses is not disturbed."""
        for device in self.devices:
            if self.locks.take(device.uuid):
                try:
                    self._try_out(device)
                finally:
                    self.locks.give_back(device.uuid)

    @contextmanager
    def place(self, wish: str) -> Iterator[Place]:
        """A place for one job whose assignment says `device = wish`. Afterwards the device is looked at and given back."""
        device = None if wish == "cpu" else self._take()
        place = Place(device, must_wait=wish == "cuda" and device is None)
        try:
            yield place
        finally:
            if device is not None:
                self._leave(device, place)

    def vouch(self, place: Place) -> None:
        """Before a verdict counts: raise if the device, or another tenant on it, may have had a part in it."""
        if place.device is None:
            return
        place.doubts += self.nvml.faults(place.device)
        if place.doubts:
            raise DeviceFault(f"{place.device.name} ({place.device.uuid}): {'; '.join(place.doubts)}")
        if not self.locks.still_has(place.device.uuid):
            raise GraderFailure("the lock on the GPU was lost while it was used, so the run does not count")

    def close(self) -> None:
        self.locks.close()

    def _try_out(self, device: Device) -> None:
        with self.sessions() as session:
            known_bytes = devices.find_idle_bytes(session, uuid=device.uuid)
        most_bytes = MOST_IDLE_BYTES if known_bytes is None else known_bytes
        try:
            idle_bytes = min(self.nvml.use(device).used_bytes, most_bytes)
            why = what_is_left(device, self.nvml, idle_bytes=idle_bytes)  # a stranger's process
            why = why or self._test(device, idle_bytes)
        except DeviceFault as fault:
            idle_bytes, why = most_bytes, str(fault)
        with self.sessions.begin() as session:
            devices.register(session, device=device, host=socket.gethostname(), idle_bytes=idle_bytes)
            if why:
                devices.quarantine(session, uuid=device.uuid, why=why)
        log.info("GPU %s (%s): %s", device.uuid, device.name, why or "the self-test is passed")

    def _test(self, device: Device, idle_bytes: int) -> str | None:
        from grader.sandbox.selftest import try_device  # brings torch

        return try_device(device, self.nvml, self._open_sandbox, idle_bytes=idle_bytes)

    def _take(self) -> Device | None:
        """Any device that is ready, free and really idle. The one used last is asked first: its sandbox is warm."""
        for device in list(self.devices):
            if self._has_taken(device):
                self.devices.remove(device)
                self.devices.insert(0, device)
                return device
        return None

    def _has_taken(self, device: Device) -> bool:
        """Whether this process has the device now. Where the look at it fails, it is given back all the same."""
        is_fit = False
        if self.locks.take(device.uuid):
            try:
                is_fit = self._is_fit(device)
            finally:
                if not is_fit:
                    self.locks.give_back(device.uuid)
        return is_fit

    def _is_fit(self, device: Device) -> bool:
        """Read under the lock: whoever had it before may have quarantined it, or died without looking."""
        with self.sessions() as session:
            row = devices.find_ready(session, uuid=device.uuid)
        if row is None or self._is_spoiled(device, row.idle_bytes, []):
            return False
        if row.idle_bytes == device.memory_bytes:  # set back by a person, and not measured since
            idle_bytes = self.nvml.use(device).used_bytes
            with self.sessions.begin() as session:
                devices.register(session, device=device, host=socket.gethostname(), idle_bytes=idle_bytes)
        return True

    def _leave(self, device: Device, place: Place) -> None:
        """Look for what is left; after a failure of ours, also try the device again, because it may have been the reason."""
        try:
            with self.sessions() as session:
                row = devices.find_ready(session, uuid=device.uuid)
            if row is not None and place.has_failed:
                self._forget(device)
                place.doubts += filter(None, [self._test(device, row.idle_bytes)])
            if row is not None and self._is_spoiled(device, row.idle_bytes, place.doubts):
                self._forget(device)
        except (DBAPIError, psycopg.Error) as error:  # whoever takes it next looks at it first
            log.warning("GPU %s was not looked at after a job: %s", device.uuid, error)
        finally:
            self.locks.give_back(device.uuid)
        with self.sessions.begin() as session:
            devices.send_next(session)

    def _is_spoiled(self, device: Device, idle_bytes: int, doubts: list[str]) -> bool:
        """Quarantines a device that is not as it was before the first job."""
        try:
            reasons = [*doubts, *self.nvml.faults(device)]
            why = "; ".join(reasons) or what_is_left(device, self.nvml, idle_bytes=idle_bytes)
        except DeviceFault as fault:
            why = str(fault)
        if why:
            with self.sessions.begin() as session:
                devices.quarantine(session, uuid=device.uuid, why=why)
        return bool(why)


def wish_of(session: Session, *, job_id: int, settings: Settings, has_gpus: bool) -> str:
    """What the job's assignment says about its device; a broken assignment needs none to be found broken."""
    job = session.get(Job, job_id)
    if job is None or job.state.is_final or not (job.queue.needs_gpu or has_gpus):
        return "cpu"
    try:
        return manifest_of(job.submission.assignment, root=settings.assignments).device
    except (BrokenAssignment, UnknownAssignment):
        return "cpu"


def open_fleet(settings: Settings, *, open_sandbox: OpenSandbox, forget: Callable[[Device], None] = lambda _: None) -> Fleet:
    """The fleet of this process; on a machine without GPUs it is empty, and the log says why."""
    nvml = Nvidia()
    found = find(settings.devices, nvml)
    log.info("%d GPUs: %s", len(found.devices), found.remark or ", ".join(device.uuid for device in found.devices))
    return Fleet(found.devices, nvml, Locks(settings.database_url), open_sandbox=open_sandbox, forget=forget)


def prepare_devices(settings: Settings, *, open_sandbox: OpenSandbox) -> None:
    """In the process from which a worker's others are forked: nothing that it opens may stay open."""
    nvml = Nvidia()
    found = find(settings.devices, nvml)
    if not settings.devices.strip():
        return
    engine = create_engine(use_psycopg(settings.database_url), poolclass=NullPool)
    sessions = sessionmaker(engine, expire_on_commit=False)
    with sessions.begin() as session:
        devices.miss(session, host=socket.gethostname(), present=nvml.devices())
    fleet = Fleet(found.devices, nvml, Locks(settings.database_url), open_sandbox=open_sandbox, sessions=sessions)
    try:
        fleet.prepare()
    finally:
        fleet.close()
        nvml.close()
