"""What every page has in hand: who looks, in which language, at what time, and how a template becomes an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from server.accounts.access import OptionalUser, make_csrf_token
from server.accounts.models import User
from server.database import Now, SessionDep
from server.messages.queries import count_unread
from server.web import i18n, templating


@dataclass(frozen=True)
class Viewer:
    """The person as the strip on top shows them; plain data that outlives the database session."""

    display_name: str
    language: str
    unread: int = 0  # messages


@dataclass(frozen=True)
class Page:
    request: Request
    viewer: Viewer | None
    now: datetime

    @property
    def language(self) -> str:
        """The choice made in this browser, then the account's, then what the browser asks for."""
        headers = self.request.headers
        wishes = (self.request.cookies.get(i18n.COOKIE), self.viewer and self.viewer.language)
        return i18n.choose_language(*wishes, accept=headers.get("accept-language", ""))

    def show(self, template: str, *, status: int = 200, zone: str | None = None, **context: Any) -> HTMLResponse:
        """Answer with a template. `zone`: the course's time zone, in which times are told."""
        shared = {"viewer": self.viewer, "csrf_token": make_csrf_token(self.request), "here": self.address, "zone": zone}
        shared["unread"] = self.viewer.unread if self.viewer else 0
        times = templating.moments_in(self.language, zone=zone or "UTC", now=self.now)
        return templating.respond(templating.render(self.language, template, shared | times | context), status=status)

    def gettext(self, message: str) -> str:
        return i18n.translations(self.language).gettext(message)

    @property
    def address(self) -> str:
        """Where to come back to: this page, if it can be asked for again."""
        if self.request.method not in ("GET", "HEAD"):
            return "/"
        return self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")


def open_page(request: Request, user: OptionalUser, session: SessionDep, now: Now) -> Page:
    viewer = describe(user, unread=count_unread(session, user_id=user.id)) if user else None
    request.state.viewer = viewer  # an error page is made when the database session is gone
    return Page(request=request, viewer=viewer, now=now)


def describe(user: User, *, unread: int) -> Viewer:
    return Viewer(display_name=user.display_name, language=user.language, unread=unread)


PageDep = Annotated[Page, Depends(open_page, scope="function")]


def go_to(address: str) -> Response:
    """After a form was accepted: the browser asks for the next page with GET."""
    return RedirectResponse(local_address(address), status_code=303)


def local_address(address: str) -> str:
    """An address of our own, whatever a link has put into `next`."""
    is_ours = address.startswith("/") and not address.startswith("//") and not any(sign in address for sign in "\\\r\n\t")
    return address if is_ours else "/"
