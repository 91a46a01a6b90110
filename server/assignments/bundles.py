"""What a student pulls: made once for each state of an assignment, because recording the public cases takes seconds."""

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from server.assignments.fingerprint import grading_fingerprint
from server.errors import AppError

MAKE_S = 120
# In a process of its own: it imports torch and runs the reference, and the web app does neither.
PROGRAM = """
import sys
from grader.bundle import build_bundle, zipped
from grader.spec import load_assignment
from grader.variants.binding import bound
assignment = load_assignment(sys.argv[1])
assignment = bound(assignment, sys.argv[2]) if sys.argv[2:] else assignment
sys.stdout.buffer.write(zipped(build_bundle(assignment)))
"""


class BundleUnavailable(AppError):
    status, code = 503, "bundle_unavailable"

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"The files of {slug} cannot be prepared at the moment; this is not your fault. Please tell the course staff.",
            f"暂时无法准备 {slug} 的文件，这不是您的问题，请告知课程教学人员。",
        )


def get_bundle(folder: Path, *, cache: Path, seed: str | None = None) -> bytes:
    """The .zip for the assignment as it is now. seed: of the variant that is in it."""
    name = f"{folder.name}-{grading_fingerprint(folder)[:32]}"
    path = cache / (f"{name}-{sha256(seed.encode()).hexdigest()[:32]}.zip" if seed else f"{name}.zip")
    if not path.exists():
        make_once(path, folder, seed)
    return path.read_bytes()


def make_once(path: Path, folder: Path, seed: str | None) -> None:
    """One maker at a time, over all processes: a class that pulls in the same minute starts torch once, or once for each variant.

    Who waited takes what was made meanwhile, be it a failure.
    """
    asked_at, failure = time.time(), path.with_suffix(".failed")
    with alone(path.with_name(f"{folder.name}.lock")):
        if path.exists():
            return
        if failure.exists() and failure.stat().st_mtime >= asked_at:
            raise BundleUnavailable(folder.name)
        try:
            keep(path, make_bundle(folder, seed))
        except BundleUnavailable:
            failure.touch()
            raise


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """The kernel frees the lock with its holder, however that one ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_bundle(folder: Path, seed: str | None = None) -> bytes:
    command = [sys.executable, "-c", PROGRAM, str(folder), *([seed] if seed else [])]
    try:
        done = subprocess.run(command, capture_output=True, timeout=MAKE_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode(errors="replace")[-2000:]
        raise BundleUnavailable(folder.name) from RuntimeError(f"{error}\n{said}")
    return done.stdout


def keep(path: Path, content: bytes) -> None:
    """It appears under its name only when it is complete."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.replace(draft, path)
