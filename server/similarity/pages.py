"""Similar works as pages for staff: the table of pairs, two works beside each other, groups; and what one decides there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser, is_https
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.access import StaffAssignment
from server.assignments.models import Assignment
from server.database import SessionDep
from server.errors import AppError, NotFound
from server.settings import Settings, SettingsDep
from server.similarity import evidence, names, queries, service, views
from server.similarity.listing import MIDDLE, Against, Look, Standing, neighbours_of, spread_of
from server.similarity.models import Comparison, Opinion, SimilarPair
from server.similarity.names import Names
from server.similarity.sides import sides_of
from server.web import moments
from server.web.page import Page, PageDep, go_to, local_address

router = APIRouter(prefix="/courses/{course}/assignments/{assignment}/similarity")

ROWS = 50
MOST_LINES = 2000  # of the groups

Fraction = Annotated[float, Query(ge=0, le=1)]
Chosen = Annotated[str, Query(max_length=20)]


async def read_look(
    start: Annotated[int, Query(ge=0, le=1 << 30)] = 0,
    person: Annotated[str, Query(max_length=100)] = "",
    section: Annotated[str, Query(max_length=10, pattern=r"^\d*$")] = "",
    against: Chosen = "",
    opinion: Chosen = "",
    least: Fraction = 0.0,
) -> Look:
    """An empty field of the form asks for nothing."""
    chosen = {"against": known(Against, against), "opinion": known(Standing, opinion)}
    return Look(start=start, person=person.strip(), section=int(section) if section else None, least=least, **chosen)


def known(words: Callable[[str], Any], word: str) -> Any:
    try:
        return words(word) if word else None
    except ValueError:
        return None


LookDep = Annotated[Look, Depends(read_look)]


@router.get("")
def show(
    page: PageDep, assignment: StaffAssignment, user: CurrentUser, session: SessionDep, settings: SettingsDep, look: LookDep
) -> Response:
    return show_overview(page, assignment, user, session, settings, look)


def show_overview(
    page: Page,
    assignment: Assignment,
    user: User,
    session: Session,
    settings: Settings,
    look: Look,
    *,
    refusal: AppError | None = None,
) -> Response:
    """`refusal`: why nothing is being compared although somebody just asked for it."""
    known_as = names_for(page, assignment, settings)
    done = queries.newest_done(session, assignment=assignment)
    table = table_of(session, done, user, look, known_as) if done else {}
    return page.show(
        "similarity/overview.html",
        status=refusal.status if refusal else 200,
        problem=refusal and refusal.message,
        **context_of(page, assignment, settings, known_as),
        comparison=queries.newest(session, assignment=assignment),
        done=done,
        look=look,
        sections=views.list_sections(session, assignment=assignment),
        **table,
    )


def table_of(session: Session, done: Comparison, reader: User, look: Look, known_as: Names) -> dict[str, Any]:
    found = queries.list_pairs(session, comparison=done, filters=look.filters, viewer=reader, offset=look.start, limit=ROWS)
    end = look.start + ROWS
    return {
        "rows": [views.shown(row, known_as) for row in found.rows],
        "found": found.total,
        "spread": spread_of(session, comparison=done),
        "previous": max(0, look.start - ROWS) if look.start else None,
        "next": end if end < found.total else None,
    }


@router.get("/state")
def state(page: PageDep, assignment: StaffAssignment, session: SessionDep) -> Response:
    """How far the comparison is, fetched anew while it goes on; once it has ended the page is loaded as a whole."""
    comparison = queries.newest(session, assignment=assignment)
    answer = page.show(
        "similarity/state.html",
        zone=assignment.course.time_zone,
        address=address_of(assignment),
        comparison=comparison,
    )
    if comparison is None or comparison.state.is_final:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("")
def compare(
    page: PageDep, assignment: StaffAssignment, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> Response:
    try:
        service.request_comparison(session, assignment=assignment, requested_by=user)
    except AppError as refusal:
        return show_overview(page, assignment, user, session, settings, Look(), refusal=refusal)
    return go_to(f"{address_of(assignment)}/similarity")


@router.post("/names")
def choose_names(
    request: Request,
    assignment: StaffAssignment,
    settings: SettingsDep,
    wish: Annotated[str, Form(alias="names", max_length=10)] = "",
    back: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Kept in this browser, for this course."""
    answer = go_to(back)
    answer.set_cookie(
        names.COOKIE,
        wish,
        max_age=names.KEPT_S,
        path=f"/courses/{assignment.course.slug}",
        secure=is_https(request, settings),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/graph")
def graph(
    page: PageDep,
    assignment: StaffAssignment,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    least: Fraction = MIDDLE,
) -> Response:
    """Who hangs together, from a similarity on."""
    known_as = names_for(page, assignment, settings)
    done = queries.newest_done(session, assignment=assignment)
    asked = {"filters": Look(least=least).filters, "viewer": user, "limit": MOST_LINES}
    rows = queries.list_pairs(session, comparison=done, **asked).rows if done else []
    return page.show(
        "similarity/graph.html",
        **context_of(page, assignment, settings, known_as),
        least=least,
        groups=views.drawn_groups([views.shown(row, known_as) for row in rows], due_at=assignment.due_at),
    )


@router.get("/pairs/{pair_id}")
def show_pair(
    page: PageDep,
    assignment: StaffAssignment,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    look: LookDep,
    pair_id: int,
    saved: int | None = None,
) -> Response:
    known_as = names_for(page, assignment, settings)
    pair = queries.get_pair(session, assignment=assignment, pair_id=pair_id)
    row = get_row(session, pair, user, known_as)
    content = evidence.content_of(session, pair=pair, settings=settings)
    return page.show(
        "similarity/pair.html",
        **context_of(page, assignment, settings, known_as),
        me=user,
        pair=pair,
        row=row,
        look=look,
        sides=sides_of(content, names=row.names, masked=known_as.masked(row.pair, pair)),
        timeline=views.timeline_of_pair(session, row=row, assignment=assignment),
        neighbours=neighbours_of(session, pair=pair, reader=user, look=look),
        reviews=service.reviews_of_pair(session, pair=pair),
        saved=find_saved(session, assignment, saved, user, known_as),
        case_address=f"/courses/{assignment.course.slug}/cases/new?pair={pair.id}",
    )


@router.post("/pairs/{pair_id}/review")
def review(
    request: Request,
    assignment: StaffAssignment,
    user: CurrentUser,
    session: SessionDep,
    look: LookDep,
    pair_id: int,
    opinion: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Keep an opinion and go on to the next pair that nobody has decided; or, with an empty one, take it back and stay."""
    pair = queries.get_pair(session, assignment=assignment, pair_id=pair_id)
    wanted = known(Opinion, opinion)
    if not is_known(session, pair, user, wanted, note):
        service.review(session, pair=pair, reviewer=user, opinion=wanted, note=note)
    address = next_address(session, assignment, pair, user, look) if wanted else pair_address(assignment, pair.id, look)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"next": address})
    return go_to(address)


def is_known(session: Session, pair: SimilarPair, reviewer: User, opinion: Opinion | None, note: str) -> bool:
    """A browser that had no answer sends again what was saved already."""
    newest = next(iter(service.reviews_of_pair(session, pair=pair)), None)
    if newest is None:
        return opinion is None
    return (newest.reviewer_id, newest.opinion, newest.note or "") == (reviewer.id, opinion, note.strip())


def next_address(session: Session, assignment: Assignment, pair: SimilarPair, reader: User, look: Look) -> str:
    found = neighbours_of(session, pair=pair, reader=reader, look=look).next_open
    if found is None:
        return local_address(f"{address_of(assignment)}/similarity{replace(look, start=0).query()}")
    return pair_address(assignment, found, look, saved=pair.id)


def pair_address(assignment: Assignment, pair_id: int, look: Look, **more: object) -> str:
    return f"{address_of(assignment)}/similarity/pairs/{pair_id}{replace(look, start=0).query(**more)}"


def get_row(session: Session, pair: SimilarPair, reader: User, known_as: Names) -> views.Shown:
    return views.shown(queries.get_row(session, pair=pair, viewer=reader), known_as)


def find_saved(
    session: Session, assignment: Assignment, pair_id: int | None, reader: User, known_as: Names
) -> views.Shown | None:
    """The pair that was decided just before, as long as its newest review has an opinion."""
    if pair_id is None:
        return None
    try:
        row = get_row(session, queries.get_pair(session, assignment=assignment, pair_id=pair_id), reader, known_as)
    except NotFound:
        return None
    return row if row.pair.review else None


def names_for(page: Page, assignment: Assignment, settings: Settings) -> Names:
    return Names(
        course=assignment.course,
        key=settings.derive_key("pseudonyms"),
        language=page.language,
        are_hidden=page.request.cookies.get(names.COOKIE) == names.HIDDEN,
        stranger=page.gettext("a student of {}"),
    )


def context_of(page: Page, assignment: Assignment, settings: Settings, known_as: Names) -> dict[str, Any]:
    """What every page of similar works has in hand."""

    def minutes(count: float) -> str:
        return moments.duration(timedelta(minutes=count), language=page.language)

    return {
        "zone": assignment.course.time_zone,
        "course": assignment.course,
        "assignment": assignment,
        "address": address_of(assignment),
        "manifest": assignments.manifest_of(assignment, root=settings.assignments),
        "names": known_as,
        "minutes": minutes,
    }


def address_of(assignment: Assignment) -> str:
    return f"/courses/{assignment.course.slug}/assignments/{assignment.slug}"
