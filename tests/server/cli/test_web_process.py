"""Several processes that answer at one address."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from server.cli.platform import is_ready, listen, make_environment
from server.settings import Settings
from tests.server.cli.test_up import wait_until

eventually = partial(wait_until, seconds=120)  # two import the whole app, maybe beside many tests


@pytest.fixture
def web(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[tuple[psutil.Process, str]]:
    """The one that looks after two others, and where they answer."""
    settings = Settings(data=tmp_path, database_url=database_url, redis_url=redis_url)
    door = listen(0)
    command = [sys.executable, "-m", "server.cli.web_process", str(door.fileno()), "2"]
    running = subprocess.Popen(command, env=make_environment(settings), pass_fds=[door.fileno()], start_new_session=True)
    try:
        yield psutil.Process(running.pid), f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        door.close()
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def answering(web: psutil.Process) -> list[psutil.Process]:
    return [each for each in web.children() if has_the_app(each)]


def has_the_app(process: psutil.Process) -> bool:
    """Not the resource tracker of multiprocessing, nor one that has ended and is not waited for yet."""
    try:
        return "resource_tracker" not in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


@pytest.mark.long
def test_one_that_dies_is_started_anew_and_none_is_left_behind(web: tuple[psutil.Process, str]) -> None:
    parent, url = web
    eventually(lambda: is_ready(url))
    first, second = answering(parent)
    first.kill()
    eventually(lambda: is_ready(url))  # the other one, or the new one where the other was not there yet
    eventually(lambda: len(after := answering(parent)) == 2 and first not in after)
    left = answering(parent)
    assert second in left
    parent.kill()
    _, alive = psutil.wait_procs(left, timeout=20)
    assert alive == []
