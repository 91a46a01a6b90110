"""Any bytes on a container's stream are chunks of ours or a lost container: nothing else happens, and little is kept."""

import json
import socket
import struct
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.runner.chunks import CHUNK_BYTES, HEADER, Kind
from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.link import ContainerLink
from grader.sandbox.docker.stream import LOG_BYTES, Stream
from grader.sandbox.link import HungUp
from tests.thorough import examples

BRIEFLY = settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = st.sampled_from(
    [b"", b"{}", b"[]", b"7", b"[" * 60_000, b'{"status":"x"}', b'{"status":9}', b'{"limit":"crashed"}', b'{"limit":1}', b"\xff"]
)
CHUNK = st.builds(
    lambda kind, number, data: HEADER.pack(kind, number, len(data)) + data,
    st.sampled_from([int(kind) for kind in Kind]) | st.integers(0, 255),
    st.just(1) | st.integers(0, 1 << 32 - 1),
    JSON | st.binary(max_size=50),
)


def framed(source: int, body: bytes) -> bytes:
    """One of Docker's frames."""
    return struct.pack(">BxxxI", source, len(body)) + body


def hear(data: bytes, cut: int) -> ContainerLink:
    """A link that has read these bytes, in two pieces, as far as the socket takes them: nobody reads beside it."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        link = ContainerLink(Stream(ours), 1)
        for part in (data[:cut], data[cut:]):
            with suppress(BlockingIOError):
                theirs.sendall(part)
            try:
                link.wait(0.0)
                link.receive(100)
                link.printed()
                link.exceeded()
            except (GraderFailure, HungUp):
                break
    return link


@BRIEFLY
@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_heard_or_the_container_is_lost(data: bytes, cut: int) -> None:
    hear(data, cut)


@BRIEFLY
@given(st.lists(st.tuples(st.integers(0, 3), st.lists(CHUNK, max_size=3).map(b"".join)), max_size=5), st.integers(0, 200))
def test_any_chunks_are_heard_or_the_container_is_lost(parts: list[tuple[int, bytes]], cut: int) -> None:
    hear(b"".join(framed(source, body) for source, body in parts), cut)


def test_an_announced_chunk_reserves_nothing_and_a_long_log_is_cut() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stream = Stream(ours)
        theirs.sendall(struct.pack(">BxxxI", 1, (1 << 32) - 1) + HEADER.pack(Kind.reply, 1, CHUNK_BYTES) + b"x" * 10)
        assert list(stream.wait(0.0)) == []
        assert len(stream._chunks) == HEADER.size + 10
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stream = Stream(ours)
        theirs.sendall(framed(2, b"y" * 3 * LOG_BYTES))
        list(stream.wait(0.0))
        assert len(stream.log()) == LOG_BYTES


def test_a_message_of_the_keeper_that_lacks_its_field_is_a_lost_container() -> None:
    for kind in (Kind.exceeded, Kind.ended, Kind.finished):
        for data in (
            b"{",
            b"[]",
            b"7",
            b"[" * 60_000,
            b'{"limit":"nonsense"}',
            b'{"status":"x"}',
            json.dumps({"left": None}).encode(),
        ):
            hear(framed(1, HEADER.pack(kind, 1, len(data)) + data), 0)
