"""One's messages as JSON."""

from fastapi import APIRouter

from server.accounts.access import CurrentUser
from server.courses.api import Before
from server.database import Now, SessionDep
from server.messages import queries, service
from server.messages.schemas import Mailing, MessageOut, Read
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/messages", tags=["messages"])


@router.get("")
def list_mine(user: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now, before: Before = None) -> list[MessageOut]:
    """Newest first, at most 50; `before`: an id below which to go on."""
    found = queries.list_messages(session, user_id=user.id, before=before)
    return [MessageOut.of(each, root=settings.assignments, now=now) for each in found]


@router.post("/read", status_code=204)
def mark_read(user: CurrentUser, read: Read, session: SessionDep, now: Now) -> None:
    """Ids that are not one's own change nothing."""
    service.mark_read(session, user=user, shown=read.ids, now=now)


@router.put("/mail")
def want_mail(user: CurrentUser, mailing: Mailing, session: SessionDep) -> Mailing:
    service.want_mail(session, user=user, wanted=mailing.wanted)
    return mailing
