import json
import stat
from collections.abc import Callable

import pytest
from typer.testing import Result

from server.accounts.models import User
from server.cli.credentials import credentials_file, load_credentials
from server.cli.exits import Problem
from server.cli.login import tidy_address

PASSWORD = "correct horse battery"
Run = Callable[..., Result]


def test_login_stores_a_token_that_only_its_owner_can_read(gradus: Run, live_url: str, student: User) -> None:
    result = gradus("login", f"{live_url}/courses", input=f"ada\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert "Ada (ada)" in result.stdout
    assert stat.S_IMODE(credentials_file().stat().st_mode) == 0o600
    stored = json.loads(credentials_file().read_text())
    assert stored["url"] == live_url and stored["token"].startswith("gradus_")
    assert PASSWORD not in credentials_file().read_text() + result.output


def test_a_wrong_password_is_refused_in_words(gradus: Run, live_url: str, student: User) -> None:
    result = gradus("login", live_url, input="ada\nwrong password\n")
    assert result.exit_code == 4
    assert "do not go together" in result.stderr
    assert "next: type them again" in result.stderr
    assert not credentials_file().exists()


def test_a_token_that_the_server_does_not_know_is_not_stored(gradus: Run, live_url: str) -> None:
    result = gradus("login", live_url, "--token", "gradus_made_up")
    assert result.exit_code == 4
    assert f"{live_url} does not know this token." in result.stderr
    assert f"make a new one at {live_url}/tokens" in result.stderr
    assert not credentials_file().exists()


def test_no_server_is_said_without_a_traceback(gradus: Run) -> None:
    result = gradus("login", "http://127.0.0.1:9", "--token", "x")
    assert result.exit_code == 3
    assert "No server answers" in result.stderr and "next:" in result.stderr
    assert "Traceback" not in result.output


def test_commands_before_login_say_how_to_sign_in(gradus: Run) -> None:
    result = gradus("status")
    assert result.exit_code == 4
    assert "gradus login" in result.stderr


def test_a_damaged_file_asks_to_sign_in_again() -> None:
    credentials_file().parent.mkdir(parents=True)
    credentials_file().write_text("{")
    with pytest.raises(Problem, match="cannot be read"):
        load_credentials()


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://gradus.example.edu/courses/dl-2026?tab=1", "https://gradus.example.edu"),
        ("gradus.example.edu", "https://gradus.example.edu"),
    ],
)
def test_an_address_may_be_copied_from_the_browser(typed: str, address: str) -> None:
    assert tidy_address(typed) == address


def test_what_is_no_address_is_a_usage_error(gradus: Run) -> None:
    assert gradus("login", "ftp://somewhere").exit_code == 2
