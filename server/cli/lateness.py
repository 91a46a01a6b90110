"""`gradus dates policy`: what lateness costs, in a course or for one assignment; for staff."""

from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

Where = Annotated[
    str, typer.Argument(metavar="COURSE[/ASSIGNMENT]", help="A course, or one assignment that has a rule of its own.")
]
Kind = Literal["none", "percentage", "grace"]
Policy = dict[str, Any]  # as the API sends it


def policy(
    where: Where,
    kind: Annotated[Kind | None, typer.Option(help="What lateness costs: nothing, a share a day, or days of a budget.")] = None,
    per_day: Annotated[float | None, typer.Option(help="Percent for each begun day.")] = None,
    at_least: Annotated[float | None, typer.Option(help="Percent that stay however late it is.")] = None,
    grace_days: Annotated[int | None, typer.Option(help="Each student's budget in the course.")] = None,
    after_grace: Annotated[Literal["refused", "percentage"] | None, typer.Option(help="Once the budget is used up.")] = None,
    course_rule: Annotated[bool, typer.Option("--course-rule", help="The assignment has no rule of its own any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what lateness costs, or set it; what is not named stays. It holds for works handed in already, too."""
    from server.cli.client import signed_in

    course, _, assignment = where.strip("/").partition("/")
    if course_rule and not assignment:
        raise Problem("A course has no other rule.", next_step="name COURSE/ASSIGNMENT", code=ExitCode.usage)
    named = {"kind": kind, "percent_per_day": per_day, "at_least_percent": at_least, "after_grace": after_grace}
    wanted = {name: value for name, value in (named | {"grace_days": grace_days}).items() if value is not None}
    with signed_in() as client:
        path = f"/courses/{course}/assignments/{assignment}/dates" if assignment else f"/courses/{course}/late-policy"
        found = client.get(path)
        if course_rule:
            client.delete(f"{path}/policy?version={found['policy_version']}")
        elif wanted:
            client.put(f"{path}/policy" if assignment else path, json=changed(found, wanted, of_assignment=bool(assignment)))
        if wanted or course_rule:
            found = client.get(path)
    print_json(found) if as_json else tell(where, found)


def changed(found: Policy, wanted: Policy, *, of_assignment: bool) -> Policy:
    """Of an assignment the budget is left out, as it is the course's."""
    before = found["policy"] if of_assignment else found
    kept = {name: before[name] for name in ("kind", "percent_per_day", "at_least_percent", "after_grace")}
    budget = {} if of_assignment else {"grace_days": before["grace_days"]}
    return kept | budget | wanted | {"version": found["policy_version"] if of_assignment else found["version"]}


def policy_line(policy: Policy, *, is_own: bool) -> str:
    share = f"{policy['percent_per_day']:g} % a begun day, {policy['at_least_percent']:g} % stays at least"
    after = share if policy["after_grace"] == "percentage" else "refused"
    words = {"none": "costs nothing", "percentage": share, "grace": f"{policy['grace_days']} grace days, then {after}"}
    return words[policy["kind"]] + (" (this assignment's own rule)" if is_own else "")


def tell(where: str, found: Policy) -> None:
    is_own = found.get("is_override", False)
    answers().print(
        f"[strong]{escape(where)}[/] · late work {policy_line(found.get('policy', found), is_own=is_own)}", soft_wrap=True
    )
