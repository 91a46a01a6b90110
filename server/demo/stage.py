"""Sets the stage: a data folder of its own, the course, a password, and a token for everybody."""

import json
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from server.cli.client import Client
from server.cli.exits import Problem
from server.demo import cast

if TYPE_CHECKING:
    from server.cli.platform import Platform
    from server.settings import Settings

TOKENS, PASSWORD = "tokens.json", "password"


def demo_settings() -> "Settings":
    """Embedded engines and a folder of its own: the demo never touches the platform that is configured."""
    from server.settings import get_settings

    settings = get_settings()
    return settings.model_copy(
        update={"data": settings.data / "demo", "database_url": None, "redis_url": None, "blobs_url": None}
    )


def forget(settings: "Settings") -> None:
    """Remove all that earlier demos left, unless one is running."""
    from server.cli.platform import alone_in
    from server.unprivileged import choose_account, choose_home

    with alone_in(settings.data):
        for folder in (choose_home(settings.data, choose_account()), settings.data):
            shutil.rmtree(folder, ignore_errors=True)


def set_stage(platform: "Platform") -> tuple[str, dict[str, str]]:
    """The password of everybody in the demo, and a token for each student and the instructor."""
    import server.models  # noqa: F401  (every table is known before the first query)
    from server.database import connect, session_factory
    from server.demo.seed import seed

    settings = platform.settings
    password = remember(settings.data / PASSWORD, new_password)
    connect(settings.database_url)
    with session_factory.begin() as session:
        seed(session, password=password, root=settings.assignments)
    return password, tokens_of_everybody(platform, password)


def new_password() -> str:
    """Random, because there is no default secret; short, because people type it."""
    return secrets.token_hex(5)


def remember(path: Path, make: Callable[[], str]) -> str:
    """What is in the file; made and kept there the first time."""
    from server.unprivileged import write_private

    if not path.exists():
        write_private(path, make())
    return path.read_text(encoding="utf-8")


def tokens_of_everybody(platform: "Platform", password: str) -> dict[str, str]:
    """Signing in takes its time on purpose, so the tokens are kept for the next run."""
    from server.unprivileged import write_private

    path = platform.settings.data / TOKENS
    tokens = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if not tokens or not is_known(platform.url, tokens[cast.INSTRUCTOR]):
        tokens = {login: sign_in(platform.url, login, password) for login in cast.HANDS_ON}
        write_private(path, json.dumps(tokens))
    return tokens


def is_known(url: str, token: str) -> bool:
    with Client(url, token) as client:
        try:
            client.get("/me")
        except Problem:
            return False
    return True


def sign_in(url: str, login: str, password: str) -> str:
    with Client(url) as client:
        return client.post("/tokens", json={"login": login, "password": password, "name": "demo"})["token"]
