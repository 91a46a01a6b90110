"""Why a student cannot do something in an exam: what happened, why, and what to do next."""

from datetime import datetime

from server.errors import AppError

KEPT = (" What has just arrived was kept for the staff to decide about.", "刚刚收到的内容已另行保留，由教学人员决定是否计入。")


class NotOpen(AppError):
    status, code = 409, "exam_not_open"

    def __init__(self, opens_at: datetime, closes_at: datetime, now: datetime) -> None:
        if now < opens_at:
            super().__init__(
                f"The exam opens at {opens_at:%a %d %b %H:%M:%S %Z}. Nothing of it can be seen before.",
                f"考试将于 {opens_at:%Y-%m-%d %H:%M:%S %Z} 开放，在此之前无法查看任何内容。",
                opens_at=opens_at.isoformat(),
            )
        else:
            super().__init__(
                f"The exam could be started until {closes_at:%a %d %b %H:%M:%S %Z}. Tell the course staff if you missed it.",
                f"本场考试最晚须在 {closes_at:%Y-%m-%d %H:%M:%S %Z} 之前开始。如果错过了，请联系课程教学人员。",
                closes_at=closes_at.isoformat(),
            )


class HonourNotAccepted(AppError):
    status, code = 422, "honour_not_accepted"

    def __init__(self) -> None:
        super().__init__(
            "Please read and accept the honour statement; then the exam begins.", "请先阅读并接受诚信声明，然后考试才会开始。"
        )


class NotSitting(AppError):
    status, code = 409, "not_sitting"

    def __init__(self) -> None:
        super().__init__("You have not started this exam. Start it on its page.", "你还没有开始这场考试，请从考试页面开始。")


class AlreadyHandedIn(AppError):
    """missed: how many fields came along and were kept for the staff to decide about."""

    status, code = 409, "already_handed_in"

    def __init__(self, at: datetime, missed: int = 0) -> None:
        kept, kept_zh = KEPT if missed else ("", "")
        super().__init__(
            f"This exam was handed in at {at:%H:%M:%S}. What was saved by then is what counts.{kept}",
            f"本场考试已于 {at:%H:%M:%S} 交卷，以当时已保存的内容为准。{kept_zh}",
            handed_in_at=at.isoformat(),
            missed=missed,
        )


class TimeIsOver(AppError):
    """missed: how many fields came along and were kept for the staff to decide about."""

    status, code = 409, "time_is_over"

    def __init__(self, ended_at: datetime, missed: int = 0) -> None:
        kept, kept_zh = KEPT if missed else ("", "")
        super().__init__(
            f"Your time was over at {ended_at:%H:%M:%S}. What was saved by then has been handed in.{kept}",
            f"你的考试时间已于 {ended_at:%H:%M:%S} 结束，当时已保存的内容已自动交卷。{kept_zh}",
            ended_at=ended_at.isoformat(),
            missed=missed,
        )


class AnotherPlace(AppError):
    """missed: how many fields came along and were kept."""

    status, code = 409, "another_place"

    def __init__(self, missed: int = 0) -> None:
        kept = " What has just arrived from here was kept." if missed else ""
        kept_zh = "刚刚从这里收到的内容已另行保留。" if missed else ""
        super().__init__(
            f"You go on with this exam in another tab or on another device; this one no longer saves.{kept}",
            f"你已在另一个标签页或另一台设备上继续考试，此处不再保存。{kept_zh}",
            missed=missed,
        )


class AwaitingPermission(AppError):
    status, code = 409, "awaiting_permission"

    def __init__(self) -> None:
        super().__init__(
            "This is another device than the one you began on. An invigilator has to permit it; raise your hand.",
            "这不是你开始考试时使用的设备，需要监考人员批准，请举手示意。",
        )


class PlaceRefused(AppError):
    status, code = 403, "place_refused"

    def __init__(self) -> None:
        super().__init__(
            "An invigilator has refused to let you go on here. Go back to the device you began on, or ask.",
            "监考人员未批准在这台设备上继续考试，请回到原来的设备，或询问监考人员。",
        )


class NotFromHere(AppError):
    status, code = 403, "not_from_here"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"This exam can be taken only from the networks that its staff have named, and {address} is in none of them. "
            "Use a computer of the exam room, or ask an invigilator.",
            f"本场考试只允许从指定的网络参加，而 {address} 不在其中。请使用考场的电脑，或询问监考人员。",
        )


class NoSuchField(AppError):
    status, code = 422, "no_such_field"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"The paper has no field {field[:80]!r}; nothing was saved.", f"试卷上没有 {field[:80]!r} 这一项，未做保存。"
        )


class SaveTooLarge(AppError):
    status, code = 413, "save_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"One answer may have at most {most >> 10} KiB; nothing was saved. Shorten it.",
            f"每项作答最多 {most >> 10} KiB，未做保存，请缩短后再试。",
        )


class NoChecksHere(AppError):
    status, code = 409, "no_checks_here"

    def __init__(self) -> None:
        super().__init__(
            "There is no code to check in this exam, or none is written yet.",
            "本场考试没有可检查的代码，或者你还没有写代码。",
        )


class ChecksUsedUp(AppError):
    status, code = 429, "checks_used_up"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"You have run the public checks {limit} times, which is all there is. Saving and handing in go on as before.",
            f"公开检查的 {limit} 次机会已经用完，保存和交卷不受影响。",
        )


class CheckStillRunning(AppError):
    status, code = 409, "check_still_running"

    def __init__(self) -> None:
        super().__init__(
            "The last run of the checks has not ended yet; wait for its result.", "上一次检查还没有结束，请等待结果。"
        )
