"""A fingerprint as bytes that can be stored, so that each submission is read once: last year's, too."""

import json
import zlib
from typing import Any

import numpy as np

from grader.similarity.fingerprint import Features, Fingerprint, Part
from grader.similarity.texts import RareText

VERSION = 2  # raise it when features change: what was stored before means nothing then
VIEWS = ("canonical", "plain", "tokens")


class OtherVersion(ValueError):
    """What was stored has other features: read the submission again."""


def encoded(print_: Fingerprint) -> bytes:
    """A line of JSON, then the hashes and lines of each view of each part, as they follow one another."""
    views = [getattr(part, view) for part in print_.parts for view in VIEWS]
    head = {
        "version": VERSION,
        "student": print_.student,
        "digest": print_.digest.hex(),
        "texts": [[text.kind, text.text, text.file, text.line] for text in print_.texts],
        "parts": [[part.file, part.name, *part.lines] for part in print_.parts],
        "sizes": [len(view.hashes) for view in views],
    }
    arrays = [array.tobytes() for view in views for array in (view.hashes.astype("<u8"), view.lines.astype("<i4"))]
    return zlib.compress(json.dumps(head, ensure_ascii=False).encode() + b"\n" + b"".join(arrays), 1)


def decoded(data: bytes) -> Fingerprint:
    line, _, body = zlib.decompress(data).partition(b"\n")
    head: dict[str, Any] = json.loads(line)
    if head["version"] != VERSION:
        raise OtherVersion(f"fingerprint of version {head['version']}, not {VERSION}")
    views, place = [], 0
    for size in head["sizes"]:
        hashes = np.frombuffer(body, "<u8", size, place).astype(np.uint64)
        lines = np.frombuffer(body, "<i4", 2 * size, place + 8 * size).astype(np.int32).reshape(size, 2)
        views.append(Features(hashes, lines))
        place += 16 * size
    parts = tuple(
        Part(file, name, (first, last), *views[3 * number : 3 * number + 3])
        for number, (file, name, first, last) in enumerate(head["parts"])
    )
    texts = tuple(RareText(*text) for text in head["texts"])
    return Fingerprint(head["student"], parts, texts, bytes.fromhex(head["digest"]))
