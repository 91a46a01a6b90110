"""One HTTP request to another server: never redirected, bounded in time and size, and only where we may connect.

The name is resolved here, the addresses are looked at, and the connection goes to the very one that was looked at, so a name
that answers differently the second time gains nothing.
"""

import ipaddress
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

CONNECT_S, WHOLE_S = 4.0, 10.0
ANSWER_BYTES = 512 << 10
EMBEDS_ANOTHER = [ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class NotReached(Exception):
    """There is no answer that we can use; `said` tells why in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.said = Text(en=en, zh=zh)


class Unclear(NotReached):
    """The request was on its way when the connection broke: it may have arrived."""


@dataclass(frozen=True)
class Reach:
    """What is allowed beyond https to the public internet. `loopback`: this machine, without TLS too; `http`: all without TLS."""

    private: bool = False
    loopback: bool = False
    http: bool = False


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case; of one that comes twice, both, with a comma
    body: bytes


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
        stream = super().connect_tcp(address, port, self.until.at_most(timeout), local_address, socket_options)
        return TimedStream(stream, self.until)

    def resolve(self, host: str, port: int) -> str:
        """One address among several that may not be reached is enough to refuse."""
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            raise NotReached(f"The name {host} was not found.", f"无法解析域名 {host}。") from None
        if not all(may_reach(each, self.reach) for each in found):
            raise NotReached(
                f"{host} leads into a private network, which the operator of this platform does not allow.",
                f"{host} 指向内部网络，平台管理员未允许访问。",
            )
        return found[0]


def may_reach(address: str, reach: Reach) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback or ip.is_unspecified:  # 0.0.0.0 is this machine, too
        return reach.loopback
    return is_open_to_all(ip) or (reach.private and ip.is_private and not ip.is_link_local)


def is_open_to_all(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is an address of the public internet; none that stands for another one counts as such."""
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in EMBEDS_ANOTHER)


def is_usable(url: str, reach: Reach) -> bool:
    """https, or http where that is allowed; no user name in it, nothing that only looks like an address."""
    try:
        parts = urlsplit(url)
        names_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc and "\\" not in url
    without_tls = reach.http or (reach.loopback and is_loopback(parts.hostname))
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and without_tls)
    return is_allowed and bool(parts.hostname) and names_port and is_plain


def is_loopback(host: str | None) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def send(
    method: str,
    url: str,
    *,
    reach: Reach,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    whole_s: float = WHOLE_S,
    is_cut: bool = False,
) -> Answer:
    """Raises NotReached. A redirection is an answer like others: it is not followed.

    is_cut: of a long answer the beginning is enough; otherwise it is none that we can use.
    """
    if not is_usable(url, reach):
        raise NotReached("Only addresses that begin with https:// are used.", "只允许以 https:// 开头的地址。")
    until = Until(whole_s)
    trust = ssl.create_default_context(cafile=certifi.where())
    timeouts = {"timeout": {"connect": CONNECT_S, "read": whole_s, "write": whole_s, "pool": CONNECT_S}}
    with httpcore.ConnectionPool(ssl_context=trust, network_backend=Guard(reach, until)) as pool:
        try:
            with pool.stream(method, url, headers=dict(headers or {}), content=content, extensions=timeouts) as response:
                return Answer(response.status, joined(response.headers), read_all(response.iter_stream(), is_cut=is_cut))
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise NotReached("It cannot be reached.", "无法连接到对方。") from None
        except httpcore.TimeoutException:
            raise Unclear("It did not answer in time.", "对方未能及时回应。") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            raise Unclear("The connection broke before the answer was complete.", "收到完整回应之前连接中断。") from None


def joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def read_all(chunks: Iterable[bytes], *, is_cut: bool) -> bytes:
    """Raises NotReached for more than we are willing to read, unless the beginning is enough."""
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > ANSWER_BYTES and is_cut:
            return body[:ANSWER_BYTES]
        if len(body) > ANSWER_BYTES:
            raise NotReached("Its answer is larger than any that we read.", "对方的回应过大，已停止读取。")
    return body
