"""The reaper and a real engine. Only containers of this test's own making are looked at afterwards."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from grader.sandbox import owner as owners
from grader.sandbox.docker.engine import LocalEngine, create
from grader.sandbox.docker.template import Order, launch
from grader.sandbox.reaper import reap

pytestmark = pytest.mark.docker
WAIT = ["-c", "import time; time.sleep(100)"]  # does not end with its input


def is_there(engine: LocalEngine, container: str) -> bool:
    return any(found.id == container and found.state != "removing" for found in engine.containers())


def test_containers_of_the_dead_and_the_late_go_and_others_stay(engine: LocalEngine, order: Order, tmp_path: Path) -> None:
    late = engine.start_instead(replace(order, deadline=int(time.time()) - 1), WAIT)
    dead = create(engine.api(), launch(replace(order, owner=of_a_dead_process()), engine.options))
    alive = engine.start_instead(order, WAIT)
    stranger = engine.api().create_container(engine.options.image, entrypoint=["/usr/local/bin/python"], labels={"other": "1"})[
        "Id"
    ]
    try:
        reap(engine, folder=tmp_path)
        assert not is_there(engine, late.id)
        assert not is_there(engine, dead)
        assert is_there(engine, alive.id)
        assert engine.api().inspect_container(stranger)["Id"] == stranger
    finally:
        engine.remove(stranger)
        for line in (late, alive):
            line.close()


def test_eight_reapers_at_once_remove_each_orphan(engine: LocalEngine, order: Order, tmp_path: Path) -> None:
    orphaned = replace(order, owner=of_a_dead_process())
    made = [create(engine.api(), launch(orphaned, engine.options)) for _ in range(6)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: reap(LocalEngine(engine.options), folder=tmp_path), range(8)))
    assert not [container for container in made if is_there(engine, container)]


def test_the_containers_of_a_killed_process_are_gone_soon(
    engine: LocalEngine, left: Callable, owner: str, tmp_path: Path
) -> None:
    program = (
        "import time; from grader.sandbox.docker.engine import *; from grader.sandbox.options import Options\n"
        "from grader.sandbox import owner; from grader.sandbox.base import Isolation\n"
        f"order = Order(Isolation.fresh, owner.this_process(), int(time.time()) + 300)\n"
        f"line = LocalEngine(Options(engine=None)).start_instead(order, {WAIT!r})\n"
        "print(line.id, flush=True); time.sleep(100)"
    )
    judge = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    container = judge.stdout.readline().strip()
    assert is_there(engine, container)
    judge.kill()
    judge.wait()
    reap(engine, folder=tmp_path)
    assert not is_there(engine, container)


def of_a_dead_process() -> str:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    name = f"{owners.machine()}:{child.pid}:{owners.started(child.pid)}"
    child.communicate()
    return name
