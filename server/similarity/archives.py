"""What works are held against beside each other: works of past terms and public solutions, uploaded or of this platform."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.service import find_assignment
from server.audit import write_line
from server.courses.service import find_enrollment
from server.errors import AppError, NotFound
from server.similarity.models import Archive, ArchivedWork, ArchiveKind
from server.similarity.reading import NOTHING
from server.submissions import blobs
from server.submissions.models import Blob, Submission

UNREAD = 0  # the version of what the next comparison reads
MOST_WORKS = 4000  # of one archive
LONGEST_NAME = 200


class NameTaken(AppError):
    status, code = 409, "archive_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is an archive called {name} already.", f"已有名为 {name} 的存档。", name=name)


class BadName(AppError):
    status, code = 422, "bad_archive_name"

    def __init__(self) -> None:
        super().__init__(
            f"A name has 1 to {LONGEST_NAME} printable characters.", f"名称须为 1 到 {LONGEST_NAME} 个可显示的字符。"
        )


class ArchiveFull(AppError):
    status, code = 409, "archive_full"

    def __init__(self) -> None:
        super().__init__(f"An archive holds at most {MOST_WORKS} works.", f"一个存档最多容纳 {MOST_WORKS} 份作业。")


class OfThisPlatform(AppError):
    status, code = 409, "archive_is_a_course"

    def __init__(self) -> None:
        super().__init__(
            "This archive is another course's assignment; nothing can be added to it by hand.",
            "该存档对应另一门课程的作业，无法手动添加内容。",
        )


class NoPastTerm(AppError):
    """The same answer for a course that is not there, one without this assignment, and one where one is not staff."""

    status, code = 422, "no_past_term"

    def __init__(self, course: str, slug: str) -> None:
        super().__init__(
            f"{course} has no assignment {slug}, or you are not among its staff. Only staff of both courses can compare them.",
            f"{course} 没有作业 {slug}，或者你不是那门课的教学人员。只有同时属于两门课教学团队的人才能跨课程比对。",
            course=course,
        )


class UnusableWork(AppError):
    """The files cannot be read as somebody's work; nothing was stored."""

    status, code = 422, "unusable_work"


def add_archive(session: Session, *, assignment: Assignment, name: str, kind: ArchiveKind, added_by: User) -> Archive:
    """An empty one; its works come one by one."""
    return _add(session, Archive(assignment_id=assignment.id, name=checked(name), kind=kind), assignment, added_by)


def add_past_term(session: Session, *, assignment: Assignment, course: str, added_by: User) -> Archive:
    """The same assignment in another course of this platform, as it is at each comparison."""
    place = find_enrollment(session, course_slug=course, user=added_by)
    past = find_assignment(session, course=place.course, slug=assignment.slug) if place and place.role.is_staff else None
    if past is None or past.id == assignment.id:
        raise NoPastTerm(course, assignment.slug)
    archive = Archive(assignment_id=assignment.id, name=course, kind=ArchiveKind.past_term, past=past)
    return _add(session, archive, assignment, added_by)


def _add(session: Session, archive: Archive, assignment: Assignment, added_by: User) -> Archive:
    archive.added_by = added_by
    try:
        with session.begin_nested():
            session.add(archive)
            session.flush()
    except IntegrityError as error:
        raise NameTaken(archive.name) from error
    _note(session, "integrity.archive_added", archive, assignment, added_by)
    return archive


def remove_archive(session: Session, *, archive: Archive, assignment: Assignment, removed_by: User) -> None:
    """With its works, and the pairs in which they stand."""
    _note(session, "integrity.archive_removed", archive, assignment, removed_by)
    session.delete(archive)
    session.flush()


def _note(session: Session, action: str, archive: Archive, assignment: Assignment, actor: User) -> None:
    about = {"assignment": assignment.slug, "archive": archive.id, "kind": archive.kind.value}
    write_line(session, course=assignment.course, actor=actor, action=action, **about)


def add_work(
    session: Session, *, archive: Archive, name: str, uploaded: Mapping[str, bytes], module: str, store: str
) -> ArchivedWork:
    """One more, or another version of the one of that name. It is read with the next comparison."""
    if archive.past_id is not None:
        raise OfThisPlatform
    name, files = checked(name), sources_of(uploaded, module=module)
    hashes = {file: blobs.store(store, content) for file, content in sorted(files.items())}
    sizes = [{"sha256": hashes[file], "size_bytes": len(content)} for file, content in files.items()]
    distinct = {row["sha256"]: row for row in sizes}
    session.execute(insert(Blob).values([distinct[sha256] for sha256 in sorted(distinct)]).on_conflict_do_nothing())
    listed = [{"name": file, "sha256": sha256} for file, sha256 in hashes.items()]
    work = session.scalar(select(ArchivedWork).where(ArchivedWork.archive_id == archive.id, ArchivedWork.name == name))
    if work is None:
        if count_works(session, archive=archive) >= MOST_WORKS:
            raise ArchiveFull
        work = ArchivedWork(archive_id=archive.id, name=name)
        session.add(work)
    work.files, work.version, work.data = listed, UNREAD, NOTHING
    session.flush()
    return work


def sources_of(uploaded: Mapping[str, bytes], *, module: str) -> dict[str, bytes]:
    """As of a submission, but for the name of the main file, which is any. Raises UnusableWork."""
    from grader.archives import unpack
    from grader.collect import BadSubmission, collect

    try:
        files: dict[str, bytes] = {}
        for name, data in uploaded.items():
            files |= unpack(data, name, module) if name.lower().endswith(".zip") else {name: data}
        names = [name for name in files if name.endswith(".py")]
        main = module if f"{module}.py" in names or not names else str(PurePosixPath(min(names)).with_suffix(""))
        return collect(files, module=main)
    except BadSubmission as error:
        raise UnusableWork(error.message.en, error.message.zh) from error


def checked(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadName
    return name


def get_one(session: Session, *, assignment: Assignment, archive_id: int) -> Archive:
    """Raises NotFound."""
    mine = Archive.id == archive_id, Archive.assignment_id == assignment.id
    archive = session.scalar(select(Archive).where(*mine))
    if archive is None:
        raise NotFound
    return archive


def count_works(session: Session, *, archive: Archive) -> int:
    """Of another course's assignment its submissions."""
    if archive.past_id is not None:
        return session.scalar(select(func.count()).select_from(Submission).where(Submission.assignment_id == archive.past_id))
    return session.scalar(select(func.count()).select_from(ArchivedWork).where(ArchivedWork.archive_id == archive.id))
