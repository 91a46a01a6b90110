"""The web side of the app: static files, error pages and each page's router. app.py needs `include_pages` and `install`."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from server.accounts import pages as accounts
from server.accounts.rules import NotSignedIn
from server.announcements import pages as announcements
from server.assignments import pages as assignments
from server.attendance import pages as attendance
from server.cases import pages as cases
from server.channels import pages as channels
from server.courses import invitation_pages, roster_pages
from server.courses import pages as courses
from server.deadlines import pages as deadlines
from server.declarations import pages as declarations
from server.errors import AppError
from server.exam_results import pages as exam_results
from server.exams import pages as exams
from server.exams import setup_pages as exam_setup
from server.exams import staff_pages as exam_staff
from server.gradebook import pages as gradebook
from server.gradebook import setup_pages as gradebook_setup
from server.identities import pages as identities
from server.leaderboard import pages as leaderboard
from server.lti import course_pages as lti_of_course
from server.lti import pages as lti
from server.marking import pages as marking
from server.messages import pages as messages
from server.participation import pages as participation
from server.questions import pages as questions
from server.regrades import pages as regrades
from server.reruns import pages as reruns
from server.returns import pages as returns
from server.similarity import pages as similarity
from server.spotchecks import pages as spotchecks
from server.submissions import pages as submissions
from server.teams import pages as teams
from server.web.i18n import translations
from server.web.page import Page, open_page
from server.web.templating import STATIC

A_YEAR = "public, max-age=31536000, immutable"


def include_pages(router: APIRouter) -> None:
    doors = (
        accounts, identities, courses, roster_pages, invitation_pages, channels, messages, announcements, assignments, teams,
        deadlines, submissions, leaderboard, declarations, attendance, participation, similarity, spotchecks, cases, gradebook,
        gradebook_setup, marking, questions, exams, exam_setup, exam_staff, exam_results, lti, lti_of_course, returns, regrades,
        reruns,
    )  # fmt: skip
    for door in doors:
        router.include_router(door.router, include_in_schema=False, dependencies=[Depends(open_page, scope="function")])


def install(app: FastAPI) -> None:
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    app.state.error_page = error_page


class KeptFiles(StaticFiles):
    """Files whose address carries a digest of their content may be kept by browsers."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v=") and response.status_code == 200:
            response.headers["Cache-Control"] = A_YEAR
        return response


def error_page(request: Request, error: AppError) -> Response:
    """A refusal as a page that says what to do next; whoever is not signed in is led to sign in and back."""
    page = Page(request=request, viewer=getattr(request.state, "viewer", None), now=datetime.now(UTC))
    if isinstance(error, NotSignedIn):
        return lead_to_sign_in(request, page)
    response = page.show(
        "error.html",
        status=error.status,
        code=error.status,
        heading=heading_of(error.status, page.language),
        sentence=error.message,
    )
    response.headers.update({name: value for name, value in error.headers.items() if name.lower() != "www-authenticate"})
    return response


def lead_to_sign_in(request: Request, page: Page) -> Response:
    if "hx-request" in request.headers:  # a live page whose session ended: go there as a whole page
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    address = request.url_for("sign_in_form").include_query_params(next=page.address)
    return RedirectResponse(f"{address.path}?{address.query}", status_code=303)


def heading_of(status: int, language: str) -> str:
    _ = translations(language).gettext
    headings = {
        403: _("This is not open to you"),
        404: _("Not found"),
        405: _("This cannot be done here"),
        409: _("This does not fit the present state"),
        413: _("This is too large"),
        422: _("Something is missing or wrong"),
        429: _("Too many tries"),
    }
    return headings.get(status, _("Something broke on our side") if status >= 500 else _("This did not work"))
