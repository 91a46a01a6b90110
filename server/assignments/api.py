"""What is set in a course, as JSON."""

from fastapi import APIRouter
from fastapi.responses import Response

from grader.variants.drawn import has_variant
from server.assignments import bundles, service
from server.assignments.access import VisibleAssignment
from server.assignments.rules import can_see, is_held_back
from server.assignments.schemas import AssignmentOut
from server.assignments.variants import variant_of
from server.courses.access import Membership
from server.database import Now, SessionDep
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/assignments", tags=["assignments"])


@router.get("")
def list_all(membership: Membership, session: SessionDep, settings: SettingsDep, now: Now) -> list[AssignmentOut]:
    """What opens later is announced to students by its title and dates; an exam is among the exams until it is released."""
    role = membership.role
    return [
        AssignmentOut.of(each, service.manifest_of(each, root=settings.assignments), is_open=can_see(each, role=role, now=now))
        for each in service.list_assignments(session, course=membership.course, role=role)
        if not is_held_back(each, role=role)
    ]


@router.get("/{assignment}")
def show(assignment: VisibleAssignment, settings: SettingsDep) -> AssignmentOut:
    return AssignmentOut.of(assignment, service.manifest_of(assignment, root=settings.assignments))


@router.get("/{assignment}/bundle")
def bundle(assignment: VisibleAssignment, membership: Membership, settings: SettingsDep) -> Response:
    """A .zip with starter, handout and public checks, as `gradus pull` unpacks it: with one's own constants in it."""
    folder = service.folder_of(assignment, root=settings.assignments)
    seed = None
    if has_variant(folder):
        manifest = service.manifest_of(assignment, root=settings.assignments)
        seed = variant_of(assignment, manifest, user_id=membership.user_id, settings=settings)
    found = bundles.get_bundle(folder, cache=settings.data / "bundles", seed=seed)
    return Response(found, media_type="application/zip")
