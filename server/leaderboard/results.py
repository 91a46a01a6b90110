"""What submissions reached in a competition, as far as their reader may know by now."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.leaderboard.boards import Boards
from server.leaderboard.rules import NoResult, View
from server.leaderboard.standings import Entry, Rules, shown
from server.submissions.access import View as Viewed


@dataclass(frozen=True)
class Result:
    """`value` and `interval` are None where the Ladder does not show them; `stands` is what the board shows instead."""

    name: str
    direction: str
    value: float | None
    interval: tuple[float, float] | None
    stands: float | None
    private: float | None


def get_result(session: Session, viewed: Viewed, *, boards: Boards, manifest: Manifest) -> Result:
    """Raises NoResult."""
    found = find_result(session, viewed, boards=boards, manifest=manifest)
    if found is None:
        raise NoResult
    return found


def find_result(session: Session, viewed: Viewed, *, boards: Boards, manifest: Manifest) -> Result | None:
    """None where it has none: not scored, no competition, or by staff who tried it out."""
    submission = viewed.submission
    found = results_of(
        session, assignment=submission.assignment, author=submission.author, role=viewed.role, boards=boards, manifest=manifest
    )
    return found.get(submission.id)


def results_of(
    session: Session, *, assignment: Assignment, author: User, role: Role, boards: Boards, manifest: Manifest
) -> Mapping[int, Result]:
    """Of all submissions that have one, an author's or his team's, by their id. `role`: of whoever reads it."""
    if manifest.competition is None:
        return {}
    live = boards.get(session, assignment, manifest, View.live)
    with live.lock:
        person = live.people.get(author.id)
        entries = live.board.entries_of(person.entrant) if person else []
        rules, ladder = live.board.rules, shown(entries, live.board.rules)
    shared = {
        "name": manifest.leaderboard.metric,
        "direction": manifest.leaderboard.direction,
        "stands": _standing(ladder, rules),
    }
    is_open = assignment.released_at is not None or role.is_staff
    return {
        entry.submission_id: Result(
            **shared,
            **(_open(entry, rules) if shows or role.is_staff else {"value": None, "interval": None}),
            private=rules.sees(entry.private) if is_open else None,
        )
        for entry, shows in ladder
    }


def best_before(results: Mapping[int, Result], submission_id: int) -> int | None:
    """The submission before this one with the best value that shows, of equals the latest; None where none shows."""
    earlier = [
        (each.value if each.direction == "max" else -each.value, id)
        for id, each in results.items()
        if id < submission_id and each.value is not None
    ]
    return max(earlier)[1] if earlier else None


def _open(entry: Entry, rules: Rules) -> dict[str, object]:
    return {"value": rules.sees(entry.value), "interval": (rules.sees(entry.low), rules.sees(entry.high))}


def _standing(ladder: list[tuple[Entry, bool]], rules: Rules) -> float | None:
    visible = [rules.sees(entry.value) for entry, shows in ladder if shows]
    return (max if rules.direction == "max" else min)(visible, default=None)
