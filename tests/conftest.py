"""Real engines for every test that asks: one PostgreSQL and one Valkey per run, a database of its own per test process."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.thorough import examples, is_left_out

if TYPE_CHECKING:
    from server.engines import Postgres, Valkey

os.environ.setdefault("GRADUS_WEB_PROCESSES", "1")  # each imports the whole app; tests of several say so
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is there; processes side by side would wait for each other's threads

# Read by every test that states no number of its own. No deadline: a busy machine says nothing about our code.
settings.register_profile("gradus", max_examples=examples(100), deadline=None)
settings.load_profile("gradus")

SHARED = "GRADUS_TEST_ENGINES"  # where the first process leaves word for the others
TEMPLATE = "migrated"

_running = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """With several processes the first one starts the engines, since it is the last to end."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        folder = _running.enter_context(start_engines())
        os.environ[SHARED] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _running.close()
        os.environ.pop(SHARED, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of one kind of sandbox go to one process, which warms it once. What CI repeats at length is left to it."""
    left_out = {item for item in items if item.get_closest_marker("thorough") and is_left_out(item.nodeid)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    for item in items:
        if (kind := getattr(item, "callspec", None) and item.callspec.params.get("any_sandbox")) is not None:
            item.add_marker(pytest.mark.xdist_group(" ".join(kind)))


@contextmanager
def start_engines() -> Iterator[Path]:
    """Engines in a folder of their own, with an empty migrated database to copy from."""
    from server.database import migrate
    from server.engines import Postgres, Valkey

    folder = Path(tempfile.mkdtemp(prefix="gradus-tests-"))
    folder.chmod(0o711)  # PostgreSQL's account has to pass through
    try:
        with Postgres(folder, durable=False) as postgres, Valkey(folder):
            with postgres.connect("postgres") as connection:
                connection.execute(f"CREATE DATABASE {TEMPLATE}")
            migrate(postgres.url_of(TEMPLATE))
            yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def engines_folder() -> Iterator[Path]:
    """Where the engines of this run live."""
    if SHARED in os.environ:
        yield Path(os.environ[SHARED])
        return
    with start_engines() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres(engines_folder: Path) -> "Postgres":
    from server.engines import Postgres

    return Postgres(engines_folder, durable=False)


@pytest.fixture(scope="session")
def valkey(engines_folder: Path) -> "Valkey":
    from server.engines import Valkey

    return Valkey(engines_folder)


@pytest.fixture(scope="session")
def database_url(postgres: "Postgres", worker_number: int) -> str:
    """A fresh copy of the migrated database for this process."""
    name = f"tests_{worker_number}"
    with postgres.connect("postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return postgres.url_of(name)


@pytest.fixture(scope="session")
def redis_url(valkey: "Valkey", worker_number: int) -> str:
    """A numbered database of its own; whoever needs FLUSHALL starts a server of their own."""
    return f"{valkey.url.removesuffix('/0')}/{worker_number}"


@pytest.fixture(scope="session")
def worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
