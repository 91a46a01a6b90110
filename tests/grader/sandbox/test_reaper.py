"""What is over goes, what lives stays, and what is not ours is never touched; by any number of reapers at a time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.sandbox import owner
from grader.sandbox.docker.engine import Found
from grader.sandbox.owner import temporary_folder
from grader.sandbox.reaper import GRACE_S, Reaped, reap, reason

NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def dead() -> str:
    """The owner label of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    name = f"{owner.machine()}:{child.pid}:{owner.started(child.pid)}"
    child.communicate()
    return name


def found(**changes: object) -> Found:
    kept = {"id": "c", "owner": owner.this_process(), "deadline": int(NOW) + 10, "created": int(NOW) - 1000, "state": "running"}
    return Found(**kept | changes)


def test_a_running_container_of_a_living_owner_stays() -> None:
    assert reason(found(), NOW) is None


def test_one_past_its_deadline_goes_whoever_owns_it() -> None:
    assert reason(found(deadline=int(NOW)), NOW) == "past its deadline"
    assert reason(found(deadline=int(NOW), owner="another-machine:1:1"), NOW) == "past its deadline"


def test_one_whose_label_was_no_number_counts_as_past_its_deadline() -> None:
    assert reason(found(deadline=0), NOW) == "past its deadline"


def test_an_orphan_goes(dead: str) -> None:
    assert reason(found(owner=dead), NOW) == "its owner is gone"


def test_one_that_was_never_started_goes_after_a_while_and_not_before() -> None:
    assert reason(found(state="created", created=int(NOW - GRACE_S) + 1), NOW) is None
    assert reason(found(state="created", created=int(NOW - GRACE_S) - 1), NOW) == "never started"


def test_one_that_is_being_removed_already_is_left_to_whoever_does_it(dead: str) -> None:
    assert reason(found(state="removing", owner=dead), NOW) is None


class FakeEngine:
    def __init__(self, *containers: Found) -> None:
        self.there = {container.id: container for container in containers}

    def containers(self) -> list[Found]:
        return list(self.there.values())

    def remove(self, container: str) -> bool:
        return self.there.pop(container, None) is not None


def test_a_second_look_finds_nothing(tmp_path: Path, dead: str) -> None:
    engine = FakeEngine(found(id="a", owner=dead), found(id="b"))
    assert reap(engine, folder=tmp_path, now=NOW) == Reaped({"a": "its owner is gone"}, [])
    assert not reap(engine, folder=tmp_path, now=NOW)
    assert list(engine.there) == ["b"]


@pytest.fixture
def orphan(tmp_path: Path, dead: str) -> Path:
    folder = tmp_path / "gradus-image-x"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / "torch.whl").write_bytes(b"x")
    (folder / owner.NOTE).write_text(dead)
    return folder


def test_a_folder_of_a_dead_process_goes(tmp_path: Path, orphan: Path) -> None:
    assert reap(None, folder=tmp_path).folders == [orphan]
    assert not orphan.exists()


def test_a_folder_lasts_as_long_as_its_block_and_a_reaper_leaves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary_folder("image") as folder:
        assert folder.parent == tmp_path
        assert not reap(None, folder=tmp_path)
        assert folder.exists()
    assert not folder.exists()


def test_a_folder_without_a_note_or_of_another_name_is_never_touched(tmp_path: Path, orphan: Path) -> None:
    (orphan / owner.NOTE).rename(orphan / "note")
    other = tmp_path / "pytest-of-someone"
    other.mkdir()
    (other / owner.NOTE).write_text("x")
    assert not reap(None, folder=tmp_path)
    assert orphan.exists()
    assert other.exists()


def test_no_link_is_followed(tmp_path: Path, orphan: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    (orphan / "wheels" / "link").symlink_to(precious)
    (tmp_path / "gradus-link").symlink_to(precious)
    assert reap(None, folder=tmp_path).folders == [orphan]
    assert (precious / "file").exists()


def test_a_note_that_is_a_link_or_a_pipe_holds_nothing_up(tmp_path: Path, orphan: Path, dead: str) -> None:
    (tmp_path / "elsewhere").write_text(dead)
    (orphan / owner.NOTE).unlink()
    (orphan / owner.NOTE).symlink_to(tmp_path / "elsewhere")
    assert not reap(None, folder=tmp_path)
    (orphan / owner.NOTE).unlink()
    os.mkfifo(orphan / owner.NOTE)
    assert not reap(None, folder=tmp_path)


def test_eight_reapers_at_once_get_in_nobodys_way(tmp_path: Path, dead: str) -> None:
    for number in range(50):
        folder = tmp_path / f"gradus-{number}"
        folder.mkdir()
        for name in map(str, range(20)):
            (folder / name).touch()
        (folder / owner.NOTE).write_text(dead)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: reap(None, folder=tmp_path), range(8)))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[subprocess.Popen]:
    """A process that holds a warm bubblewrap sandbox with a student's child in it."""
    program = (
        "import time; from grader.sandbox import open_sandbox; from grader.sandbox.base import Limits\n"
        "sandbox = open_sandbox('bubblewrap', 'fork')\n"
        "with sandbox.open(Limits()) as box:\n"
        "    print('ready', flush=True); time.sleep(100)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


@pytest.mark.sandbox
def test_a_bubblewrap_sandbox_ends_with_its_judge_so_nobody_has_to_reap_it(judge: subprocess.Popen) -> None:
    import psutil

    assert judge.stdout.readline() == b"ready\n"
    below = psutil.Process(judge.pid).children(recursive=True)
    assert below
    judge.kill()
    judge.wait()
    _, alive = psutil.wait_procs(below, timeout=10)
    assert alive == []


HANG = {
    "doctor": """
from importlib import import_module
from server.settings import Settings
doctor = import_module("server.cli.doctor")
doctor.ask_engines = lambda settings: (print(settings.data, flush=True), time.sleep(60))
doctor.engines(Settings())
""",
    "canary": """
from grader.preflight.attack import planted
with planted() as word:
    (place,) = [path.parent for path in owner.LASTING.glob("gradus-canary-*/word") if path.read_text() == word]
    print(place, flush=True)
    time.sleep(60)
""",
}


@pytest.mark.parametrize("who", HANG)
def test_what_a_killed_doctor_or_preflight_leaves_goes(who: str, tmp_path: Path) -> None:
    source = "import sys, time\nfrom pathlib import Path\nfrom grader.sandbox import owner\nowner.LASTING = Path(sys.argv[1])\n"
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", source + HANG[who], str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        folder = Path(process.stdout.readline().strip())
        assert folder.parent == tmp_path and not reap(None, folder=tmp_path)
        process.kill()
    assert reap(None, folder=tmp_path).folders == [folder]


def test_both_places_of_temporary_folders_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orphan: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(owner, "LASTING", tmp_path)
    assert reap(None).folders == [orphan]
