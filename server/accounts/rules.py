"""Decisions about signing in."""

from datetime import timedelta

from server.errors import AppError

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_ADDRESS = 8  # one login, one address
FAILURES_PER_LOGIN = 100  # one login, from anywhere: many addresses guess together
MIN_PASSWORD = 8
MAX_PASSWORD = 256


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

    def __init__(self) -> None:
        minutes = int(FAILURE_WINDOW.total_seconds() // 60)
        super().__init__(
            f"Too many wrong passwords. Please wait {minutes} minutes.",
            f"密码错误次数过多，请等待 {minutes} 分钟后再试。",
            headers={"Retry-After": str(minutes * 60)},
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


def check_may_try(*, from_here: int, from_anywhere: int) -> None:
    """Refuse a password guess when too many went wrong lately."""
    if from_here >= FAILURES_PER_ADDRESS or from_anywhere >= FAILURES_PER_LOGIN:
        raise TooManyFailures
