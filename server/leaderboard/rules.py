"""What a board shows whom, and when: values in, answer out."""

from datetime import datetime, timedelta
from enum import StrEnum

from grader.competition.baselines import rounded
from grader.competition.paired import beats
from grader.spec import Manifest
from server.assignments.models import Assignment
from server.courses.models import Role
from server.errors import AppError
from server.leaderboard.standings import Entry, Half, Rules


class Phase(StrEnum):
    open = "open"
    frozen = "frozen"  # students see the board as it stood when the freeze began
    closed = "closed"  # nothing comes in any more; private scores are still private
    released = "released"


class View(StrEnum):
    """The three boards of one competition; a homework has only the first."""

    live = "live"
    frozen = "frozen"
    private = "private"


class PrivateScoresAreHidden(AppError):
    status, code = 403, "private_scores_are_hidden"

    def __init__(self) -> None:
        super().__init__(
            "Private scores are not open yet. The staff release them after the close, together with the points.",
            "私榜成绩尚未公布。截止之后，由教学团队连同得分一起公布。",
        )


class NothingToRelease(AppError):
    status, code = 409, "nothing_to_release"

    def __init__(self) -> None:
        super().__init__("Only a competition has private scores to release.", "只有竞赛才有可公布的私榜成绩。")


class NoResult(AppError):
    status, code = 409, "no_result"

    def __init__(self) -> None:
        super().__init__(
            "This submission has no result on a board: it is not scored, or not part of a competition.",
            "该提交在榜上没有成绩：尚未得到评分，或者不属于竞赛。",
        )


class NotClosedYet(AppError):
    status, code = 409, "not_closed_yet"

    def __init__(self, closes_at: datetime) -> None:
        super().__init__(
            f"Submissions still come in until {closes_at:%d %b %Y %H:%M %Z}; release after that.",
            f"{closes_at:%Y-%m-%d %H:%M %Z} 之前仍可提交，请在截止之后再公布。",
        )


def freeze_at(assignment: Assignment, manifest: Manifest) -> datetime | None:
    """When the board begins to stand still; None where it never does."""
    hours = manifest.competition.freeze_h if manifest.competition else 0
    return assignment.closes_at - timedelta(hours=hours) if hours else None


def phase_of(assignment: Assignment, manifest: Manifest, *, now: datetime) -> Phase:
    freezes_at = freeze_at(assignment, manifest)
    if assignment.released_at is not None:
        return Phase.released
    if manifest.competition is not None and now >= assignment.closes_at:
        return Phase.closed
    return Phase.frozen if freezes_at is not None and now >= freezes_at else Phase.open


def view_for(role: Role, half: Half | None, phase: Phase, freezes_at: datetime | None) -> View:
    """Which board this person gets. Raises PrivateScoresAreHidden."""
    if half == "private" or (half is None and phase is Phase.released):
        if not role.is_staff and phase is not Phase.released:
            raise PrivateScoresAreHidden
        return View.private
    is_still = freezes_at is not None and phase in (Phase.frozen, Phase.closed)
    return View.frozen if is_still and not role.is_staff else View.live


def ranking_of(assignment: Assignment, manifest: Manifest, view: View) -> Rules:
    """How this assignment's entries become places on one of its boards."""
    competition = manifest.competition
    if competition is None:
        return Rules(counts=assignment.counts)
    return Rules(
        direction=manifest.leaderboard.direction,
        counts=competition.counts,
        most_chosen=competition.chosen,
        half="private" if view is View.private else "public",
        sees=lambda value: rounded(value, competition.decimals),
        beats=(lambda one, other: shows_after(one, other, manifest)) if competition.ladder else None,
        until=freeze_at(assignment, manifest) if view is View.frozen else None,
    )


def shows_after(entry: Entry, best: Entry, manifest: Manifest) -> bool:
    return beats(entry.items, best.items, manifest.leaderboard.direction)


def can_release(assignment: Assignment, manifest: Manifest, *, now: datetime) -> bool:
    return manifest.competition is not None and now >= assignment.closes_at and assignment.released_at is None


def check_is_no_exam(assignment: Assignment) -> None:
    """Raises NothingToRelease: an exam is released as one, and not by its board."""
    if assignment.is_exam:
        raise NothingToRelease


def check_can_release(manifest: Manifest, *, closes_at: datetime, now: datetime) -> None:
    """closes_at: for the last person who can hand in."""
    if manifest.competition is None:
        raise NothingToRelease
    if now < closes_at:
        raise NotClosedYet(closes_at)
