"""The walls of a container, as in test_defences: those of the launch template come down in the test alone."""

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from grader.sandbox.base import BoxEnded, Isolation, Limits, Sandbox
from grader.sandbox.defences import ALL, Defence
from grader.sandbox.docker import template
from grader.sandbox.docker.engine import ISOLATED, PYTHON, LocalEngine
from grader.sandbox.docker.sandbox import DockerSandbox
from grader.sandbox.options import Options
from tests.attacks.combinations import COMBINATIONS, Combination
from tests.attacks.conftest import MARKS
from tests.attacks.exploits import (
    DUMP,
    DUMPS_ARE_FILES,
    FIND_KEPT,
    GROW,
    KEEP,
    KEYRINGS,
    LIMITS,
    OPEN_MANY,
    PRINT,
    RAISE,
    carry_out,
)

DOCKER = COMBINATIONS[2]
NO_LIMIT = -1
ROOTED = "/usr/local/bin/rooted"
MAKE_HOLES = f"""
import os, shutil
os.makedirs("/var/tmp", exist_ok=True)
os.chmod("/var/tmp", 0o1777)
shutil.copy({PYTHON!r}, {ROOTED!r})
os.chmod({ROOTED!r}, 0o4755)
"""
LEAVE = """
import os
def attack(path):
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write("SUCCESS")
"""
LEAVE_FOR_ALL = LEAVE.replace("0o600", "0o644")
FIND = """
def attack(path):
    return open(path).read()
"""
BECOME = """
import subprocess
def attack(program):
    asked = [program, "-I", "-S", "-c", "import os; print('SUCCESS' if os.geteuid() == 0 else 'nobody new')"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout
"""
CROWD = """
import os, time
def attack(count):
    for _ in range(int(count)):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    return "all there"
"""

pytestmark = [*MARKS[DOCKER], pytest.mark.thorough]


@pytest.fixture(scope="module", autouse=True)
def ours(opened: Callable[[Combination], Sandbox]) -> Sandbox:
    """With all walls; where there is no engine or no image of today, nothing here is tried."""
    return opened(DOCKER)


@pytest.fixture(scope="module")
def image_with_holes(ours: Sandbox) -> Iterator[str]:
    """Ours has neither a folder that everybody may write to nor a set-uid program. This one has both."""
    api, tag = LocalEngine(Options(engine=None)).api(), f"gradus-holes:{os.getpid()}"
    steps = f"FROM {Options().image}\nRUN {json.dumps([PYTHON, *ISOLATED, '-c', MAKE_HOLES])}\n"
    said = list(api.build(fileobj=io.BytesIO(steps.encode()), tag=tag, rm=True, forcerm=True, decode=True))
    assert not [line for line in said if "error" in line]
    yield tag
    api.remove_image(tag, force=True)


