"""What is seen inside a box is judged fact by fact; and with a wall taken down, the fact itself changes."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.preflight import Level
from grader.preflight.inside import findings, look_inside
from grader.sandbox.base import GraderFailure, Isolation, Sandbox
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.defences import ALL, Defence
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.mounts import ENVIRONMENT
from grader.sandbox.options import Options
from tests.thorough import one_in

GOOD = {
    "environment": dict(ENVIRONMENT),
    "uid": 1000,
    "capabilities": 0,
    "no_new_privileges": True,
    "seccomp": 2,
    "allowed_calls": [],
    "routes": [],
    "readable": [],
    "writable": [],
}


def levels(seen: dict) -> dict[str, Level]:
    return {found.name: found.level for found in findings(seen)}


def wrong(seen: dict) -> list[str]:
    return [name for name, level in levels(seen).items() if level is not Level.ok]


def test_nothing_is_said_against_a_good_box() -> None:
    assert wrong(GOOD) == []


@pytest.mark.parametrize(
    ("fact", "name"),
    [
        ({"environment": {**ENVIRONMENT, "GRADUS_SECRET": "x"}}, "environment"),
        ({"seccomp": 0}, "seccomp"),
        ({"allowed_calls": ["keyctl"]}, "seccomp"),
        ({"routes": ["169.254.169.254"]}, "network"),
        ({"readable": ["/var/run/docker.sock"]}, "files"),
        ({"writable": ["/usr"]}, "files"),
        ({"uid": 0}, "privileges"),
        ({"capabilities": 1 << 21}, "privileges"),
        ({"no_new_privileges": False}, "privileges"),
    ],
)
def test_a_wrong_fact_makes_grading_unsafe(fact: dict, name: str) -> None:
    assert wrong({**GOOD, **fact}) == [name]


def test_a_value_of_the_environment_is_not_repeated() -> None:
    seen = {**GOOD, "environment": {**ENVIRONMENT, "PASSWORD": "hunter2"}}
    assert not any("hunter2" in found.seen for found in findings(seen))
    assert any("PASSWORD" in found.seen for found in findings(seen))


def test_a_probe_that_is_answered_wrongly_is_our_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "probe.py"
    broken.write_text("def look(places): raise OSError('no /proc')")
    monkeypatch.setattr("grader.preflight.inside.PROBE", broken)
    with pytest.raises(GraderFailure, match="no /proc"):
        look_inside(FakeSandbox())


@pytest.fixture
def opened(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A real sandbox without one of its walls, or with all of them."""
    monkeypatch.setenv("GRADUS_TEST_SECRET", "seen from inside")
    sandbox = BubblewrapSandbox(Isolation.fork, ALL - {request.param}, Options(pool=1))
    try:
        sandbox.warm()
        yield sandbox
    except GraderFailure as failure:
        pytest.skip(f"needs bubblewrap: {failure}")
    finally:
        sandbox.close()


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("opened", "names"),
    one_in(
        2,
        [
            (None, []),
            (Defence.environment, ["environment"]),
            (Defence.seccomp, ["seccomp"]),
            (Defence.network, ["network"]),
        ],
    ),
    indirect=["opened"],
)
def test_a_wall_that_is_down_is_seen_from_inside(opened: Sandbox, names: list[str]) -> None:
    seen = look_inside(opened)
    if Defence.network.value in names:
        assert socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect_ex(("127.0.0.1", 9)) == 0
    assert wrong(seen) == names


@pytest.mark.sandbox
@pytest.mark.parametrize("opened", [None], indirect=True)
def test_our_files_are_looked_for_where_they_lie(opened: Sandbox) -> None:
    assert look_inside(opened, ["/usr/lib"])["readable"] == ["/usr/lib"]
