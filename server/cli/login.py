"""`gradus login URL`: sign in once; a personal token is kept for the other commands."""

import platform
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import answers

if TYPE_CHECKING:
    from server.cli.client import Client

Url = Annotated[str, typer.Argument(help="The server's address, such as http://127.0.0.1:8000", metavar="URL")]
Token = Annotated[str | None, typer.Option(help="A token made on the server's page, instead of login and password.")]
Login = Annotated[str | None, typer.Option(help="Your login; asked for if left out.")]


def login(url: Url, token: Token = None, login: Login = None) -> None:
    """Sign in to a server and remember it."""
    from server.cli.client import Client
    from server.cli.credentials import Credentials, store_credentials

    url = tidy_address(url)
    token = token or exchange_password(url, login)
    with Client(url, token) as client:
        person = who_has(client)
    place = store_credentials(Credentials(url=url, token=token, login=person["login"]))
    name = escape(f"{person['display_name']} ({person['login']})")
    answers().print(f"[pass]✓[/] Signed in to {url} as {name}. Token: {place}", soft_wrap=True)


def who_has(client: "Client") -> dict[str, Any]:
    """Whose token it is."""
    try:
        return client.get("/me")
    except Problem as problem:
        if problem.code is not ExitCode.refused:
            raise
        why = "it was revoked, belongs to another server, or is not complete"
        next_step = f"make a new one at {client.url}/tokens, or sign in with your password: gradus login {client.url}"
        raise Problem(f"{client.url} does not know this token.", why=why, next_step=next_step, code=problem.code) from problem


def exchange_password(url: str, login: str | None) -> str:
    """A token for login and password; the password is neither shown nor kept."""
    from server.cli.client import Client

    login = login or typer.prompt("Login", err=True)
    password = typer.prompt("Password", hide_input=True, err=True)
    name = f"command line on {platform.node()}"[:100]
    with Client(url) as client:
        return client.post("/tokens", json={"login": login, "password": password, "name": name})["token"]


def tidy_address(url: str) -> str:
    """Accept what people copy from the browser's address bar."""
    from urllib.parse import urlsplit

    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Problem(
            f"{url} is no address of a server.", next_step="write it like https://gradus.example.edu", code=ExitCode.usage
        )
    return f"{parts.scheme}://{parts.netloc}"
