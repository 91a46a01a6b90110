"""What students may read of an assignment's folder."""

import re
from dataclasses import dataclass
from pathlib import Path

from grader.spec import SAMPLE, Manifest
from grader.variants.binding import handout_of, starter_of
from grader.variants.variant import Variant
from server.errors import NotFound

TITLE = re.compile(r"\A\s*# .*\n")


def read_handout(folder: Path, *, language: str, variant: Variant) -> str:
    """The handout in the reader's language, without its title, which the page has itself. Raises BrokenAssignment."""
    name = "handout.zh.md" if language.startswith("zh") else "handout.en.md"
    return TITLE.sub("", handout_of(folder / name, variant), count=1)


@dataclass(frozen=True)
class Starter:
    """The file to begin with, under the name under which it is handed in."""

    name: str
    media_type: str
    data: bytes


def read_starter(folder: Path, manifest: Manifest, variant: Variant) -> Starter:
    """Where questions alone are answered there is none. Raises NotFound, BrokenAssignment."""
    if not (manifest.wants_code or manifest.wants_table):
        raise NotFound
    if manifest.wants_table:
        return Starter(SAMPLE, "text/csv; charset=utf-8", (folder / SAMPLE).read_bytes())
    return Starter(f"{manifest.module}.py", "text/x-python; charset=utf-8", starter_of(folder, variant).encode())
