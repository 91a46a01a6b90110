"""Whose work is what in a folder, and what becomes of files that cannot be read."""

import json
import zipfile
from pathlib import Path

from grader.similarity.fingerprint import fingerprint
from grader.similarity.sources import entries, read_work
from tests.grader.similarity import works as given


def test_students_are_folders_and_files(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    for name in ("ben.py", "chen.ipynb", "dora.zip", "README.md", ".hidden.py"):
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "__pycache__").mkdir()
    assert [path.name for path in entries(tmp_path)] == ["ada", "ben.py", "chen.ipynb", "dora.zip"]


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


def packed(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def test_an_archive_is_the_files_in_it(tmp_path: Path) -> None:
    packed(tmp_path / "hw.zip", {"hw/model.py": given.ADA, "hw/train.py": given.BEN, "hw/data.csv": "1,2\n"})
    (tmp_path / "model.py").write_text(given.ADA)
    (tmp_path / "train.py").write_text(given.BEN)
    alone = read_work(tmp_path / "hw.zip", "ada")
    assert [source.name for source in alone.sources] == ["hw.zip/model.py", "hw.zip/train.py"]
    (tmp_path / "hw.zip").rename(tmp_path / "kept")
    assert fingerprint(alone).digest == fingerprint(read_work(tmp_path, "ada")).digest


def test_an_archive_that_is_damaged_or_unpacks_to_too_much_is_named(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    packed(tmp_path / "ada" / "bomb.zip", {"x.py": "#" * (50 << 20)})
    (tmp_path / "ada" / "broken.zip").write_bytes(b"PK no archive")
    (tmp_path / "ada" / "good.py").write_text("x = 1\n")
    work = read_work(tmp_path / "ada", "ada")
    assert [source.name for source in work.sources] == ["good.py"]
    assert ["bomb.zip" in work.notes[0], "broken.zip" in work.notes[1]] == [True, True]


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
