"""Doors for learning platforms: a click begins a sign-in, an answer ends it; our keys; the choice of an assignment."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.accounts.models import User
from server.database import Now, SessionDep
from server.deadlines.queries import is_competition
from server.identities import departures
from server.identities import service as identities
from server.identities.departures import Returned, come_back, depart, peek
from server.identities.models import LinkedBy, TurnedAway
from server.identities.pages import let_in
from server.identities.rules import Claims, NoSuchDeparture, SignInFailed
from server.lti import keys, launches, rules, service
from server.lti.api import urls_of
from server.lti.launches import Arrival
from server.lti.models import LearningPlatform
from server.lti.rules import Grading, Launch
from server.protection import HEADERS
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/lti")

COOKIE, LAUNCH, PICK, LINK = "gradus_lti", "lti", "lti pick", "lti link"
POLICY = HEADERS["content-security-policy"]
KEYS_KEPT = "public, max-age=300"
HINTS = "iss", "login_hint", "target_link_uri", "client_id", "lti_message_hint", "lti_deployment_id"
Sent = Annotated[str, Form(max_length=64 << 10)]
State = Annotated[str, Query(max_length=200)]


@router.get("/login")
def begin(request: Request, page: PageDep, session: SessionDep, settings: SettingsDep, now: Now) -> Response:
    return to_platform(request, page, session, settings, now, {name: request.query_params.get(name, "") for name in HINTS})


@router.post("/login")
async def begin_by_form(request: Request) -> Response:
    """Platforms may ask in either way. The same question by GET, so that there is one place where it is answered."""
    form = await request.form(max_fields=50, max_files=0)
    asked = {name: str(form[name]) for name in HINTS if name in form}
    response = RedirectResponse(f"/lti/login?{urlencode(asked)}", status_code=303)
    return may_be_framed(response)


def to_platform(request: Request, page: Page, session: Session, settings: Settings, now: Now, asked: dict[str, str]) -> Response:
    platform = launches.find_platform(session, issuer=asked["iss"], client_id=asked["client_id"] or None)
    if request.headers.get("sec-fetch-dest") in ("iframe", "frame", "embed", "object"):
        return show_new_window(page, asked, platform)
    facts = {"platform": platform.id, "asked": asked}
    ticket = depart(session, browser=request.cookies.get(COOKIE), purpose=LAUNCH, facts=facts, now=now)
    back, hint = urls_of(request, settings).launch, asked["lti_message_hint"] or None
    address = launches.way_there(platform, ticket, hint=asked["login_hint"], message_hint=hint, back=back)
    response = RedirectResponse(address, status_code=303)
    departures.set_cookie(response, request, COOKIE, ticket, cross_site=True)
    return response


def show_new_window(page: Page, asked: dict[str, str], platform: LearningPlatform) -> Response:
    """Inside a platform's frame browsers keep no cookie of ours, and our pages refuse frames: it opens beside it."""
    address = f"/lti/login?{urlencode({key: value for key, value in asked.items() if value})}"
    return may_be_framed(page.show("lti/new_window.html", address=address, name=platform.name, here="/"), platform)


def may_be_framed(response: Response, platform: LearningPlatform | None = None) -> Response:
    """By any https page: nobody knows under which names a platform runs, and there is one link on it, which opens a window."""
    own = origin_of(platform.auth_url) if platform else ""
    response.headers["content-security-policy"] = POLICY.replace(
        "frame-ancestors 'none'", f"frame-ancestors https: {own}".strip()
    )
    return response


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@router.post("/launch")
def launch(
    request: Request,
    page: PageDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    state: Sent = "",
    id_token: Sent = "",
    error: Sent = "",
) -> Response:
    """The platform's answer. It proves itself by the state in this browser's cookie and by the platform's signature."""
    returned = come_back(state=state, browser=request.cookies.get(COOKIE), purpose=LAUNCH, now=now)
    if error or not id_token:
        raise SignInFailed(
            "The platform has not said who you are. Open the link there once more.",
            "平台没有提供你的身份信息，请在平台上重新打开链接。",
        )
    platform_id = returned.facts["platform"]
    arrival = launches.arrive(
        session, platform_id=platform_id, token=id_token, ticket=returned.ticket, settings=settings, now=now
    )
    found = launches.sign_in(session, arrival, now=now)
    if isinstance(found, TurnedAway):
        return turn_away(request, page, session, arrival, found, settings, now)
    if arrival.launch.kind == rules.PICKING:
        return to_choice(request, session, arrival, found, settings, now)
    link = launches.find_link(session, arrival, settings=settings)
    if link is None:
        if not arrival.launch.is_teacher or not launches.list_places(session, platform=arrival.platform, user=found):
            raise rules.NotLinkedYet
        return to_choice(request, session, arrival, found, settings, now)
    launches.enter(session, link, found, arrival.launch)
    place = f"/courses/{link.course.slug}" + (f"/assignments/{link.assignment.slug}" if link.assignment else "")
    return let_in(request, session, settings, found, next=place, now=now)


def turn_away(
    request: Request, page: Page, session: Session, arrival: Arrival, turned: TurnedAway, settings: Settings, now: Now
) -> Response:
    """With the way by which a person who has an account here links it by himself."""
    facts = {"platform": arrival.platform.id, "subject": arrival.claims.subject, "label": arrival.claims.label}
    ticket = depart(session, browser=request.cookies.get(COOKIE), purpose=LINK, facts=facts, now=now)
    context = {"turned": turned, "label": arrival.claims.label, "name": arrival.platform.name, "support": settings.oidc_support}
    return page.show("lti/turned_away.html", status=403, address=f"/lti/link?state={ticket.state}", here="/", **context)


