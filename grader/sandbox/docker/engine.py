"""A Docker engine as the sandbox needs it: start a container from the template, talk to it, destroy it.

Nothing is ever copied into a container or out of it.
"""

import logging
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from requests import Response
from requests.exceptions import RequestException

from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.template import DEADLINE, MARK, OWNER, Order, Spec, image, launch, refuse
from grader.sandbox.options import Options

SOCKET = "/var/run/docker.sock"
CALL_S = 15.0  # one question to the engine; a stuck one is ours to report, not to wait for
OLDEST_API = (1, 41)  # Docker 20.10: the first with cgroup namespaces
PYTHON, ISOLATED = "/usr/local/bin/python", ("-I", "-S", "-B", "-u")  # as in the image's entry point
HEAD = struct.Struct(">B3xI")
MOST_SAID = 1 << 20  # bytes
ATTACH = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}

log = logging.getLogger(__name__)


class Line(Protocol):
    """A running container and the only way to it. Bytes sent arrive at its stdin; what it writes comes as Docker's frames."""

    id: str
    socket: socket.socket

    def close(self) -> None:
        """Destroy the container; idempotent, and quiet where it is gone already."""
        ...


class Engine(Protocol):
    def start(self, order: Order) -> Line:
        """A container from the template, running. Raises GraderFailure."""
        ...

    def digest(self, device: str | None = None) -> str:
        """The image that containers are made from, as `sha256:…`; raises GraderFailure if it is not there."""
        ...


@dataclass(frozen=True)
class Said:
    """What a short program of ours wrote until its end."""

    out: str
    error: str


@dataclass(frozen=True)
class Found:
    """A container of ours as the reaper sees it."""

    id: str
    owner: str
    deadline: int  # unix seconds
    created: int  # unix seconds
    state: str  # created, running, exited, …


class LocalEngine:
    """The engine that DOCKER_HOST names, or this machine's. Usable from several threads, and again after a fork."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._connection: Connection | None = None
        self._pinned: dict[str, str] = {}  # an image's id by its name

    def start(self, order: Order) -> "LocalLine":
        return self._start(order, {})

    def start_instead(self, order: Order, arguments: list[str], *, terminal: bool = False) -> "LocalLine":
        """The same walls around Python with other arguments than the keeper's: for an operator who wants to look inside."""
        return self._start(order, {"entrypoint": [PYTHON, *ISOLATED, *arguments], "tty": terminal})

    def _start(self, order: Order, instead: Spec) -> "LocalLine":
        with calling("start a container"):
            connection = self._connected()
            api, spec = connection.api, launch(order, self.options, connection.cdi)
            refuse(spec, self.options)
            container = self._create(api, spec | instead)
            try:
                line = LocalLine(self, container, attach(api, container))
                api.start(container)
            except BaseException:
                self.remove(container)
                raise
            return line

    def digest(self, device: str | None = None) -> str:
        with calling("look at the sandbox image"):
            return self._pin(self.api(), image(self.options, device))

    def _pin(self, api: docker.APIClient, name: str) -> str:
        """The image behind this name when it was first looked at: what was checked then runs, wherever the name leads later."""
        if name not in self._pinned:
            self._pinned[name] = api.inspect_image(name)["Id"]
        return self._pinned[name]

    def _create(self, api: docker.APIClient, spec: Spec) -> str:
        """By the image's id. One that was removed meanwhile fails this time, and is looked for by its name the next time."""
        try:
            return create(api, spec | {"image": self._pin(api, spec["image"])})
        except ImageNotFound:
            self._pinned.pop(spec["image"], None)
            raise

    def containers(self) -> list[Found]:
        """Every container with our label, whatever its state."""
        with calling("list the containers"):
            listed = self.api().containers(all=True, filters={"label": f"{MARK}=1"})
        return [found(container) for container in listed]

    def remove(self, container: str) -> bool:
        """Destroy it, running or not. False if the engine could not be asked: then the reaper will."""
        try:
            self.api().remove_container(container, force=True, v=True)
        except NotFound:
            return True
        except APIError as error:
            if error.status_code == 409:  # it is being removed at this moment
                return True
            log.warning("container %s stays for the reaper: %s", container[:12], error)
            return False
        except (DockerException, RequestException) as error:
            log.warning("container %s stays for the reaper: %s", container[:12], error)
            return False
        return True

    def api(self) -> docker.APIClient:
        return self._connected().api

    def _connected(self) -> "Connection":
        """The connection of this process; a fork gets one of its own. Threads may make one each at first: the last one stays."""
        connection = self._connection
        if connection is None or connection.process != os.getpid():
            api = connect()
            connection = self._connection = Connection(os.getpid(), api, named_devices(api))
        return connection


