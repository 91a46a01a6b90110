"""`gradus doctor`: whether this machine can run Gradus, one line a question, and what to do where it cannot."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.table import Table

from grader.preflight import Finding, Level, asked_all, finding
from server.cli.exits import ExitCode
from server.cli.terminal import AsJson, answers, print_json, remarks

if TYPE_CHECKING:
    from server.settings import Settings

LOOKS = {Level.ok: "[pass]✓[/] ok", Level.warn: "[wait]![/] warn", Level.unsafe: "[fail]✗[/] unsafe"}


def doctor(as_json: AsJson = False) -> None:
    """Check this machine, and try one attack on it. Exit code 1 if grading here would be unsafe."""
    from server.settings import get_settings

    with remarks().status("looking"):
        findings = [finding for question in QUESTIONS for finding in ask(question, get_settings())]
    safe = all(finding.level is not Level.unsafe for finding in findings)
    if as_json:
        print_json({"safe": safe, "findings": [vars(finding) for finding in findings]})
    else:
        answers().print(table(findings))
    raise typer.Exit(ExitCode.done if safe else ExitCode.ungradable)


def ask(question: "Callable[[Settings], Finding | Iterator[Finding]]", settings: "Settings") -> list[Finding]:
    """One question, or several that need the same box."""

    def answers_to() -> Iterator[Finding]:
        found = question(settings)
        yield from [found] if isinstance(found, Finding) else found

    return asked_all(answers_to, question.__name__.replace("_", " "))


def table(findings: list[Finding]) -> Table:
    """A line for each question, with what to do where it is not ok."""
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for heading in ("", "what", "seen", "remedy"):
        table.add_column(heading, overflow="fold")
    for found in findings:
        table.add_row(LOOKS[found.level], found.name, f"[quiet]{escape(found.seen)}[/]", escape(found.fix))
    return table


def python(settings: "Settings") -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return finding("python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")


def packages(settings: "Settings") -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Finding("packages", Level.ok, f"torch {version('torch')}, celery {version('celery')}")
    except PackageNotFoundError as missing:
        return Finding("packages", Level.unsafe, f"{missing.name} is missing", "install them: make setup")


def walls(settings: "Settings") -> Iterator[Finding]:
    """Opens a real box, because what a kernel forbids shows only then."""
    from server.grading.preflight import preflight_of_machine

    yield from preflight_of_machine(settings)


def engines(settings: "Settings") -> Finding:
    """The configured ones; embedded ones start in a folder that is removed afterwards, so that no data is touched."""
    from redis import RedisError
    from sqlalchemy.exc import SQLAlchemyError

    from grader.sandbox.owner import temporary_folder
    from server.engines import EngineFailure

    started = time.monotonic()
    kind = "embedded" if settings.database_url is None else "configured"
    try:
        with temporary_folder("doctor") as folder:
            folder.chmod(0o711)  # PostgreSQL's account has to get in where we are root
            ask_engines(settings.model_copy(update={"data": folder}))
    except EngineFailure as error:
        return Finding("engines", Level.unsafe, str(error), "read that log; gradus up needs both engines")
    except (RedisError, SQLAlchemyError) as error:
        return Finding("engines", Level.unsafe, str(error), "check GRADUS_DATABASE_URL and GRADUS_REDIS_URL")
    return Finding("engines", Level.ok, f"PostgreSQL and Valkey, {kind}, in {time.monotonic() - started:.1f} s")


def ask_engines(settings: "Settings") -> None:
    """One question to each."""
    import redis
    from sqlalchemy import create_engine, text

    from server.database import use_psycopg
    from server.engines import embedded

    with embedded(settings) as running, redis.Redis.from_url(running.redis_url, socket_timeout=3) as client:
        client.ping()
        engine = create_engine(use_psycopg(running.database_url))
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        engine.dispose()


def gpus(settings: "Settings") -> Finding:
    """Having none is no fault of a machine; having one that was taken out of service is something to look at."""
    from grader.sandbox.gpu import Nvidia, find

    found = find(settings.devices, Nvidia())
    names = [f"{device.name} ({device.uuid}, {device.memory_bytes / (1 << 30):.0f} GiB)" for device in found.devices]
    seen = "; ".join([*(names or ["none"]), *filter(None, [found.remark])])
    out_of_service = quarantined(settings, {device.uuid for device in found.devices})
    fix = "look at nvidia-smi and the kernel's log; when a GPU is repaired: gradus admin devices --release UUID"
    return finding("gpus", not out_of_service, "; ".join([seen, *out_of_service]), fix, otherwise=Level.warn)


def quarantined(settings: "Settings", uuids: set[str]) -> list[str]:
    """What the database says of this machine's devices. Embedded engines are not started for that."""
    if settings.database_url is None or not uuids:
        return []
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.orm import Session

    import server.models  # noqa: F401  (every table is known before the first query)
    from server.database import use_psycopg
    from server.grading.devices import list_devices

    with Session(create_engine(use_psycopg(settings.database_url), poolclass=NullPool)) as session:
        return [f"{each.uuid} is quarantined: {each.why}" for each in list_devices(session) if each.why and each.uuid in uuids]


def port(settings: "Settings") -> Finding:
    from server.cli.platform import DEFAULT_PORT, is_free

    free = is_free(DEFAULT_PORT)
    return Finding("port", Level.ok, f"{DEFAULT_PORT} is free" if free else f"{DEFAULT_PORT} is taken; gradus up takes another")


def assignments(settings: "Settings") -> Finding:
    from grader.spec import BrokenAssignment, assignment_folders, load_manifest

    try:
        names = [load_manifest(folder).id for folder in assignment_folders(settings.assignments)]
    except BrokenAssignment as error:
        return Finding("assignments", Level.warn, str(error), "repair that file; gradus verify checks all of it")
    seen = ", ".join(names) or f"none in {settings.assignments}"
    return finding("assignments", bool(names), seen, "set GRADUS_ASSIGNMENTS", otherwise=Level.warn)


def sign_in_service(settings: "Settings") -> Iterator[Finding]:
    """The OpenID provider, where one is configured: whether it answers, as whom, and with keys that we can read."""
    if not settings.oidc_issuer:
        return
    from server.identities.provider import REACH, open_provider
    from server.identities.tokens import Keyring
    from server.wire import NotReached

    provider = open_provider(settings)
    if provider is None:
        yield Finding("sign-in service", Level.warn, "GRADUS_OIDC_CLIENT_ID is not set", "set it, or unset GRADUS_OIDC_ISSUER")
        return
    fix = "check GRADUS_OIDC_ISSUER; it is spelled as the provider spells its own issuer"
    try:
        keys = Keyring(provider.read_metadata()["jwks_uri"], reach=REACH).kept.get()
    except NotReached as error:
        yield Finding("sign-in service", Level.warn, f"{settings.oidc_issuer}: {error}", fix)
        return
    seen = f"{settings.oidc_issuer} answers, {len(keys)} keys"
    yield finding("sign-in service", bool(keys), seen, "ask its operator: it publishes no key", otherwise=Level.warn)


QUESTIONS = (python, packages, port, assignments, gpus, engines, sign_in_service, walls)
