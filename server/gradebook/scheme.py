"""How a course makes grades, as plain values: proposed, checked, and as the audit log keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from server.errors import AppError
from server.gradebook.models import ColumnKind
from server.gradebook.rules import FULL, Category, Line

MAX_NAME, MAX_POINTS, MAX_COLUMNS = 80, Decimal(1000), 100
EACH_HOMEWORK, COMPETITIONS, EXAMS, IN_CLASS = Decimal(10), Decimal(40), Decimal(30), Decimal(5)
NAMES = {"homework": "Homework 作业", "competition": "Competition 竞赛", "exam": "Exam 考试"}
ATTENDANCE, PARTICIPATION = "Attendance 考勤", "Participation 课堂参与"
LINES = (Line("A", Decimal(90)), Line("B", Decimal(80)), Line("C", Decimal(70)), Line("D", Decimal(60)))


class BadScheme(AppError):
    """`field` names the row: `weight-0`, `full-manual-1`, `least-2`."""

    status, code = 422, "bad_scheme"


@dataclass(frozen=True)
class Slot:
    """A column. `key`: None for one that staff add; `title`: of those alone that staff type."""

    kind: ColumnKind
    key: str | None
    title: str | None = None
    full: Decimal = FULL


@dataclass(frozen=True)
class Group:
    name: str
    weight: Decimal
    slots: tuple[Slot, ...]
    drops: int = 0


@dataclass(frozen=True)
class Scheme:
    """`aside`: columns that are shown and count nothing."""

    groups: tuple[Group, ...]
    aside: tuple[Slot, ...] = ()
    lines: tuple[Line, ...] = LINES
    is_shown: bool = False
    is_over: bool = False

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (*(slot for group in self.groups for slot in group.slots), *self.aside)

    @cached_property
    def categories(self) -> list[Category]:
        """As the rules take them; a category without columns counts nothing."""
        return [
            Category(each.name, each.weight, tuple(slot.key or "" for slot in each.slots), each.drops) for each in self.groups
        ]


def propose(set_work: Sequence[tuple[str, str, Decimal]]) -> Scheme:
    """One category for each kind with usual weights, brought to 100 in whole percents. set_work: slug, kind and full points."""
    by_kind: dict[str, list[Slot]] = {}
    for slug, kind, full in set_work:
        by_kind.setdefault(kind, []).append(Slot(ColumnKind.assignment, slug, full=full))
    usual = {"homework": EACH_HOMEWORK * len(by_kind.get("homework", ())), "competition": COMPETITIONS, "exam": EXAMS}
    groups = [Group(name, usual[kind], tuple(by_kind[kind])) for kind, name in NAMES.items() if kind in by_kind]
    groups += [
        Group(ATTENDANCE, IN_CLASS, (Slot(ColumnKind.attendance, "attendance"),)),
        Group(PARTICIPATION, IN_CLASS, (Slot(ColumnKind.participation, "participation"),)),
    ]
    weights = whole_percents([each.weight for each in groups])
    return Scheme(tuple(replace(each, weight=weight) for each, weight in zip(groups, weights, strict=True)))


def whole_percents(weights: Sequence[Decimal]) -> list[Decimal]:
    """In the same proportion, adding up to 100; what is left goes to the largest remainders."""
    whole = sum(weights, Decimal(0))
    exact = [weight * FULL / whole for weight in weights]
    down = [each // 1 for each in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: down[place] - exact[place])
    for place in by_remainder[: int(FULL - sum(down, Decimal(0)))]:
        down[place] += 1
    return down


def check(scheme: Scheme) -> None:
    """Raise what is wrong with it first."""
    if not scheme.groups:
        raise BadScheme("A gradebook needs at least one category.", "成绩册至少需要一个类别。", field="name-0")
    for place, group in enumerate(scheme.groups):
        check_group(place, group)
    total = sum((group.weight for group in scheme.groups), Decimal(0))
    if total != FULL:
        said = f"{total.normalize():f}"
        raise BadScheme(
            f"The weights add up to {said} %; they have to add up to 100 %.",
            f"权重合计为 {said} %，须等于 100 %。",
            field="weights",
        )
    check_names([group.name for group in scheme.groups])
    for slot in scheme.slots:
        check_slot(slot)
    if len(scheme.slots) > MAX_COLUMNS:
        raise BadScheme(f"A gradebook has at most {MAX_COLUMNS} columns.", f"成绩册最多 {MAX_COLUMNS} 列。", field="new-title")
    check_lines(scheme.lines)


def check_group(place: int, group: Group) -> None:
    if not group.name.strip() or len(group.name) > MAX_NAME:
        raise BadScheme(
            f"Category {place + 1} needs a name of at most {MAX_NAME} characters.",
            f"第 {place + 1} 个类别需要名称，且不超过 {MAX_NAME} 个字符。",
            field=f"name-{place}",
        )
    if not (group.weight.is_finite() and 0 <= group.weight <= FULL):
        raise BadScheme(
            f"The weight of {group.name} is between 0 and 100.",
            f"“{group.name}”的权重须在 0 到 100 之间。",
            field=f"weight-{place}",
        )
    if not 0 <= group.drops < max(1, len(group.slots)):
        raise BadScheme(
            f"{group.name} has {len(group.slots)} columns: at least one of them has to count, so at most "
            f"{max(0, len(group.slots) - 1)} can be dropped.",
            f"“{group.name}”有 {len(group.slots)} 列，至少保留一列计分，最多去掉 {max(0, len(group.slots) - 1)} 个最低分。",
            field=f"drops-{place}",
        )


def check_slot(slot: Slot) -> None:
    if not (slot.full.is_finite() and 0 < slot.full <= MAX_POINTS):
        name = slot.title or slot.key
        raise BadScheme(
            f"{name} is worth more than 0 and at most {MAX_POINTS} points.",
            f"“{name}”的满分须大于 0 且不超过 {MAX_POINTS}。",
            field=f"full-{slot.key or 'new'}",
        )
    if slot.kind is ColumnKind.manual and not (slot.title and len(slot.title) <= MAX_NAME):
        raise BadScheme(
            f"A column that staff fill in needs a title of at most {MAX_NAME} characters.",
            f"手工登分的列需要标题，且不超过 {MAX_NAME} 个字符。",
            field=f"title-{slot.key or 'new'}",
        )


def check_names(names: Sequence[str]) -> None:
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        place = len(names) - 1 - names[::-1].index(twice)
        raise BadScheme(f"Two categories are called {twice}.", f"有两个类别都叫“{twice}”。", field=f"name-{place}")


def check_lines(lines: Sequence[Line]) -> None:
    for place, line in enumerate(lines):
        if not line.name.strip() or len(line.name) > MAX_NAME or not (line.least.is_finite() and 0 <= line.least <= FULL):
            raise BadScheme(
                f"Line {place + 1} needs a name, and a least grade between 0 and 100.",
                f"第 {place + 1} 条等级线需要名称，最低分须在 0 到 100 之间。",
                field=f"least-{place}",
            )
        if any(line.name == other.name or line.least == other.least for other in lines[:place]):
            raise BadScheme(
                f"The line {line.name} is there twice, or another begins at the same grade.",
                f"等级线“{line.name}”重复，或与另一条线的分数相同。",
                field=f"least-{place}",
            )


def as_facts(scheme: Scheme) -> dict[str, Any]:
    """For the audit log and the API; `from_facts` reads it again."""
    groups = [group_facts(each) for each in scheme.groups]
    lines = [{"name": each.name, "least": shown(each.least)} for each in scheme.lines]
    aside = [slot_facts(slot) for slot in scheme.aside]
    return {"categories": groups, "aside": aside, "lines": lines, "is_shown": scheme.is_shown, "is_over": scheme.is_over}


def group_facts(group: Group) -> dict[str, Any]:
    columns = [slot_facts(slot) for slot in group.slots]
    return {"name": group.name, "weight": shown(group.weight), "drops": group.drops, "columns": columns}


def slot_facts(slot: Slot) -> dict[str, Any]:
    return {"kind": slot.kind, "key": slot.key, "title": slot.title, "full": shown(slot.full)}


def from_facts(facts: Mapping[str, Any]) -> Scheme:
    groups = [
        Group(each["name"], Decimal(each["weight"]), slots_from(each["columns"]), each["drops"]) for each in facts["categories"]
    ]
    lines = tuple(Line(each["name"], Decimal(each["least"])) for each in facts["lines"])
    return Scheme(tuple(groups), slots_from(facts["aside"]), lines, facts["is_shown"], facts["is_over"])


def slots_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Slot, ...]:
    return tuple(Slot(ColumnKind(each["kind"]), each["key"], each["title"], Decimal(each["full"])) for each in rows)


def shown(value: Decimal) -> str:
    return f"{value.normalize():f}"
