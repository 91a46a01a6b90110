"""The teams' page: one's own with its forms, or for staff all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.assignments import service as assignments
from server.database import SessionDep
from server.errors import AppError
from server.settings import SettingsDep
from server.teams import queries, rules, service
from server.teams.access import StaffTeam, StaffTeamwork, StudentWork, Teamwork, Work
from server.web.page import Page, PageDep, go_to

TEAM = "/courses/{course}/assignments/{assignment}/team"

router = APIRouter(prefix=TEAM)

Word = Annotated[str, Form(max_length=200)]
Why = Annotated[str, Form(max_length=2000)]
TeamId = Annotated[int, Form()]


@dataclass(frozen=True)
class Typed:
    """A form that was refused: which one, why, and what stood in it."""

    form: str = ""
    refusal: AppError | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def value(self, form: str, name: str) -> str:
        return self.fields.get(name, "") if form == self.form else ""


@router.get("")
def show(page: PageDep, work: Teamwork, session: SessionDep, settings: SettingsDep) -> Response:
    return show_teams(page, work, session, settings)


@router.post("")
def create(page: PageDep, work: StudentWork, session: SessionDep, settings: SettingsDep, name: Word = "") -> Response:
    found = partial(service.create_team, session, assignment=work.assignment, founder=work.user, name=name, now=work.now)
    return carry_out(page, work, session, settings, found, Typed("create", fields={"name": name}))


@router.post("/invitations")
def invite(page: PageDep, work: StudentWork, session: SessionDep, settings: SettingsDep, login: Word = "") -> Response:
    def send() -> None:
        team = service.get_own_team(session, assignment=work.assignment, user=work.user)
        service.invite(session, team=team, login=login, by=work.user, assignment=work.assignment, team_size=work.team_size)

    return carry_out(page, work, session, settings, send, Typed("invite", fields={"login": login}))


@router.post("/invitations/withdraw")
def take_back(page: PageDep, work: StudentWork, session: SessionDep, settings: SettingsDep, login: Word = "") -> Response:
    def withdraw() -> None:
        team = service.get_own_team(session, assignment=work.assignment, user=work.user)
        service.take_back(session, team=team, login=login, by=work.user, assignment=work.assignment)

    return carry_out(page, work, session, settings, withdraw, Typed("withdraw"))


@router.post("/accept")
def accept(page: PageDep, work: StudentWork, session: SessionDep, settings: SettingsDep, team_id: TeamId = 0) -> Response:
    def join() -> None:
        known = {"assignment": work.assignment, "user": work.user, "team_size": work.team_size}
        service.accept(session, team_id=team_id, now=work.now, **known)

    return carry_out(page, work, session, settings, join, Typed("accept"))


@router.post("/decline")
def decline(page: PageDep, work: StudentWork, session: SessionDep, settings: SettingsDep, team_id: TeamId = 0) -> Response:
    def answer() -> None:
        service.decline(session, team_id=team_id, assignment=work.assignment, user=work.user)

    return carry_out(page, work, session, settings, answer, Typed("decline"))


@router.post("/leave")
def leave(page: PageDep, work: StudentWork, session: SessionDep, settings: SettingsDep) -> Response:
    def go() -> None:
        team = service.get_own_team(session, assignment=work.assignment, user=work.user)
        service.leave(session, team=team, assignment=work.assignment, user=work.user)

    return carry_out(page, work, session, settings, go, Typed("leave"))


@router.post("/{team_id}/members")
def put_member(
    page: PageDep,
    work: StaffTeamwork,
    team: StaffTeam,
    session: SessionDep,
    settings: SettingsDep,
    login: Word = "",
    reason: Why = "",
) -> Response:
    put = partial(service.put_member, session, team=team, login=login, **by_staff(work, reason), now=work.now)
    typed = Typed(f"add-{team.id}", fields={"login": login, "reason": reason})
    return carry_out(page, work, session, settings, put, typed)


@router.post("/{team_id}/members/remove")
def take_member(
    page: PageDep,
    work: StaffTeamwork,
    team: StaffTeam,
    session: SessionDep,
    settings: SettingsDep,
    login: Word = "",
    reason: Why = "",
) -> Response:
    take = partial(service.take_member, session, team=team, login=login, **by_staff(work, reason))
    typed = Typed(f"remove-{team.id}", fields={"login": login, "reason": reason})
    return carry_out(page, work, session, settings, take, typed)


@router.post("/{team_id}/rename")
def rename(
    page: PageDep,
    work: StaffTeamwork,
    team: StaffTeam,
    session: SessionDep,
    settings: SettingsDep,
    name: Word = "",
    reason: Why = "",
) -> Response:
    change = partial(service.rename, session, team=team, name=name, **by_staff(work, reason))
    typed = Typed(f"rename-{team.id}", fields={"name": name, "reason": reason})
    return carry_out(page, work, session, settings, change, typed)


@router.post("/{team_id}/dissolve")
def dissolve(
    page: PageDep, work: StaffTeamwork, team: StaffTeam, session: SessionDep, settings: SettingsDep, reason: Why = ""
) -> Response:
    end = partial(service.dissolve, session, team=team, **by_staff(work, reason))
    return carry_out(page, work, session, settings, end, Typed(f"dissolve-{team.id}", fields={"reason": reason}))


def by_staff(work: Work, reason: str) -> dict[str, object]:
    return {"assignment": work.assignment, "staff": work.user, "reason": reason.strip()}


def carry_out(
    page: Page, work: Work, session: Session, settings: SettingsDep, change: Callable[[], object], typed: Typed
) -> Response:
    """Back to the page by its address; or at once, with what was typed and why it was refused."""
    try:
        if not work.role.is_staff:
            work.check_open()
        with session.begin_nested():  # a refusal undoes what was done before it
            change()
    except AppError as refusal:
        return show_teams(page, work, session, settings, Typed(typed.form, refusal, typed.fields))
    return go_to(TEAM.format(course=work.assignment.course.slug, assignment=work.assignment.slug))


def show_teams(page: Page, work: Work, session: Session, settings: SettingsDep, typed: Typed | None = None) -> Response:
    typed = typed or Typed()
    assignment, user, is_staff = work.assignment, work.user, work.role.is_staff
    team = queries.find_team(session, assignment=assignment, user=user)
    course = assignment.course
    return page.show(
        "teams/team.html",
        status=typed.refusal.status if typed.refusal else 200,
        zone=course.time_zone,
        course=course,
        assignment=assignment,
        address=f"/courses/{course.slug}/assignments/{assignment.slug}",
        manifest=assignments.manifest_of(assignment, root=settings.assignments),
        reader=user,
        team_size=work.team_size,
        is_staff=is_staff,
        team=team,
        has_submitted=team is not None and queries.has_submitted(session, team=team),
        invitations=queries.list_invitations(session, assignment=assignment, user=user),
        teams=queries.list_teams(session, assignment=assignment) if is_staff else [],
        lines=[] if is_staff else queries.list_changes(session, assignment=assignment, user=user, team=team),
        closed=find_refusal(work),
        typed=typed,
        max_name=rules.MAX_NAME,
        max_reason=rules.MAX_REASON,
    )


def find_refusal(work: Work) -> AppError | None:
    """Why students can change nothing now, said before anybody tries."""
    try:
        work.check_open()
    except AppError as refusal:
        return refusal
    return None
