"""What students may read of an assignment's folder."""

import re
from pathlib import Path

from grader.spec import Manifest

TITLE = re.compile(r"\A\s*# .*\n")


def read_handout(folder: Path, *, language: str) -> str:
    """The handout in the reader's language, without its title, which the page has itself."""
    name = "handout.zh.md" if language.startswith("zh") else "handout.en.md"
    return TITLE.sub("", (folder / name).read_text(encoding="utf-8"), count=1)


def read_starter(folder: Path) -> str:
    return (folder / "starter.py").read_text(encoding="utf-8")


def starter_name(manifest: Manifest) -> str:
    """The starter is handed out under the name under which it is handed in."""
    return f"{manifest.module}.py"
