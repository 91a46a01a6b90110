"""A real worker process with engines of its own: it may be killed, and its broker flushed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from server.broker import celery
from server.engines import Valkey
from server.settings import Settings

CELERY = ["-m", "celery", "--app", "server.worker"]
WORKER = [*CELERY, "worker", "--loglevel", "info", "--concurrency", "1", "--queues", "maintenance,cpu"]
BEAT = [*CELERY, "beat", "--loglevel", "info"]
PATIENCE_S = 60.0


class Platform:
    """Worker and beat as processes, on this test's database and a broker of its own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start(WORKER, "worker.log")

    def start_beat(self) -> subprocess.Popen[bytes]:
        return self.start([*BEAT, "--schedule", str(self.folder / "beat")], "beat.log")

    def start(self, arguments: list[str], log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments], env=self.environment(), stdout=output, stderr=output, start_new_session=True
            )
        self.processes.append(process)
        return process

    def environment(self) -> dict[str, str]:
        ours = {
            "GRADUS_DATABASE_URL": self.settings.database_url,
            "GRADUS_REDIS_URL": self.settings.redis_url,
            "GRADUS_DATA": str(self.settings.data),
            "GRADUS_ASSIGNMENTS": str(self.settings.assignments),
            "GRADUS_SECRET": "0123456789abcdef" * 2,
            "GRADUS_LEASE_S": str(self.settings.lease_s),
            "GRADUS_SWEEP_S": str(self.settings.sweep_s),
            "GRADUS_RESEND_AFTER_S": str(self.settings.resend_after_s),
            "GRADUS_SANDBOX_POOL": "1",  # each worker is there for a few submissions
        }
        return {**os.environ, **ours}

    def kill_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-6000:] for path in sorted(self.folder.glob("*.log")))

    def wait(self, condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"{what}: not within {seconds} s\n{self.logs()}")
            time.sleep(0.05)


@contextmanager
def open_platform(settings: Settings, **changed: Any) -> Iterator[Platform]:
    """With a broker of its own; sweeps are quick. changed: further settings."""
    folder = Path(tempfile.mkdtemp(prefix="gradus-worker-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        valkey = stack.enter_context(Valkey(folder))
        quick = {"redis_url": valkey.url, "sweep_s": 0.5, "resend_after_s": 2.0}
        platform = Platform(settings.model_copy(update=quick | changed), folder)
        stack.callback(platform.kill_all)
        stack.callback(forget_the_broker)
        forget_the_broker()
        yield platform


def forget_the_broker() -> None:
    """A process of ours has one for life, and Celery keeps its connections to the first; this one has many."""
    for kept in ("amqp", "control"):  # both make themselves anew when they are asked for
        celery.__dict__.pop(kept, None)
    celery._pool = None


@pytest.fixture
def platform(tables: Engine, settings: Settings) -> Iterator[Platform]:
    with open_platform(settings, lease_s=4.0) as platform:  # long enough for a busy machine, short enough for a test
        yield platform
