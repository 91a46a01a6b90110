"""A submission through docker-compose.yml, what each container can reach, and a worker that dies while it judges."""

import json

import pytest

from tests.compose.conftest import ROOT, Platform, Student, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.xdist_group("compose")]

REFERENCE = (ROOT / "assignments/mlp/reference.py").read_bytes()
STARTER = (ROOT / "assignments/mlp/starter.py").read_bytes()
SLOW = b"import time\n\ntime.sleep(5)\n\n" + REFERENCE.replace(b'"""', b'r"""', 1)

# Runs in the worker's container; prints what it found.
LOOK_AROUND = """
import json, os, socket
from pathlib import Path

def answers(family, address):
    try:
        with socket.socket(family) as probe:
            probe.settimeout(1)
            probe.connect(address)
            return True
    except OSError:
        return False

def ask_runner(line):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("/run/gradus/runner.sock")
        client.sendall(line)
        return client.recv(4096).decode()

def writable(folder):
    try:
        Path(folder, "probe").write_text("x")
        return True
    except OSError:
        return False

fields = dict(line.split(":", 1) for line in Path("/proc/1/status").read_text().splitlines())
sockets = {str(p.resolve()) for top in ("/run", "/tmp", "/var") for p in Path(top).rglob("*") if p.is_socket()}
gateways = [socket.inet_ntoa(bytes.fromhex(row.split()[2])[::-1]) for row in open("/proc/net/route").readlines()[1:]]
print(json.dumps({
    "uid": os.getuid(),
    "capabilities": int(fields["CapEff"], 16) | int(fields["CapBnd"], 16),
    "no_new_privileges": fields["NoNewPrivs"].strip(),
    "seccomp": fields["Seccomp"].strip(),
    "sockets": sorted(sockets),
    "engine_by_tcp": [a for a in gateways for port in (2375, 2376) if answers(socket.AF_INET, (a, port))],
    "outside": answers(socket.AF_INET, ("192.0.2.1", 80)) or answers(socket.AF_INET, ("1.1.1.1", 53)),
    "writable": [folder for folder in ("/", "/srv/gradus", "/opt/gradus", "/run/gradus", "/etc") if writable(folder)],
    "asked_for_containers": ask_runner(b"GET /v1.41/containers/json HTTP/1.1\\r\\nHost: docker\\r\\n\\r\\n"),
    "asked_for_an_image": ask_runner(b'{"ask": "start", "isolation": "fork", "deadline_s": 5, "image": "gradus:latest"}\\n'),
}))
"""


def test_everything_that_has_a_health_check_is_healthy(platform: Platform) -> None:
    assert {name: platform.state(name) for name in platform.containers} == {
        "web": "healthy", "worker": "healthy", "messenger": "healthy", "runner": "healthy", "postgres": "healthy",
        "redis": "healthy", "beat": "running",
    }  # fmt: skip


def test_a_submission_is_graded_in_a_container(ada: Student) -> None:
    right, empty = ada.submit(REFERENCE), ada.submit(STARTER)
    graded = ada.wait_for_score(right)
    assert (graded["score"], graded["run"]["report"]["environment"]["sandbox"]) == (100, "docker")
    assert ada.wait_for_score(empty)["score"] == 0


def test_the_worker_has_no_way_to_the_engine_but_the_narrow_one(platform: Platform) -> None:
    seen = json.loads(platform.inside("worker", "python", "-c", LOOK_AROUND))
    assert (seen["uid"], seen["capabilities"], seen["no_new_privileges"], seen["seccomp"]) == (10001, 0, "1", "2")
    assert seen["sockets"] == ["/run/gradus/runner.sock"]
    assert not seen["engine_by_tcp"] and not seen["outside"] and not seen["writable"]
    for answer in (seen["asked_for_containers"], seen["asked_for_an_image"]):
        assert json.loads(answer)["ok"] is False


def test_no_container_of_ours_is_privileged_and_only_the_runner_holds_the_engine_s_socket(platform: Platform) -> None:
    for service in ("web", "worker", "messenger", "beat", "runner"):
        seen = platform.container(service)
        host = seen["HostConfig"]
        assert (host["Privileged"], host["CapAdd"], host["CapDrop"], host["ReadonlyRootfs"]) == (False, None, ["ALL"], True)
        assert host["SecurityOpt"] == ["no-new-privileges:true"]  # the engine's own seccomp profile stays on
        sockets = [mount["Source"] for mount in seen["Mounts"] if mount["Source"].endswith("docker.sock")]
        assert bool(sockets) == (service == "runner")


def test_the_runner_knows_no_secret_and_reaches_no_network(platform: Platform) -> None:
    assert platform.container("runner")["HostConfig"]["NetworkMode"] == "none"
    environment = platform.inside("runner", "env")
    assert platform.environment["POSTGRES_PASSWORD"] not in environment
    assert platform.environment["GRADUS_SECRET"] not in environment
    assert platform.inside("runner", "ls", "/sys/class/net").split() == ["lo"]


def test_a_worker_killed_while_it_judges_costs_nothing_and_leaves_no_container(platform: Platform, ada: Student) -> None:
    submission = ada.submit(SLOW)
    wait_until(lambda: ada.look(submission)["state"] == "running", 60)
    assert platform.sandboxes()
    platform.compose("kill", "-s", "KILL", "worker")
    wait_until(lambda: not platform.sandboxes(), 60)
    platform.compose("start", "worker")
    assert ada.wait_for_score(submission)["score"] == 100


def test_a_runner_that_dies_takes_its_containers_along_and_costs_nothing(platform: Platform, ada: Student) -> None:
    assert platform.sandboxes()
    platform.compose("kill", "-s", "KILL", "runner")
    wait_until(lambda: not platform.sandboxes(), 60)
    submission = ada.submit(REFERENCE)
    platform.compose("start", "runner")
    assert ada.wait_for_score(submission)["score"] == 100


def test_a_worker_that_is_told_to_stop_finishes_what_it_judges(platform: Platform, ada: Student) -> None:
    submission = ada.submit(SLOW)
    wait_until(lambda: ada.look(submission)["state"] == "running", 60)
    platform.compose("stop", "worker")
    assert ada.look(submission)["score"] == 100
    wait_until(lambda: not platform.sandboxes(), 60)