def to_choice(request: Request, session: Session, arrival: Arrival, user: User, settings: Settings, now: Now) -> Response:
    """Signed in, and on to the page on which staff choose to what the link leads."""
    launch, grading = arrival.launch, arrival.launch.grading
    facts = {
        "platform": arrival.platform.id, "kind": launch.kind, "deployment": launch.deployment, "resource": launch.resource,
        "return_url": launch.return_url, "data": launch.data,
        "grading": {"scopes": sorted(grading.scopes), "lineitem": grading.lineitem, "lineitems": grading.lineitems},
    }  # fmt: skip
    browser = request.cookies.get(COOKIE)
    ticket = depart(session, browser=browser, purpose=PICK, facts=facts, user_id=user.id, now=now)
    return let_in(request, session, settings, user, next=f"/lti/pick?state={ticket.state}", now=now)


@router.get("/pick")
def choose(
    request: Request, page: PageDep, user: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now, state: State = ""
) -> Response:
    returned = peek(session, state=state, browser=request.cookies.get(COOKIE), purpose=PICK, now=now)
    return show_choice(page, session, settings, user, returned)


def show_choice(page: Page, session: Session, settings: Settings, user: User, returned: Returned) -> Response:
    platform = check_own(session, returned, user)
    root = settings.assignments
    places = [
        (course, [(each, launches.title_of(each, root), is_competition(each, root)) for each in listed])
        for course, listed in launches.list_places(session, platform=platform, user=user)
    ]
    is_new = returned.facts["kind"] == rules.PICKING
    return page.show("lti/pick.html", state=returned.ticket.state, places=places, name=platform.name, is_new=is_new)


def check_own(session: Session, returned: Returned, user: User) -> LearningPlatform:
    """Raises NoSuchDeparture for anybody but the person who had come."""
    if returned.user_id != user.id:
        raise NoSuchDeparture
    return service.get_platform(session, platform_id=returned.facts["platform"])


@router.post("/pick")
def choice_made(
    request: Request,
    page: PageDep,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    state: Annotated[str, Form(max_length=200)] = "",
    place: Annotated[str, Form(max_length=300)] = "",
    lets_in: Annotated[bool, Form()] = False,
) -> Response:
    returned = come_back(state=state, browser=request.cookies.get(COOKIE), purpose=PICK, now=now)
    platform, facts = check_own(session, returned, user), returned.facts
    course, assignment = launches.get_place(session, platform=platform, user=user, place=place)
    if facts["kind"] == rules.PICKING:
        token = launches.place_token(settings, platform, course, assignment, lets_in=lets_in, by=user)
        title = launches.title_of(assignment, settings.assignments) if assignment else course.title
        said = title.in_language(page.language)
        answer = launches.handed_back(
            session, settings, platform=platform, deployment=facts["deployment"], data=facts["data"], title=said,
            url=urls_of(request, settings).launch, token=token, is_graded=assignment is not None, now=now,
        )  # fmt: skip
        return show_handed_back(page, platform, facts["return_url"], answer, said, settings)
    held = facts["grading"]
    grading = Grading(frozenset(held["scopes"]), held["lineitem"], held["lineitems"])
    clicked = Launch(facts["kind"], facts["deployment"], resource=facts["resource"], grading=grading)
    arrival = Arrival(platform, clicked, Claims(platform.namespace, ""))
    link = launches.find_link(session, arrival, settings=settings)
    if link is None:  # nobody else was faster
        link = launches.bind(session, platform, clicked, course, assignment, lets_in=lets_in, by=user)
        launches.note_grading(link, clicked, launches.reach_of(settings))
    return go_to(f"/courses/{link.course.slug}/lti")


def show_handed_back(
    page: Page, platform: LearningPlatform, return_url: str, answer: str, title: str, settings: Settings
) -> Response:
    """A form that leads out: to the platform's own address and to no other."""
    if not launches.is_usable(return_url, launches.reach_of(settings)):
        raise SignInFailed("The platform's way back is no https:// address.", "平台的返回地址不是 https:// 地址。")
    response = page.show("lti/handed_back.html", return_url=return_url, answer=answer, title=title, name=platform.name, here="/")
    policy = POLICY.replace("form-action 'self'", f"form-action 'self' {origin_of(return_url)}")
    response.headers["content-security-policy"] = policy
    return response


@router.get("/link")
def ask_link(request: Request, page: PageDep, user: CurrentUser, session: SessionDep, now: Now, state: State = "") -> Response:
    """Whoever has signed in here is asked whether both are one person."""
    returned = peek(session, state=state, browser=request.cookies.get(COOKIE), purpose=LINK, now=now)
    platform = service.get_platform(session, platform_id=returned.facts["platform"])
    return page.show("lti/link.html", state=state, label=returned.facts["label"], name=platform.name, user=user)


@router.post("/link")
def make_link(
    request: Request, user: CurrentUser, session: SessionDep, now: Now, state: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    returned = come_back(state=state, browser=request.cookies.get(COOKIE), purpose=LINK, now=now)
    platform = service.get_platform(session, platform_id=returned.facts["platform"])
    claims = Claims(platform.namespace, returned.facts["subject"], login=returned.facts["label"])
    identities.link(session, user=user, claims=claims, by=LinkedBy.person, now=now)
    return go_to("/identities")


@router.get("/jwks")
def show_keys(session: SessionDep, settings: SettingsDep, now: Now) -> Response:
    """Our public keys, as platforms read them."""
    keys.current_key(session, settings)
    found = {"keys": keys.public_keys(session, now=now)}
    return JSONResponse(found, headers={"cache-control": KEYS_KEPT})
