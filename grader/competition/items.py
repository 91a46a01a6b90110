"""What each item of a test set gave, as few bytes: kept with a run, so that two runs can be compared item by item."""

import zlib

import numpy as np

BITS, FLOATS = b"b", b"f"


def pack(values: np.ndarray) -> bytes:
    """values: (N,) finite. One bit an item where all are 0 or 1, else float32."""
    if np.isin(values, (0, 1)).all():
        return BITS + len(values).to_bytes(4, "little") + np.packbits(values.astype(bool)).tobytes()
    return FLOATS + zlib.compress(values.astype("<f4").tobytes())


def unpack(data: bytes) -> np.ndarray:
    """(N,) float32, as `pack` got them."""
    kind, rest = data[:1], data[1:]
    if kind == BITS:
        return np.unpackbits(np.frombuffer(rest[4:], np.uint8), count=int.from_bytes(rest[:4], "little")).astype(np.float32)
    return np.frombuffer(zlib.decompress(rest), "<f4").copy()
