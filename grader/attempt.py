"""One submission and its boxes: opened, loaded, and replaced when the student's code ends one."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader import policy
from grader.checks.failures import StudentError
from grader.checks.remote import Channel
from grader.checks.wording import ENDED
from grader.notebooks import place_of
from grader.outline import UNREADABLE, Outline
from grader.protocol import Fault, PolicyHit, Text, Whose
from grader.sandbox.base import Box, BoxEnded, Ending, Listener, Sandbox, ignore
from grader.spec import Assignment

OUTPUT_SHOWN = 4000
ANSWER_S = 1.0
NO_CODE = Text(
    en="No code was handed in, so its checks earn nothing. What was answered counts.",
    zh="没有提交代码，代码部分不得分；已作答的题目照常计分。",
)
NOT_READ = "nested too deeply to be read"


@dataclass(frozen=True)
class GpuMemory:
    """The most that the boxes of one submission used at once, in bytes; None where they had no GPU."""

    seen: int | None = None  # by NVML, from outside
    told: int | None = None  # by torch, from inside

    def or_more(self, seen: int, told: int | None) -> "GpuMemory":
        most = max(self.told or 0, told or 0)
        return GpuMemory(max(self.seen or 0, seen), None if self.told is None and told is None else most)


class Ungradable(Exception):
    """The files cannot be loaded: there is nothing to check."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message.en)
        self.fault = fault


class Attempt:
    """Use as a context manager; leaving it closes the last box."""

    def __init__(self, assignment: Assignment, files: Mapping[str, bytes], sandbox: Sandbox) -> None:
        self.assignment = assignment
        self.files = files
        self.names: Mapping[str, str] = {}
        self.policy = find_hits(files, assignment)
        self.sandbox_seconds = 0.0
        self.gpu_memory = GpuMemory()
        self._listener: Listener = ignore
        self._sandbox = sandbox
        self._stack = ExitStack()
        self._box: Box | None = None
        self._seconds_of_ended_boxes = 0.0
        self._printed_before = 0
        self._last_output = ""

    def __enter__(self) -> "Attempt":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def student_seconds(self) -> float:
        return self._seconds_of_ended_boxes + (self._box.student_seconds if self._box else 0.0)

    @property
    def seconds_left(self) -> float:
        return self.assignment.limits.wall_s - self.student_seconds

    def forgive(self, seconds: float) -> None:
        """Leave out time that was not the student's to spend."""
        self._seconds_of_ended_boxes -= seconds

    def load(self) -> None:
        """A new box with the student's files in it. Raises Ungradable where they cannot be imported."""
        if not self.files:
            raise Ungradable(Fault(whose=Whose.student, code="no_code", message=NO_CODE))
        box = self._open()
        payload = {"files": dict(self.files), "module": self.assignment.module}
        try:
            reply = box.request("load", payload, seconds=min(self.assignment.limits.import_s, max(self.seconds_left, 0.1)))
        except BoxEnded as ended:
            raise Ungradable(_fault_of_ending(ended)) from ended
        if "error" in reply:
            error = StudentError(reply["error"])
            raise Ungradable(_fault_of_error(error, self.assignment.module, self.place(error.line, error.file)))
        self.names = _names(reply.get("names"))

    def channel(self, *, seconds: float, guard: Sequence[str], record: bool, trace: bool) -> Channel:
        """A line for one check; opens and loads a new box where the last one has ended."""
        if self._box is None:
            self.load()
        self._printed_before = len(self._box.output())
        return Channel(self._box, self.names, seconds=min(seconds, self.seconds_left), guard=guard, record=record, trace=trace)

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Hand on what the student's code logs while the block runs."""
        self._listen(listener)
        try:
            yield
        finally:
            self._listen(ignore)

    def _listen(self, listener: Listener) -> None:
        self._listener = listener
        if self._box is not None:
            self._box.listener = listener

    def output(self) -> str:
        """What the student's code printed since the last channel was asked for, also where its box is closed by now."""
        return self._box.output()[self._printed_before :][:OUTPUT_SHOWN] if self._box else self._last_output

    @cached_property
    def text(self) -> str:
        """The main file."""
        return self.source().decode("utf-8", "replace")

    @cached_property
    def outline(self) -> Outline:
        return Outline(self.source())

    def source(self, file: str | None = None) -> bytes:
        return self.files.get(file or f"{self.assignment.module}.py", b"")

    def place(self, line: int | None, file: str | None = None) -> Text | None:
        """A line of the submission in words: in a notebook it is a line of a cell."""
        if line is None:
            return None
        return place_of(line, self.source(file), None if file == f"{self.assignment.module}.py" else file)

    def measure(self) -> None:
        """Note how much of a GPU's memory the present box has used."""
        if (peak := getattr(self._box, "gpu_peak_bytes", None)) is not None:
            self.gpu_memory = self.gpu_memory.or_more(peak, self._told_from_inside())

    def _told_from_inside(self) -> int | None:
        try:
            return self._box.request("memory", {}, seconds=ANSWER_S).get("value")
        except BoxEnded:
            return None

    def close(self) -> None:
        """Leave the box: what is in it ends."""
        self.measure()
        if self._box is not None:
            self._last_output = self.output()
            self._seconds_of_ended_boxes += self._box.student_seconds
            self._box = None
        self._stack.close()

    def _open(self) -> Box:
        self.close()
        started = time.monotonic()
        self._box = self._stack.enter_context(self._sandbox.open(self.assignment.limits))
        self.sandbox_seconds += time.monotonic() - started
        self._printed_before = 0
        self._box.listener = self._listener
        return self._box


