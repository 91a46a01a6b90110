"""`gradus team`: whom you stand together with in a competition, and changing it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json

if TYPE_CHECKING:
    from server.cli.client import Client

Teams = dict[str, Any]  # as the API sends them

CHANGES = {
    "team.member_added": "put {login} into the team {team}",
    "team.member_removed": "took {login} out of the team {team}",
    "team.invitation_withdrawn": "took back the invitation of {login} into the team {team}",
    "team.renamed": "renamed the team {team} to {to}",
    "team.dissolved": "dissolved the team {team} of {members}",
}

app = typer.Typer(help="Your team in a competition.", no_args_is_help=True)

Named = Annotated[list[str], typer.Argument(metavar="[COURSE/ASSIGNMENT] NAME", help="What the team is called.")]
Invited = Annotated[list[str], typer.Argument(metavar="[COURSE/ASSIGNMENT] LOGIN", help="A student of the course.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take the invitation back, as long as it has not been answered.")]
Asking = Annotated[
    list[str] | None,
    typer.Argument(metavar="[COURSE/ASSIGNMENT] [TEAM]", help="The team's name, where several have invited you."),
]


@app.command()
def show(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """Who is in your team, and who invites you."""
    change([target] if target else [], lambda client, path: None, as_json=as_json)


@app.command()
def create(words: Named, as_json: AsJson = False) -> None:
    """Found a team; you are its first member."""
    *target, name = words
    change(target, lambda client, path: client.post(path, json={"name": name}), as_json=as_json)


@app.command()
def invite(words: Invited, undo: Undo = False, as_json: AsJson = False) -> None:
    """Ask a student of the course into your team."""
    *target, login = words

    def act(client: "Client", path: str) -> object:
        if undo:
            return client.delete(f"{path}/invitations/{quote(login, safe='')}")
        return client.post(f"{path}/invitations", json={"login": login})

    change(target, act, as_json=as_json)


@app.command()
def accept(words: Asking = None, as_json: AsJson = False) -> None:
    """Join the team that has invited you."""
    answer(words or [], "accept", as_json=as_json)


@app.command()
def decline(words: Asking = None, as_json: AsJson = False) -> None:
    """Do not join it."""
    answer(words or [], "decline", as_json=as_json)


@app.command()
def leave(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """Leave your team, as long as it has not handed in."""
    change([target] if target else [], lambda client, path: client.post(f"{path}/leave"), as_json=as_json)


def change(target: list[str], act: Callable[["Client", str], object], *, as_json: bool) -> None:
    """Do something to the teams of an assignment, then show how it stands."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    if len(target) > 1:
        raise Problem("Too many words.", next_step="put a name with blanks into quotes", code=ExitCode.usage)
    with signed_in() as client:
        found = find_target(client, target[0] if target else None)
        act(client, f"{found.path}/teams")
        teams = client.get(f"{found.path}/teams")
    if as_json:
        print_json(teams)
        return
    for line in told(str(found), teams):
        answers().print(line, soft_wrap=True)


def answer(words: list[str], verb: str, *, as_json: bool) -> None:
    target, wanted = split_words(words)

    def act(client: "Client", path: str) -> None:
        team = find_invitation(client.get(path)["invitations"], wanted)
        client.post(f"{path}/{team['id']}/{verb}")

    change(target, act, as_json=as_json)


def split_words(words: list[str]) -> tuple[list[str], str | None]:
    """A single word is a team's name, unless it is written as COURSE/ASSIGNMENT."""
    if len(words) == 1 and "/" not in words[0]:
        return [], words[0]
    return words[:1] + words[2:], words[1] if len(words) > 1 else None


def find_invitation(invitations: list[dict[str, Any]], wanted: str | None) -> dict[str, Any]:
    """The only one, or the one of that name."""
    fitting = [team for team in invitations if wanted is None or team["name"].lower() == wanted.lower()]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(team["name"] for team in invitations) or "nobody"
    what = "Nobody has invited you." if not invitations else "It is not clear which invitation is meant."
    raise Problem(what, why=f"you are invited by: {names}", next_step="see them with: gradus team show", code=ExitCode.usage)


def told(where: str, teams: Teams) -> list[str]:
    """How it stands, a line each, and what to do next."""
    if teams["team_size"] <= 1:
        return [f"In {where} everybody stands alone."]
    lines = team_lines(teams["team"]) if teams["team"] else [f"You are in no team of {where}; up to {teams['team_size']} in one."]
    for team in teams["invitations"]:
        members = ", ".join(member["name"] for member in team["members"] if member["joined_at"])
        lines.append(f"[hint]i[/] [strong]{escape(team['name'])}[/] invites you ({escape(members)})")
    if teams["invitations"]:
        lines.append("  next: gradus team accept   or: gradus team decline")
    for team in teams["teams"] or []:
        lines += team_lines(team)
    return [*lines, *change_lines(teams["changes"])]


def team_lines(team: dict[str, Any]) -> list[str]:
    lines = [f"[strong]{escape(team['name'])}[/]"]
    for member in team["members"]:
        state = "" if member["joined_at"] else "   [wait]invited, has not answered[/]"
        lines.append(f"  {escape(member['name'])}   [quiet]{escape(member['login'])}[/]{state}")
    return lines


def change_lines(changes: list[dict[str, Any]]) -> Iterator[str]:
    """What the staff changed, when and why; an action that is not known here by its own name."""
    from server.cli.report import local_time

    if changes:
        yield "[quiet]what the staff changed:[/]"
    for change in changes:
        said = change["subject"] | {"members": ", ".join(change["subject"].get("members", []))}
        what = CHANGES.get(change["action"], change["action"]).format_map(said)
        yield f"  {local_time(change['at'])}   {escape(what)}   [quiet]{escape(str(said.get('reason', '')))}[/]"
