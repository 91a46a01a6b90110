"""Embedded engines: start fast, are shared, end with us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from server import unprivileged
from server.engines import EngineFailure, Postgres, Valkey, embedded
from server.settings import Settings

HOLD = """
import sys, time
from pathlib import Path
from server.engines import embedded
from server.settings import Settings
with embedded(Settings(data=Path(sys.argv[1])), durable=False) as settings:
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that PostgreSQL's account can reach, also when the tests run as root."""
    folder = tmp_path_factory.mktemp("engines")
    for parent in (folder, *folder.parents):
        if parent.owner() == Path.home().owner() and parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(0o711)
    return folder / "data"


def engines_of(data: Path) -> list[psutil.Process]:
    """Server processes that were started for this data folder."""
    return [process for process in psutil.process_iter(["cmdline", "cwd"]) if is_engine_of(process, data)]


def is_engine_of(process: psutil.Process, data: Path) -> bool:
    return str(data) in " ".join(process.info["cmdline"] or [])


def test_both_engines_are_up_within_seconds_and_gone_afterwards(data: Path) -> None:
    started = time.monotonic()
    with embedded(Settings(data=data), durable=False) as settings:
        assert time.monotonic() - started < 10
        with Postgres(data).connect("gradus") as connection:
            assert connection.execute("SHOW server_version").fetchone()[0].startswith("18")
            assert connection.execute("SHOW listen_addresses").fetchone()[0] == ""
        assert redis.Redis.from_url(settings.redis_url).ping()
    assert engines_of(data) == []
    assert not Valkey(data).answers()


def test_a_second_starter_uses_what_runs_and_leaves_it_running(data: Path) -> None:
    with Valkey(data) as first:
        with Valkey(data) as second:
            assert second.url == first.url
            assert second.process is None
        assert first.answers()


def test_the_broker_answers_nobody_without_the_password(data: Path) -> None:
    with Valkey(data) as valkey:
        port = int(valkey.url.rsplit(":", 1)[1].split("/")[0])
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port, retry=Retry(NoBackoff(), 0)).ping()
        assert valkey.note.stat().st_mode & 0o077 == 0
        assert valkey.url.split(":")[2].split("@")[0] not in " ".join(valkey.process.args)


def test_a_link_in_the_place_of_the_socket_is_told_and_not_followed(data: Path) -> None:
    postgres = Postgres(data, durable=False)
    elsewhere = data.parent / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    postgres.sockets.parent.mkdir(parents=True, exist_ok=True)
    postgres.sockets.symlink_to(elsewhere)
    with pytest.raises(EngineFailure, match="is a link"):
        postgres.start()
    assert elsewhere.stat().st_mode & 0o777 == 0o755


def test_what_was_written_is_there_at_the_next_start(data: Path) -> None:
    with Postgres(data, durable=False) as postgres, postgres.connect("gradus") as connection:
        connection.execute("CREATE TABLE kept (id int)")
    with Postgres(data, durable=False) as postgres, postgres.connect("gradus") as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel for it")
def test_engines_end_when_their_starter_is_killed(data: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(data)], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"up\n"
    postgres = next(process for process in engines_of(data) if "postgres" in process.name())
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    psutil.wait_procs([postgres], timeout=10)
    assert not postgres.is_running()
    assert not Valkey(data).answers()


def test_postgres_never_runs_as_root(data: Path) -> None:
    with Postgres(data, durable=False) as postgres:
        assert psutil.Process(postgres.process.pid).uids().effective != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to use another account")
def test_below_a_private_home_root_finds_another_place(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    account = unprivileged.choose_account()
    home = unprivileged.choose_home(tmp_path / "data", account)
    assert not home.is_relative_to(tmp_path)
    assert unprivileged.choose_home(tmp_path / "data", account) == home


def test_sockets_get_a_short_path(tmp_path: Path) -> None:
    deep = tmp_path / ("very-long-name-" * 8)
    assert len(str(unprivileged.short_folder(deep))) <= unprivileged.SOCKET_PATH_BYTES
