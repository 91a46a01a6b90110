"""Similarity's door for programs; all of it is for staff."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import StaffAssignment
from server.database import SessionDep
from server.settings import SettingsDep
from server.similarity import archives, events, evidence, population, queries, service
from server.similarity.access import StaffArchive, StaffPair
from server.similarity.exports import as_csv
from server.similarity.models import Archive, Opinion
from server.similarity.queries import Filters
from server.similarity.schemas import (
    ArchivedWorkOut,
    ArchiveOut,
    ComparisonOut,
    NewArchive,
    NewReview,
    PairsOut,
    ReviewOut,
)
from server.submissions.upload import MAX_FILES

router = APIRouter(prefix="/api/v1/courses/{course}/assignments/{assignment}/similarity", tags=["similarity"])

MOST = 2500  # pairs of one comparison and those that came later


def read_filters(
    past: Annotated[bool | None, Query(description="With past terms and archives, or within the class.")] = None,
    decided: bool | None = None,
    opinion: Opinion | None = None,
    at_least: Annotated[float, Query(ge=0, le=1)] = 0.0,
    person: Annotated[str, Query(max_length=100, description="Part of a name or login.")] = "",
    section: Annotated[int | None, Query(description="Its number.")] = None,
) -> Filters:
    return Filters(section_id=section, past=past, decided=decided, opinion=opinion, at_least=at_least, person=person)


FiltersDep = Annotated[Filters, Depends(read_filters)]


@router.get("")
def show(assignment: StaffAssignment, session: SessionDep) -> ComparisonOut | None:
    """The newest comparison, in whatever state it is; null before the first one."""
    found = queries.newest(session, assignment=assignment)
    return ComparisonOut.of(found) if found else None


@router.post("", status_code=202)
def compare(assignment: StaffAssignment, staff: CurrentUser, session: SessionDep) -> ComparisonOut:
    """Compare all works, now."""
    return ComparisonOut.of(service.request_comparison(session, assignment=assignment, requested_by=staff))


@router.get("/events")
def follow(assignment: StaffAssignment, settings: SettingsDep) -> StreamingResponse:
    """Server-sent events: `progress` with the newest comparison whenever it has come further, then `final`."""
    stream = events.follow(assignment.id, redis_url=settings.redis_url)
    return StreamingResponse(stream, media_type=events.MEDIA_TYPE, headers=events.HEADERS)


@router.get("/pairs")
def list_pairs(
    assignment: StaffAssignment,
    staff: CurrentUser,
    session: SessionDep,
    filters: FiltersDep,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = queries.PAGE,
) -> PairsOut:
    """Of the newest finished comparison, the most similar first. A pair is a question to a person, never an answer."""
    comparison = queries.get_newest_done(session, assignment=assignment)
    page = queries.list_pairs(session, comparison=comparison, filters=filters, viewer=staff, offset=offset, limit=limit)
    return PairsOut.of(comparison, page)


@router.get("/download", response_class=Response)
def download(assignment: StaffAssignment, staff: CurrentUser, session: SessionDep, filters: FiltersDep) -> Response:
    """Those pairs as CSV."""
    comparison = queries.get_newest_done(session, assignment=assignment)
    page = queries.list_pairs(session, comparison=comparison, filters=filters, viewer=staff, limit=MOST)
    name = f"{assignment.course.slug}-{assignment.slug}-pairs.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(page.rows), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/pairs/{pair_id}")
def show_pair(pair: StaffPair, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    """Both sides with their code, where they are alike, and the facts beside it."""
    return evidence.content_of(session, pair=pair, settings=settings)


@router.get("/pairs/{pair_id}/reviews")
def list_reviews(pair: StaffPair, session: SessionDep) -> list[ReviewOut]:
    """What was thought of it, the newest first."""
    return [ReviewOut.of(each) for each in service.reviews_of_pair(session, pair=pair)]


@router.post("/pairs/{pair_id}/reviews", status_code=201)
def review(pair: StaffPair, new: NewReview, staff: CurrentUser, session: SessionDep) -> ReviewOut:
    """Say what you think of it; without an opinion, take back what was said before."""
    return ReviewOut.of(service.review(session, pair=pair, reviewer=staff, opinion=new.opinion, note=new.note))


@router.get("/archives")
def list_archives(assignment: StaffAssignment, session: SessionDep) -> list[ArchiveOut]:
    """What the works are held against."""
    return [shown(session, archive) for archive in population.list_archives(session, assignment=assignment)]


@router.post("/archives", status_code=201)
def add_archive(assignment: StaffAssignment, new: NewArchive, staff: CurrentUser, session: SessionDep) -> ArchiveOut:
    """An empty one under a name, or the same assignment in another course in which you are staff, too."""
    if new.course is not None:
        return shown(session, archives.add_past_term(session, assignment=assignment, course=new.course, added_by=staff))
    archive = archives.add_archive(session, assignment=assignment, name=new.name or "", kind=new.kind, added_by=staff)
    return shown(session, archive)


@router.delete("/archives/{archive_id}", status_code=204)
def remove_archive(archive: StaffArchive, assignment: StaffAssignment, staff: CurrentUser, session: SessionDep) -> None:
    """With its works, and the pairs in which they stand."""
    archives.remove_archive(session, archive=archive, assignment=assignment, removed_by=staff)


@router.post("/archives/{archive_id}/works", status_code=201)
def add_work(
    archive: StaffArchive,
    assignment: StaffAssignment,
    name: Annotated[str, Form(description="Whose it is, as it shall be shown.")],
    files: Annotated[list[UploadFile], File()],
    session: SessionDep,
    settings: SettingsDep,
) -> ArchivedWorkOut:
    """One person's files; the same name again replaces them. They are read with the next comparison."""
    if len(files) > MAX_FILES:
        raise archives.UnusableWork(f"At most {MAX_FILES} files, please.", f"最多上传 {MAX_FILES} 个文件。")
    uploaded = {file.filename or "": file.file.read() for file in files}
    module = assignments.manifest_of(assignment, root=settings.assignments).module
    work = archives.add_work(session, archive=archive, name=name, uploaded=uploaded, module=module, store=settings.blob_store)
    return ArchivedWorkOut(id=work.id, name=work.name, files=[file["name"] for file in work.files])


def shown(session: Session, archive: Archive) -> ArchiveOut:
    return ArchiveOut.of(archive, works=archives.count_works(session, archive=archive))
