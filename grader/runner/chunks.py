"""What judge and keeper say to each other over a container's only stream: small chunks, each with its kind and its child."""

import struct
from enum import IntEnum

HEADER = struct.Struct(">BII")  # kind, number of the child, length
CHUNK_BYTES = 1 << 16
EMPTY = b""


class Kind(IntEnum):
    """Which way a chunk goes and what is in it."""

    # from the judge
    settings = 1  # JSON: what the keeper has to know before its first child
    watch = 2  # JSON: the limits that count from now on
    request = 3  # bytes for the child's channel
    kill = 4  # nothing
    finish = 5  # nothing: kill, clean, look; `finished` is the answer
    # from the keeper
    ready = 16  # JSON: torch is imported, the first child waits
    reply = 17  # bytes from the child's channel; none: it was closed
    output = 18  # bytes that it printed
    ended = 19  # JSON: {"status": as waitpid gives it, "had_s", "answered_s": see grader.runner.keeper.Clock}
    exceeded = 20  # JSON: {"limit": an ending}; the child is dead
    finished = 21  # JSON: {"left": what is still there, or null}; the next child is being forked


FROM_JUDGE = frozenset(kind for kind in Kind if kind < Kind.ready)
FROM_KEEPER = frozenset(Kind) - FROM_JUDGE


class ChunkError(ValueError):
    """Bytes that are no chunk of ours."""


def check_header(header: bytes | bytearray | memoryview, kinds: frozenset[Kind]) -> tuple[Kind, int, int]:
    """Kind, child and length that a chunk's first bytes announce, before anything is read or allocated for it."""
    kind, number, length = HEADER.unpack_from(header)
    if kind not in kinds or length > CHUNK_BYTES:
        raise ChunkError(f"a chunk of kind {kind} and {length} bytes")
    return Kind(kind), number, length
