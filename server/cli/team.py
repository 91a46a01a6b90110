"""`gradus team`: who stands together in a competition."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json, remarks

if TYPE_CHECKING:
    from server.cli.client import Client

app = typer.Typer(no_args_is_help=True, help="Found a team, invite, join and leave.")

TeamName = Annotated[str | None, typer.Option("--team", help="Which of several invitations.", show_default=False)]


@app.command()
def show(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """Your team and your invitations; all teams, for staff."""
    with opened(target) as (client, path):
        tell(client.get(path), as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the board will call you.")],
    target: TargetArgument = None,
    as_json: AsJson = False,
) -> None:
    """Found a team and be its first member."""
    with opened(target) as (client, path):
        client.post(path, json={"name": name})
        tell(client.get(path), as_json=as_json)


@app.command()
def invite(
    login: Annotated[str, typer.Argument(help="A fellow student.")], target: TargetArgument = None, as_json: AsJson = False
) -> None:
    """Invite a fellow student into your team."""
    with opened(target) as (client, path):
        tell(client.post(f"{path}/invitations", json={"login": login}), as_json=as_json)


@app.command()
def accept(target: TargetArgument = None, team: TeamName = None, as_json: AsJson = False) -> None:
    """Join the team that has invited you."""
    answer("accept", target, team, as_json=as_json)


@app.command()
def decline(target: TargetArgument = None, team: TeamName = None, as_json: AsJson = False) -> None:
    """Say no to an invitation."""
    answer("decline", target, team, as_json=as_json)


@app.command()
def leave(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """Leave your team, as long as it has not handed in."""
    with opened(target) as (client, path):
        tell(client.post(f"{path}/leave"), as_json=as_json)


def answer(word: str, target: str | None, name: str | None, *, as_json: bool) -> None:
    with opened(target) as (client, path):
        invitation = choose_invitation(client.get(path)["invitations"], name)
        tell(client.post(f"{path}/{invitation['id']}/{word}"), as_json=as_json)


@contextmanager
def opened(target: str | None) -> "Iterator[tuple[Client, str]]":
    """A signed-in client, and the path of the teams of an assignment."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        yield client, f"{find_target(client, target).path}/teams"


def choose_invitation(invitations: list[dict[str, Any]], name: str | None) -> dict[str, Any]:
    found = [each for each in invitations if name in (None, each["name"])]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(each["name"] for each in invitations)
    if not found:
        raise Problem("There is no such invitation.", why=f"Open: {listed or 'none'}.", code=ExitCode.refused)
    raise Problem("You have several invitations.", why=listed, next_step="name one with --team", code=ExitCode.usage)


def tell(teams: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(teams)
        return
    for team in [teams["team"]] if teams["team"] else teams["teams"] or []:
        answers().print(team_table(team, teams["team_size"]))
    for invitation in teams["invitations"]:
        answers().print(f"[hint]You are invited into[/] [strong]{escape(invitation['name'])}[/]: gradus team accept")
    if not (teams["team"] or teams["teams"] or teams["invitations"]):
        remarks().print("You are in no team. Found one: gradus team create NAME")


def team_table(team: dict[str, Any], size: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", title=f"{escape(team['name'])}", title_justify="left")
    for heading in ("login", "name", "state"):
        table.add_column(heading)
    for member in team["members"]:
        state = "in the team" if member["joined_at"] else "[wait]has not answered yet[/]"
        table.add_row(escape(member["login"]), escape(member["name"]), state)
    table.caption = f"{len(team['members'])} of at most {size}"
    return table
