"""Fingerprints kept in a folder by what they were made of, so that a second run reads only what is new. It may be deleted."""

import json
import os
import sys
import zlib
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.sources import File
from grader.similarity.storage import VERSION, decoded, encoded

SYNTAX = "{}.{}".format(*sys.version_info)  # what does not parse in one Python may parse in the next


def key_of(files: Iterable[File]) -> str:
    digest = sha256(f"{VERSION} {SYNTAX}\n".encode())
    for file in files:
        digest.update(json.dumps([file.name, file.note, len(file.data)]).encode() + b"\n" + file.data)
    return digest.hexdigest()


def find(folder: Path, key: str, student: str) -> tuple[Fingerprint, tuple[str, ...]] | None:
    """(fingerprint, what could not be read); of a file that is damaged, as if there were none."""
    try:
        line, _, body = (folder / key).read_bytes().partition(b"\n")
        return replace(decoded(body), student=student), tuple(json.loads(line))
    except (OSError, ValueError, zlib.error):
        return None


def keep(folder: Path, key: str, print_: Fingerprint, notes: Iterable[str]) -> None:
    """Whole or not at all: another run may look for it at the same time."""
    unfinished = folder / f"{key}.{os.getpid()}"
    unfinished.write_bytes(json.dumps(list(notes)).encode() + b"\n" + encoded(replace(print_, student="")))
    unfinished.replace(folder / key)