@pytest.fixture
def take_down(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Launch with some settings of the template's walls replaced; they are up again after the test."""

    def take_down(**instead: object) -> None:
        others = template.walls() | instead
        monkeypatch.setattr(template, "walls", lambda: others)

    return take_down


def security(*, without: str) -> list[str]:
    """The template's security options but for the one that begins like this."""
    return [option for option in template.walls()["security_opt"] if not option.startswith(without)]


def open_without(walls: set[Defence], image: str | None = None) -> closing[DockerSandbox]:
    """A sandbox of one container at a time, so that who comes next comes into the same."""
    options = Options(engine=None, pool=1, **({"image": image} if image else {}))
    return closing(DockerSandbox(Isolation.fork, options, LocalEngine(options), walls=ALL - walls))


def carry_out_without(walls: set[Defence], sources: list[str], place: str = "", image: str | None = None) -> str:
    with open_without(walls, image) as sandbox:
        return carry_out(sandbox, sources, place)


@pytest.mark.parametrize(
    ("defence", "attack"),
    [(Defence.files, OPEN_MANY), (Defence.output, PRINT), (Defence.memory, GROW)],
    ids=["many open files", "output", "memory"],
)
def test_a_wall_in_docker_is_what_stops_its_attack(defence: Defence, attack: str, ours: Sandbox) -> None:
    assert "SUCCESS" not in carry_out(ours, [attack])
    assert "SUCCESS" in carry_out_without({defence}, [attack])


def test_a_read_only_root_and_an_image_without_a_common_folder_each_stop_a_file_from_passing(
    image_with_holes: str, take_down: Callable[..., None]
) -> None:
    attack = [LEAVE_FOR_ALL, FIND], "/var/tmp/word"
    assert "SUCCESS" not in carry_out_without(set(), *attack, image_with_holes)
    take_down(read_only=False)
    assert "SUCCESS" not in carry_out_without(set(), *attack)
    assert "SUCCESS" in carry_out_without(set(), *attack, image_with_holes)


def test_the_containers_and_the_runners_refusal_of_privileges_each_stop_a_program_that_makes_root(
    image_with_holes: str, take_down: Callable[..., None]
) -> None:
    """Without either, the list of calls has to be down too: a filter of one's own needs no-new-privileges."""
    attack = [BECOME], ROOTED, image_with_holes
    runners = {Defence.privileges, Defence.seccomp}
    assert "nobody new" in carry_out_without(set(), *attack)
    assert "nobody new" in carry_out_without(runners, *attack)
    take_down(security_opt=security(without="no-new-privileges"))
    assert "nobody new" in carry_out_without({Defence.seccomp}, *attack)
    assert "SUCCESS" in carry_out_without(runners, *attack)


@pytest.mark.parametrize("attack", [RAISE, pytest.param(DUMP, marks=DUMPS_ARE_FILES)], ids=["the limit", "a file"])
def test_the_containers_and_the_runners_limit_each_stop_a_core(attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SUCCESS" not in carry_out_without({Defence.cores}, [attack])
    monkeypatch.setattr(template, "CORE_BYTES", NO_LIMIT)
    assert "SUCCESS" not in carry_out_without(set(), [attack])
    assert "SUCCESS" in carry_out_without({Defence.cores}, [attack])


def test_a_keyring_of_its_own_and_both_lists_of_calls_each_stop_a_key_from_passing(take_down: Callable[..., None]) -> None:
    """An engine gives each container one keyring; all of its submissions would share it."""
    attack = [KEEP, FIND_KEPT], KEYRINGS
    assert "SUCCESS" not in carry_out_without({Defence.keyring, Defence.seccomp}, *attack)
    take_down(security_opt=[*security(without="seccomp="), "seccomp=unconfined"])
    assert "SUCCESS" not in carry_out_without({Defence.seccomp}, *attack)
    assert "SUCCESS" not in carry_out_without({Defence.keyring}, *attack)
    assert "SUCCESS" in carry_out_without({Defence.keyring, Defence.seccomp}, *attack)


def test_a_user_number_of_its_own_and_the_clean_up_each_keep_a_private_file_from_the_next() -> None:
    attack = [LEAVE, FIND], "/tmp/word"
    assert "SUCCESS" not in carry_out_without(set(), *attack)
    assert "SUCCESS" not in carry_out_without({Defence.leftovers}, *attack)
    assert "SUCCESS" in carry_out_without({Defence.leftovers, Defence.users}, *attack)


def test_with_one_user_number_for_all_a_crowd_in_one_container_stops_another_from_starting_a_process() -> None:
    """The kernel counts a user's processes in all containers together."""
    assert neighbour_of_a_crowd(set()) == "all there"
    assert neighbour_of_a_crowd({Defence.users}) == "too_many_processes"


def neighbour_of_a_crowd(walls: set[Defence]) -> str:
    """How it fares with two processes, while there are forty in a container beside its own."""
    crowded = Limits(memory_bytes=1 << 30, processes=64)
    with open_without(walls) as first, open_without(walls) as second, first.open(crowded) as crowd, second.open(LIMITS) as box:
        try:
            for each, count in ((crowd, 40), (box, 2)):
                each.request("load", {"files": {"solution.py": CROWD.encode()}, "module": "solution"}, seconds=10)
                reply = each.request("call", {"target": "attack", "args": [str(count)]}, seconds=10)
            return reply["value"]
        except BoxEnded as ended:
            return str(ended.ending) if box.ending else "the crowd was stopped"
