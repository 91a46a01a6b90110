"""One's own links to accounts elsewhere, as JSON."""

from fastapi import APIRouter

from server.accounts.access import CurrentUser
from server.database import Now, SessionDep
from server.identities import service
from server.identities.schemas import IdentityOut

router = APIRouter(prefix="/api/v1/identities", tags=["accounts"])


@router.get("")
def list_identities(user: CurrentUser, session: SessionDep) -> list[IdentityOut]:
    return [IdentityOut.model_validate(row) for row in service.list_identities(session, user=user)]


@router.delete("/{identity_id}", status_code=204)
def unlink(identity_id: int, user: CurrentUser, session: SessionDep, now: Now) -> None:
    """Undo a link; refused for the only way in."""
    service.unlink(session, user=user, identity_id=identity_id, now=now)
