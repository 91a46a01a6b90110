"""What goes into the image, when it is stale, and what an operator is told where it cannot be built."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

import grader.runner
from grader.sandbox.base import GraderFailure
from grader.sandbox.docker import build
from grader.sandbox.docker.build import BASE, Variant, find_base, follow, gather, is_current, lay_out, requirements, source
from grader.sandbox.docker.build import build as build_image
from grader.sandbox.docker.engine import LocalEngine, collect
from grader.sandbox.docker.template import Order


def test_the_versions_are_those_that_run_here() -> None:
    torch, *others = requirements(Variant.cpu)
    assert torch == f"torch=={version('torch').partition('+')[0]}+cpu"
    assert f"numpy=={version('numpy')}" in others


def test_the_cuda_build_of_a_platform_without_one_has_the_same_public_version(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"torch": "2.13.0+cpu", "numpy": "2.4.6"}
    monkeypatch.setattr(build.mounts, "closure", lambda: versions)
    monkeypatch.setattr(build.importlib.metadata, "version", versions.get)
    assert requirements(Variant.cuda) == ["torch===2.13.0", "numpy==2.4.6"]
    versions["torch"] = "2.13.0+cu130"
    assert requirements(Variant.cuda) == ["torch==2.13.0+cu130", "numpy==2.4.6"]


def test_the_context_is_the_dockerfile_and_the_runner_and_nothing_else(tmp_path: Path) -> None:
    lay_out(tmp_path)
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    runner = Path(grader.runner.__file__).parent
    assert found == {"Dockerfile"} | {f"runner/{path.relative_to(runner)}" for path in runner.rglob("*.py")}


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runner of one file, in place of ours."""
    (tmp_path / "runner").mkdir()
    (tmp_path / "runner" / "__init__.py").write_text("")
    (tmp_path / "runner" / "keeper.py").write_text("x = 1\n")
    monkeypatch.setattr(grader.runner, "__file__", str(tmp_path / "runner" / "__init__.py"))
    return tmp_path / "runner"


class Images:
    """An engine that knows these images."""

    def __init__(self, **images: dict[str, Any]) -> None:
        self.images = images
        self.pulled: list[str] = []

    def inspect_image(self, name: str) -> dict[str, Any]:
        if name not in self.images:
            raise ImageNotFound("no such image")
        return self.images[name]

    def pull(self, repository: str, tag: str) -> None:
        self.pulled.append(f"{repository}:{tag}")
        raise APIError("no such host")


def labelled(**labels: str) -> dict[str, Any]:
    return {"Id": "sha256:1", "Config": {"Labels": labels}}


def test_an_image_is_stale_as_soon_as_a_file_of_the_runner_changes(runner: Path) -> None:
    labels = {"gradus.source": source(Variant.cpu), "gradus.base": "sha256:b"}
    engine = Images(**{"sandbox": labelled(**labels), BASE: {"Id": "sha256:b"}})
    assert is_current(engine, Variant.cpu, "sandbox")
    assert not is_current(engine, Variant.cuda, "sandbox")
    (runner / "keeper.py").write_text("x = 2\n")
    assert not is_current(engine, Variant.cpu, "sandbox")


def test_an_image_is_stale_when_its_base_was_renewed_and_not_when_the_base_is_gone(runner: Path) -> None:
    labels = {"gradus.source": source(Variant.cpu), "gradus.base": "sha256:b"}
    assert not is_current(Images(**{"sandbox": labelled(**labels), BASE: {"Id": "sha256:new"}}), Variant.cpu, "sandbox")
    assert is_current(Images(sandbox=labelled(**labels)), Variant.cpu, "sandbox")


def test_an_image_that_is_not_there_or_not_ours_is_not_current() -> None:
    engine = Images(other={"Id": "sha256:1", "Config": {"Labels": None}})
    assert not is_current(engine, Variant.cpu, "nothing")
    assert not is_current(engine, Variant.cpu, "other")


def test_without_its_base_the_operator_is_told_both_ways_to_get_it() -> None:
    engine = Images()
    with pytest.raises(GraderFailure, match=r"docker pull python:3.11-slim, or run \.ci/base-image"):
        build_image(engine, Variant.cpu, "x", wheels=None, progress=lambda step: None)
    assert engine.pulled == [BASE]
    assert find_base(Images(**{BASE: {"Id": "sha256:b"}}), lambda step: None) == "sha256:b"


def test_wheels_that_are_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    with pytest.raises(GraderFailure, match="--wheels"):
        gather(Variant.cpu, tmp_path / "target", tmp_path / "wheels")


def messages(*texts: str, error: str | None = None) -> Iterator[dict[str, Any]]:
    yield from ({"stream": text} for text in texts)
    if error:
        yield {"error": error}


def test_steps_are_shown_and_a_failure_repeats_what_was_said_last() -> None:
    steps: list[str] = []
    follow(messages("Step 1/2 : FROM base\n", "\n", "pip says\n"), steps.append)
    assert steps == ["Step 1/2 : FROM base"]
    with pytest.raises(GraderFailure, match=r"(?s)returned a non-zero code.*no space left"):
        follow(messages("no space left\n", error="returned a non-zero code"), steps.append)


LOOK = """
import json, os, sys
folders = [(folder, names) for folder, _, names in os.walk('/') if not folder.startswith(('/proc', '/sys'))]
paths = [os.path.join(folder, name) for folder, names in folders for name in names]
print(json.dumps({
    'top': sorted(os.listdir('/')),
    'site': sorted(os.listdir('/site')),
    'ours': sorted(os.listdir('/site/grader')),
    'programs': sorted(os.listdir('/usr/bin') + os.listdir('/usr/local/bin')),
    'rubbish': [path for path in paths if '/.git/' in path or 'assignments' in path or path.endswith(('.whl', '/checks.py'))],
    'compiled': os.path.exists(f'/site/torch/__pycache__/__init__.{sys.implementation.cache_tag}.pyc'),
}))
"""


@pytest.mark.docker
def test_the_image_holds_python_torch_and_our_runner_and_no_program_besides(engine: LocalEngine, order: Order) -> None:
    line = engine.start_instead(order, ["-c", LOOK])
    seen = json.loads(collect(line.socket, seconds=60).out)
    line.close()
    assert set(seen["top"]) <= {".dockerenv", "dev", "etc", "lib", "lib64", "proc", "site", "sys", "tmp", "usr"}
    assert seen["ours"] == ["runner"]
    assert set(seen["programs"]) <= {"python", "python3.11"}
    assert {"torch", "numpy"} <= set(seen["site"])
    assert seen["rubbish"] == []
    assert seen["compiled"]
