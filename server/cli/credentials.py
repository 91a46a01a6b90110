"""Who you are at which server: one small file that only you can read."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from server.cli.exits import ExitCode, Problem

ONLY_ME = 0o600


@dataclass(frozen=True)
class Credentials:
    """A server's address and the personal token that signs you in there."""

    url: str
    token: str
    login: str


def credentials_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "gradus" / "credentials.json"


def store_credentials(credentials: Credentials) -> Path:
    """Replace the file in one step; at no moment can anybody else read the token."""
    target = credentials_file()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent)  # created with mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(credentials), file)
    os.replace(temporary, target)
    return target


def load_credentials() -> Credentials:
    """Raises a Problem that says how to sign in, if nobody has."""
    try:
        return Credentials(**json.loads(credentials_file().read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        sign_in = "sign in first: gradus login http://ADDRESS-OF-YOUR-SERVER"
        raise Problem("You are not signed in to any server.", next_step=sign_in, code=ExitCode.refused) from error
    except (ValueError, TypeError) as error:
        why = f"{credentials_file()}: {error}"
        raise Problem("The stored sign-in cannot be read.", why=why, next_step="sign in again: gradus login URL") from error
