"""What may be done with a case, when and by whom. Values in, answer out; no session, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.cases.models import Verdict
from server.errors import AppError

MIN_TEXT, MAX_TEXT = 3, 20_000  # characters of what staff or a student write
HEARING = timedelta(days=7)  # proposed to staff
SHORTEST_HEARING = timedelta(days=1)
KEPT_WITHOUT_FINDING = timedelta(days=30)
MOST_EXHIBITS = 20
MOST_STATEMENTS = 20  # of one student in one case: each may be as long as a text may be


class NothingToShow(AppError):
    status, code = 422, "nothing_to_show"

    def __init__(self) -> None:
        super().__init__(
            f"What goes into a case is a submission, or 1 to {MOST_EXHIBITS} pairs of one assignment.",
            f"放入个案的须是一次提交，或同一作业中的 1 到 {MOST_EXHIBITS} 组相似作品。",
        )


class NobodyChosen(AppError):
    status, code = 422, "nobody_chosen"

    def __init__(self) -> None:
        super().__init__("Choose at least one student whom the case is about.", "请至少选择一名涉及的学生。")


class NotOfTheseWorks(AppError):
    status, code = 422, "not_of_these_works"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} is not a student of this course who has handed in one of these works.",
            f"{login} 不是提交了这些作品的本课程学生。",
            login=login,
        )


class NotOfThisCase(AppError):
    status, code = 422, "not_of_this_case"

    def __init__(self) -> None:
        super().__init__(
            "None of these works was handed in to this assignment by somebody whom the case is about, so it says nothing of "
            "them. If it leaves a question, open another case for it.",
            "这些作品都不是本案所涉学生在本次作业中提交的，与他们无关。如有疑问，请另立一案。",
        )


class ShownAlready(AppError):
    status, code = 409, "shown_already"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Exhibit {number} of this case shows these works already, and exhibits are never changed.",
            f"本案的材料 {number} 已包含这些作品，而已有材料不会更改。",
            exhibit=number,
        )


class TooManyExhibits(AppError):
    status, code = 409, "too_many_exhibits"

    def __init__(self) -> None:
        super().__init__(
            f"A case has room for {MOST_EXHIBITS} exhibits. Open another case for what does not fit.",
            f"一个个案最多包含 {MOST_EXHIBITS} 份材料，放不下的请另立一案。",
        )


class CaseClosed(AppError):
    status, code = 409, "case_closed"

    def __init__(self) -> None:
        super().__init__(
            "This case is closed: everybody in it has a verdict that counts. "
            "Open another case, or tell a student again, which opens this one.",
            "本案已结案：每名学生都已有生效的结论。请另立一案；或再次告知学生，本案会随之重新打开。",
        )


class TextMissing(AppError):
    status, code = 422, "text_missing"

    def __init__(self) -> None:
        super().__init__(
            f"Write at least {MIN_TEXT} characters, and at most {MAX_TEXT:,}.", f"请填写 {MIN_TEXT} 到 {MAX_TEXT} 个字符。"
        )


class ChangedMeanwhile(AppError):
    status, code = 409, "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed this case while you wrote, so nothing of yours was saved yet. "
            "Look at what is new; your text is still in the form.",
            "你填写期间，本案已有变动，因此你的内容尚未保存。请先查看最新情况；你写的文字仍保留在表单中。",
        )


class CaseErased(AppError):
    status, code = 409, "case_erased"

    def __init__(self) -> None:
        super().__init__(
            "The retention of this case is over and its contents are erased, so it cannot change any more.",
            "本案已过保存期，内容已清除，不能再作改动。",
        )


class StudentsAreNotTold(AppError):
    status, code = 409, "students_are_not_told"

    def __init__(self) -> None:
        super().__init__(
            "In this course students are not told of cases; an instructor can change that in the course's settings.",
            "本课程设置为不告知学生；任课教师可以在课程设置中更改。",
        )


class DeadlineTooEarly(AppError):
    status, code = 422, "deadline_too_early"

    def __init__(self, earliest: datetime) -> None:
        super().__init__(
            f"Leave the student until {earliest:%a %d %b %Y %H:%M %Z} at least.",
            f"留给学生的截止时间不得早于 {earliest:%Y-%m-%d %H:%M %Z}。",
            earliest=earliest.isoformat(),
        )


class NotYetHeard(AppError):
    status, code = 409, "not_yet_heard"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"The student has not been heard yet and has time until {until:%a %d %b %Y %H:%M %Z}. "
            "Until then the only possible verdict is that nothing is held against them.",
            f"学生尚未陈述，期限为 {until:%Y-%m-%d %H:%M %Z}。在此之前只能作出“不予追究”的结论。",
            heard_until=until.isoformat(),
        )


class NotToldYet(AppError):
    status, code = 409, "not_told_yet"

    def __init__(self) -> None:
        super().__init__(
            "Tell the student first and hear them: this course decides against nobody unheard.",
            "请先告知学生并听取其陈述：本课程不在未听取陈述的情况下作出不利结论。",
        )


class ReasonsMissing(AppError):
    status, code = 422, "reasons_missing"

    def __init__(self) -> None:
        super().__init__(
            f"A verdict against a student needs reasons, of {MIN_TEXT} to {MAX_TEXT:,} characters.",
            f"对学生作出不利结论须说明理由（{MIN_TEXT} 到 {MAX_TEXT} 个字符）。",
        )


class BadPoints(AppError):
    status, code = 422, "bad_points"

    def __init__(self, most: Decimal) -> None:
        shown = f"{most.quantize(Decimal('0.01')).normalize():f}"
        super().__init__(
            f"Between 0.01 and {shown} points can be taken off: the student has no more here."
            if most > 0
            else "The student has no points here that could be taken off.",
            f"可扣分数为 0.01 到 {shown} 分，不能超过该生本次作业的得分。" if most > 0 else "该生本次作业没有可扣的分数。",
            most=shown,
        )


class PointsWithoutVerdict(AppError):
    status, code = 422, "points_without_verdict"

    def __init__(self) -> None:
        super().__init__("Only the verdict “points” takes points off.", "只有选择“扣分”时才能填写分数。")


class NoVerdict(AppError):
    status, code = 422, "no_verdict"

    def __init__(self) -> None:
        super().__init__("Choose one of the verdicts.", "请选择一项结论。")


class NoNumber(AppError):
    status, code = 422, "no_number"

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text}” is no number of points.", f"“{text}”不是有效的分数。")


class NothingToSecond(AppError):
    status, code = 409, "nothing_to_second"

    def __init__(self) -> None:
        super().__init__("No verdict waits for a second opinion here.", "这里没有等待复核的结论。")


class OwnVerdict(AppError):
    status, code = 403, "own_verdict"

    def __init__(self) -> None:
        super().__init__(
            "This verdict is yours: the second opinion has to be somebody else's.",
            "这是你自己作出的结论，须由另一名教学人员复核。",
        )


class HearingOver(AppError):
    status, code = 409, "hearing_over"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"Statements were taken until {until:%a %d %b %Y %H:%M:%S %Z} by the server's clock. "
            "What you sent before counts; this text was not added. Copy it and write to the staff if it matters.",
            f"陈述已于 {until:%Y-%m-%d %H:%M:%S %Z}（服务器时间）截止。"
            "此前发送的内容有效，本次内容未被收录；如有必要，请复制文字并联系教学团队。",
            heard_until=until.isoformat(),
        )


class AlreadyDecided(AppError):
    status, code = 409, "already_decided"

    def __init__(self) -> None:
        super().__init__(
            "The staff have decided already. Write to them directly if something is missing.",
            "教学团队已作出结论。如需补充，请直接联系他们。",
        )


class TooManyStatements(AppError):
    status, code = 409, "too_many_statements"

    def __init__(self) -> None:
        super().__init__(
            f"Your statement has {MOST_STATEMENTS} parts, which is all there is room for. The staff read all of it.",
            f"你的陈述已有 {MOST_STATEMENTS} 段，不能再添加。教学团队会阅读全部内容。",
        )


class Awaited(StrEnum):
    """What has to happen next with one student of a case."""

    telling = "telling"
    statement = "statement"
    verdict = "verdict"
    second = "second"
    nothing = "nothing"


@dataclass(frozen=True)
class Standing:
    """One student of a case, as far as the rules ask."""

    told_at: datetime | None = None
    heard_until: datetime | None = None
    stated_at: datetime | None = None
    verdict: Verdict | None = None
    decided_by_id: int | None = None
    counts_at: datetime | None = None


def tidy_text(text: str) -> str:
    """Raises TextMissing."""
    tidy = text.replace("\r\n", "\n").strip()
    if not MIN_TEXT <= len(tidy) <= MAX_TEXT or "\0" in tidy:
        raise TextMissing
    return tidy


def check_version(known: int | None, current: int) -> None:
    """Whoever decides has to have seen the newest state."""
    if known != current:
        raise ChangedMeanwhile


def check_not_erased(erased_at: datetime | None) -> None:
    if erased_at is not None:
        raise CaseErased


def check_can_add(*, is_closed: bool, shown: int, added: int) -> None:
    """`shown`: how many exhibits there are."""
    if is_closed:
        raise CaseClosed
    if added < 1:
        raise NothingToShow
    if shown + added > MOST_EXHIBITS:
        raise TooManyExhibits


def check_can_tell(standing: Standing, *, tells_students: bool, heard_until: datetime, now: datetime) -> None:
    """Telling again may give more time, never less than was promised."""
    if not tells_students:
        raise StudentsAreNotTold
    promised = standing.heard_until
    earliest = promised if promised is not None and promised > now else now + SHORTEST_HEARING
    if heard_until < earliest:
        raise DeadlineTooEarly(earliest.astimezone(heard_until.tzinfo))


def check_can_state(standing: Standing, *, zone: ZoneInfo, now: datetime) -> None:
    """By the server's clock; after the deadline, or after a verdict that counts, no more."""
    if standing.counts_at is not None:
        raise AlreadyDecided
    if standing.heard_until is None or now >= standing.heard_until:
        raise HearingOver((standing.heard_until or now).astimezone(zone))


