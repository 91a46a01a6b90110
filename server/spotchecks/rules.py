"""Who is drawn: by lot, those first who were drawn least often. The same pool and the same seed give the same sample."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, groupby

from grader.protocol import Text
from server.accounts.models import User
from server.errors import AppError
from server.spotchecks.models import Impression

MAX_PER_SECTION, MAX_SEED, MAX_QUESTIONS, MAX_TEXT = 500, 64, 8, 4000


class NobodyToDraw(AppError):
    status, code = 409, "nobody_to_draw"

    def __init__(self) -> None:
        super().__init__("Nobody has handed in yet, so there is nobody to draw.", "还没有人提交，没有可抽查的对象。")


class NoSuchReader(AppError):
    status, code = 422, "no_such_reader"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} is not on the staff of this course, so cannot read.",
            f"{login} 不是本课程的教学人员，不能担任阅读人。",
            field="readers",
        )


class BadSeed(AppError):
    status, code = 422, "bad_seed"

    def __init__(self) -> None:
        super().__init__(
            f"A seed is one word of at most {MAX_SEED} letters and digits.",
            f"种子是一个由字母和数字组成的词，不超过 {MAX_SEED} 个字符。",
            field="seed",
        )


class SavedMeanwhile(AppError):
    """Two people have the same talk open; nothing of either is lost."""

    status, code = 409, "saved_meanwhile"

    def __init__(self, by: str | None, version: int) -> None:
        who = by or "Somebody"
        super().__init__(
            f"{who} saved this while you were typing. Nothing was overwritten: what you typed is still in the fields, "
            "and what was saved stands above them. Saving again puts yours in its place.",
            f"在你填写期间，{by or '有人'}已保存过这份记录。没有任何内容被覆盖：你填写的仍在输入框中，"
            "已保存的内容显示在上方；再次保存将以你的为准。",
            version=version,
        )


class TextTooLong(AppError):
    status, code = 422, "text_too_long"

    def __init__(self, longest: int) -> None:
        super().__init__(f"Each text may have at most {longest} characters.", f"每段文字不超过 {longest} 个字符。")


@dataclass(frozen=True)
class Candidate:
    """A student of the course at the moment of the draw. `section`: its name; "" for those in none."""

    login: str
    section: str
    times_drawn: int  # in this course, before
    handed_in: bool = True


def ticket_of(seed: str, login: str) -> str:
    """What `printf %s SEED:LOGIN | sha256sum` prints."""
    return hashlib.sha256(f"{seed}:{login}".encode()).hexdigest()


def draw_sample(pool: Iterable[Candidate], *, seed: str, per_section: int) -> list[Candidate]:
    """Of each section so many, or all of a smaller one; those drawn least often first, among equals by their tickets."""
    handed_in = sorted((each for each in pool if each.handed_in), key=lambda each: each.section)
    drawn: list[Candidate] = []
    for _, section in groupby(handed_in, key=lambda each: each.section):
        in_turn = sorted(section, key=lambda each: (each.times_drawn, ticket_of(seed, each.login), each.login))
        drawn += in_turn[:per_section]
    return drawn


def check_seed(seed: str) -> str:
    if not (seed.isascii() and seed.isalnum() and len(seed) <= MAX_SEED):
        raise BadSeed
    return seed


def share_out(readers: Sequence[User], number: int) -> list[User | None]:
    """Readers in turn; None each where nobody was named."""
    turn = cycle([*readers] or [None])
    return [next(turn) for _ in range(number)]


def check_texts(texts: Iterable[str]) -> None:
    if any(len(text) > MAX_TEXT for text in texts):
        raise TextTooLong(MAX_TEXT)


IMPRESSIONS = {
    Impression.own_work: Text(en="own work", zh="独立完成"),
    Impression.unsure: Text(en="unsure", zh="不确定"),
    Impression.not_explained: Text(en="not explained", zh="未能讲清"),
    Impression.absent: Text(en="absent", zh="未到场"),
}
