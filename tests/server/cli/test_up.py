"""`gradus up` for real: it starts, heals and stops."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from server.engines import Postgres

pytestmark = [pytest.mark.sandbox, pytest.mark.long, pytest.mark.xdist_group("up")]


class Up:
    """One running platform."""

    def __init__(self, data: Path, *words: str) -> None:
        self.said = data / "said.txt"
        # Nothing is swept up while these tests run: what arrives was handed over at once.
        environment = {**os.environ, "GRADUS_DATA": str(data), "GRADUS_SWEEP_S": "600", "GRADUS_SANDBOX_POOL": "1"}
        command = [sys.executable, "-m", "server.cli", "up", "--workers", "1", *words]
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)

    @property
    def url(self) -> str:
        return re.search(r"Gradus is ready: (http://[\d.:]+)", self.said.read_text())[1]

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, *words: str) -> psutil.Process:
        """The direct child whose command line has all these words."""
        for child in psutil.Process(self.process.pid).children():
            if all(any(word in part for part in child.cmdline()) for word in words):
                return child
        raise LookupError(words)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return json.load(answer)["status"] == "ready"
    except OSError:
        return False


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gradus-up-"))
    folder.chmod(0o711)  # PostgreSQL's account has to pass through
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def up(data: Path) -> Iterator[Up]:
    running = Up(data)
    try:
        wait_until(lambda: "Gradus is ready" in running.said.read_text() or running.process.poll() is not None, 60)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(30)


def test_it_says_where_it_is_and_is_ready(up: Up) -> None:
    assert is_ready(up.url)
    assert "logs:" in up.said.read_text()


def test_everything_listens_on_loopback_only(up: Up) -> None:
    listening = [c.laddr.ip for child in up.children() for c in child.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert set(listening) == {"127.0.0.1"}


def test_a_second_one_on_the_same_data_is_refused(up: Up, data: Path) -> None:
    environment = {**os.environ, "GRADUS_DATA": str(data)}
    done = subprocess.run([sys.executable, "-m", "server.cli", "up"], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "already runs" in done.stderr


def test_a_port_that_is_taken_is_refused_when_it_was_asked_for(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = [sys.executable, "-m", "server.cli", "up", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(words, env={**os.environ, "GRADUS_DATA": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 2
    assert "is in use" in done.stderr


def test_a_worker_that_refuses_to_grade_says_why() -> None:
    folder = Path(tempfile.mkdtemp(prefix="gradus-up-"))
    folder.chmod(0o711)
    environment = {**os.environ, "GRADUS_DATA": str(folder), "GRADUS_SECRET": "short"}
    command = [sys.executable, "-m", "server.cli", "up", "--workers", "1"]
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    finally:
        shutil.rmtree(folder)
    assert ended.returncode == 3
    assert "worker ended with exit status -9" in ended.stderr
    assert "GRADUS_SECRET has only 5 characters" in ended.stderr


def test_a_worker_that_is_killed_comes_back(up: Up) -> None:
    first = up.child("celery", "worker")
    first.kill()
    wait_until(lambda: "worker had stopped and was started again" in up.said.read_text())
    assert up.child("celery", "worker").pid != first.pid


@pytest.mark.thorough
def test_an_engine_that_is_killed_comes_back_and_everybody_finds_it(up: Up) -> None:
    up.child("valkey-server").kill()
    wait_until(lambda: "Valkey had stopped and was started again" in up.said.read_text())
    wait_until(lambda: is_ready(up.url))


def test_a_database_that_is_killed_comes_back_and_messages_still_go_out_at_once(up: Up, data: Path) -> None:
    up.child("postgres").kill()
    wait_until(lambda: "PostgreSQL had stopped and was started again" in up.said.read_text())
    wait_until(lambda: is_ready(up.url))
    with Postgres(data).connect("gradus") as connection:
        connection.execute("INSERT INTO outbox (task, arguments, queue) VALUES ('a.task', '[]', 'tests')")
        wait_until(lambda: connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,))


def test_sigterm_stops_everything_in_order(up: Up) -> None:
    children = up.children()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(30) == 0
    assert up.said.read_text().rstrip().endswith("stopped")
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
