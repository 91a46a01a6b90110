"""Everything about similarity is for the staff of the course: students get 403, strangers 404."""

from typing import Annotated

from fastapi import Depends

from server.assignments.access import StaffAssignment
from server.database import SessionDep
from server.similarity import archives, queries
from server.similarity.models import Archive, SimilarPair


def require_pair(pair_id: int, assignment: StaffAssignment, session: SessionDep) -> SimilarPair:
    return queries.get_pair(session, assignment=assignment, pair_id=pair_id)


StaffPair = Annotated[SimilarPair, Depends(require_pair, scope="function")]


def require_archive(archive_id: int, assignment: StaffAssignment, session: SessionDep) -> Archive:
    return archives.get_one(session, assignment=assignment, archive_id=archive_id)


StaffArchive = Annotated[Archive, Depends(require_archive, scope="function")]
