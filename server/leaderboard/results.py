"""What one submission reached in a competition, as far as its reader may know by now."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.spec import Manifest
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
    if manifest.competition is None:
        return None
    live = boards.get(session, submission.assignment, manifest, View.live)
    with live.lock:
        person = live.people.get(submission.author_id)
        entries = live.board.entries_of(person.entrant) if person else []
        ladder = shown(entries, live.board.rules)
    entry, shows = next((each for each in ladder if each[0].submission_id == submission.id), (None, False))
    if entry is None:
        return None
    is_released = submission.assignment.released_at is not None
    return Result(
        name=manifest.leaderboard.metric,
        direction=manifest.leaderboard.direction,
        **(_open(entry, live.board.rules) if shows or viewed.role.is_staff else {"value": None, "interval": None}),
        stands=_standing(ladder, live.board.rules),
        private=live.board.rules.sees(entry.private) if is_released or viewed.role.is_staff else None,
    )


def _open(entry: Entry, rules: Rules) -> dict[str, object]:
    return {"value": rules.sees(entry.value), "interval": (rules.sees(entry.low), rules.sees(entry.high))}


def _standing(ladder: list[tuple[Entry, bool]], rules: Rules) -> float | None:
    visible = [rules.sees(entry.value) for entry, shows in ladder if shows]
    return (max if rules.direction == "max" else min)(visible, default=None)
