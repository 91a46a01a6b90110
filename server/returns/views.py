"""A submission's way in steps, and what a return means for whoever reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from server.returns import queries, rules
from server.returns.models import Return
from server.returns.rules import Policy, Standing
from server.submissions.models import Submission


@dataclass(frozen=True)
class Step:
    """`kind`: handed_in, graded, returned, taken_back, fixed, is_fix. `other`: the submission that a link leads to."""

    kind: str
    at: datetime
    who: str | None = None
    text: str | None = None
    score: Decimal | None = None
    max_score: Decimal | None = None
    until: datetime | None = None
    percent: Decimal | None = None
    other: Submission | None = None


@dataclass(frozen=True)
class Section:
    """`waiting`: the return whose fix may still come. `terms`: on which it would be returned, None where it cannot be."""

    steps: Sequence[Step]
    waiting: Return | None
    can_take_back: bool
    terms: Policy | None
    until: datetime | None


def section_of(session: Session, *, submission: Submission, for_staff: bool, now: datetime, is_competition: bool) -> Section:
    about = queries.list_about(session, submission=submission)
    own = next((each for each in about if each.submission_id == submission.id and each.taken_back_at is None), None)
    waits = queries.find_open(session, assignment=submission.assignment, user=submission.author, now=now)
    is_judged = submission.run is not None and submission.state.is_final
    may_return = for_staff and is_judged and not is_competition and own is None and waits is None
    terms = queries.policy_of(session, assignment=submission.assignment) if may_return else None
    return Section(
        steps=steps_of(submission, about, is_competition=is_competition),
        waiting=own if own and rules.standing_of(own, now) is Standing.open else None,
        can_take_back=for_staff and own is not None and own.fix_id is None,
        terms=terms,
        until=terms.until(now) if terms else None,
    )


def steps_of(submission: Submission, about: Sequence[Return], *, is_competition: bool) -> list[Step]:
    """In order of time."""
    steps = [Step("handed_in", submission.received_at, submission.author.display_name)]
    for run in submission.runs:
        score = {} if is_competition else {"score": run.score, "max_score": run.max_score}
        steps.append(Step("graded", run.created_at, **score))
    for each in about:
        steps += steps_of_return(each, submission)
    return sorted(steps, key=lambda step: step.at)


def steps_of_return(found: Return, submission: Submission) -> list[Step]:
    if found.submission_id != submission.id:
        return [Step("is_fix", submission.received_at, other=found.submission)]
    who = found.returned_by.display_name
    steps = [Step("returned", found.returned_at, who, found.reason, until=found.until, percent=found.percent)]
    if found.taken_back_at is not None:
        steps.append(Step("taken_back", found.taken_back_at, found.taken_back_by.display_name))
    if found.fix is not None:
        steps.append(Step("fixed", found.fix.received_at, found.fix.author.display_name, other=found.fix))
    return steps
