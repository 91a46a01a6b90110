"""What a preview shows, and when it may be published: values in, answer out; no session, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from grader.protocol import CheckResult, Report, Text
from server.errors import AppError

MAX_REASON, MOST, NAMED = 500, 2000, 5
BINS = 10
NONE, HUNDRED = Decimal(0), Decimal(100)


class NothingChosen(AppError):
    status, code = 422, "nothing_chosen"

    def __init__(self) -> None:
        super().__init__(
            "No submission fits what was chosen. Ask for fewer conditions, or name submissions by their numbers.",
            "没有符合条件的提交。请减少筛选条件，或直接填写提交编号。",
        )


class TooMany(AppError):
    status, code = 422, "too_many"

    def __init__(self, found: int) -> None:
        super().__init__(
            f"{found} submissions fit, and a preview takes at most {MOST}. Choose a section or a check.",
            f"符合条件的提交有 {found} 份，一次预览最多 {MOST} 份。请按班级或检查项筛选。",
        )


class NoSuchSection(AppError):
    status, code = 422, "no_such_section"

    def __init__(self, name: str) -> None:
        super().__init__(f"This course has no section {name}.", f"本课程没有名为 {name} 的班级。", field="section")


class ReasonMissing(AppError):
    status, code = 422, "reason_missing"

    def __init__(self) -> None:
        super().__init__(
            "Say what has changed: it stands beside the rerun for good.",
            "请写明改动了什么：它会与重评一起长期保留。",
            field="reason",
        )


class NotNumbers(AppError):
    status, code = 422, "not_numbers"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text[:80]}” is not a list of submission numbers; write them as 17, 18, 23.",
            f"“{text[:80]}”不是提交编号列表，请写成 17, 18, 23。",
            field="ids",
        )


class StillJudging(AppError):
    status, code = 409, "still_judging"

    def __init__(self, left: int) -> None:
        super().__init__(
            f"{left} {'submission is' if left == 1 else 'submissions are'} still to be judged. Publish when the preview "
            "is whole.",
            f"还有 {left} 份提交未评完，请等预览全部完成后再发布。",
        )


class Decided(AppError):
    status, code = 409, "preview_decided"

    def __init__(self, *, is_published: bool) -> None:
        en, zh = ("published", "发布") if is_published else ("dropped", "放弃")
        super().__init__(f"This preview was {en} already; nothing was changed.", f"该预览已{zh}，未作改动。")


class NewerRuns(AppError):
    """`whose`: works of which something newer than what the preview compares with has come, or is on its way."""

    status, code = 409, "newer_runs"

    def __init__(self, whose: Sequence[tuple[int, str]]) -> None:
        some = ", ".join(f"{login} ({number})" for number, login in whose[:NAMED])
        more = max(0, len(whose) - NAMED)
        more_en, more_zh = (f" and {more} more", f" 等，另有 {more} 份") if more else ("", "")
        super().__init__(
            f"Since the preview was begun, a newer run came for {len(whose)} of its submissions: {some}{more_en}. Nothing was "
            "published. Leave these out, or begin a new preview.",
            f"预览开始后，其中 {len(whose)} 份提交有了更新的评测：{some}{more_zh}。没有发布任何内容。可以略过这些，或重新预览。",
            submissions=[number for number, _ in whose],
        )


@dataclass(frozen=True)
class Line:
    """A grade line of a score, in percent of all points."""

    name: Text
    percent: Decimal


PASS = Line(Text(en="pass", zh="及格"), Decimal(60))


@dataclass(frozen=True)
class CheckChange:
    id: str
    title: Text
    before: Decimal | None  # None: there was no such check
    after: Decimal | None


@dataclass(frozen=True)
class Crossing:
    line: Line
    is_up: bool


def changed_checks(before: Report | None, after: Report) -> list[CheckChange]:
    """Those whose points differ, in the order of the new report; then those that are gone."""
    old: Mapping[str, CheckResult] = {each.id: each for each in before.checks} if before else {}
    new = {each.id: each for each in after.checks}
    found = [
        CheckChange(each.id, each.title, old[each.id].points if each.id in old else None, each.points)
        for each in after.checks
        if each.id not in old or old[each.id].points != each.points
    ]
    return found + [CheckChange(each.id, each.title, each.points, None) for each in old.values() if each.id not in new]


def crossings(before: Decimal | None, after: Decimal, full: Decimal, lines: Iterable[Line]) -> list[Crossing]:
    """Lines that a score passes in one direction or the other; without a score before, those that it reaches."""
    if full <= 0:
        return []
    found = []
    for line in lines:
        was_above = before is not None and before * HUNDRED >= line.percent * full
        is_above = after * HUNDRED >= line.percent * full
        if was_above != is_above:
            found.append(Crossing(line, is_up=is_above))
    return found


def histogram(scores: Iterable[Decimal], full: Decimal) -> list[int]:
    """How many scores there are in each tenth of the points; the last one holds full marks too."""
    bins = [0] * BINS
    for score in scores:
        place = int(score * BINS / full) if full > 0 else 0
        bins[min(max(place, 0), BINS - 1)] += 1
    return bins


def check_publishable(left: int, newer: Sequence[tuple[int, str]], *, leaves_out_newer: bool) -> None:
    """Raises StillJudging, NewerRuns."""
    if left:
        raise StillJudging(left)
    if newer and not leaves_out_newer:
        raise NewerRuns(newer)


def checked_reason(reason: str) -> str:
    reason = " ".join(reason.split())[:MAX_REASON]
    if not reason:
        raise ReasonMissing
    return reason


def read_ids(text: str) -> list[int]:
    """Numbers as people write them: commas, blanks, lines. Raises NotNumbers."""
    words = text.replace(",", " ").replace("，", " ").replace("、", " ").split()
    if not all(word.isdecimal() and len(word) < 10 for word in words):
        raise NotNumbers(text)
    return [int(word) for word in words]


UNSTEADY = {"timing", "run_id", "environment"}


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Where two reports differ, as paths; times, memory and the machine are no part of it."""
    return sorted(_differences(_steady(before), _steady(after), ""))


def _steady(report: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in report.items() if name not in UNSTEADY}
    kept["checks"] = [{name: value for name, value in each.items() if name != "seconds"} for each in report.get("checks", [])]
    return kept


def _differences(before: Any, after: Any, path: str) -> Iterable[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in before.keys() | after.keys():
            yield from _differences(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{path}[{_name_of(one, place)}]")
    elif before != after:
        yield path


def _name_of(value: Any, place: int) -> str:
    return str(value.get("id", place)) if isinstance(value, Mapping) else str(place)


def version_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What a run was made with, then and now; the most memory used is no version."""
    names = sorted((before.keys() | after.keys()) - {"gpu_memory_bytes", "gpu_allocated_bytes"})
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
