"""Exams go first: with a real broker and real workers, however much else waits and however long something else takes."""

from collections.abc import Callable

import pytest
import redis
from kombu.utils.scheduling import round_robin_cycle
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import broker
from server.accounts.models import User
from server.assignments.models import Assignment
from server.broker import EXAM_LANES, ExamsFirst
from server.database import current_time, session_factory
from server.grading import service
from server.models import Job, Queue, State, Submission
from server.reruns import claims
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.rules import queue_of
from server.submissions.service import Upload
from tests.server.grading.noting import NOTE, ORDER

RIGHT = "def double(x):\n    return 2 * x\n"
SLOW = "import time\n\ndef double(x):\n    time.sleep(0.4)\n    return 2 * x\n"
LONG = "import time\n\ndef double(x):\n    time.sleep(1.5)\n    return 2 * x\n"
SLOW_S = 400.0  # two workers load torch, on a machine that does other things as well
QUEUES = ["maintenance", "exam", "outside", "cpu", "exam_gpu", "gpu"]


@pytest.fixture
def sit(session: Session, settings: Settings) -> Callable[..., Submission]:
    """As `hand_in`, by somebody who sits in an exam."""

    def sit(assignment: Assignment, author: User, source: str = RIGHT, *, queue: Queue = Queue.exam) -> Submission:
        files = {"solution.py": source.encode()}
        submission = submissions.submit(
            session, assignment=assignment, author=author, upload=Upload(uploaded=files, collected=files),
            store=settings.blob_store, queue=queue, now=current_time(session),
        )  # fmt: skip
        session.commit()
        return submission

    return sit


def test_the_broker_knows_each_lane_by_the_name_that_jobs_have() -> None:
    assert {queue.ordinary: queue for queue in Queue if queue.is_exam} == EXAM_LANES
    assert {queue.urgent for queue in Queue} == set(EXAM_LANES.values())
    assert [queue.beside for queue in Queue] == [("cpu", "gpu")] * 2 + [("exam", "exam_gpu")] * 2


def test_exams_are_asked_for_first_and_the_others_take_turns() -> None:
    cycle, plain = ExamsFirst(list(QUEUES)), round_robin_cycle(list(QUEUES))
    assert cycle.consume(6)[:2] == ["exam", "exam_gpu"]
    for last in ["maintenance", "exam", "outside", "exam", "cpu"]:
        cycle.rotate(last)
        plain.rotate(last)
        asked = cycle.consume(6)
        assert asked[:2] in (["exam", "exam_gpu"], ["exam_gpu", "exam"])
        assert asked[2:] == [name for name in plain.consume(6) if name not in EXAM_LANES.values()]


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("maintenance,cpu", {"maintenance", "cpu", "exam"}),
        ("cpu,gpu", {"cpu", "exam", "gpu", "exam_gpu"}),
        ("gpu", {"gpu", "exam_gpu"}),
        ("exam", {"exam"}),
        ("maintenance", {"maintenance"}),
        (None, {"maintenance", "outside", "cpu", "exam"}),
    ],
)
def test_who_takes_homework_takes_that_lane_of_exams(said: str | None, taken: set[str]) -> None:
    queues = broker.celery.amqp.Queues(broker.celery.conf.task_queues)
    queues.select(said.split(",") if said else None)
    broker.take_exams(queues)
    assert set(queues.consume_from) == taken


def test_an_exam_by_its_manifest_or_by_a_sitting_has_a_lane_of_its_own(settings: Settings) -> None:
    from grader.spec import load_manifest

    manifest = load_manifest(settings.assignments / "tiny")
    exam = manifest.model_copy(update={"kind": "exam"})
    on_gpu = exam.model_copy(update={"device": "cuda"})
    assert [queue_of(each) for each in (manifest, exam, on_gpu)] == [Queue.cpu, Queue.exam, Queue.exam_gpu]
    assert queue_of(manifest, in_sitting=True) is Queue.exam


def test_a_rerun_and_a_preview_stand_back_for_exams(
    session: Session, sit: Callable[..., Submission], assignment: Assignment, make_member: Callable[..., User], grade
) -> None:
    submission = sit(assignment, make_member("ada"))
    assert claims.must_yield(session, Queue.cpu) and not claims.must_yield(session, Queue.gpu)
    grade(submission)
    assert not claims.must_yield(session, Queue.cpu)
    job = service.rerun(session, submission=submission, requested_by=None)
    assert job.queue is Queue.cpu
    session.flush()
    session.expire_all()
    assert submission.is_from_exam, "and so it is judged as before, in a sandbox of its own"


def test_homework_that_runs_holds_up_nobodys_exam_and_one_exam_job_runs_at_a_time(
    session: Session,
    sit: Callable[..., Submission],
    hand_in: Callable[..., Submission],
    assignment: Assignment,
    make_member: Callable[..., User],
) -> None:
    ada = make_member("ada")
    jobs = [hand_in(assignment, ada).job, hand_in(assignment, ada).job, sit(assignment, ada).job, sit(assignment, ada).job]
    claimed = [service.claim(session, job_id=job.id, lease_s=15) is not None for job in jobs]
    assert claimed == [True, False, True, False]


