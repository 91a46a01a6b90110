"""Files that answer a question: a PDF or a picture, told by their first bytes and never by their name."""

from dataclasses import dataclass

from grader.collect import display_name
from grader.refusals import BadSubmission

MOST_BYTES = 8 << 20
HEAD_OF_PDF = 1024  # readers look for the mark in so many bytes


@dataclass(frozen=True)
class Kind:
    suffix: str
    media_type: str
    is_picture: bool


PDF = Kind("pdf", "application/pdf", is_picture=False)
PNG = Kind("png", "image/png", is_picture=True)
JPEG = Kind("jpg", "image/jpeg", is_picture=True)
KINDS = {kind.suffix: kind for kind in (PDF, PNG, JPEG)}


def kind_of(data: bytes) -> Kind | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PDF if b"%PDF-" in data[:HEAD_OF_PDF] else None


def check_attachment(name: str, data: bytes) -> Kind:
    """Raises BadSubmission for what is no PDF, PNG or JPEG, or too large."""
    shown = display_name(name)
    if len(data) > MOST_BYTES:
        most = MOST_BYTES >> 20
        en = f"{shown} is larger than {most} MiB. Scan it at a lower resolution."
        raise BadSubmission("too_large", en=en, zh=f"{shown} 超过 {most} MiB，请降低扫描分辨率。")
    kind = kind_of(data)
    if kind is None:
        en = f"{shown} is no PDF, PNG or JPEG, whatever its name says. Export it as one of these."
        raise BadSubmission("unknown_kind", en=en, zh=f"{shown} 不是 PDF、PNG 或 JPEG（与文件名无关），请导出为其中一种。")
    return kind
