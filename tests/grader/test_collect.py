"""From what is handed in to Python sources; a corpus of archives that nobody honest would pack."""

import io
import json
import shutil
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.collect import BadSubmission, Upload, collect, display_name
from tests.thorough import examples

Make = Callable[[zipfile.ZipFile], None]
GOOD = "def double(x):\n    return 2 * x\n"


def archive(make: Make, *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", compression) as zip_file:
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names, which is the point
        make(zip_file)
    return buffer.getvalue()


def holding(*names: str, text: str = GOOD) -> bytes:
    return archive(lambda z: [z.writestr(name, text) for name in names])


def entry(name: str, *, mode: int | None = None, data: bytes = b"x = 1\n", system: int = 3) -> bytes:
    info = zipfile.ZipInfo("placeholder.py")
    info.filename, info.create_system = name, system
    if mode is not None:
        info.external_attr = mode << 16
    return archive(lambda z: (z.writestr("solution.py", GOOD), z.writestr(info, data)))


def bomb(size: int, name: str = "solution.py") -> bytes:
    return archive(lambda z: z.writestr(name, b"#" * size))


def lying_size(data: bytes) -> bytes:
    """The headers say 10 bytes, the stream holds many more."""
    size = struct.pack("<I", 5 << 20)
    return data.replace(size, struct.pack("<I", 10))


def encrypted() -> bytes:
    data = bytearray(holding("solution.py"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def overlapping() -> bytes:
    """Two central entries that point to one local file."""
    data = holding("solution.py")
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    central = data[start:end]
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 2, 2, 2 * len(central))
    return data[:start] + central * 2 + bytes(tail)


def nul_name() -> bytes:
    return entry("aaaaaaaaaa.py").replace(b"aaaaaaaaaa.py", b"solution.p\x00.p")


NASTY: dict[str, bytes] = {
    "empty": b"",
    "text": b"I am not a zip",
    "header_only": b"PK\x03\x04" + b"\x00" * 40,
    "end_only": b"PK\x05\x06" + b"\x00" * 18,
    "cut_in_the_middle": holding("solution.py", "b.py")[:90],
    "cut_at_the_end": holding("solution.py")[:-5],
    "wrong_checksum": holding("solution.py").replace(struct.pack("<I", zipfile.crc32(GOOD.encode())), b"abcd"),
    "garbage_stream": archive(lambda z: z.writestr("solution.py", GOOD * 50)).replace(b"PK\x01\x02", b"PK\x01\x02", 1)[:45]
    + b"\xff" * 40
    + holding("solution.py")[85:],
    "parent": entry("../solution.py"),
    "parent_inside": entry("a/../../etc/cron.py"),
    "parent_other": entry("../../etc/passwd"),
    "dots_only": entry("..", data=b""),
    "absolute": entry("/etc/passwd.py"),
    "absolute_twice": entry("//host/share.py"),
    "drive": entry("C:/windows/x.py", system=0),
    "drive_relative": entry("C:x.py"),
    "backslash": entry("..\\..\\x.py"),
    "backslash_inside": entry("a\\b.py"),
    "link": entry("link.py", mode=stat.S_IFLNK | 0o777, data=b"/etc/passwd"),
    "link_folder": entry("folder", mode=stat.S_IFLNK | 0o777, data=b"/"),
    "link_not_python": entry("data.txt", mode=stat.S_IFLNK | 0o777, data=b"/etc/shadow"),
    "pipe": entry("pipe.py", mode=stat.S_IFIFO | 0o644),
    "device": entry("zero.py", mode=stat.S_IFCHR | 0o666),
    "block": entry("sda.py", mode=stat.S_IFBLK | 0o666),
    "socket": entry("s.py", mode=stat.S_IFSOCK | 0o666),
    "nul_in_name": nul_name(),
    "long_name": entry("a" * 250 + ".py"),
    "deep": entry("/".join("abcdefghij") + "/x.py"),
    "newline_in_name": entry("a\nb.py"),
    "escape_in_name": entry("\x1b[31mred.py"),
    "right_to_left": entry("\u202eyp.x.py"),
    "wildcard": entry("*.py"),
    "quotes": entry("a'b\".py"),
    "shell": entry("$(reboot).py"),
    "duplicate": archive(lambda z: (z.writestr("solution.py", GOOD), z.writestr("solution.py", "x = 2"))),
    "duplicate_by_case": holding("solution.py", "Solution.py"),
    "duplicate_by_dot": holding("solution.py", "./solution.py"),
    "bomb": bomb(200 << 20),
    "bomb_in_python": bomb(3 << 20),
    "many_small_bombs": archive(lambda z: [z.writestr(f"f{n}.py", b"#" * (60 << 10)) for n in range(60)]),
    "lying_size": lying_size(bomb(5 << 20)),
    "many_entries": archive(lambda z: [z.writestr(f"f{n}.txt", "") for n in range(500)]),
    "encrypted": encrypted(),
    "overlapping": overlapping(),
    "bzip2": archive(lambda z: z.writestr("solution.py", GOOD), compression=zipfile.ZIP_BZIP2),
    "lzma": archive(lambda z: z.writestr("solution.py", GOOD), compression=zipfile.ZIP_LZMA),
    "no_python": holding("readme.txt", "data.csv"),
    "only_rubbish": holding("__MACOSX/solution.py", "a/__pycache__/solution.py", ".git/hooks.py", "a/._solution.py"),
    "zip_in_zip": archive(lambda z: z.writestr("inner.zip", holding("solution.py"))),
    "only_folders": archive(lambda z: z.writestr("a.py/", b"")),
    "not_text": archive(lambda z: z.writestr("solution.py", b"\x00\x01\x02")),
    "binary": archive(lambda z: z.writestr("solution.py", bytes(range(128, 256)) * 3)),
    "without_module": holding("one.py", "two.py"),
}


def test_the_corpus_is_large_enough() -> None:
    assert len(NASTY) >= 40


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_archive_is_refused_in_both_languages(name: str) -> None:
    with pytest.raises(BadSubmission) as caught:
        collect({"work.zip": NASTY[name]})
    message = caught.value.message
    assert len(message.en) > 20 and len(message.zh) > 8
    assert all(character.isprintable() for character in message.en + message.zh)
    assert message.en.rstrip(")").endswith(".") and message.zh.endswith("。")


@pytest.mark.parametrize("place", ["solution.py", "folder", "folder/solution.py", "folder/inner"])
def test_a_link_is_not_followed_out_of_what_was_handed_in(tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "solution.py").write_text("SECRET = 1\n")
    (tmp_path / "work" / "folder").mkdir(parents=True)
    (tmp_path / "work" / "folder" / "kept.py").write_text(GOOD)
    link = tmp_path / "work" / place
    if link.is_dir():
        shutil.rmtree(link)
    link.symlink_to(outside if link.suffix == "" else outside / "solution.py")
    try:
        files = collect([next(path for path in (link, *link.parents) if path.parent == tmp_path / "work")])
    except BadSubmission as bad:
        assert bad.fault.code == "link"
    else:
        assert b"SECRET" not in b"".join(files.values())


@settings(max_examples=examples(150))
@given(st.data())
def test_an_archive_with_changed_bytes_never_does_more_than_be_refused(data: st.DataObject) -> None:
    original = bytearray(holding("hw/solution.py", "hw/layers.py"))
    for _ in range(data.draw(st.integers(1, 8))):
        original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
    try:
        files = collect({"work.zip": bytes(original)})
    except BadSubmission:
        return
    assert all(".." not in name and not name.startswith("/") for name in files)


@given(st.text(min_size=1, max_size=40), st.binary(max_size=300))
def test_any_upload_is_collected_or_refused(name: str, data: bytes) -> None:
    try:
        files = collect([Upload(name, data)])
    except BadSubmission as bad:
        assert bad.fault.whose == "student"
        return
    assert list(files) == ["solution.py"]
    files["solution.py"].decode("utf-8")


@given(st.text())
def test_a_shown_name_is_short_and_harmless(name: str) -> None:
    shown = display_name(name)
    assert 1 <= len(shown) <= 80
    assert not set(shown) & set("/\\<>&\"'\n\x00\x1b\u202e")


def test_one_folder_around_everything_is_left_away() -> None:
    files = collect({"work.zip": holding("hw1/solution.py", "hw1/parts/layers.py", "hw1/readme.md")})
    assert sorted(files) == ["parts/layers.py", "solution.py"]


def test_rubbish_beside_the_solution_is_ignored() -> None:
    files = collect({"work.zip": holding("solution.py", "__MACOSX/._solution.py", ".venv/lib/torch.py", "data.csv")})
    assert list(files) == ["solution.py"]


def test_several_files_are_taken_as_they_are() -> None:
    files = collect({"solution.py": b"import layers", "layers.py": b"x = 1"})
    assert files == {"solution.py": b"import layers", "layers.py": b"x = 1"}


def test_a_single_file_may_have_any_name() -> None:
    assert collect({"my homework (final).py": b"x = 1"}) == {"solution.py": b"x = 1"}
    assert collect({"作业.py": b"x = 1"}, module="work") == {"work.py": b"x = 1"}


def test_two_files_without_the_module_are_refused_with_its_name() -> None:
    with pytest.raises(BadSubmission, match=r"solution\.py is not among the files \(a\.py, b\.py\)"):
        collect({"a.py": b"", "b.py": b""})


def test_a_byte_order_mark_is_dropped_and_gbk_is_understood() -> None:
    assert collect({"solution.py": b"\xef\xbb\xbfx = 1"})["solution.py"] == b"x = 1"
    gbk = "# -*- coding: gbk -*-\n# 注释\nx = 1\n".encode("gbk")
    source = collect({"solution.py": gbk})["solution.py"]
    assert "注释" in source.decode("utf-8") and source.count(b"\n") == 3
    compile(source, "solution.py", "exec")


@pytest.mark.parametrize("name", ["model.pt", "solution", "solution.pyc", "work.tar.gz", "work.rar", ".py.exe"])
def test_other_kinds_of_files_are_refused(name: str) -> None:
    with pytest.raises(BadSubmission) as caught:
        collect({name: b"x"})
    assert caught.value.code == "unknown_kind"


def test_the_total_is_capped() -> None:
    with pytest.raises(BadSubmission) as caught:
        collect({"solution.py": b"#" * 600_000, "b.py": b"#" * 600_000})
    assert caught.value.code == "too_large"
    assert collect({"solution.py": b"#" * 1000}, max_bytes=1000)


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(BadSubmission) as caught:
        collect([])
    assert caught.value.code == "empty"


def test_paths_and_folders_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "solution.py").write_text(GOOD)
    (tmp_path / "sub" / "layers.py").write_text("x = 1")
    (tmp_path / "notes.txt").write_text("no")
    assert sorted(collect([tmp_path])) == ["solution.py", "sub/layers.py"]
    assert list(collect([tmp_path / "sub" / "layers.py"])) == ["solution.py"]


def test_a_package_of_the_modules_name_keeps_its_folder_in_a_zip() -> None:
    files = collect({"work.zip": holding("solution/__init__.py", "solution/layers.py")})
    assert set(files) == {"solution/__init__.py", "solution/layers.py"}
    assert set(collect({"work.zip": holding("solution/__init__.py", "solution/solution.py")})) == {"__init__.py", "solution.py"}
    assert set(collect({"work.zip": holding("hw/solution/__init__.py", "hw/solution/a.py")})) == {
        "solution/__init__.py", "solution/a.py",
    }  # fmt: skip


def test_a_notebook_in_a_zip_counts_as_if_handed_in_alone() -> None:
    cell = {"cell_type": "code", "source": GOOD, "metadata": {}, "outputs": [], "execution_count": None}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    alone = collect({"homework.ipynb": notebook.encode()})
    assert collect({"work.zip": holding("hw/homework.ipynb", "hw/.ipynb_checkpoints/homework.ipynb", text=notebook)}) == alone
    assert GOOD.strip() in alone["solution.py"].decode()
