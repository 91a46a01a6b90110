"""`gradus lti`: learning platforms of a course and the return of its scores; approving platforms, for the operator."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.admin import done, open_session
from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, in_language, print_json

app = typer.Typer(
    help="Learning platforms (LTI 1.3) and scores for them.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False
)

CourseArgument = Annotated[str, typer.Argument(metavar="COURSE", help="The course's short name.")]
PlatformId = Annotated[int, typer.Argument(metavar="ID", help="The platform's number, as the course's page shows it.")]
LOOKS = {
    "sent": "[pass]✓[/] sent",
    "failed": "[fail]✗[/] failed",
    "waiting": "[wait]…[/] waiting",
    "sending": "[wait]…[/] sending",
}


@app.command("list")
def show(course: CourseArgument, as_json: AsJson = False) -> None:
    """Show what a platform asks for, the platforms, and what their links lead to."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(f"/courses/{course}/lti")
    if as_json:
        print_json(found)
        return
    for name, url in found["urls"].items():
        answers().print(f"[quiet]{name:6}[/] {escape(url)}", soft_wrap=True)
    if found["platforms"]:
        answers().print(platforms_table(found["platforms"]))
    else:
        answers().print("No platform yet: register one on the course's page, or: gradus lti add")
    if found["links"]:
        answers().print(links_table(found["links"]))


@app.command()
def state(course: CourseArgument, as_json: AsJson = False) -> None:
    """Show of each student whether the platform has the newest score."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(f"/courses/{course}/lti/scores")
    if as_json:
        print_json(found)
    elif found:
        answers().print(scores_table(found))
    else:
        answers().print("Nothing was sent yet.")


@app.command()
def sync(course: CourseArgument, as_json: AsJson = False) -> None:
    """Send what has changed, and once more what had failed. It happens by itself every half minute."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.post(f"/courses/{course}/lti/sync")
    if as_json:
        print_json(found)
    else:
        done(f"Being sent: {found['sending']}. See: gradus lti state {course}")


@app.command()
def add(
    name: Annotated[str, typer.Option(help="What people call it.")],
    issuer: Annotated[str, typer.Option(help="Issuer or platform id.")],
    client_id: Annotated[str, typer.Option(help="As the platform has given it to us.")],
    deployments: Annotated[str, typer.Option(help="Deployment ids, with a comma between them.")],
    auth_url: Annotated[str, typer.Option(help="Authentication request URL.")],
    token_url: Annotated[str, typer.Option(help="Access token URL.")],
    jwks_url: Annotated[str, typer.Option(help="The platform's public keyset.")],
) -> None:
    """Register a platform for the whole server. For the operator; it works at once."""
    fields = {
        "name": name, "issuer": issuer, "client_id": client_id, "deployments": deployments,
        "auth_url": auth_url, "token_url": token_url, "jwks_url": jwks_url,
    }  # fmt: skip
    with open_session() as session:
        from server.database import current_time
        from server.lti import service
        from server.lti.launches import reach_of
        from server.settings import get_settings

        reach, now = reach_of(get_settings()), current_time(session)
        platform_id = service.register(session, fields=fields, course=None, by=None, reach=reach, now=now).id
    done(f"{name} is platform {platform_id}. To have it find accounts: gradus lti approve {platform_id} --links-by number")


@app.command()
def approve(
    platform_id: PlatformId,
    links_by: Annotated[str, typer.Option(help="How a stranger finds his account: number, email, or both with a comma.")] = "",
    creates_accounts: Annotated[bool, typer.Option("--creates-accounts", help="Who fits no account gets one.")] = False,
) -> None:
    """Let a platform vouch for people. For the operator: it can sign in everybody who is linked to it."""
    ways = [each.strip() for each in links_by.split(",") if each.strip()]
    if not {*ways} <= {"number", "email"}:
        raise Problem(f"{links_by} is none of: number, email.", code=ExitCode.usage)
    with open_session() as session:
        from server.database import current_time
        from server.lti import service

        platform = service.get_platform(session, platform_id=platform_id)
        service.approve(session, platform, links_by=ways, creates_accounts=creates_accounts, now=current_time(session))
        name, issuer = platform.name, platform.issuer
    done(f"{name} ({issuer}) works from now on.")


@app.command()
def remove(platform_id: PlatformId) -> None:
    """Take a platform away; its links stop working. For the operator."""
    with open_session() as session:
        from server.database import current_time
        from server.lti import service

        platform = service.get_platform(session, platform_id=platform_id)
        service.remove(session, platform, by=None, now=current_time(session))
        name = platform.name
    done(f"{name} is removed.")


@app.command("rotate-key")
def rotate_key() -> None:
    """Sign with a new key from now on; platforms can look up the old one for a week. For the operator."""
    with open_session() as session:
        from server.database import current_time
        from server.lti import keys
        from server.settings import get_settings

        name = keys.rotate(session, get_settings(), now=current_time(session)).name
    done(f"The new key is {name}.")


def platforms_table(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("id", "platform", "issuer", "client", "state"):
        table.add_column(title, overflow="fold")
    for each in found:
        state = "[pass]✓[/] works" if each["is_approved"] else "[wait]…[/] waits for: gradus lti approve"
        table.add_row(str(each["id"]), *(escape(each[key]) for key in ("name", "issuer", "client_id")), state)
    return table


def links_table(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("link", "platform", "leads to", "scores"):
        table.add_column(title, overflow="fold")
    for each in found:
        counts = ", ".join(f"{count} {state}" for state, count in each["scores"].items())
        scores = counts or ("nothing yet" if each["takes_scores"] else "not taken")
        table.add_row(str(each["id"]), escape(each["platform"]), each["assignment"] or "the course", scores)
    return table


def scores_table(found: list[dict[str, Any]]) -> Table:
    from server.cli.report import local_time

    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("student", "assignment", "score", "state", "at", "answer"):
        table.add_column(title, overflow="fold")
    for each in found:
        at = local_time(each["sent_at"] or each["wanted_at"])
        score = "–" if each["total"] is None else f"{float(each['total']):g}"
        said = in_language(each["said"]) or ""
        table.add_row(
            escape(each["student"]), each["assignment"] or "course grade", score, LOOKS[each["state"]], at, escape(said)
        )
    return table