def check_room(said: int) -> None:
    if said >= MOST_STATEMENTS:
        raise TooManyStatements


def check_can_decide(standing: Standing, *, verdict: Verdict, tells_students: bool, zone: ZoneInfo, now: datetime) -> None:
    """In favour of a student at any time; against one who was heard, or has let the deadline pass."""
    if verdict is Verdict.none or not tells_students:
        return
    if standing.told_at is None or standing.heard_until is None:
        raise NotToldYet
    if standing.stated_at is None and now < standing.heard_until:
        raise NotYetHeard(standing.heard_until.astimezone(zone))


def check_reasons(verdict: Verdict, reasons: str) -> str | None:
    """Tidied; only a verdict in favour needs none. Raises ReasonsMissing."""
    tidy = reasons.replace("\r\n", "\n").strip()
    if len(tidy) > MAX_TEXT or "\0" in tidy or (verdict is not Verdict.none and len(tidy) < MIN_TEXT):
        raise ReasonsMissing
    return tidy or None


def check_points(verdict: Verdict, points: Decimal | None, *, most: Decimal) -> None:
    """`most`: what the student has in this assignment, without what this very case takes off."""
    if verdict is not Verdict.points:
        if points is not None:
            raise PointsWithoutVerdict
    elif points is None or not points.is_finite() or not Decimal("0.01") <= points <= most or points != round(points, 2):
        raise BadPoints(most)


