"""Sections of a course: made, renamed, merged."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Column, Table, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.courses import roster_rules as rules
from server.courses.models import KEEPS_APART, Course, Enrollment, Section, Standing
from server.courses.roster import lock_roster, touch
from server.database import Base
from server.errors import AppError, NotFound


class SectionTaken(AppError):
    status, code = 409, "section_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is a section {name} already. To put both together, merge them.",
            f"已有班级“{name}”。若要合为一个，请使用合并。",
        )


class BadSectionName(AppError):
    status, code = 422, "bad_section_name"

    def __init__(self) -> None:
        super().__init__(
            f"A section's name has 1 to {rules.MAX_SECTION} characters.", f"班级名称为 1 至 {rules.MAX_SECTION} 个字符。"
        )


class CannotMerge(AppError):
    status, code = 409, "cannot_merge"

    def __init__(self) -> None:
        super().__init__(
            "These two sections have different arrangements for the same thing. Take one of them away first.",
            "两个班级对同一事项有各自的安排，请先取消其中一个。",
        )


class SitsApart(AppError):
    status, code = 409, "sits_apart"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} sits an exam at a time of its own, and would take the other section along. Take that time away in the "
            "exam's set-up first.",
            f"{name} 有单独的考试时段，合并后另一个班级的时段也会改变。请先在考试设置中取消该时段。",
        )


def list_sections(session: Session, *, course: Course) -> list[Section]:
    return list(session.scalars(select(Section).where(Section.course_id == course.id).order_by(Section.name)))


def count_by_section(session: Session, *, course: Course) -> Mapping[int | None, int]:
    """Those who are in the course now, by id of the section."""
    here = Enrollment.course_id == course.id, Enrollment.standing == Standing.active
    query = select(Enrollment.section_id, func.count()).where(*here).group_by(Enrollment.section_id)
    return dict(session.execute(query).all())


def get_section(session: Session, *, course: Course, section_id: int) -> Section:
    found = session.scalar(select(Section).where(Section.id == section_id, Section.course_id == course.id))
    if found is None:
        raise NotFound
    return found


def free_name(session: Session, course: Course, name: str) -> str:
    tidy = rules.tidy(name)
    if not 1 <= len(tidy) <= rules.MAX_SECTION:
        raise BadSectionName
    if tidy in {each.name for each in list_sections(session, course=course)}:
        raise SectionTaken(tidy)
    return tidy


def create(session: Session, *, course: Course, by: User, name: str) -> Section:
    lock_roster(session, course)
    section = Section(course_id=course.id, name=free_name(session, course, name))
    session.add(section)
    session.flush()
    write_line(session, course=course, actor=by, action="section.created", section=section.name)
    return section


def rename(session: Session, *, course: Course, by: User, section: Section, name: str) -> None:
    lock_roster(session, course)
    if rules.tidy(name) == section.name:
        return
    before, section.name = section.name, free_name(session, course, name)
    write_line(session, course=course, actor=by, action="section.renamed", section=before, to=section.name)
    touch(session, course)


def merge(session: Session, *, course: Course, by: User, section: Section, into: Section) -> None:
    """All that speaks of the one speaks of the other then, in whichever table.

    Raises SitsApart, and CannotMerge where they contradict.
    """
    lock_roster(session, course)
    if section.id == into.id:
        return
    for table, column in naming_sections():
        apart = select(column).where(column.in_([section.id, into.id])).limit(1) if table.info == KEEPS_APART else None
        if apart is not None and (found := session.scalar(apart)) is not None:
            raise SitsApart(section.name if found == section.id else into.name)
    try:
        with session.begin_nested():
            for table, column in naming_sections():
                session.execute(update(table).where(column == section.id).values({column.name: into.id}))
    except IntegrityError as error:
        raise CannotMerge from error
    write_line(session, course=course, actor=by, action="section.merged", section=section.name, to=into.name)
    session.execute(delete(Section).where(Section.id == section.id))
    session.expire_all()
    touch(session, course)


def naming_sections() -> Iterator[tuple[Table, Column[int]]]:
    """Every table, and its columns that name a section."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if any(key.column is Section.__table__.c.id for key in column.foreign_keys):
                yield table, column
