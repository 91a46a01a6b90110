"""Refusals, and when answers may be shown. Values in, answer out; no session, no clock."""

from datetime import datetime

from grader.protocol import Feedback
from server.errors import AppError

MOST_BYTES = 256 << 10  # of a draft, without its files
MOST_FILES = 100  # that one person saves with the drafts of one assignment


class SavedElsewhere(AppError):
    status, code = 409, "answers_saved_elsewhere"

    def __init__(self, saved_at: datetime, version: int) -> None:
        super().__init__(
            f"Other answers were saved from another tab or device at {saved_at:%H:%M}. What you have typed here is not lost, "
            "and not saved yet.",
            f"{saved_at:%H:%M} 在另一个标签页或设备上保存过别的答案。你在这里填写的内容没有丢失，但还没有保存。",
            saved_at=saved_at.isoformat(),
            version=version,
        )
        self.version = version


class DraftTooLong(AppError):
    status, code = 413, "answers_too_long"

    def __init__(self) -> None:
        most = MOST_BYTES >> 10
        super().__init__(f"Your answers are longer than {most} KiB together.", f"全部答案加起来超过 {most} KiB。")


class TooManyFiles(AppError):
    status, code = 429, "too_many_files_saved"

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_FILES} files were saved for this assignment. Hand in with the one that stands there.",
            f"本作业已保存过 {MOST_FILES} 个文件，请用现有的文件提交。",
        )


def stage_at(now: datetime, *, closed_at: datetime, released_at: datetime | None) -> Feedback:
    """What has come by now. closed_at: when nobody can hand in any more, extensions included."""
    if now < closed_at:
        return Feedback.at_once
    return Feedback.after_release if released_at is not None and released_at <= now else Feedback.after_close


def may_show_answers(feedback: Feedback, stage: Feedback) -> bool:
    """The right ones: never while somebody can still hand in."""
    return stage is not Feedback.at_once and feedback.is_due(stage)