def check_can_second(standing: Standing, *, by: int) -> None:
    """The same for sending it back."""
    if standing.verdict is None or standing.counts_at is not None:
        raise NothingToSecond
    if standing.decided_by_id == by:
        raise OwnVerdict


def change_for(points: Decimal | None, *, made: Decimal) -> Decimal:
    """What is to be added to the changes that this case has made so far (`made`, 0 or below), so that the verdict holds."""
    return -(points or Decimal(0)) - made


def is_closed(standings: Iterable[Standing]) -> bool:
    return all(standing.counts_at is not None for standing in standings)


def awaited_of(standing: Standing, *, tells_students: bool, now: datetime) -> Awaited:
    if standing.counts_at is not None:
        return Awaited.nothing
    if standing.verdict is not None:
        return Awaited.second
    if standing.told_at is None or standing.heard_until is None:
        return Awaited.telling if tells_students else Awaited.verdict
    is_waiting = standing.stated_at is None and now < standing.heard_until
    return Awaited.statement if is_waiting else Awaited.verdict


def erased_from(closed_at: datetime, *, verdicts: Iterable[Verdict | None], kept_days: int) -> datetime:
    """When the contents of a closed case go; soon where nothing was held against anybody."""
    kept = timedelta(days=kept_days)
    has_finding = any(verdict is not Verdict.none for verdict in verdicts)
    return closed_at + (kept if has_finding else min(kept, KEPT_WITHOUT_FINDING))
