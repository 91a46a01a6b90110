"""Decisions about judging: who pays for a failure, what a student may read."""

from typing import Any

from grader.disclosure import student_view
from grader.protocol import Report, Whose
from server.errors import AppError

MAX_TRIES = 3


class StillWaiting(AppError):
    status, code = 409, "still_waiting"

    def __init__(self) -> None:
        super().__init__("This submission is still being judged.", "该提交仍在评测中。")


class NotWaiting(AppError):
    status, code = 409, "not_waiting"

    def __init__(self) -> None:
        super().__init__("This submission no longer waits in the queue.", "该提交已不在排队中。")


def is_worth_retrying(whose: Whose, *, tries: int) -> bool:
    """Our own failures may pass; a broken assignment stays broken until somebody repairs it."""
    return whose is Whose.system and tries < MAX_TRIES


def report_for(report: Report, *, staff: bool) -> dict[str, Any]:
    """The report's JSON. Students get of a hidden check one word, and no seed, times or private metrics."""
    shown = report if staff else student_view(report)
    return shown.model_dump(mode="json", exclude={"run_id"})
