"""What participation is worth, and who is drawn next. Values in, answer out."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from grader.protocol import Text
from server.errors import AppError
from server.participation.models import Contribution, InvitationState, Reply, ShownAs

MAX_TEXT, MAX_POINTS = 1000, Decimal(100)


class NobodyPresent(AppError):
    status, code = 409, "nobody_present"

    def __init__(self) -> None:
        super().__init__(
            "Nobody is present in this roll call yet, so there is nobody to draw.", "本次点名还没有人出勤，没有可抽取的学生。"
        )


class BadPoints(AppError):
    status, code = 422, "bad_points"

    def __init__(self) -> None:
        super().__init__(
            f"Points are between 0 and {MAX_POINTS}, and the most that counts is above 0.",
            f"分值须在 0 到 {MAX_POINTS} 之间，封顶分须大于 0。",
            field="points",
        )


class TextTooLong(AppError):
    status, code = 422, "text_too_long"

    def __init__(self) -> None:
        super().__init__(f"A note has at most {MAX_TEXT} characters.", f"备注不超过 {MAX_TEXT} 个字符。", field="text")


class AlreadyReplied(AppError):
    status, code = 409, "already_replied"

    def __init__(self, reply: Reply) -> None:
        word = REPLIES[reply]
        super().__init__(
            f"Somebody has written down “{word.en}” for this draw. Nothing was changed.",
            f"这次抽点已登记为“{word.zh}”，未作改动。",
        )


class NotInvited(AppError):
    status, code = 409, "not_invited"

    def __init__(self) -> None:
        super().__init__(
            "Nobody has asked for this solution, so there is nothing to answer.", "没有人邀请展示这份作业，无须回复。"
        )


class AlreadyAnswered(AppError):
    status, code = 409, "already_answered"

    def __init__(self, state: InvitationState) -> None:
        word = INVITATIONS[state]
        super().__init__(f"This invitation was {word.en}; nothing was changed.", f"该邀请的状态是“{word.zh}”，未作改动。")


KINDS = {
    Contribution.question: Text(en="question", zh="提问"),
    Contribution.answer: Text(en="answer", zh="回答"),
    Contribution.presentation: Text(en="presentation", zh="展示"),
    Contribution.other: Text(en="other", zh="其他"),
}
REPLIES = {
    Reply.answered: Text(en="answered", zh="已回答"),
    Reply.not_answered: Text(en="did not answer", zh="未能回答"),
    Reply.skipped: Text(en="passed over", zh="跳过"),
}
INVITATIONS = {
    InvitationState.invited: Text(en="waiting for an answer", zh="待回复"),
    InvitationState.accepted: Text(en="accepted", zh="已接受"),
    InvitationState.declined: Text(en="declined", zh="已谢绝"),
}
SHOWN_AS = {
    ShownAs.name: Text(en="under my name", zh="署名展示"),
    ShownAs.pseudonym: Text(en="under a pseudonym", zh="匿名展示"),
}


@dataclass(frozen=True)
class Points:
    """`counted` is what the course takes; `earned` all there is, beyond the cap too."""

    earned: Decimal
    counted: Decimal  # 0..most
    most: Decimal


def points_of(noted: Iterable[Decimal], *, most: Decimal) -> Points:
    earned = sum(noted, Decimal())
    return Points(earned, min(earned, most), most)


def check_points(value: Decimal) -> Decimal:
    if not (value.is_finite() and 0 <= value <= MAX_POINTS):
        raise BadPoints
    return value


@dataclass(frozen=True)
class Candidate:
    """Somebody present. `times_drawn`: in this course, before."""

    login: str
    times_drawn: int


def draw_one(pool: Iterable[Candidate], *, seed: str) -> Candidate:
    """Who was drawn least often; among equals the smallest SHA-256 of `seed:login`."""
    candidates = sorted(pool, key=lambda each: (each.times_drawn, ticket_of(seed, each.login), each.login))
    if not candidates:
        raise NobodyPresent
    return candidates[0]


def ticket_of(seed: str, login: str) -> str:
    return hashlib.sha256(f"{seed}:{login}".encode()).hexdigest()
