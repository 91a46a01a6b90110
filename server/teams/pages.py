"""The team's page: found one, invite, join, leave; staff see all teams and change them with a reason."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from server.assignments import service as assignments
from server.audit import list_lines
from server.database import SessionDep
from server.errors import AppError
from server.settings import Settings, SettingsDep
from server.teams import queries, rules, service
from server.teams.access import StaffTeam, StaffTeamwork, StudentTeamwork, Teamwork, Work
from server.web.page import Page, PageDep, go_to

router = APIRouter()

TEAM = "/courses/{course}/assignments/{assignment}/team"

Typed = Annotated[str, Form(max_length=200)]
Why = Annotated[str, Form(max_length=500)]


@router.get(TEAM)
def show(page: PageDep, work: Teamwork, session: SessionDep, settings: SettingsDep) -> Response:
    return show_team(page, work, session, settings)


@router.post(TEAM)
def create(page: PageDep, work: StudentTeamwork, session: SessionDep, settings: SettingsDep, name: Typed = "") -> Response:
    def found() -> None:
        service.create_team(session, assignment=work.assignment, founder=work.user, name=name, now=work.now)

    return tried(found, page, work, session, settings, name=name)


@router.post(TEAM + "/invite")
def invite(page: PageDep, work: StudentTeamwork, session: SessionDep, settings: SettingsDep, login: Typed = "") -> Response:
    def ask() -> None:
        team = service.get_own_team(session, assignment=work.assignment, user=work.user)
        service.invite(session, team=team, login=login, by=work.user, assignment=work.assignment, team_size=work.team_size)

    return tried(ask, page, work, session, settings, login=login)


@router.post(TEAM + "/accept")
def accept(
    page: PageDep, work: StudentTeamwork, session: SessionDep, settings: SettingsDep, team: Annotated[int, Form()] = 0
) -> Response:
    def join() -> None:
        invitation = service.get_invitation(session, assignment=work.assignment, user=work.user, team_id=team)
        service.accept(session, invitation=invitation, assignment=work.assignment, user=work.user, now=work.now)

    return tried(join, page, work, session, settings)


@router.post(TEAM + "/decline")
def decline(
    page: PageDep, work: StudentTeamwork, session: SessionDep, settings: SettingsDep, team: Annotated[int, Form()] = 0
) -> Response:
    def refuse() -> None:
        invitation = service.get_invitation(session, assignment=work.assignment, user=work.user, team_id=team)
        service.decline(session, invitation=invitation)

    return tried(refuse, page, work, session, settings)


@router.post(TEAM + "/leave")
def leave(page: PageDep, work: StudentTeamwork, session: SessionDep, settings: SettingsDep) -> Response:
    def go() -> None:
        team = service.get_own_team(session, assignment=work.assignment, user=work.user)
        service.leave(session, team=team, assignment=work.assignment, user=work.user)

    return tried(go, page, work, session, settings)


@router.post(TEAM + "/{team_id}/change")
def change(
    page: PageDep,
    work: StaffTeamwork,
    team: StaffTeam,
    session: SessionDep,
    settings: SettingsDep,
    action: Annotated[str, Form(pattern="^(add|remove|rename|dissolve)$")],
    value: Typed = "",
    reason: Why = "",
) -> Response:
    """By staff: `value` is a login or a name."""

    def do() -> None:
        known = {"session": session, "team": team, "assignment": work.assignment, "staff": work.user}
        known["reason"] = rules.tidy_reason(reason)
        match action:
            case "add":
                service.put_member(login=value, now=work.now, **known)
            case "remove":
                service.take_member(login=value, **known)
            case "rename":
                service.rename(name=value, **known)
            case "dissolve":
                service.dissolve(**known)

    return tried(do, page, work, session, settings, value=value, reason=reason)


def tried(action: Callable[[], None], page: Page, work: Work, session: SessionDep, settings: Settings, **typed: str) -> Response:
    """Back to the page; with what is wrong and what was typed, if it was refused."""
    try:
        with session.begin_nested():
            action()
    except AppError as refusal:
        return show_team(page, work, session, settings, refusal=refusal, typed=typed)
    return go_to(f"/courses/{work.assignment.course.slug}/assignments/{work.assignment.slug}/team")


def show_team(
    page: Page,
    work: Work,
    session: SessionDep,
    settings: Settings,
    *,
    refusal: AppError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    assignment = work.assignment
    own = queries.find_team(session, assignment=assignment, user=work.user)
    lines = list_lines(session, course=assignment.course) if own or work.role.is_staff else []
    return page.show(
        "teams/team.html",
        status=refusal.status if refusal else 200,
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=assignments.manifest_of(assignment, root=settings.assignments),
        team=own,
        has_submitted=own is not None and queries.has_submitted(session, team=own),
        invitations=queries.list_invitations(session, assignment=assignment, user=work.user),
        teams=queries.list_teams(session, assignment=assignment) if work.role.is_staff else [],
        size=work.team_size,
        is_open=work.team_size > 1 and work.now < assignment.closes_at,
        for_staff=work.role.is_staff,
        lines=[line for line in lines if concerns(line.subject, assignment.slug, None if work.role.is_staff else own.name)],
        problem=refusal and refusal.message,
        typed=typed or {},
    )


def concerns(subject: dict[str, object], assignment: str, team: str | None) -> bool:
    """Whether a line is about a team of this assignment; of one team, where its name is given."""
    return (
        subject.get("assignment") == assignment
        and "team" in subject
        and (team is None or team in (subject["team"], subject.get("to")))
    )
