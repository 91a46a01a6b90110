"""Describes an error of the student's code in words that help: their line, three lines around it, no path of ours."""

import dis
import errno
import linecache
import os
import re
import traceback
from types import FrameType, TracebackType
from typing import Any

from grader.runner.guard import ForbiddenCall
from grader.runner.modules import StudentFiles
from grader.runner.values import Missing, Unsupported

LINES_AROUND = 3
MESSAGE_CHARACTERS = 2000
TRACEBACK_CHARACTERS = 8000
RAISE = dis.opmap["RAISE_VARARGS"]
NO_MEMORY = ("DefaultCPUAllocator", "can't allocate memory", "Cannot allocate memory")
NO_GPU_MEMORY = ("CUDA out of memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED")
KINDS: list[tuple[type[BaseException], str]] = [
    (Missing, "missing"),
    (ForbiddenCall, "forbidden"),
    (Unsupported, "unsupported"),
    (SyntaxError, "syntax"),
    (ImportError, "import"),
    (SystemExit, "exit"),
    (MemoryError, "memory"),
]


def describe(error: BaseException, files: StudentFiles) -> dict[str, Any]:
    """The error as it crosses; see docs/architecture.md."""
    frames = student_frames(error.__traceback__, files)
    file, line = _place(error, frames, files)
    return {
        "kind": kind_of(error, frames),
        "type": type(error).__name__,
        "message": message_of(error),
        "file": file,
        "line": line,
        "function": function_of(error, frames),
        "source": source_around(file, line),
        "traceback": traceback_of(error, files),
    }


def limit_of(error: BaseException) -> str | None:
    """The limit that the kernel has just enforced, where an error says so: no further process or thread."""
    is_refused_process = isinstance(error, BlockingIOError) and error.errno == errno.EAGAIN
    is_refused_thread = isinstance(error, RuntimeError) and "can't start new thread" in message_of(error)
    return "too_many_processes" if is_refused_process or is_refused_thread else None


def kind_of(error: BaseException, frames: list[tuple[FrameType, int, int]]) -> str:
    """One word from a fixed list."""
    for kind, word in KINDS:
        if isinstance(error, kind):
            return word
    if isinstance(error, NotImplementedError) and (_was_raised_by_student(error, frames) or _lacks_forward(error)):
        return "not_implemented"
    if isinstance(error, ValueError) and "null bytes" in str(error) and not frames:
        return "syntax"
    if isinstance(error, (RuntimeError, OSError)) and any(text in message_of(error) for text in (*NO_MEMORY, *NO_GPU_MEMORY)):
        return "memory"
    return "exception"


def _was_raised_by_student(error: BaseException, frames: list[tuple[FrameType, int, int]]) -> bool:
    """Whether the error's origin is a `raise` statement of theirs: torch raises NotImplementedError too."""
    if not frames or _last(error.__traceback__).tb_frame is not frames[-1][0]:
        return False
    frame, _, instruction = frames[-1]
    return frame.f_code.co_code[instruction] == RAISE


def _lacks_forward(error: BaseException) -> bool:
    return error.__traceback__ is not None and _last(error.__traceback__).tb_frame.f_code.co_name == "_forward_unimplemented"


def student_frames(link: TracebackType | None, files: StudentFiles) -> list[tuple[FrameType, int, int]]:
    """(frame, line, instruction) of each frame of a student's file, outermost first."""
    frames = []
    while link is not None:
        if files.has(link.tb_frame.f_code.co_filename):
            frames.append((link.tb_frame, link.tb_lineno, link.tb_lasti))
        link = link.tb_next
    return frames


def _last(link: TracebackType) -> TracebackType:
    while link.tb_next is not None:
        link = link.tb_next
    return link


def _place(error: BaseException, frames: list[tuple[FrameType, int, int]], files: StudentFiles) -> tuple[str | None, int | None]:
    """The file and line to show: where the syntax is wrong, else the innermost line of the student."""
    if isinstance(error, SyntaxError) and error.filename and files.has(error.filename):
        return error.filename, error.lineno
    if frames:
        return frames[-1][0].f_code.co_filename, frames[-1][1]
    return None, None


def function_of(error: BaseException, frames: list[tuple[FrameType, int, int]]) -> str | None:
    """What is missing, or the student's function in which it happened."""
    if isinstance(error, Missing):
        return error.name
    if isinstance(error, NotImplementedError) and _lacks_forward(error):
        owner = _last(error.__traceback__).tb_frame.f_locals.get("self")
        return f"{type(owner).__qualname__}.forward"
    if not frames or frames[-1][0].f_code.co_name == "<module>":
        return None
    return frames[-1][0].f_code.co_qualname.replace("<locals>.", "")


def source_around(file: str | None, line: int | None) -> list[tuple[int, str]]:
    """The line and three on each side, as (number, text)."""
    if file is None or line is None:
        return []
    numbers = range(max(1, line - LINES_AROUND), line + LINES_AROUND + 1)
    return [(number, text.rstrip("\n")[:300]) for number in numbers if (text := linecache.getline(file, number))]


def message_of(error: BaseException) -> str:
    """The error's own words; its `__str__` is the student's code and may fail."""
    try:
        text = str(error)
    except BaseException:
        text = "(this error cannot be printed)"
    return trim(text)[:MESSAGE_CHARACTERS]


def traceback_of(error: BaseException, files: StudentFiles) -> str:
    """The traceback without our own frames; of torch's frames only the file names."""
    ours = os.path.dirname(__file__)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith((ours, "<frozen"))]
    lines = [f'  File "{trim(frame.filename)}", line {frame.lineno}, in {frame.name}\n    {frame.line}' for frame in frames]
    text = "\n".join([*lines, f"{type(error).__name__}: {message_of(error)}"])
    return text[-TRACEBACK_CHARACTERS:]


def trim(text: str) -> str:
    """Paths shortened to file names."""
    return re.sub(r"(?<![\w.])/(?:[\w.+-]+/)+([\w.+-]+)", r"\1", text)
