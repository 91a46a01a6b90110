"""The whole platform on this machine: engines, tables, web, worker and beat, running as long as a block."""

import fcntl
import json
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from server.cli.engines import Engines
from server.cli.exits import ExitCode, Problem
from server.cli.supervisor import Program, Supervisor

if TYPE_CHECKING:
    from grader.sandbox.gpu import Device
    from server.settings import Settings

DEFAULT_PORT = 8000
IMPORT_S = 30.0  # the worker loads torch before it starts its processes
ENGINE_PAUSE_S = 2.0
LOOK_EVERY_S = 0.05
HOST = "127.0.0.1"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Platform:
    """What runs: where it answers, and the settings with the addresses of its engines."""

    url: str
    settings: "Settings"
    supervisor: Supervisor

    @property
    def logs(self) -> Path:
        return self.settings.data / "logs"


@contextmanager
def running_platform(settings: "Settings", *, port: int | None, workers: int, tell: Tell) -> Iterator[Platform]:
    """Start everything, in the order in which one part needs another; stop it all when the block ends."""
    with alone_in(settings.data), open_door(port) as door, running_engines(settings, tell=tell) as engines:
        url, settings = f"http://{HOST}:{door.getsockname()[1]}", engines.settings
        supervisor = Supervisor(
            list_programs(settings, door=door, workers=workers),
            on_restart=lambda program: tell(
                f"{program.name} had stopped and was started again; its last words: {program.tail(1)}"
            ),
            look_after_engines=lambda: heal(engines, supervisor, tell=tell),
        )
        try:
            started_at = time.time()
            supervisor.start()
            tell("starting web, worker and beat")
            wait_for_web(url, supervisor)
            tell("the worker tries its sandbox")
            wait_for_worker(settings, supervisor, since=started_at)
            supervisor.restart_the_dead()  # from here on: what refuses to start is explained, not started again and again
            yield Platform(url=url, settings=settings, supervisor=supervisor)
        finally:
            supervisor.stop()


def heal(engines: Engines, supervisor: Supervisor, *, tell: Tell) -> None:
    """An engine that died comes back; where its address is a new one, everybody starts again with it."""
    from server.engines import EngineFailure

    dead = engines.find_dead()
    if not dead:
        return
    before = engines.settings
    try:
        for engine in dead:
            engines.start_again(engine)
            tell(f"{engine.name} had stopped and was started again")
    except EngineFailure as error:
        tell(f"{error}; trying again")
        time.sleep(ENGINE_PAUSE_S)
    if engines.settings != before:
        supervisor.restart_all(make_environment(engines.settings))


