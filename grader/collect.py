"""From what was handed in to Python sources. Every refusal says what is wrong, where, and what to do about it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.archives import unpack
from grader.notebooks import source_of_notebook
from grader.refusals import BadSubmission

__all__ = ["MAX_BYTES", "BadSubmission", "Upload", "bytes_of", "collect", "display_name"]

MAX_BYTES = 256 << 10  # ten long homeworks; the judge parses them, and a hostile megabyte keeps it busy for half a minute
MAX_UPLOADS = 50
MAX_UPLOAD_BYTES = 8 << 20  # one .zip or .ipynb before it is unpacked; notebooks carry their pictures with them
BOM = b"\xef\xbb\xbf"
UNSAFE_NAME = re.compile(r"[^\w. ()\-\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Upload:
    """One file as it was sent: the name is a stranger's text."""

    name: str
    data: bytes


def collect(
    sources: Iterable[Path | Upload] | Mapping[str, bytes], *, module: str = "solution", max_bytes: int = MAX_BYTES
) -> dict[str, bytes]:
    """The Python sources of a submission by name, with `<module>.py` among them. Raises BadSubmission.

    sources: paths on this machine (trusted), or what was uploaded, as Uploads or by name.
    """
    if isinstance(sources, Mapping):
        sources = [Upload(name, data) for name, data in sources.items()]
    files: dict[str, bytes] = {}
    for upload in _uploads(sources):
        for name, data in _sources_of(upload, module).items():
            _add(files, name, data)
            _check_total(files, max_bytes)
    return {name: _as_utf8(name, data) for name, data in _with_module(files, module).items()}


def display_name(name: str) -> str:
    """A file name that is safe to show: the last part, without control characters, at most 80 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    return UNSAFE_NAME.sub("_", last).strip(" .")[:80] or "file"


def _uploads(sources: Iterable[Path | Upload]) -> list[Upload]:
    uploads: list[Upload] = []
    for source in sources:
        uploads += [source] if isinstance(source, Upload) else _read(source)
        if len(uploads) > MAX_UPLOADS:
            raise BadSubmission(
                "too_many_files",
                en=f"More than {MAX_UPLOADS} files were handed in. Hand in only the .py files that your solution needs.",
                zh=f"提交的文件超过 {MAX_UPLOADS} 个。请只提交解答需要的 .py 文件。",
            )
    if not uploads:
        raise BadSubmission(
            "empty",
            en="No file was handed in. Choose a .py, .zip or .ipynb file.",
            zh="没有收到文件。请选择 .py、.zip 或 .ipynb 文件。",
        )
    return uploads


def _read(path: Path) -> list[Upload]:
    """A file, or the Python files of a folder. Links are refused: they could name any file of whoever grades."""
    if path.is_dir() and not path.is_symlink():
        found = sorted(file for file in path.rglob("*.py") if "__pycache__" not in file.parts and not file.is_dir())
        return [Upload(file.relative_to(path).as_posix(), bytes_of(file)) for file in found]
    return [Upload(path.name, bytes_of(path))]


def bytes_of(path: Path) -> bytes:
    """The content of a file on this machine. Raises BadSubmission for what is none."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise BadSubmission(
            "link",
            en=f"{display_name(path.name)} is a link or a special file. Hand in the file itself instead.",
            zh=f"{display_name(path.name)} 是链接或特殊文件。请改为提交文件本身。",
        )
    return path.read_bytes()


