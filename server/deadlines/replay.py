"""Dates, policies and extensions once more from the audit log, and the account of a student by them. No session, no clock."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from server.deadlines import rules
from server.deadlines.models import AfterGrace, LateKind
from server.deadlines.queries import FREE, Account
from server.deadlines.rules import Dates, Policy, Shift


@dataclass(frozen=True)
class Given:
    """An extension that holds. `login` or `section`: whose it is."""

    assignment: str
    shift: Shift
    login: str | None = None
    section: str | None = None

    def is_for(self, login: str, section: str) -> bool:
        return self.login == login or (self.section is not None and self.section == section)


@dataclass
class Settlement:
    """What the lines add up to, assignments by slug."""

    budget: int = 0
    course: Policy = FREE
    own: dict[str, Policy] = field(default_factory=dict)
    moved: dict[str, Dates] = field(default_factory=dict)
    given: dict[int, Given] = field(default_factory=dict)
    percents: dict[int, Decimal] = field(default_factory=dict)  # by the submission that was returned

    def policy_of(self, slug: str) -> Policy:
        return self.own.get(slug, self.course)


def take(found: Settlement, action: str, subject: Mapping[str, Any]) -> None:
    """One line after the other, the oldest first; others than ours change nothing."""
    match action:
        case "dates.policy":
            take_policy(found, subject.get("assignment"), subject["now"])
        case "dates.moved":
            found.moved[subject["assignment"]] = read_dates(subject["after"])
        case "dates.extended":
            whose = {"login": subject.get("login"), "section": subject.get("section")}
            found.given[subject["extension"]] = Given(subject["assignment"], read_shift(subject["now"]), **whose)
        case "dates.extension_taken_back":
            found.given.pop(subject["extension"], None)
        case "section.renamed" | "section.merged":
            for number, each in found.given.items():
                if each.section == subject["section"]:
                    found.given[number] = replace(each, section=subject["to"])
        case "submission.returned":
            found.percents[subject["submission"]] = Decimal(subject["percent"])
        case "submission.return_taken_back":
            found.percents.pop(subject["submission"], None)


def take_policy(found: Settlement, slug: str | None, now: Mapping[str, Any] | None) -> None:
    if slug is None:
        found.course, found.budget = (read_policy(now), now["grace_days"]) if now else (FREE, 0)
    elif now is None:
        found.own.pop(slug, None)
    else:
        found.own[slug] = read_policy(now)


def read_policy(facts: Mapping[str, Any]) -> Policy:
    percents = Decimal(facts["percent_per_day"]), Decimal(facts["at_least_percent"])
    return Policy(LateKind(facts["kind"]), *percents, AfterGrace(facts["after_grace"]))


def read_dates(facts: Mapping[str, str]) -> Dates:
    return Dates(**{name: datetime.fromisoformat(moment) for name, moment in facts.items()})


def read_shift(facts: Mapping[str, Any]) -> Shift:
    moments = {name: datetime.fromisoformat(facts[name]) for name in ("due_at", "closes_at") if name in facts}
    return Shift(**moments, plus=timedelta(hours=facts.get("plus_hours", 0)))


def account_by(
    account: Account, found: Settlement, *, login: str, section: str, dates: Mapping[str, tuple[int, Dates]], free: Set[int]
) -> Account:
    """What somebody has handed in, settled by the lines alone.

    dates: by slug an assignment's id and dates, which hold where no line has ever moved them. free: competitions.
    """
    policies = {id: FREE if id in free else found.policy_of(slug) for slug, (id, _) in dates.items()}
    shifts = {slug: [each.shift for each in found.given.values() if each.assignment == slug and each.is_for(login, section)]
              for slug in dates}  # fmt: skip
    own = {id: rules.dates_for(found.moved.get(slug, known), shifts[slug]) for slug, (id, known) in dates.items()}
    returns = {id: replace(each, percent=found.percents.get(id, Decimal(0))) for id, each in account.returns.items()}
    return replace(account, budget=found.budget, policies=policies, dates=own, returns=returns)
