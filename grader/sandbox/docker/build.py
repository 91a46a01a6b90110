"""The sandbox image: what goes into it, whether the one at hand is still the right one, and how it is built.

The context holds wheels of exactly the versions that this platform runs, and the runner; nothing else can get in.
"""

import hashlib
import importlib.metadata
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException

import grader.runner
from grader.sandbox import mounts, owner
from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.engine import calling
from grader.sandbox.options import Options

DOCKERFILE = Path(__file__).parents[3] / "sandbox" / "Dockerfile"
PYTHON = "3.11"  # of the base image
BASE = f"python:{PYTHON}-slim"
SOURCE, VERSIONS, BUILT_ON = "gradus.source", "gradus.versions", "gradus.base"  # labels
OF_CUDA = ("nvidia-", "cuda-", "triton")  # what torch's CUDA build requires follows from torch
STEP_S = 1800.0  # the engine may be silent for as long as one step takes
LAST_WORDS = 12  # lines
Progress = Callable[[str], None]


class Variant(StrEnum):
    cpu = "cpu"
    cuda = "cuda"


def tag(variant: Variant, options: Options) -> str:
    return options.image if variant is Variant.cpu else options.cuda_image


def requirements(variant: Variant) -> list[str]:
    """`name==version` of torch, numpy, arro3 and what they need, as installed here; torch in the build of this variant."""
    versions = {name: importlib.metadata.version(name) for name in mounts.closure()}
    public, _, local = versions.pop("torch").partition("+")
    if variant is Variant.cpu:
        torch = f"torch=={public}+cpu"
    else:  # three signs: the same public version would match the CPU build as well
        torch = f"torch==={public}" if local in ("", "cpu") else f"torch=={public}+{local}"
    others = (f"{name}=={version}" for name, version in versions.items() if not name.startswith(OF_CUDA))
    return [torch, *sorted(others)]


def source(variant: Variant) -> str:
    """A digest of everything that decides what is in the image, except the base."""
    digest = hashlib.sha256(variant.encode())
    for path in (DOCKERFILE, *runner_files()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update("\n".join(requirements(variant)).encode())
    return digest.hexdigest()


def runner_files() -> list[Path]:
    return sorted(Path(grader.runner.__file__).parent.rglob("*.py"))


def is_current(api: docker.APIClient, variant: Variant, name: str) -> bool:
    """Whether the image of this name is what would be built now."""
    labels = inspect(api, name).get("Config", {}).get("Labels") or {}
    return labels.get(SOURCE) == source(variant) and labels.get(BUILT_ON) == inspect(api, BASE).get("Id", labels.get(BUILT_ON))


def inspect(api: docker.APIClient, name: str) -> dict[str, Any]:
    """What the engine knows of an image; empty if it is not there."""
    try:
        return api.inspect_image(name)
    except ImageNotFound:
        return {}


def build(api: docker.APIClient, variant: Variant, name: str, *, wheels: Path | None, progress: Progress) -> None:
    """Gather the wheels, lay out the context, have the engine build. Raises GraderFailure with what to do."""
    base = find_base(api, progress)
    with owner.temporary_folder("image") as folder:
        context = folder / "context"
        progress(f"gathering wheels: {requirements(variant)[0]} and what it needs")
        gather(variant, context / "wheels", wheels)
        lay_out(context)
        arguments = {"SOURCE": source(variant), "BASE": base, "VERSIONS": " ".join(requirements(variant))}
        progress("sending them to the engine")
        with calling("build the image"):
            options = {"tag": name, "buildargs": arguments, "rm": True, "forcerm": True, "timeout": STEP_S}
            follow(api.build(path=str(context), decode=True, **options), progress)


def find_base(api: docker.APIClient, progress: Progress) -> str:
    """The id of the base image, pulled if need be."""
    if not (base := inspect(api, BASE)):
        progress(f"pulling {BASE}")
        try:
            api.pull(*BASE.split(":"))
        except (DockerException, RequestException) as error:
            hint = f"docker pull {BASE}, or run .ci/base-image where no registry can be reached"
            raise GraderFailure(f"the base image {BASE} is not here: {hint} ({error})") from error
        base = inspect(api, BASE)
    return base["Id"]


def lay_out(context: Path) -> None:
    """The Dockerfile and the runner, file by file: an allow-list, so that nothing rides along."""
    context.mkdir(exist_ok=True)
    shutil.copyfile(DOCKERFILE, context / "Dockerfile")
    home = Path(grader.runner.__file__).parent
    for path in runner_files():
        target = context / "runner" / path.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def gather(variant: Variant, target: Path, wheels: Path | None) -> None:
    """Wheels from a folder, or from wherever pip is configured to look on this machine."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    command += ["--python-version", PYTHON, "--dest", str(target)]
    command += ["--no-index", "--find-links", str(wheels)] if wheels else []
    done = subprocess.run([*command, *requirements(variant)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["pip gave no reason"]
        hint = "give a folder of wheels with --wheels, or tell pip where to look (pip config set global.find-links …)"
        raise GraderFailure(f"pip found not everything that the image needs: {last[0]}; {hint}")


def follow(messages: Iterable[dict[str, Any]], progress: Progress) -> None:
    """Show the engine's steps; where one fails, what it said last is the reason."""
    said: deque[str] = deque(maxlen=LAST_WORDS)
    for message in messages:
        text = message.get("stream", "").strip()
        if "error" in message:
            raise GraderFailure(f"the image could not be built: {message['error'].strip()[:500]}\n" + "\n".join(said))
        if text.startswith("Step "):
            progress(text.splitlines()[0])
        elif text:
            said.append(text)
