"""`gradus identity`: who signs in by which account elsewhere; for the operator, on the server's machine."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.admin import done, open_session
from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from server.accounts.models import User

app = typer.Typer(
    help="Links between accounts here and elsewhere.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False
)

Code = Annotated[str, typer.Argument(metavar="CODE", help="The code that the person was shown.")]
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The person's login here.")]
REASONS = {
    "unknown": "no account fits",
    "several": "more than one account fits",
    "taken": "the account that fits, or the login, belongs to somebody else",
    "inactive": "the account is closed",
}


@app.command()
def show(code: Code, as_json: AsJson = False) -> None:
    """Tell who was turned away with this code, and why."""
    from server.identities.service import find_turned_away

    with open_session() as session:
        row = find_turned_away(session, code=code)
        if row is None:
            raise no_such_code(code)
        found = {"code": row.code, "issuer": row.issuer, "subject": row.subject, **row.claimed, "reason": row.reason}
    if as_json:
        print_json(found)
        return
    for name in ("name", "login", "number", "email", "issuer", "subject"):
        answers().print(f"{name:8} {escape(str(found[name] or '–'))}", soft_wrap=True)
    answers().print(f"[wait]![/] {REASONS.get(found['reason'], found['reason'])}; to link: gradus identity link {code} LOGIN")


@app.command()
def link(code: Code, login: Login) -> None:
    """Link the sign-in with this code to an account here. Make sure first that it is the same person."""
    from server.database import current_time
    from server.identities.service import find_turned_away, link_by_code

    with open_session() as session:
        user = get_user(session, login)
        if find_turned_away(session, code=code) is None:
            raise no_such_code(code)
        made = link_by_code(session, code=code, user=user, now=current_time(session))
        label = made.label
    done(f"{label} signs in as {login} from now on.")


@app.command("list")
def list_identities(login: Login, as_json: AsJson = False) -> None:
    """Show by which accounts elsewhere a person signs in."""
    from server.identities.schemas import IdentityOut
    from server.identities.service import list_identities

    with open_session() as session:
        rows = list_identities(session, user=get_user(session, login))
        found = [IdentityOut.model_validate(row).model_dump(mode="json") for row in rows]
    if as_json:
        print_json(found)
    elif found:
        answers().print(table(found))
    else:
        answers().print(f"No account elsewhere is linked to {escape(login)}.")


@app.command()
def unlink(login: Login, identity_id: Annotated[int, typer.Argument(metavar="ID", help="From: gradus identity list.")]) -> None:
    """Undo a link, even the only way in."""
    from server.database import current_time
    from server.identities.service import unlink

    with open_session() as session:
        user = get_user(session, login)
        unlink(session, user=user, identity_id=identity_id, now=current_time(session), may_lock_out=True)
    done(f"{login} does not sign in by that account any more.")


def get_user(session: "Session", login: str) -> "User":
    from server.accounts.service import find_user

    user = find_user(session, login=login)
    if user is None:
        raise Problem(f"There is no person {login}.", next_step=f"gradus admin create-user {login}", code=ExitCode.refused)
    return user


def no_such_code(code: str) -> Problem:
    return Problem(f"Nobody was turned away with the code {code}.", why="codes are kept for 30 days", code=ExitCode.refused)


def table(found: list[dict[str, Any]]) -> Table:
    from server.cli.report import local_time

    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("id", "account", "issuer", "linked by", "last used"):
        table.add_column(title, overflow="fold")
    for each in found:
        used = local_time(each["last_used_at"]) if each["last_used_at"] else "never"
        table.add_row(*(escape(str(cell)) for cell in (each["id"], each["label"], each["issuer"], each["linked_by"], used)))
    return table
