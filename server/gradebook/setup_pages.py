"""The page on which an instructor says which columns count how much."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Course, Enrollment, Role
from server.database import SessionDep
from server.errors import AppError
from server.gradebook import queries, setup
from server.gradebook.book import Column, column_of
from server.gradebook.models import ColumnKind, GradeColumn
from server.gradebook.refusals import SetUpMeanwhile
from server.gradebook.rules import FULL, Line
from server.gradebook.scheme import BadScheme, Group, Scheme, Slot, shown
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/gradebook/set-up")

SPARE_GROUPS, SPARE_LINES = 2, 2
MOST_ROWS = 40
Typed = Mapping[str, str]


async def read_typed(request: Request) -> Typed:
    """Names follow from how many categories, columns and lines there are."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


TypedDep = Annotated[Typed, Depends(read_typed)]


@router.get("")
def show(page: PageDep, staff: StaffMembership, session: SessionDep, settings: SettingsDep) -> Response:
    return show_form(page, session, staff, settings)


def show_form(
    page: Page,
    session: Session,
    staff: Enrollment,
    settings: Settings,
    *,
    typed: Typed | None = None,
    refusal: AppError | None = None,
) -> Response:
    """`typed`: what stood in the form and was refused."""
    course = staff.course
    offered, version = setup.offered(session, course=course, root=settings.assignments)
    fields = as_fields(offered) if typed is None else dict(typed)
    groups, lines = rows_in(fields, "name"), rows_in(fields, "line")
    return page.show(
        "gradebook/set_up.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        address=f"/courses/{course.slug}/gradebook",
        columns=[described(session, course, slot, settings) for slot in offered.slots],
        fields=fields,
        groups=range(min(MOST_ROWS, groups + SPARE_GROUPS)),
        lines=range(min(MOST_ROWS, lines + SPARE_LINES)),
        total=sum((number for n in range(groups) if (number := number_or(fields.get(f"weight-{n}", ""), None))), Decimal(0)),
        version=version if isinstance(refusal, SetUpMeanwhile) or typed is None else typed.get("version", version),
        is_new=version == 0,
        can_change=staff.role is Role.instructor,
        problem=refusal and refusal.message,
        wrong=refusal.facts.get("field") if refusal else None,
    )


def rows_in(fields: Typed, name: str) -> int:
    """One more than the last that is filled in."""
    filled = [n for n in range(MOST_ROWS) if fields.get(f"{name}-{n}", "").strip()]
    return max(filled, default=-1) + 1


def described(session: Session, course: Course, slot: Slot, settings: Settings) -> Column:
    """A column as it is, or as it would be."""
    found = queries.find_column(session, course=course, key=slot.key or "")
    column = found or GradeColumn(id=0, key=slot.key, kind=slot.kind, title=slot.title, full_points=slot.full)
    if found is None and slot.kind is ColumnKind.assignment:
        column.assignment = setup.assignments.find_assignment(session, course=course, slug=slot.key or "")
    return column_of(column, Scheme(()), settings.assignments)


def as_fields(scheme: Scheme) -> dict[str, str]:
    fields = {"is_shown": "on" if scheme.is_shown else "", "is_over": "on" if scheme.is_over else ""}
    for place, group in enumerate(scheme.groups):
        fields |= {f"name-{place}": group.name, f"weight-{place}": shown(group.weight), f"drops-{place}": str(group.drops)}
        fields |= {f"in-{slot.key}": str(place) for slot in group.slots}
    for slot in scheme.slots:
        fields |= {f"full-{slot.key}": shown(slot.full), f"title-{slot.key}": slot.title or ""}
    for place, line in enumerate(scheme.lines):
        fields |= {f"line-{place}": line.name, f"least-{place}": shown(line.least)}
    return fields


@router.post("")
def set_up(
    page: PageDep, instructor: InstructorMembership, session: SessionDep, settings: SettingsDep, typed: TypedDep
) -> Response:
    """On to the table; or the form at once, with what was typed."""
    try:
        offered, _ = setup.offered(session, course=instructor.course, root=settings.assignments)
        wanted = read_scheme(typed, offered)
        version = int(typed["version"]) if typed.get("version", "").isdecimal() else 0
        setup.set_up(session, course=instructor.course, wanted=wanted, by=instructor.user, version=version)
    except AppError as refusal:
        return show_form(page, session, instructor, settings, typed=typed, refusal=refusal)
    return go_to(f"/courses/{instructor.course.slug}/gradebook")


def read_scheme(typed: Typed, offered: Scheme) -> Scheme:
    """Rows left empty are no categories and no lines."""
    slots = [read_slot(typed, slot) for slot in offered.slots]
    chosen = {slot.key: typed.get(f"in-{slot.key}", "") for slot in slots}
    if typed.get("new-title", "").strip():
        new = Slot(ColumnKind.manual, None, typed["new-title"].strip(), read_number(typed, "new-full", FULL))
        slots.append(new)
        chosen[None] = typed.get("in-new", "")
    places = [n for n in range(rows_in(typed, "name")) if typed.get(f"name-{n}", "").strip()]
    groups = [read_group(typed, n, tuple(slot for slot in slots if chosen[slot.key] == str(n))) for n in places]
    aside = tuple(slot for slot in slots if chosen[slot.key] not in map(str, places))
    named = [n for n in range(rows_in(typed, "line")) if typed.get(f"line-{n}", "").strip()]
    lines = tuple(Line(typed[f"line-{n}"].strip(), read_number(typed, f"least-{n}")) for n in named)
    return Scheme(tuple(groups), aside, lines, bool(typed.get("is_shown")), bool(typed.get("is_over")))


def read_slot(typed: Typed, slot: Slot) -> Slot:
    """Only what staff fill in has a title and full points of its own."""
    if slot.kind is not ColumnKind.manual:
        return slot
    title = typed.get(f"title-{slot.key}", slot.title or "").strip()
    return Slot(slot.kind, slot.key, title, read_number(typed, f"full-{slot.key}", slot.full))


def read_group(typed: Typed, place: int, slots: tuple[Slot, ...]) -> Group:
    drops = read_number(typed, f"drops-{place}", Decimal(0))
    if drops != drops // 1:
        raise not_a_number(f"drops-{place}", typed)
    return Group(typed[f"name-{place}"].strip(), read_number(typed, f"weight-{place}"), slots, int(drops))


def read_number(typed: Typed, name: str, default: Decimal | None = None) -> Decimal:
    """Raises BadScheme with what was typed."""
    text = typed.get(name, "").strip()
    found = default if not text else number_or(text, None)
    if found is None:
        raise not_a_number(name, typed)
    return found


def number_or(text: str, default: Decimal | None) -> Decimal | None:
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return default
    return found if found.is_finite() else default


def not_a_number(name: str, typed: Typed) -> BadScheme:
    text = typed.get(name, "").strip() or "–"
    return BadScheme(f"“{text}” is not a number that fits here.", f"“{text}”不是此处可用的数字。", field=name)