@pytest.mark.parametrize("processes", [1, 2])
def test_with_real_messages_all_exams_go_before_homework_and_sweeps_that_came_earlier(
    platform, settings: Settings, processes: int
) -> None:
    """Which no turn-taking would do: there are more exams than other queues."""
    platform.settings = settings  # with the broker to which this process is connected
    broker.configure(settings)
    with redis.Redis.from_url(settings.redis_url) as client:
        client.flushdb()
        for number in range(30):
            broker.send(NOTE, [f"homework {number}"], queue="cpu")
            broker.send(NOTE, [f"sweep {number}"], queue="maintenance")
        worker = ["-m", "celery", "--app", "tests.server.grading.noting", "worker", "--concurrency", str(processes)]
        platform.start([*worker, "--queues", "maintenance,cpu"], "noting.log")
        platform.wait(lambda: client.llen(ORDER) >= 4, "the first messages", seconds=SLOW_S)
        for number in range(8):
            broker.send(NOTE, [f"exam {number}"], queue="exam")
        before = client.llen(ORDER)
        platform.wait(lambda: client.llen(ORDER) == 68, "all messages", seconds=SLOW_S)
        taken = [name.decode() for name in client.lrange(ORDER, 0, -1)]
    exams = [place for place, name in enumerate(taken) if name.startswith("exam")]
    assert len(exams) == 8
    others = [name for name in taken[before : exams[-1]] if not name.startswith("exam")]
    assert len(others) <= processes, "at most what a free process had been given already"
    assert before < 40, "else hardly anything waited"


@pytest.mark.long
@pytest.mark.sandbox
def test_exams_that_come_last_are_started_next_although_thirty_homeworks_wait(
    platform,
    session: Session,
    sit: Callable[..., Submission],
    hand_in: Callable[..., Submission],
    assignment: Assignment,
    make_member: Callable[..., User],
) -> None:
    for number in range(30):
        hand_in(assignment, make_member(f"student{number}"), f"# {number}\n{SLOW}")
    sitters = [make_member(f"sitter{number}") for number in range(4)]
    platform.start_worker()
    platform.wait(lambda: count(session, State.graded) >= 1, "the first verdicts", seconds=SLOW_S)
    exams = [sit(assignment, sitter, f"# {sitter.login}\n{RIGHT}").id for sitter in sitters]
    platform.wait(lambda: all_started(session, exams), "the exams", seconds=SLOW_S)
    with session_factory() as fresh:
        rows = fresh.scalars(select(Job).where(Job.submission_id.in_(exams))).all()
        sent, last = max(job.sent_at for job in rows), max(job.started_at for job in rows)
        others = Job.queue == Queue.cpu, Job.first_started_at > sent, Job.first_started_at < last
        between = fresh.scalar(select(func.count()).select_from(Job).where(*others))
    assert between <= 1, "at most the one that a process had asked for already"
    assert count(session, State.received) + count(session, State.queued) >= 10, "else nothing waited"


@pytest.mark.long
@pytest.mark.sandbox
def test_a_worker_for_exams_alone_is_free_while_long_homework_runs_and_its_sandbox_is_fresh(
    platform,
    session: Session,
    sit: Callable[..., Submission],
    hand_in: Callable[..., Submission],
    assignment: Assignment,
    make_member: Callable[..., User],
) -> None:
    ada = make_member("ada")
    worker = ["-m", "celery", "--app", "server.worker", "worker", "--loglevel", "info", "--concurrency", "1"]
    platform.start([*worker, "--queues", "exam", "--hostname", "exams@%h"], "exams.log")
    platform.start_worker()
    first = sit(assignment, make_member("bob"))  # so that both are up
    platform.wait(lambda: all_started(session, [first.id]), "the first exam", seconds=SLOW_S)
    platform.wait(lambda: "ready." in (platform.folder / "exams.log").read_text(), "the worker for exams", seconds=SLOW_S)
    platform.wait(lambda: "ready." in (platform.folder / "worker.log").read_text(), "the other worker", seconds=SLOW_S)
    homework = [hand_in(assignment, ada, LONG).id, hand_in(assignment, make_member("eve"), f"# eve\n{LONG}").id]
    platform.wait(lambda: count(session, State.running) == 1, "the long homework", seconds=SLOW_S)
    exam = sit(assignment, ada)
    platform.wait(lambda: count(session, State.graded) == 4, "all verdicts", seconds=SLOW_S)
    session.expire_all()
    ended = [session.get_one(Submission, each).job.finished_at for each in homework]
    assert exam.job.finished_at < max(ended) and exam.job.first_started_at < min(ended)
    isolation = {each.id: each.run.read_report().environment.isolation for each in session.scalars(select(Submission))}
    assert isolation == {first.id: "fresh", exam.id: "fresh"} | dict.fromkeys(homework, "fork")


def count(session: Session, state: State) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Job).where(Job.state == state))


def all_started(session: Session, submission_ids: list[int]) -> bool:
    session.rollback()
    waiting = Job.submission_id.in_(submission_ids), Job.first_started_at.is_(None)
    return session.scalar(select(func.count()).select_from(Job).where(*waiting)) == 0
