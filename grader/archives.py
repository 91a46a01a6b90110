"""Unpacks a .zip in memory and believes nothing it says about itself."""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable

from grader.refusals import BadSubmission

MAX_ENTRIES = 200
MAX_TOTAL_BYTES = 2 << 20  # of the Python files, unpacked
MAX_RATIO = 100
RATIO_COUNTS_FROM = 64 << 10  # small files may compress well
MAX_DEPTH = 6
MAX_NAME = 200
NOT_WANTED = ("__MACOSX", "__pycache__", ".git", ".ipynb_checkpoints", ".venv", "venv")
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
PLAIN_PART = re.compile(r"[\w\-. ()]+")


def unpack(data: bytes, shown: str, module: str) -> dict[str, bytes]:
    """The Python files in an archive by path, or its notebooks where it has none; one folder around everything is left away.

    shown: its name in refusals    module: the folder of that name, if it is a package, stays
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _without_top_folder(_read_all(archive, shown), module)
    except DAMAGED as error:
        raise BadSubmission(
            "broken_zip",
            en=f"{shown} is damaged or not a zip archive ({_reason(error)}). Pack it again and hand it in once more.",
            zh=f"{shown} 已损坏或不是 zip 压缩包（{_reason(error)}）。请重新打包后再提交。",
        ) from error


def _reason(error: Exception) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", str(error))[:80] or type(error).__name__


def _read_all(archive: zipfile.ZipFile, shown: str) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise BadSubmission(
            "too_many_files",
            en=f"{shown} holds {len(entries)} entries, at most {MAX_ENTRIES} are allowed. Pack only your .py files.",
            zh=f"{shown} 里有 {len(entries)} 个条目，最多 {MAX_ENTRIES} 个。请只打包自己的 .py 文件。",
        )
    for entry in entries:
        _check_entry(entry, shown)
    files: dict[str, bytes] = {}
    for entry in _wanted(entries, ".py") or _wanted(entries, ".ipynb"):
        path = "/".join(part for part in entry.filename.split("/") if part != ".")
        if path.lower() in {known.lower() for known in files}:
            raise BadSubmission(
                "duplicate",
                en=f"{_name(entry)} occurs twice in {shown}. Keep the one that should be graded.",
                zh=f"{shown} 里有两个 {_name(entry)}。请只保留要评测的那一个。",
            )
        files[path] = _read_entry(archive, entry, shown, room=MAX_TOTAL_BYTES - sum(map(len, files.values())))
    if not files:
        raise BadSubmission(
            "no_python",
            en=f"There is no .py file and no notebook in {shown}. Pack your solution's files, not the folder of another program.",
            zh=f"{shown} 里既没有 .py 文件，也没有笔记本。请打包解答的文件。",
        )
    return files


def _wanted(entries: Iterable[zipfile.ZipInfo], suffix: str) -> list[zipfile.ZipInfo]:
    kept = [entry for entry in entries if not entry.is_dir() and entry.filename.lower().endswith(suffix)]
    return [entry for entry in kept if not set(entry.filename.split("/")) & set(NOT_WANTED) and "/._" not in f"/{entry.filename}"]


def _check_entry(entry: zipfile.ZipInfo, shown: str) -> None:
    """Refuse what no honest archive of sources holds."""
    name, parts = entry.filename, [part for part in entry.filename.split("/") if part]
    kind = stat.S_IFMT(entry.external_attr >> 16)
    raw = entry.orig_filename
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadSubmission(
            "link",
            en=f"{_name(entry)} in {shown} is a link or a special file. Pack the file itself instead.",
            zh=f"{shown} 里的 {_name(entry)} 是链接或特殊文件。请直接打包文件本身。",
        )
    if name.startswith("/") or "\\" in raw or "\x00" in raw or ".." in parts or re.match(r"[A-Za-z]:", name):
        raise BadSubmission(
            "path",
            en=f"{_name(entry)} in {shown} points outside the archive. Pack the files with plain relative paths.",
            zh=f"{shown} 里的 {_name(entry)} 指向压缩包之外。请用普通的相对路径打包。",
        )
    if len(name) > MAX_NAME or len(parts) > MAX_DEPTH or (name.endswith(".py") and not all(map(PLAIN_PART.fullmatch, parts))):
        raise BadSubmission(
            "path",
            en=f"The path {_name(entry)} in {shown} is too long, too deep or has unusual characters. Give it a simple name.",
            zh=f"{shown} 里的路径 {_name(entry)} 太长、层级太深或含有特殊字符。请换一个简单的名字。",
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadSubmission(
            "compression",
            en=f"{_name(entry)} in {shown} is packed by an unusual method. Use an ordinary zip program.",
            zh=f"{shown} 里的 {_name(entry)} 用了不常见的压缩方式。请用普通的 zip 工具打包。",
        )
    if entry.flag_bits & 0x1:
        raise BadSubmission(
            "encrypted",
            en=f"{_name(entry)} in {shown} is encrypted. Pack it without a password.",
            zh=f"{shown} 里的 {_name(entry)} 加了密。请不要设置密码。",
        )


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shown: str, *, room: int) -> bytes:
    """The bytes of one entry, counted while they are unpacked: the header's figures may be lies."""
    allowed = min(room, max(RATIO_COUNTS_FROM, MAX_RATIO * max(entry.compress_size, 1)))
    with archive.open(entry) as stream:
        data = stream.read(allowed + 1)
    if len(data) > allowed:
        raise BadSubmission(
            "too_large",
            en=f"{_name(entry)} in {shown} unpacks to more than is allowed. Leave generated code and data out.",
            zh=f"{shown} 里的 {_name(entry)} 解压后超出上限。请去掉自动生成的代码和数据。",
        )
    return data


def _without_top_folder(files: dict[str, bytes], module: str) -> dict[str, bytes]:
    tops = {path.split("/", 1)[0] for path in files}
    if len(tops) > 1 or not all("/" in path for path in files):
        return files
    inner = {path.split("/", 1)[1]: data for path, data in files.items()}
    return files if f"{module}/__init__.py" in files and f"{module}.py" not in inner else inner


def _name(entry: zipfile.ZipInfo) -> str:
    return re.sub(r"[^\x20-\x7e\u4e00-\u9fff]", "?", entry.filename)[-60:] or "an entry without a name"
