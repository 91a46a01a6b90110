"""The real app behind a real port, and the commands run against it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from server.accounts import service as accounts
from server.accounts.models import User
from server.app import create_app
from server.cli import app
from server.cli.credentials import Credentials, store_credentials
from server.settings import Settings


@pytest.fixture
def live_url(tables: None, settings: Settings) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's real token is read or overwritten, and files are made in an empty folder."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return work


@pytest.fixture
def gradus() -> Callable[..., Result]:
    """Run one command line."""
    runner = CliRunner()

    def run(*words: str, input: str | None = None) -> Result:
        return runner.invoke(app, list(words), input=input, env={"COLUMNS": "140"})

    return run


@pytest.fixture
def sign_in(live_url: str, session: Session) -> Callable[[User], None]:
    def sign_in(user: User) -> None:
        _, token = accounts.create_api_token(session, user=user, name="test")
        session.commit()
        store_credentials(Credentials(url=live_url, token=token, login=user.login))

    return sign_in
