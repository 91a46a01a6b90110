"""Whose work is what in a folder, and what becomes of files that cannot be read."""

import json
from pathlib import Path

from grader.similarity.fingerprint import fingerprint
from grader.similarity.sources import entries, read_work
from tests.grader.similarity import works as given


def test_students_are_folders_and_files(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    for name in ("ben.py", "chen.ipynb", "README.md", ".hidden.py"):
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "__pycache__").mkdir()
    assert [path.name for path in entries(tmp_path)] == ["ada", "ben.py", "chen.ipynb"]


def test_a_notebook_is_read_as_the_file_it_stands_for(tmp_path: Path) -> None:
    cells = [
        {
            "cell_type": "code",
            "source": "%matplotlib inline\n" + given.ADA,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        },
        {"cell_type": "markdown", "source": "# Softmax", "metadata": {}},
    ]
    (tmp_path / "hw.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}))
    (tmp_path / "hw.py").write_text(given.ADA)
    notebook, plain = (fingerprint(read_work(tmp_path / name, name)) for name in ("hw.ipynb", "hw.py"))
    for one, other in zip(notebook.parts[:3], plain.parts[:3], strict=True):
        assert one.canonical.hashes.tolist() == other.canonical.hashes.tolist()


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("key = 1\n")
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "solution.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "ada" / "loop").symlink_to(tmp_path / "ada")
    (tmp_path / "ben").symlink_to(tmp_path / "ada")
    for name, links in (("ada", ["loop", "solution.py"]), ("ben", ["ben"])):
        work = read_work(tmp_path / name, name)
        assert work.sources == ()
        assert [note.split(":")[0] for note in work.notes] == links


def test_what_cannot_be_read_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "binary.py").write_bytes(b"\x00\xff\xfe")
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "huge.py").write_text("x = 1\n" * 300_000)
    work = read_work(tmp_path, "ada")
    assert [source.name for source in work.sources] == ["good.py"]
    assert [note.split()[0].rstrip(":") for note in work.notes] == ["binary.py", "broken.ipynb", "huge.py"]


def test_chinese_in_an_old_encoding_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes("# 前向传播\nx = 1\n".encode("gb18030"))
    assert "前向传播" in read_work(tmp_path / "a.py", "a.py").sources[0].text
