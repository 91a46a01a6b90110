"""All that can be asked without a server: the machine, the engine, the inside of a box, and one attack."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.preflight import Finding, Level, inside, machine
from grader.preflight.attack import canary
from grader.sandbox.base import GraderFailure, Sandbox
from grader.sandbox.options import Options

if TYPE_CHECKING:
    import docker

FIX = "gradus doctor says what is missing; for bubblewrap allow user namespaces, for Docker: gradus sandbox check"


def walls(sandbox: Sandbox, *, folders: Sequence[Path], secrets: Sequence[str] = ()) -> Iterator[Finding]:
    """One after the other; without a box, nothing more is asked. `secrets`: paths that nobody inside may see."""
    yield from machine.findings(machine.read_machine(*folders), sandbox.name)
    if sandbox.name == "docker":
        yield from engine(Options())
    yield from inside_walls(sandbox, secrets)


def inside_walls(sandbox: Sandbox, secrets: Sequence[str] = ()) -> Iterator[Finding]:
    """What only a box of this kind can answer."""
    try:
        sandbox.warm()
        seen = inside.look_inside(sandbox, secrets)
    except GraderFailure as failure:
        yield Finding("sandbox", Level.unsafe, last_line(failure), FIX)
        return
    yield Finding("sandbox", Level.ok, f"{sandbox.name} ({sandbox.isolation}) opened a box that answers")
    yield from inside.findings(seen)
    yield canary(sandbox)


def engine(options: Options) -> Iterator[Finding]:
    """Where a service stands before the engine, it asks, and tells what its look came to."""
    from grader.sandbox.docker import check
    from grader.sandbox.docker.engine import find_local

    if options.engine is not None:
        yield told_by_service(options.engine)
        return
    if (local := find_local(options)) is None:
        return
    try:
        api = local.api()
        yield from check.versions(api)
        yield from check.machine(api)
        yield from map(as_warning, check.images(api, options))
        yield from disk_of(api)
    except GraderFailure as failure:
        yield Finding("engine", Level.unsafe, last_line(failure), FIX)


def told_by_service(path: Path) -> Finding:
    """What was seen there, and what to do, is in the service's log."""
    from grader.sandbox.docker.remote import RemoteEngine

    try:
        outcome = RemoteEngine(path).safety()
    except GraderFailure as failure:
        return Finding("engine", Level.unsafe, last_line(failure), FIX)
    if outcome is None:
        return Finding("engine", Level.warn, "the service is still looking at it", "ask again in a minute")
    names = ", ".join(outcome.names)
    is_only_stale = outcome.level is Level.unsafe and set(outcome.names) == {"image"}
    level = Level.warn if is_only_stale else outcome.level
    seen = f"asked by the service: {outcome.level}" + (f" ({names})" if names else "")
    return Finding("engine", level, seen, "" if level is Level.ok else "see the log of gradus sandbox serve (the runner)")


def disk_of(api: "docker.APIClient") -> Iterator[Finding]:
    """Where the engine keeps its images and containers, if this process can see that place."""
    from grader.sandbox.docker.engine import calling

    with calling("describe itself"):
        root = Path(api.info().get("DockerRootDir") or "/")
    if root.is_dir():
        yield machine.space(machine.read_machine(root), str(root), "docker system prune, or another data-root")


def as_warning(image: Finding) -> Finding:
    """A stale image is no reason to stop: what it does is asked of it next, and a missing one opens no box."""
    return replace(image, level=Level.warn) if image.level is Level.unsafe else image


def last_line(failure: GraderFailure) -> str:
    return (str(failure).strip() or "no reason was given").splitlines()[-1]
