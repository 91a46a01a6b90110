"""Decisions about signing in."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.errors import AppError

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_PLACE = 8  # one login, one address or known browser; from then on each try is followed by a pause
FAILURES_PER_LOGIN = 100  # one login, from anywhere: many addresses guess together
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=2)
MIN_PASSWORD = 8
MAX_PASSWORD = 256


@dataclass(frozen=True)
class Place:
    """Where a password is typed: an address, or a browser in which this person has signed in before."""

    name: str
    is_known: bool = False


@dataclass(frozen=True)
class Failures:
    """Wrong passwords for one login within the window."""

    count: int
    last_at: datetime | None


class NotSignedIn(AppError):
    status, code = 401, "not_signed_in"

    def __init__(self) -> None:
        super().__init__("Please sign in first.", "请先登录。", headers={"WWW-Authenticate": "Bearer"})


class WrongCredentials(AppError):
    status, code = 401, "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("This login and password do not go together.", "用户名或密码不正确。")


class TooManyFailures(AppError):
    status, code = 429, "too_many_failures"

    def __init__(self, pause: timedelta) -> None:
        seconds = math.ceil(pause.total_seconds())
        super().__init__(
            f"Too many wrong passwords. Please wait {seconds} s, then try again.",
            f"密码错误次数过多，请等待 {seconds} 秒后再试。",
            headers={"Retry-After": str(seconds)},
        )


class ForgedRequest(AppError):
    status, code = 403, "forged_request"

    def __init__(self) -> None:
        super().__init__(
            "This request did not come from a page of ours. Reload the page and try again.",
            "此请求并非来自本站页面，请刷新页面后重试。",
        )


class LoginTaken(AppError):
    status, code = 409, "login_taken"

    def __init__(self, login: str) -> None:
        super().__init__(f"The login {login} is taken.", f"用户名 {login} 已被使用。")


def check_may_try(place: Place, *, from_here: Failures, from_anywhere: Failures, now: datetime) -> None:
    """Refuse a try that comes too soon after wrong ones. What others type elsewhere never slows a known browser down."""
    ends = pause_end(from_here, FAILURES_PER_PLACE), None if place.is_known else pause_end(from_anywhere, FAILURES_PER_LOGIN)
    until = max((end for end in ends if end), default=now)
    if until > now:
        raise TooManyFailures(until - now)


def pause_end(failures: Failures, free: int) -> datetime | None:
    """Nobody waits before so many went wrong; then each further failure doubles the pause, up to the longest."""
    if failures.count < free:
        return None
    return failures.last_at + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures.count - free, 10))