def _sources_of(upload: Upload, module: str) -> Mapping[str, bytes]:
    """The Python files that one upload stands for."""
    shown, suffix = display_name(upload.name), PurePosixPath(upload.name.lower()).suffix
    if len(upload.data) > MAX_UPLOAD_BYTES:
        raise BadSubmission(
            "too_large",
            en=f"{shown} is larger than {MAX_UPLOAD_BYTES >> 20} MiB. Leave data and pictures out.",
            zh=f"{shown} 超过 {MAX_UPLOAD_BYTES >> 20} MiB。请不要附带数据和图片。",
        )
    if suffix == ".zip":
        unpacked = [Upload(path, data) for path, data in unpack(upload.data, shown, module).items()]
        return dict(item for inner in unpacked for item in _unpacked(inner))
    if suffix == ".ipynb":
        return {PurePosixPath(shown).stem + ".py": source_of_notebook(upload.data, shown)}
    if suffix == ".py":
        return {_safe_path(upload.name): upload.data}
    raise BadSubmission(
        "unknown_kind",
        en=f"{shown} is not a file that can be graded. Hand in .py files, a .zip of them, or one .ipynb notebook.",
        zh=f"{shown} 无法评测。请提交 .py 文件、包含它们的 .zip，或一个 .ipynb 笔记本。",
    )


def _unpacked(inner: Upload) -> Iterable[tuple[str, bytes]]:
    """One file of an archive, a notebook as if it had been handed in alone."""
    if not inner.name.lower().endswith(".ipynb"):
        return [(inner.name, inner.data)]
    path = _safe_path(PurePosixPath(inner.name).with_suffix(".py").as_posix())
    return [(path, source_of_notebook(inner.data, display_name(inner.name)))]


def _safe_path(name: str) -> str:
    """The path under which a loose .py file is kept; folders only where they are plain names."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    plain = [re.sub(r"[^\w\-.]", "_", part)[:100] for part in parts]
    return "/".join(plain) if plain else "file.py"


def _add(files: dict[str, bytes], name: str, data: bytes) -> None:
    if name.lower() in {known.lower() for known in files}:
        raise BadSubmission(
            "duplicate",
            en=f"Two files are called {display_name(name)}. Keep the one that should be graded.",
            zh=f"有两个文件都叫 {display_name(name)}。请只保留要评测的那一个。",
        )
    files[name] = data


def _check_total(files: Mapping[str, bytes], max_bytes: int) -> None:
    total = sum(map(len, files.values()))
    if total > max_bytes:
        raise BadSubmission(
            "too_large",
            en=f"The sources add up to more than {max_bytes >> 10} KiB. Leave generated code and data out.",
            zh=f"源代码总量超过 {max_bytes >> 10} KiB。请去掉自动生成的代码和数据。",
        )


def _with_module(files: dict[str, bytes], module: str) -> dict[str, bytes]:
    """The files with the assignment's module among them; a single file under another name is taken for it."""
    wanted = f"{module}.py"
    if wanted in files or f"{module}/__init__.py" in files:
        return files
    if len(files) == 1:
        return {wanted: next(iter(files.values()))}
    listed = ", ".join(sorted(map(display_name, files))[:5])
    raise BadSubmission(
        "missing_module",
        en=f"{wanted} is not among the files ({listed or 'no Python file'}). Name your main file {wanted}.",
        zh=f"提交里没有 {wanted}（现有：{listed or '没有 Python 文件'}）。请把主文件命名为 {wanted}。",
    )


def _as_utf8(name: str, data: bytes) -> bytes:
    """The source as UTF-8 without a byte-order mark, whichever of the usual encodings it was saved in."""
    data = data.removeprefix(BOM)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return data if encoding == "utf-8" else _without_coding_line(text).encode()
    raise BadSubmission(
        "not_text",
        en=f"{display_name(name)} is not text in UTF-8. Save it as UTF-8 and hand it in again.",
        zh=f"{display_name(name)} 不是 UTF-8 文本。请用 UTF-8 编码保存后重新提交。",
    )


def _without_coding_line(text: str) -> str:
    """`# coding: gbk` would be wrong now; the line stays, so that line numbers do."""
    lines = text.splitlines(keepends=True)
    return "".join(
        re.sub(r"coding[:=]", "was in", line, count=1) if number < 2 and line.lstrip().startswith("#") else line
        for number, line in enumerate(lines)
    )
