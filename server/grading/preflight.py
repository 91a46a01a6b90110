"""Before a worker grades, and every hour: would it be safe? What was seen last is kept in Redis for /metrics, as a hint."""

import json
import logging
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import redis
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from grader.preflight import Finding, Level, finding, in_a_line
from grader.sandbox.base import GraderFailure, Isolation, Sandbox
from server.database import use_psycopg
from server.grading.warming import isolations
from server.settings import REPOSITORY, Settings

log = logging.getLogger(__name__)

KEY = "gradus:preflight:"
KEPT_S = 3 * 3600
SECRET_CHARACTERS = 32
FAMILIAR = ("secret", "changeme", "change-me", "password", "gradus", "default", "example")
OFFSET_S = 1.0


def preflight(settings: Settings, sandbox_for: Callable[[Isolation], Sandbox]) -> Iterator[Finding]:
    """Everything that a worker can ask, in each kind of sandbox that it keeps warm. A kind without a box stops early."""
    from grader.preflight.walls import inside_walls, walls  # brings torch

    yield secret(settings)
    yield clock(settings)
    hidden = [str(settings.data / "secret"), str(settings.assignments), str(REPOSITORY / "server")]
    first, *others = isolations(settings)
    yield from walls(sandbox_for(first), folders=[settings.data], secrets=hidden)
    for isolation in others:
        yield from inside_walls(sandbox_for(isolation), secrets=hidden)


def preflight_of_machine(settings: Settings) -> Iterator[Finding]:
    """The same in sandboxes of its own, for a process that has none."""
    from grader.sandbox import open_sandbox

    with ExitStack() as stack:

        def sandbox_for(isolation: Isolation) -> Sandbox:
            return stack.enter_context(closing(open_sandbox(settings.sandbox, isolation)))

        try:
            yield from preflight(settings, sandbox_for)
        except GraderFailure as failure:
            yield Finding("sandbox", Level.unsafe, str(failure).strip().splitlines()[-1], "choose another: GRADUS_SANDBOX=auto")


def unsafe(findings: Sequence[Finding]) -> list[Finding]:
    return [each for each in findings if each.level is Level.unsafe]


def secret(settings: Settings) -> Finding:
    """Whoever guesses it signs in as anybody, and knows the hidden inputs."""
    fix = f"set GRADUS_SECRET to {SECRET_CHARACTERS} or more random characters: openssl rand -hex 32"
    if settings.secret is None:
        return secret_file(settings.data / "secret", fix)
    value = settings.secret.get_secret_value()
    if len(value) < SECRET_CHARACTERS:
        return Finding("secret", Level.unsafe, f"GRADUS_SECRET has only {len(value)} characters", fix)
    repeated = len(set(value)) < SECRET_CHARACTERS // 4 or any(value.lower().startswith(word) for word in FAMILIAR)
    return finding("secret", not repeated, "GRADUS_SECRET can be guessed" if repeated else "set by GRADUS_SECRET", fix)


def secret_file(path: Path, fix: str) -> Finding:
    if not path.exists():
        return Finding("secret", Level.ok, "is made at the first start")
    mode = stat.S_IMODE(path.stat().st_mode)
    seen = f"{path}, mode {mode:o}"
    return finding("secret", not mode & 0o077, seen, f"chmod 600 {path}; if others may have read it, {fix}")


def clock(settings: Settings) -> Finding:
    """Every deadline goes by PostgreSQL's clock; a worker that is off stamps its containers and logs wrongly."""
    if settings.database_url is None:
        return Finding("clock", Level.ok, "PostgreSQL is embedded and has this machine's")
    try:
        offset_s = clock_offset(settings.database_url)
    except SQLAlchemyError as error:
        why = str(error).strip().splitlines()[0]
        return Finding("clock", Level.warn, f"PostgreSQL does not answer: {why}", "see whether it runs at GRADUS_DATABASE_URL")
    seen = f"{offset_s * 1000:+.0f} ms from PostgreSQL's"
    return finding(
        "clock", abs(offset_s) < OFFSET_S, seen, "synchronise both clocks: timedatectl set-ntp true", otherwise=Level.warn
    )


def clock_offset(url: str) -> float:
    """Seconds by which PostgreSQL is ahead, to within half the time of a question."""
    with create_engine(use_psycopg(url), poolclass=NullPool).connect() as connection:
        asked = time.time()
        theirs = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
        return float(theirs) - (asked + time.time()) / 2


def tell(findings: Sequence[Finding], client: redis.Redis) -> bool:
    """Log what is not ok and keep the outcome; True if grading is safe."""
    wrong = unsafe(findings)
    for each in findings:
        if not each.ok:
            log.log(logging.ERROR if each.level is Level.unsafe else logging.WARNING, "%s", in_a_line(each))
    outcome = {"ok": not wrong, "unsafe": [each.name for each in wrong], "at": time.time()}
    try:
        client.set(KEY + socket.gethostname(), json.dumps(outcome), ex=KEPT_S)
    except redis.RedisError as error:
        log.warning("The outcome of the preflight is not kept: %s", error)
    return not wrong


def has_found_safe(client: redis.Redis, *, since: float) -> bool:
    """Whether a worker of this host has told, after that moment, that it may grade."""
    try:
        told = client.get(KEY + socket.gethostname())
    except redis.RedisError:
        return False
    outcome = json.loads(told) if told else {"at": 0.0, "ok": False}
    return outcome["at"] >= since and outcome["ok"]


def outcomes(client: redis.Redis) -> dict[str, bool]:
    """The last outcome of each host; nothing where Redis is away."""
    try:
        keys = sorted(client.scan_iter(f"{KEY}*"))
        told = {key.decode().removeprefix(KEY): client.get(key) for key in keys}
    except redis.RedisError:
        return {}
    return {host: json.loads(outcome)["ok"] is True for host, outcome in told.items() if outcome}


def refusal(findings: Sequence[Finding]) -> str:
    """The last words of a worker that will not grade."""
    lines = [in_a_line(each) for each in unsafe(findings)]
    return "\n".join([*lines, f"This worker (process {os.getpid()}) does not grade: it would be unsafe. See gradus doctor."])
