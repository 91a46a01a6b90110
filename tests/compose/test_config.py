"""What docker-compose.yml makes of the settings: asked of docker-compose itself, nothing is started."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from grader.sandbox.options import Options
from server.settings import Settings
from tests.compose.conftest import ROOT, find_compose

ADA = "GPU-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
SIZES = {"GRADUS_SANDBOX_MEMORY_BYTES": str(6 << 30), "GRADUS_SANDBOX_TMP_BYTES": str(128 << 20), "GRADUS_SANDBOX_POOL": "1"}
SHOW = "from grader.sandbox.options import Options; print(Options().model_dump_json())"


def services(**settings: str) -> dict[str, Any]:
    """The environment of each service, as it would be created."""
    if (compose := find_compose()) is None:
        pytest.skip("docker-compose is not here")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADUS_")}
    secrets = {"POSTGRES_PASSWORD": "a", "GRADUS_SECRET": "b"}
    command = [*compose, "--project-directory", str(ROOT), "--file", str(ROOT / "docker-compose.yml"), "config"]
    done = subprocess.run(command, env=kept | secrets | settings, capture_output=True, text=True, check=True)
    environment: dict[str, dict[str, str]] = {}
    service, inside = "", False
    for line in done.stdout.splitlines():  # two spaces a level
        depth, text = (len(line) - len(line.lstrip())) // 2, line.strip()
        if depth == 1:
            service = text.rstrip(":")
        inside = text == "environment:" if depth == 2 else inside
        if depth == 3 and inside:
            name, _, value = text.partition(":")
            environment.setdefault(service, {})[name] = value.strip().strip("'\"")
    return environment


def options_in(environment: dict[str, str]) -> dict[str, Any]:
    """As a process in that container reads them; what compose knows as null is not set there."""
    ours = {name: value for name, value in environment.items() if name.startswith("GRADUS_") and value != "null"}
    return json.loads(subprocess.run([sys.executable, "-c", SHOW], env=os.environ | ours, capture_output=True, check=True).stdout)


def test_the_size_of_a_sandbox_is_the_same_for_runner_and_worker() -> None:
    """The worker refuses an assignment that does not fit, the runner makes the container: one place sets both."""
    found = services(**SIZES)
    for name in ("worker", "runner"):
        options = options_in(found[name])
        assert (options["memory_bytes"], options["tmp_bytes"], options["pool"]) == (6 << 30, 128 << 20, 1)
        assert options["processes"] == Options().processes


def test_every_option_of_a_sandbox_can_be_set_in_env() -> None:
    names = {f"GRADUS_SANDBOX_{name.upper()}" for name in Options.model_fields}
    found = services()
    for name in ("worker", "runner"):
        assert names <= set(found[name]) | {"GRADUS_SANDBOX_ENGINE"}, names - set(found[name])


def test_a_gpu_that_the_worker_uses_is_one_that_the_runner_hands_in() -> None:
    found = services(GRADUS_DEVICES=ADA)
    assert found["worker"]["GRADUS_DEVICES"] == ADA
    assert options_in(found["runner"])["devices"] == ADA
    assert found["worker"]["GRADUS_SANDBOX_DEVICES"] == ADA


def test_without_a_word_about_gpus_none_is_used() -> None:
    found = services()
    assert found["worker"]["GRADUS_DEVICES"] == ""
    assert options_in(found["runner"])["devices"] == ""


def test_only_the_messenger_learns_how_e_mail_is_sent() -> None:
    found = services(GRADUS_SMTP_HOST="mail.example.edu", GRADUS_SMTP_FROM="gradus@example.edu", GRADUS_SMTP_PASSWORD="hush")
    assert found["messenger"]["GRADUS_SMTP_PASSWORD"] == "hush"
    assert found["web"]["GRADUS_SMTP_HOST"] == found["messenger"]["GRADUS_SMTP_HOST"] == "mail.example.edu"
    assert not any("hush" in environment.values() for name, environment in found.items() if name != "messenger")
    sending = {name for name in Settings.model_fields if name.startswith(("smtp_", "webhook_"))}
    assert {f"GRADUS_{name.upper()}" for name in sending} <= set(found["messenger"])


def test_a_setting_of_e_mail_that_is_left_out_keeps_its_default() -> None:
    found = services()["messenger"]
    ours = {name: value for name, value in found.items() if name.startswith("GRADUS_") and value != "null"}
    assert not any(name.startswith(("GRADUS_SMTP_", "GRADUS_WEBHOOK_")) for name in ours)