@dataclass(frozen=True)
class Connection:
    """How one process talks to the engine, and which devices the engine hands in by name."""

    process: int
    api: docker.APIClient
    cdi: frozenset[str]


class LocalLine:
    """Holds the attached stream of a container that this process started."""

    def __init__(self, engine: LocalEngine, container: str, stream: socket.socket) -> None:
        self.id = container
        self.socket = stream
        self._engine = engine
        self._open = True

    def close(self) -> None:
        if self._open:
            self._open = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
            self._engine.remove(self.id)


def open_engine(options: Options) -> Engine:
    """The service at `options.engine` if there is one, else the engine itself. Nothing is asked yet."""
    if options.engine is None:
        return LocalEngine(options)
    from grader.sandbox.docker.remote import RemoteEngine

    return RemoteEngine(options.engine)


def find_local(options: Options) -> LocalEngine | None:
    """This machine's engine if this process may ask it: not where a service stands before it, nor where none is installed."""
    address = Path(os.environ.get("DOCKER_HOST", SOCKET).removeprefix("unix://"))
    may_ask = options.engine is None and address.is_socket() and os.access(address, os.R_OK | os.W_OK)
    return LocalEngine(options) if may_ask else None


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Whatever the engine does not do is ours to answer for, with a sentence that says what to try."""
    try:
        yield
    except ImageNotFound as error:
        raise GraderFailure(f"the sandbox image is not there ({error.explanation}); build it: gradus sandbox build") from error
    except (DockerException, RequestException) as error:
        raise GraderFailure(f"the Docker engine could not {what}: {error}; gradus sandbox check says more") from error


class Client(docker.APIClient):
    """Every question has a time limit: the SDK attaches without one, and would wait for a stopped engine for ever."""

    def request(self, *arguments: Any, timeout: float | None = None, **named: Any) -> Response:
        return super().request(*arguments, timeout=self.timeout if timeout is None else timeout, **named)


def connect(call_s: float | None = None) -> docker.APIClient:
    """Only through a Unix socket: of an engine elsewhere neither the devices nor the owners of containers are known."""
    settings = docker.utils.kwargs_from_env()
    address = settings.get("base_url", f"unix://{SOCKET}")
    if "unix://" not in address:
        raise GraderFailure(f"the Docker engine must be on this machine, at a Unix socket; DOCKER_HOST is {address}")
    api = Client(base_url=address, version="auto", timeout=call_s or CALL_S)
    api.headers["Connection"] = "close"  # the SDK would keep one for each address that it asked, and each container has its own
    if tuple(int(part) for part in api.api_version.split(".")) < OLDEST_API:
        raise GraderFailure(f"the Docker engine speaks API {api.api_version}; at least Docker 20.10 is needed")
    return api


def named_devices(api: docker.APIClient) -> frozenset[str]:
    """What the engine hands in by the Container Device Interface; older ones do not say and know nothing of it."""
    return frozenset(device["ID"] for device in api.info().get("DiscoveredDevices") or [] if device.get("Source") == "cdi")


def create(api: docker.APIClient, spec: Spec) -> str:
    """The id of a container that is not started. Nothing is pulled: an image that is not here is an error."""
    return api.create_container(**spec | {"host_config": api.create_host_config(**spec["host_config"])})["Id"]


def attach(api: docker.APIClient, container: str) -> socket.socket:
    """The hijacked connection itself.

    The SDK reads the answer's head through a buffer; as the container does not run yet, nothing of it can be in there.
    """
    reader = api.attach_socket(container, params=ATTACH)
    stream = socket.socket(fileno=reader._sock.detach())  # from the SDK's objects too: what we close is closed
    stream.settimeout(None)
    return stream


def found(container: dict[str, Any]) -> Found:
    labels = container["Labels"]
    deadline = labels.get(DEADLINE, "")
    return Found(
        id=container["Id"],
        owner=labels.get(OWNER, ""),
        deadline=int(deadline) if deadline.isdecimal() else 0,
        created=container["Created"],
        state=container["State"],
    )


def collect(stream: socket.socket, *, seconds: float) -> Said:
    """Read Docker's frames to their end: a stream number, three zeros, a length of four bytes, that many bytes."""
    data, deadline = b"", time.monotonic() + seconds
    while len(data) < MOST_SAID and select.select([stream], [], [], max(deadline - time.monotonic(), 0))[0]:
        if not (more := stream.recv(1 << 16)):
            break
        data += more
    written: dict[int, bytes] = {1: b"", 2: b""}
    while len(data) >= HEAD.size:
        number, length = HEAD.unpack_from(data)
        written[number] = written.get(number, b"") + data[HEAD.size : HEAD.size + length]
        data = data[HEAD.size + length :]
    return Said(written[1].decode("utf-8", "replace"), written[2].decode("utf-8", "replace"))
