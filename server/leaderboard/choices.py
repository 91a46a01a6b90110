"""Marking submissions as final, where those count for the private score."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.errors import AppError
from server.grading.models import Choice, Measurement
from server.submissions.models import Submission
from server.submissions.service import lock_attempts
from server.teams.queries import members_of


class NothingToChoose(AppError):
    status, code = 409, "nothing_to_choose"

    def __init__(self) -> None:
        super().__init__("In this assignment the best submission counts by itself.", "本作业自动取最好的一次提交，无需标记。")


class NotYours(AppError):
    status, code = 403, "not_yours"

    def __init__(self) -> None:
        super().__init__(
            "Only who has handed it in, and the team, can mark it as final.", "只有提交者本人及其队友可以标记最终提交。"
        )


class NotScored(AppError):
    status, code = 409, "not_scored"

    def __init__(self) -> None:
        super().__init__("Only a submission that has a score can be marked as final.", "只有已得到评分的提交才能标记为最终提交。")


class ChoicesAreClosed(AppError):
    status, code = 409, "choices_are_closed"

    def __init__(self, closed_at: datetime) -> None:
        super().__init__(
            f"Final submissions could be marked until {closed_at:%d %b %Y %H:%M %Z}.",
            f"最终提交的标记已于 {closed_at:%Y-%m-%d %H:%M %Z} 截止。",
        )


class TooManyChosen(AppError):
    status, code = 409, "too_many_chosen"

    def __init__(self, chosen: list[int], most: int) -> None:
        listed = ", ".join(f"#{each}" for each in chosen)
        super().__init__(
            f"At most {most} submissions are final, and {listed} are marked already. Take one back first.",
            f"最终提交最多 {most} 个，{listed} 已被标记。请先取消其中一个。",
            chosen=chosen,
        )


@dataclass(frozen=True)
class Finals:
    """What somebody, and the team, have marked: ids of submissions, and how many it may be."""

    chosen: AbstractSet[int]
    most: int
    can_change: bool  # by whoever reads it, now

    @property
    def is_full(self) -> bool:
        return len(self.chosen) >= self.most


def find_finals(
    session: Session, *, assignment: Assignment, manifest: Manifest, author: User, reader: User, now: datetime
) -> Finals | None:
    """None where nothing is marked by hand."""
    if not takes_choices(manifest):
        return None
    is_theirs = reader.id in members_of(session, assignment=assignment, user=author)
    return Finals(
        chosen=frozenset(list_chosen(session, assignment=assignment, user=author)),
        most=manifest.competition.chosen,
        can_change=is_theirs and now < assignment.closes_at,
    )


def takes_choices(manifest: Manifest) -> bool:
    return manifest.competition is not None and manifest.competition.counts == "chosen"


def choose(session: Session, *, submission: Submission, manifest: Manifest, user: User, now: datetime) -> None:
    """Doing it again changes nothing."""
    check_may_choose(session, submission=submission, manifest=manifest, user=user, now=now)
    lock_attempts(session, assignment=submission.assignment, author=user)
    if not session.scalar(select(Measurement.run_id).where(Measurement.submission_id == submission.id).limit(1)):
        raise NotScored
    chosen = list_chosen(session, assignment=submission.assignment, user=user)
    if submission.id in chosen:
        return
    if len(chosen) >= manifest.competition.chosen:
        raise TooManyChosen(chosen, manifest.competition.chosen)
    session.add(Choice(submission_id=submission.id))
    session.flush()


def take_back(session: Session, *, submission: Submission, manifest: Manifest, user: User, now: datetime) -> None:
    check_may_choose(session, submission=submission, manifest=manifest, user=user, now=now)
    session.execute(delete(Choice).where(Choice.submission_id == submission.id))


def check_may_choose(session: Session, *, submission: Submission, manifest: Manifest, user: User, now: datetime) -> None:
    assignment = submission.assignment
    if not takes_choices(manifest):
        raise NothingToChoose
    if submission.author_id not in members_of(session, assignment=assignment, user=user):
        raise NotYours
    if now >= assignment.closes_at:
        raise ChoicesAreClosed(assignment.closes_at.astimezone(ZoneInfo(assignment.course.time_zone)))


def list_chosen(session: Session, *, assignment: Assignment, user: User) -> list[int]:
    """Ids of what this person, and the team, have marked."""
    together = members_of(session, assignment=assignment, user=user)
    query = select(Choice.submission_id).join(Submission, Submission.id == Choice.submission_id)
    theirs = Submission.assignment_id == assignment.id, Submission.author_id.in_(together)
    return sorted(session.scalars(query.where(*theirs)))
