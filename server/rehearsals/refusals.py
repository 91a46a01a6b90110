"""Why a rehearsal cannot begin: what happened, why, and what to do next."""

from datetime import datetime

from server.errors import AppError


class SomebodySits(AppError):
    status, code = 409, "somebody_sits"

    def __init__(self, sitting: int) -> None:
        people = "somebody sits an exam" if sitting == 1 else f"{sitting} students sit exams"
        super().__init__(
            f"At the moment {people} on this platform, and a rehearsal would take time from the same judge. "
            "Rehearse when they are done.",
            f"当前平台上有 {sitting} 人正在考试，试考会占用同一批评测资源。请在考试结束后再试考。",
            sitting=sitting,
        )


class ExamOpensSoon(AppError):
    status, code = 409, "exam_opens_soon"

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(
            f"An exam opens at {opens_at:%Y-%m-%d %H:%M %Z}, before this rehearsal would be over. "
            "Take a shorter one, or rehearse later.",
            f"有一场考试将于 {opens_at:%Y-%m-%d %H:%M %Z} 开放，早于本次试考结束。请缩短试考，或改在之后进行。",
            opens_at=opens_at.isoformat(),
        )


class RehearsalRuns(AppError):
    status, code = 409, "rehearsal_runs"

    def __init__(self) -> None:
        super().__init__(
            "Another rehearsal runs on this platform; two at once would say nothing true of either. "
            "Wait until it is over; what was left behind is swept an hour after its end.",
            "平台上有另一场试考正在进行，同时进行会使两者的结果都不准确。请等它结束；若被中途遗弃，会在结束一小时后自动清理。",
        )
