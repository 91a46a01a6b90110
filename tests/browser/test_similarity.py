"""A teaching assistant decides pair after pair with the keyboard alone: nothing is lost, the focus is always seen."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses import service as courses
from server.courses.models import Role
from server.database import current_time, session_factory
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Queue, Submission
from server.submissions.service import Upload
from tests.browser.conftest import PASSWORD
from tests.server.alike import FACTS, add_comparison, add_pair, copy_of, found_in, write_work

PAIRS = 22
PAGE = "/courses/alike-2026/assignments/tiny/similarity"
OTHER = "/courses/alike-2026/assignments/mlp/similarity"
NEXT = {"1": "nothing", "2": "unsure"}


@dataclass(frozen=True)
class Alike:
    """Ids of the pairs, the most alike first."""

    assignment_id: int
    pairs: list[int]


def seed_class(session: Session, settings: Settings) -> dict[str, Alike]:
    """Two assignments in which everybody stands in a pair or two; the longest code is that of the first pair."""
    course = courses.create_course(session, slug="alike-2026", title_en="Alike", title_zh="相似", time_zone="Asia/Shanghai")
    tia = accounts.create_user(session, login="tia-alike", display_name="Tia", password=PASSWORD)
    courses.enroll(session, course=course, user=tia, role=Role.ta)
    people = []
    for number in range(PAIRS + 2):
        people.append(accounts.create_user(session, login=f"alike-{number:02}", display_name=f"Student {number:02}"))
        courses.enroll(session, course=course, user=people[-1], role=Role.student)
    now, seeded = current_time(session), {}
    for slug in ("tiny", "mlp"):
        assignment = assignments.create_assignment(
            session, course=course, slug=slug, opens_at=now - timedelta(days=9), due_at=now + timedelta(days=1),
            closes_at=now + timedelta(days=1), attempt_limit=50, per_day=50,
        )  # fmt: skip
        seeded[slug] = Alike(assignment.id, write_pairs(session, settings, assignment, people))
    return seeded


def write_pairs(session: Session, settings: Settings, assignment: Assignment, people: list) -> list[int]:
    sources = [long_work() if place == 0 else write_work(place // 3) for place in range(len(people))]
    sources = [copy_of(sources[place - place % 3]) if place % 3 else source for place, source in enumerate(sources)]
    works = [keep(session, settings, assignment, person, source) for person, source in zip(people, sources, strict=True)]
    comparison = add_comparison(session, assignment)
    ends = [(place, place + 1) for place in range(len(works) - 1)][:PAIRS]
    found = []
    for rank, (left, right) in enumerate(ends):
        evidence = found_in(sources[left], sources[right])
        facts = FACTS[: rank % 4]
        found.append(
            add_pair(session, comparison, works[left], works[right], 0.97 - rank / 30, evidence=evidence, facts=facts).id
        )
    return found


def long_work() -> str:
    more = "\n".join(f"def layer_{number}(x):\n    y = x + {number}\n    return y * {number}\n" for number in range(60))
    return write_work(7) + more


def keep(session: Session, settings: Settings, assignment: Assignment, author, source: str) -> Submission:
    """Handed in twice, and never judged."""
    for text in (source + "# first\n", source):
        files = {"solution.py": text.encode()}
        submission = submissions.submit(
            session, assignment=assignment, author=author, upload=Upload(uploaded=files, collected=files),
            store=settings.blob_store, queue=Queue.gpu, now=current_time(session),
        )  # fmt: skip
    return submission


@pytest.fixture(scope="module")
def alike(world) -> dict[str, Alike]:
    with session_factory.begin() as session:
        return seed_class(session, world.settings)
