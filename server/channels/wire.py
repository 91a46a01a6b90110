"""One POST to an address that somebody typed: only to the public internet, never redirected, bounded in time and size.

The name is resolved here, the addresses are looked at, and the connection goes to the very one that was looked at, so a name
that answers differently the second time gains nothing.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import certifi
import httpcore

from grader.protocol import Text
from server.channels import rules

CONNECT_S, WHOLE_S = 5.0, 15.0
ANSWER_BYTES = 64 << 10


class NotReached(Exception):
    """Nothing was sent."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.said = Text(en=en, zh=zh)


class Unclear(Exception):
    """The request was on its way when the connection broke."""


@dataclass(frozen=True)
class Reach:
    """What the operator allows beyond https to the public internet."""

    private: bool = False
    http: bool = False


class Until:
    """A moment by which all reading and writing of a request is over."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def at_most(self, timeout: float | None) -> float:
        left = max(self.ends - time.monotonic(), 0.001)
        return left if timeout is None else min(timeout, left)


class TimedStream(httpcore.NetworkStream):
    """A server that sends a byte now and then does not hold us for ever."""

    def __init__(self, stream: httpcore.NetworkStream, until: Until) -> None:
        self.stream, self.until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.until.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.until.at_most(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return TimedStream(self.stream.start_tls(ssl_context, server_hostname, self.until.at_most(timeout)), self.until)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class Guard(httpcore.SyncBackend):
    """Connects only where it may."""

    def __init__(self, reach: Reach, until: Until) -> None:
        super().__init__()
        self.reach, self.until = reach, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = self.resolve(host, port)
        return TimedStream(super().connect_tcp(address, port, timeout, local_address, socket_options), self.until)

    def resolve(self, host: str, port: int) -> str:
        """One private address among several is enough to refuse."""
        try:
            found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            raise NotReached("Its name was not found on the internet.", "无法解析该地址的域名。") from None
        if not self.reach.private and not all(map(rules.is_open_to_all, found)):
            raise NotReached(
                "The address leads into a private network, which the operator of this platform does not allow.",
                "该地址指向内部网络，平台管理员未允许访问。",
            )
        return found[0]


def post(url: str, content: bytes, headers: Mapping[str, str], *, reach: Reach) -> tuple[int, bytes]:
    """Status and the first of what was answered. Raises NotReached, Unclear."""
    if urlsplit(url).scheme != "https" and not reach.http:
        raise NotReached("Only addresses that begin with https:// are used.", "只允许以 https:// 开头的地址。")
    until = Until(WHOLE_S)
    guard, trust = Guard(reach, until), ssl.create_default_context(cafile=certifi.where())
    timeouts = {"timeout": {"connect": CONNECT_S, "read": WHOLE_S, "write": WHOLE_S, "pool": CONNECT_S}}
    with httpcore.ConnectionPool(ssl_context=trust, network_backend=guard) as pool:
        try:
            with pool.stream("POST", url, headers=dict(headers), content=content, extensions=timeouts) as response:
                return response.status, read_some(response.iter_stream())
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise NotReached("It cannot be reached.", "无法连接到对方。") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            raise Unclear from None


def read_some(chunks: Iterable[bytes]) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) >= ANSWER_BYTES:
            break
    return body[:ANSWER_BYTES]
