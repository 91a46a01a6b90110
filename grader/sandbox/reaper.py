"""Clean-up that needs nobody to remember it: containers and folders whose time is over or whose owner is dead.

Idempotent, and safe while others reap too. What does not say that it is ours is never touched.
"""

import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import owner
from grader.sandbox.docker.engine import Found, LocalEngine

GRACE_S = 60.0  # a container made so long ago that has not been started never will be
MAX_OWNER = 256  # bytes


@dataclass(frozen=True)
class Reaped:
    """What was removed, and why."""

    containers: dict[str, str]
    folders: list[Path]

    def __bool__(self) -> bool:
        return bool(self.containers or self.folders)


def reap(engine: LocalEngine | None, *, folder: Path | None = None, now: float | None = None) -> Reaped:
    """Look once. engine None: there is none here. Raises GraderFailure if it does not answer; the folders are done by then."""
    places = owner.places() if folder is None else [folder]
    folders = [found for place in places for found in orphaned_folders(place) if remove(found)]
    now = time.time() if now is None else now
    doomed = {found.id: why for found in (engine.containers() if engine else []) if (why := reason(found, now))}
    return Reaped({number: why for number, why in doomed.items() if engine and engine.remove(number)}, folders)


def reason(found: Found, now: float) -> str | None:
    """Why this container has to go, if it has to."""
    if found.state == "removing":
        return None
    if now >= found.deadline:
        return "past its deadline"
    if owner.is_gone(found.owner):
        return "its owner is gone"
    if found.state == "created" and now - found.created > GRACE_S:
        return "never started"
    return "ended, and was left" if found.state in ("exited", "dead") else None


def orphaned_folders(place: Path) -> Iterator[Path]:
    """Folders made by `owner.temporary_folder` whose process is gone; those of other accounts are theirs to clean."""
    for path in place.glob(f"{owner.PREFIX}*"):
        with suppress(OSError):
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and owner.is_gone(read_owner(path)):
                yield path


def read_owner(folder: Path) -> str:
    """Raises OSError where there is no such note, or something else lies in its place."""
    descriptor = os.open(folder / owner.NOTE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return os.read(descriptor, MAX_OWNER).decode("ascii", "replace")
    finally:
        os.close(descriptor)


def remove(folder: Path) -> bool:
    """False if another reaper was faster, or something in it cannot be removed."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