def find_hits(files: Mapping[str, bytes], assignment: Assignment) -> list[PolicyHit]:
    """Uses of what the assignment forbids. Read out here: inside the sandbox, the student's code could change the answer."""
    rules = [{"rule": rule.rule, "names": rule.names} for rule in assignment.forbidden if rule.names]
    try:
        return [PolicyHit.model_validate(hit) for hit in policy.scan(files, rules)] if rules else []
    except UNREADABLE:  # nested so deeply that nobody can read it: for a person to look at
        return [PolicyHit(rule=rule.rule, name="?", line=None, evidence=NOT_READ) for rule in assignment.forbidden]


def _names(names: Any) -> dict[str, str]:
    """The module's names and their kinds; the sandbox is not believed to send them in order."""
    if not isinstance(names, dict):
        raise Ungradable(_fault_of_ending(BoxEnded(Ending.protocol_error)))
    return {name: str(kind) for name, kind in names.items()}


def _fault_of_ending(ended: BoxEnded) -> Fault:
    message = _while_importing(ENDED[ended.ending][1])
    return Fault(whose=Whose.student, code=f"{ended.ending}_at_import", message=message)


def _while_importing(text: Text) -> Text:
    return Text(en=f"While your file was being imported: {text.en}", zh=f"导入文件时出了问题：{text.zh}")


def _fault_of_error(error: StudentError, module: str, place: Text | None) -> Fault:
    """The sentence for a file that cannot be imported."""
    what = f"{error.type}: {error.message}"[:300].rstrip(".")
    at_en, at_zh = (f" in {place.en}", place.zh) if place else ("", "代码")
    match error.kind:
        case "syntax":
            code, en, zh = "syntax_error", f"Python cannot read your file{at_en}: {what}.", f"{at_zh}有语法错误：{what}。"
        case "import" if error.line is None:
            code = "missing_module"
            en = f"The file {module}.py is missing or cannot be found ({what}). Hand in a file of that name."
            zh = f"找不到 {module}.py（{what}）。请提交这个文件名的文件。"
        case "import":
            code = "import_error"
            en = f"An import fails{at_en}: {what}. Only Python, torch and numpy are there."
            zh = f"{at_zh}导入失败：{what}。评测环境只有 Python、torch 和 numpy。"
        case "exit":
            code = "exited_at_import"
            en = f"Your file ends Python while it is imported{at_en}. Remove calls of exit() and quit()."
            zh = f"{at_zh}在导入时退出了 Python。请去掉 exit() 和 quit()。"
        case _:
            code = "raised_at_import"
            en = f"Your file raises {what}{at_en} while it is imported. Move what runs at the top level under a function."
            zh = f"导入文件时，{at_zh}抛出了 {what}。请把顶层运行的代码移到函数里。"
    return Fault(whose=Whose.student, code=code, message=Text(en=en, zh=zh), line=error.line)
