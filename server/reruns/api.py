"""Previews of reruns as JSON, and a run with all that it takes to repeat it. For staff."""

from fastapi import APIRouter

from server.accounts.access import CurrentUser
from server.assignments.access import StaffAssignment
from server.database import Now, SessionDep
from server.reruns import queries, service
from server.reruns.access import StaffPreview, StaffRun
from server.reruns.schemas import NewPreview, PreviewDetailOut, PreviewOut, Publishing, RunDetailOut
from server.settings import SettingsDep
from server.submissions.models import Submission

router = APIRouter(prefix="/api/v1", tags=["reruns"])

RERUNS = "/courses/{course}/assignments/{assignment}/reruns"
RERUN = RERUNS + "/{preview_id}"


@router.get(RERUNS)
def list_previews(assignment: StaffAssignment, session: SessionDep) -> list[PreviewOut]:
    """Newest first, also those that were published or dropped."""
    found = queries.list_previews(session, assignment=assignment)
    return [PreviewOut.of(each, queries.count_states(session, preview=each)) for each in found]


@router.post(RERUNS, status_code=201)
def preview(
    assignment: StaffAssignment, staff: CurrentUser, new: NewPreview, session: SessionDep, settings: SettingsDep
) -> PreviewOut:
    """Judge a set again with the assignment as it is now. No score, no board and no student's page changes."""
    found = service.preview(
        session, assignment=assignment, wanted=new.wanted(), reason=new.reason, by=staff, root=settings.assignments
    )
    return PreviewOut.of(found, queries.count_states(session, preview=found))


@router.get(RERUN)
def show(found: StaffPreview, session: SessionDep, settings: SettingsDep) -> PreviewDetailOut:
    """Who would change, by how much, in which checks, across which line."""
    changes = queries.changes_of(session, preview=found, root=settings.assignments)
    return PreviewDetailOut.of_changes(found, queries.count_states(session, preview=found), changes)


@router.post(RERUN + "/publish")
def publish(found: StaffPreview, staff: CurrentUser, how: Publishing, session: SessionDep, now: Now) -> PreviewOut:
    """Its reports become runs, and whoever's score differs is told. 409 where something newer came for some."""
    service.publish(session, found=found, by=staff, now=now, leaves_out_newer=how.leave_out_newer)
    return PreviewOut.of(found, queries.count_states(session, preview=found))


@router.post(RERUN + "/drop")
def drop(found: StaffPreview, staff: CurrentUser, session: SessionDep, now: Now) -> PreviewOut:
    service.drop(session, found=found, by=staff, now=now)
    return PreviewOut.of(found, queries.count_states(session, preview=found))


@router.get("/runs/{run_id}")
def show_run(run: StaffRun, session: SessionDep, settings: SettingsDep) -> RunDetailOut:
    """Report, seed, versions and files; `gradus replay` judges them again and compares."""
    submission = session.get_one(Submission, run.submission_id)
    return RunDetailOut.of(run, submission, store=settings.blob_store)