@contextmanager
def alone_in(data: Path) -> Iterator[None]:
    """Two platforms on one data folder would stop each other's engines; the kernel frees the lock with its process."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            next_step = "use that one, stop it, or choose another folder with GRADUS_DATA"
            raise Problem(f"Gradus already runs on {data}.", next_step=next_step, code=ExitCode.usage) from error
        yield


@contextmanager
def running_engines(settings: "Settings", *, tell: Tell) -> Iterator[Engines]:
    """PostgreSQL and Valkey, unless URLs name others, with the newest tables."""
    from server.database import migrate
    from server.engines import EngineFailure

    tell("starting PostgreSQL and Valkey" if settings.database_url is None else "connecting to the engines")
    try:
        with Engines(settings) as engines:
            migrate(engines.settings.database_url)
            yield engines
    except EngineFailure as error:
        next_step = "see what is missing: gradus doctor"
        raise Problem("An embedded engine did not start.", why=str(error), next_step=next_step) from error


def list_programs(settings: "Settings", *, door: socket.socket, workers: int) -> list[Program]:
    """Web first: it is what people wait for."""
    environment, logs = make_environment(settings), settings.data / "logs"
    celery = ["celery", "--app", "server.worker"]
    has_gpu = bool(find_gpus(settings))
    worker = [*celery, "worker", "--loglevel", "info", "--concurrency", str(workers), *gpu_queue(has_gpu)]
    beat = [*celery, "beat", "--loglevel", "info", "--schedule", str(settings.data / "beat-schedule")]
    web = ["server.cli.web_process", str(door.fileno()), str(settings.web_processes)]
    modules = {"web": web, "worker": worker, "beat": beat}
    if settings.exam_workers:
        modules["exams"] = [*celery, "worker", "--loglevel", "info", *for_exams_alone(settings.exam_workers, has_gpu)]
    return [
        Program(
            name,
            [sys.executable, "-m", *module],
            environment=environment,
            log=logs / f"{name}.log",
            descriptors=[door.fileno()] if name == "web" else [],
        )
        for name, module in modules.items()
    ]


def find_gpus(settings: "Settings") -> tuple["Device", ...]:
    from grader.sandbox.gpu import Nvidia, find

    return find(settings.devices, Nvidia()).devices


def gpu_queue(has_gpu: bool) -> list[str]:
    """On a machine with a GPU the worker also takes what needs one."""
    return ["--queues", "maintenance,outside,cpu,gpu"] if has_gpu else []


def for_exams_alone(processes: int, has_gpu: bool) -> list[str]:
    """A worker of another name, which no homework ever keeps busy."""
    queues = "exam,exam_gpu" if has_gpu else "exam"
    return ["--hostname", "exams@%h", "--concurrency", str(processes), "--queues", queues]


def make_environment(settings: "Settings") -> dict[str, str]:
    """Ours, with the engines that were found; the password of the broker stays off every command line."""
    ours = {
        "GRADUS_DATABASE_URL": str(settings.database_url),
        "GRADUS_REDIS_URL": str(settings.redis_url),
        "GRADUS_DATA": str(settings.data),
        "GRADUS_BLOBS_URL": settings.blob_store,
        "GRADUS_ASSIGNMENTS": str(settings.assignments),
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **ours}


def open_door(wanted: int | None) -> socket.socket:
    """Listen on the wanted port or refuse; without a wish on the usual one, or on any free one."""
    try:
        return listen(wanted or DEFAULT_PORT)
    except OSError as error:
        if wanted is None:
            return listen(0)
        next_step = "choose another with --port, or leave --port out and a free one is taken"
        raise Problem(f"Port {wanted} is in use.", why=str(error), next_step=next_step, code=ExitCode.usage) from error


def listen(port: int) -> socket.socket:
    return socket.create_server((HOST, port), backlog=256)


def is_free(port: int) -> bool:
    try:
        listen(port).close()
    except OSError:
        return False
    return True


def wait_for_web(url: str, supervisor: Supervisor) -> None:
    wait_until(lambda: is_ready(url), what="The web app is not ready", whom="web", supervisor=supervisor)


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=3) as answer:
            return json.load(answer).get("status") == "ready"
    except OSError:
        return False  # not listening yet, or 503 while an engine is missing


def wait_for_worker(settings: "Settings", supervisor: Supervisor, *, since: float) -> None:
    """Until a worker has found that grading is safe here; one that refuses, and ends, is explained by the end of its log."""
    import redis

    from server.grading.preflight import has_found_safe

    with redis.Redis.from_url(settings.redis_url, socket_timeout=3) as client:
        is_ready = partial(has_found_safe, client, since=since)
        wait_until(is_ready, what="No worker is ready", whom="worker", supervisor=supervisor)


def wait_until(condition: Callable[[], bool], *, what: str, whom: str, supervisor: Supervisor) -> None:
    """As long as the parts of a start allow themselves. Who is dead is explained, else the program that is waited for."""
    from server.broker import START_S

    deadline = time.monotonic() + IMPORT_S + START_S
    while not condition():
        dead = supervisor.first_dead()
        if dead is not None or time.monotonic() > deadline:
            raise explain(what, dead or supervisor.named(whom))
        time.sleep(LOOK_EVERY_S)


def explain(what: str, program: Program) -> Problem:
    """Name the program and show the end of its log, so that nobody has to hunt for it."""
    status = program.exit_status()
    ended = f"{program.name} ended with exit status {status}" if status is not None else f"{program.name} is still starting"
    return Problem(f"{what}: {ended}.", why=f"the end of {program.log}:\n{program.tail()}", next_step="check with: gradus doctor")
