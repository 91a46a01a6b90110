"""Where a request of ours may go."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from server import wire
from server.wire import NotReached, Reach, may_reach

NOWHERE, INSIDE, HERE = Reach(), Reach(private=True), Reach(loopback=True)


@pytest.mark.parametrize(
    ("address", "reach", "may"),
    [
        ("93.184.216.34", NOWHERE, True),
        ("2606:4700::1111", NOWHERE, True),
        ("10.0.0.1", NOWHERE, False),
        ("10.0.0.1", INSIDE, True),
        ("fd00::1", INSIDE, True),
        ("127.0.0.1", INSIDE, False),
        ("127.0.0.1", HERE, True),
        ("::1", NOWHERE, False),
        ("169.254.169.254", NOWHERE, False),
        ("169.254.169.254", INSIDE, False),  # what clouds tell their machines
        ("fe80::1%eth0", INSIDE, False),
        ("::ffff:10.0.0.1", NOWHERE, False),
        ("64:ff9b::a00:1", NOWHERE, False),
        ("2002:a00:1::", NOWHERE, False),
        ("224.0.0.1", NOWHERE, False),
        ("0.0.0.0", NOWHERE, False),
    ],
)
def test_only_the_internet_is_open_unless_the_operator_says_more(address: str, reach: Reach, may: bool) -> None:
    assert may_reach(address, reach) is may


@pytest.mark.parametrize(
    "url",
    [
        "http://example.edu/",
        "file:///etc/passwd",
        "https://",
        "https://a@b/",
        "https://a:x/",
        "https://a\\b/",
        "https://exämple/",
    ],
)
def test_only_plain_https_addresses_are_used(url: str) -> None:
    with pytest.raises(NotReached, match="https"):
        wire.send("GET", url, reach=NOWHERE)


def test_a_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entry)
    with pytest.raises(NotReached, match="private network"):
        wire.send("GET", "https://example.edu/", reach=NOWHERE)


@pytest.fixture
def trickle() -> Iterator[str]:
    """A server that sends a byte now and then."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                for _ in range(100):
                    connection.sendall(b"x")
                    time.sleep(0.05)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_who_trickles_does_not_hold_us(trickle: str) -> None:
    with pytest.raises(NotReached, match="in time"):
        wire.send("GET", trickle, reach=HERE, whole_s=0.3)
