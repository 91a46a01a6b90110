"""A comparison from the request to its pairs, on real works."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest
import redis
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import session_factory
from server.lease import LeaseLost
from server.settings import Settings
from server.similarity import claims, evidence, job, late_submissions, queries, schedule, service, tasks
from server.similarity.models import Comparison, ComparisonState, SimilarPair, StoredFingerprint
from server.similarity.rules import AlreadyComparing, NothingToCompare
from server.submissions.models import Submission
from server.teams.models import Team, TeamMember
from tests.server.similarity.conftest import disguised, work_of


def people(row: queries.PairRow) -> set[str | None]:
    return {row.left.login, row.right.login}


def first_people(session: Session, comparison: Comparison) -> set[str | None]:
    return people(queries.list_pairs(session, comparison=comparison).rows[0])


def test_the_copy_stands_first_and_says_where(session: Session, compared: Comparison, settings: Settings) -> None:
    page = queries.list_pairs(session, comparison=compared)
    first, second = page.rows[:2]
    assert people(first) == {"jonas", "mallory"}
    assert first.similarity > 0.8 > 0.6 > second.similarity
    assert first.features > 20
    assert first.functions > 3
    assert (compared.state, compared.students, compared.attempts, compared.archived) == (ComparisonState.done, 7, 7, 0)
    assert page.total == len(page.rows)
    pair = session.get_one(SimilarPair, first.id)
    content = evidence.content_of(session, pair=pair, settings=settings)
    assert {content["left"]["login"], content["right"]["login"]} == {"jonas", "mallory"}
    shades = content["evidence"]["left"]["solution.py"]
    assert len(shades) == len(content["left"]["files"][0]["lines"])
    assert "unique" in shades


def test_evidence_that_was_not_kept_is_gathered_again_and_the_same(
    session: Session, compared: Comparison, settings: Settings
) -> None:
    pair = session.get_one(SimilarPair, queries.list_pairs(session, comparison=compared).rows[0].id)
    kept = pair.evidence
    session.execute(update(SimilarPair).where(SimilarPair.id == pair.id).values(evidence=None))
    session.expire_all()
    assert evidence.evidence_of(session, pair=pair, settings=settings) == kept


def test_nobody_is_compared_before_two_have_handed_in_nor_twice_at_once(
    session: Session, assignment: Assignment, student: User, hand_in: Callable[..., Submission], make_member: Callable[..., User]
) -> None:
    hand_in(assignment, student)
    with pytest.raises(NothingToCompare):
        service.request_comparison(session, assignment=assignment, requested_by=None)
    hand_in(assignment, make_member("bob"))
    service.request_comparison(session, assignment=assignment, requested_by=None)
    with pytest.raises(AlreadyComparing):
        service.request_comparison(session, assignment=assignment, requested_by=None)


def test_copied_first_and_changed_later_is_found_and_told(
    session: Session, pupils: dict[str, Submission], hand_in: Callable[..., Submission], compare: Callable[..., Comparison],
    assignment: Assignment,
) -> None:  # fmt: skip
    hand_in(assignment, pupils["mallory"].author, work_of("yuki").replace("loss", "cost"))
    rows = queries.list_pairs(session, comparison=compare(assignment)).rows
    row = next(row for row in rows if people(row) == {"jonas", "mallory"})
    assert row.similarity > 0.8
    assert {"kind": "alike_earlier", "left_attempt": 1, "right_attempt": 1} in row.facts


def test_members_of_a_team_are_never_held_against_each_other(
    session: Session, pupils: dict[str, Submission], compare: Callable[..., Comparison], assignment: Assignment
) -> None:
    team = Team(assignment_id=assignment.id, name="Two")
    session.add(team)
    session.flush()
    for login in ("jonas", "mallory"):
        place = {"team_id": team.id, "assignment_id": assignment.id, "joined_at": func.now()}
        session.add(TeamMember(user_id=pupils[login].author_id, **place))
    session.commit()
    comparison = compare(assignment)
    assert comparison.students == 6
    assert all(people(row) != {"jonas", "mallory"} for row in queries.list_pairs(session, comparison=comparison).rows)


def test_a_worker_that_lost_its_lease_writes_nothing_and_the_next_one_reads_only_what_is_new(
    session: Session, pupils: dict[str, Submission], assignment: Assignment, settings: Settings
) -> None:
    found = service.request_comparison(session, assignment=assignment, requested_by=None)
    session.commit()
    with session_factory.begin() as own:
        first = claims.claim(own, comparison_id=found.id, lease_s=0)
    with session_factory.begin() as own:
        assert claims.take_over_expired(own) == 1
    with session_factory.begin() as own:
        second = claims.claim(own, comparison_id=found.id, lease_s=60)
    told = []
    with pytest.raises(LeaseLost):
        job.make(first, settings=settings, tell=lambda *_: None)
    assert session.scalar(select(func.count()).select_from(SimilarPair)) == 0
    job.make(second, settings=settings, tell=lambda *progress: told.append(progress[0]))
    assert "reading" not in told
    session.expire_all()
    assert (found.state, found.tries, found.fence) == (ComparisonState.done, 2, 2)
    count = session.scalar(select(func.count()).select_from(SimilarPair))
    tasks.compare_works(found.id)  # a second delivery
    assert session.scalar(select(func.count()).select_from(SimilarPair)) == count > 0


def test_after_three_tries_staff_read_why(
    session: Session, pupils: dict[str, Submission], assignment: Assignment, monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no memory\0 left")

    monkeypatch.setattr(job, "make", fail)
    monkeypatch.setattr(tasks, "redis_client", lambda: redis.Redis.from_url(redis_url))
    found = service.request_comparison(session, assignment=assignment, requested_by=None)
    session.commit()
    for _ in range(3):
        tasks.compare_works(found.id)
    session.expire_all()
    assert (found.state, found.tries, found.fault) == (ComparisonState.failed, 3, "RuntimeError: no memory\\x00 left")


def test_what_no_reader_gets_through_becomes_a_note(
    session: Session, pupils: dict[str, Submission], hand_in: Callable[..., Submission], compare: Callable[..., Comparison],
    assignment: Assignment, make_member: Callable[..., User],
) -> None:  # fmt: skip
    hand_in(assignment, make_member("eve"), "x = " + "(" * 90_000 + "\n" + "-" * 90_000)
    comparison = compare(assignment)
    assert first_people(session, comparison) == {"jonas", "mallory"}
    assert all("eve" not in people(row) for row in queries.list_pairs(session, comparison=comparison).rows)


def test_one_more_submission_is_held_against_what_stands(
    session: Session, compared: Comparison, hand_in: Callable[..., Submission], assignment: Assignment, settings: Settings,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    late = hand_in(assignment, make_member("late"), disguised(work_of("zihan")))
    assert schedule.late_submissions(session) == []  # it has not been judged
    late.job.state = "graded"
    session.commit()
    assert schedule.late_submissions(session) == [late.id]
    late_submissions.add(late.id, settings=settings)
    late_submissions.add(late.id, settings=settings)
    session.expire_all()
    row, *others = [row for row in queries.list_pairs(session, comparison=compared).rows if "late" in people(row)]
    assert (people(row), row.added_later) == ({"late", "zihan"}, True)
    assert row.similarity > 0.8
    assert all("zihan" not in people(other) for other in others)
    assert schedule.late_submissions(session) == []
    assert session.scalar(select(func.count()).select_from(StoredFingerprint)) == 8


def test_two_people_are_one_pair_however_often_they_hand_in_later(
    session: Session, compared: Comparison, pupils: dict[str, Submission], hand_in: Callable[..., Submission],
    assignment: Assignment, settings: Settings,
) -> None:  # fmt: skip
    for source in (disguised(work_of("jonas")) + "\n\nmore = 1\n", work_of("zihan").replace("loss", "cost")):
        late_submissions.add(hand_in(assignment, pupils["mallory"].author, source).id, settings=settings)
    session.expire_all()
    rows = queries.list_pairs(session, comparison=compared).rows
    assert len({row.key for row in rows}) == len(rows)
    assert {frozenset(people(row)) for row in rows[:2]} == {frozenset({"jonas", "mallory"}), frozenset({"zihan", "mallory"})}


def test_the_deadline_asks_once(session: Session, pupils: dict[str, Submission], assignment: Assignment) -> None:
    assert schedule.request_due(session) == 0
    assignment.due_at = assignment.closes_at = func.clock_timestamp()
    session.commit()
    assert schedule.request_due(session) == 1
    assert schedule.request_due(session) == 0
    found = queries.newest(session, assignment=assignment)
    assert (found.requested_by, found.state) == (None, ComparisonState.waiting)


IN_A_PROCESS = (
    "import sys; import server.worker, server.database as d; from server.settings import get_settings; "
    "d.connect(get_settings().database_url); from server.similarity.tasks import compare_works; compare_works(int(sys.argv[1]))"
)


def start_worker(comparison_id: int, settings: Settings) -> subprocess.Popen[bytes]:
    """The task as a worker runs it, in a process that can be killed."""
    ours = {
        "GRADUS_DATABASE_URL": settings.database_url,
        "GRADUS_REDIS_URL": settings.redis_url,
        "GRADUS_DATA": str(settings.data),
        "GRADUS_ASSIGNMENTS": str(settings.assignments),
        "GRADUS_LEASE_S": "2",
    }
    return subprocess.Popen([sys.executable, "-c", IN_A_PROCESS, str(comparison_id)], env={**os.environ, **ours})


@pytest.mark.long
def test_kill_9_in_the_middle_loses_nothing_and_leaves_no_reader(
    session: Session, pupils: dict[str, Submission], assignment: Assignment, settings: Settings
) -> None:
    found = service.request_comparison(session, assignment=assignment, requested_by=None)
    session.commit()
    worker = start_worker(found.id, settings)
    while not session.scalar(select(func.count()).select_from(StoredFingerprint)):
        assert worker.poll() is None
        session.rollback()
        time.sleep(0.01)
    readers = psutil.Process(worker.pid).children(recursive=True)
    worker.kill()
    worker.wait()
    assert psutil.wait_procs(readers, timeout=10)[1] == []
    session.expire_all()
    assert found.state is ComparisonState.running
    session.execute(update(Comparison).values(lease_until=func.clock_timestamp()))
    session.commit()
    with session_factory.begin() as own:
        assert claims.take_over_expired(own) == 1
    assert start_worker(found.id, settings).wait() == 0
    session.expire_all()
    assert (found.state, found.tries) == (ComparisonState.done, 2)
    assert first_people(session, found) == {"jonas", "mallory"}
