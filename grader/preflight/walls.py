"""All that can be asked without a server: the machine, the engine, the inside of a box, and one attack."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.preflight import Finding, Level, inside, machine
from grader.preflight.attack import canary
from grader.sandbox.base import GraderFailure, Sandbox
from grader.sandbox.options import Options

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
    """Where a service stands before the engine, only that service's host can ask: `gradus sandbox check` there."""
    from grader.sandbox.docker import check
    from grader.sandbox.docker.engine import find_local

    if (local := find_local(options)) is None:
        return
    try:
        api = local.api()
        yield from check.versions(api)
        yield from check.machine(api)
        yield from map(as_warning, check.images(api, options))
    except GraderFailure as failure:
        yield Finding("engine", Level.unsafe, last_line(failure), FIX)


def as_warning(image: Finding) -> Finding:
    """A stale image is no reason to stop: what it does is asked of it next, and a missing one opens no box."""
    return replace(image, level=Level.warn) if image.level is Level.unsafe else image


def last_line(failure: GraderFailure) -> str:
    return (str(failure).strip() or "no reason was given").splitlines()[-1]
