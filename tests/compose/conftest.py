"""docker-compose.yml for real: our images, a project of its own, a port of its own."""

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "correct horse battery"
NEEDED = ("gradus:latest", "gradus-sandbox:cpu", "postgres:18", "valkey/valkey:8")
HEALTHY_WITHIN_S = 240.0


class Platform:
    """One running composition."""

    def __init__(self, compose: list[str]) -> None:
        self.name = f"gradus-test-{secrets.token_hex(4)}"
        self.command = [*compose, "--project-directory", str(ROOT), "--file", str(ROOT / "docker-compose.yml"), "-p", self.name]
        secret = {"POSTGRES_PASSWORD": secrets.token_hex(12), "GRADUS_SECRET": secrets.token_hex(24)}
        self.environment = {**os.environ, **secret, "GRADUS_PORT": ""}  # empty: a free one
        self.containers: dict[str, str] = {}  # service to id
        self.runners: set[str] = set()  # as the owners of sandboxes name them

    def compose(self, *words: str, said: str = "") -> str:
        return run([*self.command, *words], environment=self.environment, said=said)

    def inside(self, service: str, *command: str, said: str = "") -> str:
        return self.compose("exec", "-T", service, *command, said=said)

    def up(self) -> None:
        self.compose("build", "web")
        self.compose("up", "--detach", "--no-build")
        for container in map(inspect, self.compose("ps", "--quiet").split()):
            self.containers[container["Config"]["Labels"]["com.docker.compose.service"]] = container["Id"]
        wait_until(lambda: {self.state(name) for name in self.containers} <= {"healthy", "running"}, HEALTHY_WITHIN_S)

    def container(self, service: str) -> dict[str, Any]:
        return inspect(self.containers[service])

    def state(self, service: str) -> str:
        """Its health, or whether it runs where it has no health check."""
        seen = self.container(service)["State"]
        return seen.get("Health", {}).get("Status", seen["Status"])

    def sandboxes(self) -> list[str]:
        """Containers that our runner, or one before it, has started. Others on this engine are none of our business."""
        if self.container("runner")["State"]["Running"]:
            namespace = run(["docker", "exec", self.containers["runner"], "readlink", "/proc/1/ns/pid"])
            self.runners.add(namespace.strip().strip("pid:[]"))
        listed = run(["docker", "ps", "--all", "--filter", "label=gradus.owner", "--format", '{{.ID}} {{.Label "gradus.owner"}}'])
        return [line for line in listed.splitlines() if any(f"/{runner}:" in line for runner in self.runners)]

    @property
    def url(self) -> str:
        return f"http://{self.compose('port', 'web', '8000').strip()}/api/v1"

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout", "30")

    def leftovers(self) -> str:
        ours = ["--filter", f"label=com.docker.compose.project={self.name}", "--quiet"]
        return "".join(run(["docker", *kind, *ours]) for kind in (["ps", "--all"], ["volume", "ls"], ["network", "ls"]))


class Student:
    """Somebody with a token, outside of all containers."""

    def __init__(self, url: str, login: str) -> None:
        token = httpx.post(f"{url}/tokens", json={"login": login, "password": PASSWORD}).raise_for_status().json()["token"]
        self.http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def submit(self, source: bytes) -> int:
        files = {"files": ("solution.py", source)}
        return self.http.post("/courses/dl-2026/assignments/mlp/submissions", files=files).raise_for_status().json()["id"]

    def look(self, submission: int) -> dict[str, Any]:
        return self.http.get(f"/submissions/{submission}").raise_for_status().json()

    def wait_for_score(self, submission: int, seconds: float = 120) -> dict[str, Any]:
        wait_until(lambda: self.look(submission)["progress"]["final"], seconds)
        return self.look(submission)


def run(command: list[str], *, environment: dict[str, str] | None = None, said: str = "") -> str:
    done = subprocess.run(command, env=environment, input=said, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def inspect(container: str) -> dict[str, Any]:
    return json.loads(run(["docker", "inspect", container]))[0]


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.25)


def find_compose() -> list[str] | None:
    """The engine's plugin, or the program of its own."""
    if shutil.which("docker") is None:
        return None
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def missing() -> str:
    """What this machine lacks for these tests, in words; empty if nothing."""
    if find_compose() is None:
        return "docker and docker-compose"
    absent = [name for name in NEEDED if subprocess.run(["docker", "image", "inspect", name], capture_output=True).returncode]
    return f"the images {', '.join(absent)}: .ci/stand-ins, make images" if absent else ""


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Up and healthy, with a course and a student; afterwards nothing of it is left."""
    if lacks := missing():
        pytest.fail(f"these tests need {lacks}")
    platform = Platform(find_compose())
    try:
        platform.up()
        furnish(platform)
        yield platform
    finally:
        platform.down()
    assert not platform.leftovers()


def furnish(platform: Platform) -> None:
    platform.inside("web", "gradus", "admin", "create-user", "ada", "--password-file", "/dev/stdin", said=PASSWORD)
    platform.inside("web", "gradus", "admin", "create-course", "dl-2026", "--title-en", "Deep Learning", "--title-zh", "深度学习")
    platform.inside("web", "gradus", "admin", "enroll", "dl-2026", "ada")
    dates = ["--opens", "2020-01-01", "--due", "2099-01-01"]
    platform.inside("web", "gradus", "admin", "set-assignment", "dl-2026", "mlp", *dates)


@pytest.fixture
def ada(platform: Platform) -> Student:
    return Student(platform.url, "ada")
