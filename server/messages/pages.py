"""The page of one's messages."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from server.accounts.access import CurrentUser
from server.channels.mail import is_configured
from server.courses.api import Before
from server.database import SessionDep
from server.messages import queries, service, views
from server.settings import SettingsDep
from server.web.page import PageDep, go_to

router = APIRouter(prefix="/messages")


@router.get("")
def show(page: PageDep, user: CurrentUser, session: SessionDep, settings: SettingsDep, before: Before = None) -> Response:
    """Whoever opens it has read them; on this page what was new is still marked so."""
    found = queries.list_messages(session, user_id=user.id, before=before)
    shown = views.shown_of(found, language=page.language, root=settings.assignments, now=page.now)
    service.mark_read(session, user=user, shown=[each.id for each in found], now=page.now)
    return page.show(
        "messages/list.html",
        shown=shown,
        older=found[-1].id if len(found) == queries.PAGE else None,
        unread=queries.count_unread(session, user_id=user.id),
        sends_mail=is_configured(settings),
        address=user.email,
        wants_mail=user.wants_mail,
    )


@router.post("/mail")
def want_mail(user: CurrentUser, session: SessionDep, wanted: Annotated[bool, Form()]) -> Response:
    service.want_mail(session, user=user, wanted=wanted)
    return go_to("/messages#by-mail")
