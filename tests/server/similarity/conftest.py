"""A class of which two handed in the same work, disguised, and the job that finds them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import session_factory
from server.settings import Settings
from server.similarity import claims, job, queries, service
from server.similarity.models import Comparison, SimilarPair
from server.submissions.models import Submission

HAND_INS = Path(__file__).parents[3] / "server" / "demo" / "hand_ins"
CLASS = {"amara": 2, "jonas": 1, "linxiao": 1, "siyuan": 1, "yuki": 2, "zihan": 1}
RENAMED = {"activations": "acts", "grad_output": "upstream", "logits": "raw", "weight": "w_", "hidden": "mid"}


def work_of(login: str) -> str:
    return (HAND_INS / login / str(CLASS[login]) / "solution.py").read_text(encoding="utf-8")


def disguised(source: str) -> str:
    """Other names, no comment, a word in front: what is done to a copy within a minute."""
    for name, other in RENAMED.items():
        source = source.replace(name, other)
    lines = [line for line in source.split("\n") if not line.strip().startswith("#")]
    return "\n".join(["# my own work", *lines, "", "def unused(values):", "    return sorted(values)[::-1]", ""])


@pytest.fixture
def pupils(
    make_member: Callable[..., User], assignment: Assignment, hand_in: Callable[..., Submission], session: Session
) -> dict[str, Submission]:
    """By login: six who worked alone, and mallory, who handed in what jonas did."""
    handed = {login: hand_in(assignment, make_member(login), work_of(login)) for login in CLASS}
    handed["mallory"] = hand_in(assignment, make_member("mallory"), disguised(work_of("jonas")))
    return handed


@pytest.fixture
def compare(session: Session, settings: Settings) -> Callable[..., Comparison]:
    """Ask for a comparison and make it, by the way that a worker goes."""

    def compare(assignment: Assignment, requested_by: User | None = None) -> Comparison:
        session.rollback()
        found = service.request_comparison(session, assignment=assignment, requested_by=requested_by)
        session.commit()
        make(found.id, settings)
        session.expire_all()
        return queries.newest_done(session, assignment=assignment)

    return compare


def make(comparison_id: int, settings: Settings) -> None:
    with session_factory.begin() as own:
        claim = claims.claim(own, comparison_id=comparison_id, lease_s=60)
    job.make(claim, settings=settings, tell=lambda *_: None)


@pytest.fixture
def compared(pupils: dict[str, Submission], compare: Callable[..., Comparison], assignment: Assignment) -> Comparison:
    return compare(assignment)


@pytest.fixture
def first_pair(session: Session, compared: Comparison) -> SimilarPair:
    """That of jonas and mallory."""
    row = queries.list_pairs(session, comparison=compared).rows[0]
    return session.get_one(SimilarPair, row.id)
