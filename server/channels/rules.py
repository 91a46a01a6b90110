"""Decisions about channels: what an address looks like, what an answer means, when to try again. Pure."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from grader.protocol import Text
from server.channels.models import Kind, Sending
from server.errors import AppError

MAX_NAME, MAX_ADDRESS, MOST_CHANNELS = 80, 2000, 20
MOST_TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(minutes=30)
SAID = 200  # characters of what the other side says
TOO_FAST = {45009, 130101, 11232}  # WeCom, DingTalk, Feishu: the answer to too many messages at once
PATTERNS = {
    Kind.wecom: re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([A-Za-z0-9_-]+)"),
    Kind.feishu: re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([A-Za-z0-9_-]+)/?"),
    Kind.lark: re.compile(r"https://open\.larksuite\.com/open-apis/bot/v2/hook/([A-Za-z0-9-]+)/?"),
    Kind.dingtalk: re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([A-Za-z0-9]+)"),
}
STARTS = {
    Kind.wecom: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    Kind.feishu: "https://open.feishu.cn/open-apis/bot/v2/hook/…",
    Kind.lark: "https://open.larksuite.com/open-apis/bot/v2/hook/…",
    Kind.dingtalk: "https://oapi.dingtalk.com/robot/send?access_token=…",
    Kind.email: "dl-2026@lists.example.edu",
    Kind.webhook: "https://…",
}
SIGNING = re.compile(r"[A-Za-z0-9]+")
MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[A-Za-z0-9-]+")


class BadAddress(AppError):
    """The address itself is never said again: it may be a key."""

    status, code = 422, "bad_address"

    def __init__(self, kind: Kind) -> None:
        super().__init__(
            f"This does not look like an address of this kind. It reads {STARTS[kind]} Copy it whole from the group's bot.",
            f"地址格式不对，应形如 {STARTS[kind]}。请从群机器人设置里完整复制。",
            field="address",
        )


class BadSigning(AppError):
    status, code = 422, "bad_signing"

    def __init__(self) -> None:
        super().__init__(
            "The signing key holds only letters and digits and begins with SEC.",
            "加签密钥只含字母和数字，以 SEC 开头。",
            field="signing",
        )


class NoName(AppError):
    status, code = 422, "no_name"

    def __init__(self) -> None:
        super().__init__(
            f"Give the channel a name of at most {MAX_NAME} characters.",
            f"请为渠道取名，不超过 {MAX_NAME} 个字符。",
            field="name",
        )


class TooManyChannels(AppError):
    status, code = 409, "too_many_channels"

    def __init__(self) -> None:
        super().__init__(
            f"A course has at most {MOST_CHANNELS} channels. Remove one first.",
            f"每门课程最多 {MOST_CHANNELS} 个渠道，请先移除一个。",
        )


class NotToRepeat(AppError):
    status, code = 409, "not_to_repeat"

    def __init__(self) -> None:
        super().__init__(
            "Only what failed, or of which it is unclear whether it arrived, can be sent again.",
            "只有发送失败或结果不明的消息才能重发。",
        )


def read_address(kind: Kind, typed: str) -> str:
    """The key in a group's webhook; otherwise the address as it was typed. Raises BadAddress."""
    typed = typed.strip()
    if len(typed) > MAX_ADDRESS:
        raise BadAddress(kind)
    if kind in PATTERNS:
        if found := PATTERNS[kind].fullmatch(typed):
            return found[1]
    elif kind is Kind.email:
        if MAIL.fullmatch(typed):
            return typed
    elif is_web_address(typed):
        return typed
    raise BadAddress(kind)


def is_web_address(typed: str) -> bool:
    try:
        parts = urlsplit(typed)
        names_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = typed.isascii() and typed.isprintable() and " " not in typed and "@" not in parts.netloc
    return parts.scheme in ("https", "http") and bool(parts.hostname) and names_port and is_plain


def hint_of(kind: Kind, address: str) -> str:
    """What shows that it is the right one, and is of no use to anybody else."""
    if kind is Kind.email:
        return "••••@" + address.rpartition("@")[2]
    if kind is Kind.webhook:
        return f"{urlsplit(address).hostname}/••••"
    return f"••••{address[-4:]}" if len(address) >= 16 else "••••"


@dataclass(frozen=True)
class Outcome:
    """What came of a try. `again`: trying once more later may help."""

    state: Sending
    said: Text
    again: bool = False


SENT = Outcome(Sending.sent, Text(en="The other side has taken it.", zh="对方已接收。"))


def not_reached(why: Text) -> Outcome:
    return Outcome(Sending.failed, why, again=True)


def unclear() -> Outcome:
    return Outcome(
        Sending.unclear,
        Text(
            en="The connection broke before the other side answered. Look into the group: it may have arrived.",
            zh="对方回应之前连接中断，消息可能已送达，请先到群里查看。",
        ),
    )


def unclear_mail() -> Outcome:
    return Outcome(
        Sending.unclear,
        Text(
            en="The connection broke before the mail server answered: the e-mail may have gone out.",
            zh="邮件服务器回应之前连接中断，邮件可能已发出。",
        ),
    )


def judge(status: int, body: bytes) -> Outcome:
    """A group's bot answers 200 also when it refuses; what counts is the code in what it says."""
    if 300 <= status < 400:
        return failed(
            f"It answered {status} and sends us elsewhere, where we do not follow.", f"对方返回 {status} 重定向，我们不会跟随。"
        )
    if status == 429 or status >= 500:
        return failed(f"It answered {status}.", f"对方返回 {status}。", again=True)
    if not 200 <= status < 300:
        return failed(
            f"It answered {status}. Is the bot still in the group, and the address right?",
            f"对方返回 {status}。请检查机器人是否仍在群内、地址是否正确。",
        )
    said = read_object(body)
    code = next((said[name] for name in ("errcode", "code", "StatusCode") if name in said), 0)
    if code in (0, "0"):
        return SENT
    reason = str(said.get("errmsg") or said.get("msg") or "")[:SAID]
    return failed(f"It refused: {reason} ({code})", f"对方拒绝：{reason}（{code}）", again=code in TOO_FAST)


def failed(en: str, zh: str, *, again: bool = False) -> Outcome:
    return Outcome(Sending.failed, Text(en=en, zh=zh), again)


def read_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def pause_after(tries: int) -> timedelta:
    """Each pause is three times the one before, up to the longest."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 3 ** min(max(tries, 1) - 1, 10))


def may_try_again(outcome: Outcome, *, tries: int) -> bool:
    return outcome.state is Sending.failed and outcome.again and tries < MOST_TRIES


def fit(text: str, *, most_bytes: int, end: str = "…") -> str:
    """As much of it as a message may hold, counted in bytes, cut between characters."""
    if len(text.encode()) <= most_bytes:
        return text
    return text.encode()[: most_bytes - len(end.encode())].decode(errors="ignore") + end
