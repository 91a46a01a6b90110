"""How quickly a large board answers while results come in, against a plain window query over the same rows.

    make bench-board, or python -m bench.leaderboard [--people 100000] [--rate 50] [--seconds 20] [--every 0.1]

Real engines, one web process, everything on loopback. `--people` have one scored submission each. Then `--rate` requests a second
go to the board (first page, any page, a search; as JSON and as HTML) while a result is recorded every `--every` seconds, and some
of these are looked for until their rank shows. Latencies count from when a request was due, so a queue cannot hide. Ends with 1
where p99 is above 50 ms, or where a rank took longer than a second to show.
"""

import argparse
import asyncio
import gc
import multiprocessing
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from server import database
from server.accounts import service as accounts
from server.assignments import service as assignments
from server.cli.platform import listen, make_environment
from server.courses import service as courses
from server.courses.models import Role
from server.database import current_time, session_factory
from server.engines import embedded
from server.models import Assignment, Job, Measurement, Run, State, Submission, User
from server.settings import Settings

MANIFEST = """
id = "contest"
kind = "competition"
title = { en = "Contest", zh = "竞赛" }
summary = { en = "A board to measure.", zh = "用于测速的排行榜。" }
required = ["fit", "predict"]
[leaderboard]
metric = "accuracy"
[competition]
baselines = [{ id = "trivial", title = { en = "Trivial", zh = "平凡" } }]
reward = { cutoffs = [{ at = 0.5, points = 50 }, { at = 1.0, points = 100 }] }
[[parts]]
id = "score"
points = 100
title = { en = "Score", zh = "成绩" }
"""
BOARD = "/courses/dl-2026/assignments/contest/leaderboard"
P99_MS, VISIBLE_S = 50.0, 1.0
ITEMS = 1000  # public ones, one bit each
SEED = """
INSERT INTO users (login, display_name, language, is_active, created_at)
    SELECT 's' || lpad(n::text, 6, '0'), 'Student ' || n, 'en', true, now() FROM generate_series(1, :people) AS n;
INSERT INTO enrollments (course_id, user_id, role) SELECT :course, id, 'student' FROM users;
INSERT INTO submissions (assignment_id, author_id, attempt, received_at, sha256, takes_attempt)
    SELECT :assignment, id, 1, now() - random() * interval '9 days', md5(id::text), true FROM users;
INSERT INTO jobs (
    submission_id, author_id, queue, state, fence, tries, checks_done, checks_total, score_so_far, created_at, finished_at)
    SELECT id, author_id, 'cpu', 'graded', 1, 1, 1, 1, 100, received_at, received_at FROM submissions;
INSERT INTO runs (job_id, submission_id, number, status, score, max_score, report, seed, fence, versions, created_at)
    SELECT id, submission_id, 1, 'graded', 100, 100, '{}', 'ab', 1, '{}', now() - interval '1 hour' FROM jobs;
INSERT INTO measurements
    SELECT id, submission_id, v, v - 0.02, v + 0.02, :packed, v, v - 0.01, v + 0.01, :packed FROM (
        SELECT id, submission_id, round((0.3 + 0.7 * random())::numeric, 4)::float AS v FROM runs) AS drawn;
ANALYZE;
"""
WINDOW = """
SELECT * FROM (
    SELECT author_id, value, row_number() OVER (ORDER BY value DESC, received_at, submission_id) AS place FROM (
        SELECT DISTINCT ON (s.author_id) s.author_id, m.public AS value, s.received_at, s.id AS submission_id
        FROM measurements m JOIN submissions s ON s.id = m.submission_id
        JOIN enrollments e ON e.user_id = s.author_id AND e.course_id = :course AND e.role = 'student'
        WHERE s.assignment_id = :assignment ORDER BY s.author_id, m.public DESC, s.received_at, s.id) AS best) AS ranked
JOIN users u ON u.id = author_id WHERE place BETWEEN :first AND :last ORDER BY place
"""


@dataclass
class Seen:
    """Milliseconds from when a request was due to its last byte, by kind; seconds until a rank showed."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    visible: list[float] = field(default_factory=list)
    failed: int = 0


def main() -> None:
    options, console = parse(), Console()
    with tempfile.TemporaryDirectory(prefix="gradus-bench-") as folder:
        root = Path(folder)
        (root / "assignments" / "contest").mkdir(parents=True)
        (root / "assignments" / "contest" / "assignment.toml").write_text(MANIFEST, encoding="utf-8")
        settings = Settings(data=root / "data", assignments=root / "assignments", secret="only for this run" * 2)
        with embedded(settings) as running:
            engine = database.connect(running.database_url)
            database.migrate(running.database_url)
            console.print(f"[dim]{options.people} people with a score each …[/]")
            token, ids = seed(options.people)
            window = [time_window(engine, ids, options.people) for _ in range(7)]
            seen = measure(running, token, ids, options)
            engine.dispose()
    report(console, options, seen, window)
    is_slow = quantile(everything(seen), 0.99) > P99_MS or max(seen.visible, default=0.0) > VISIBLE_S
    sys.exit(bool(seen.failed) or is_slow)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000, help="at most 199 999")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long, at most 120")
    parser.add_argument("--every", type=float, default=0.1, help="seconds between two results")
    options = parser.parse_args()
    options.people, options.seconds = min(options.people, 199_999), min(options.seconds, 120.0)
    return options


def seed(people: int) -> tuple[str, dict[str, int]]:
    """A course with one competition, everybody in it, and a token for the first of them."""
    with session_factory.begin() as session:
        course = courses.create_course(session, slug="dl-2026", title_en="Deep Learning", title_zh="深度学习", time_zone="UTC")
        now = current_time(session)
        dates = {"opens_at": now - timedelta(days=10), "due_at": now + timedelta(days=9), "closes_at": now + timedelta(days=9)}
        contest = assignments.create_assignment(session, course=course, slug="contest", attempt_limit=50, per_day=50, **dates)
        ids = {"course": course.id, "assignment": contest.id}
        packed = b"b" + ITEMS.to_bytes(4, "little") + random.Random(1).randbytes(ITEMS // 8)
        for statement in SEED.split(";")[:-1]:
            session.execute(text(statement), {"people": people, "packed": packed, **ids})
        visitor = accounts.create_user(session, login="visitor", display_name="Visitor")
        courses.enroll(session, course=course, user=visitor, role=Role.student)
        _, token = accounts.create_api_token(session, user=visitor, name="bench")
    return token, ids


def time_window(engine: Engine, ids: dict[str, int], people: int) -> float:
    """Milliseconds that the plain query takes for one page."""
    first = random.randrange(max(1, people - 50)) + 1
    started = time.perf_counter()
    with engine.connect() as connection:
        found = connection.execute(text(WINDOW), {**ids, "first": first, "last": first + 49}).all()
    assert found, "the baseline found nobody"
    return 1000 * (time.perf_counter() - started)


def measure(settings: Settings, token: str, ids: dict[str, int], options: argparse.Namespace) -> Seen:
    door = listen(0)
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    command = [sys.executable, "-m", "server.cli.web_process", str(door.fileno())]
    web = subprocess.Popen(command, env=make_environment(settings), pass_fds=[door.fileno()])
    try:
        return asyncio.run(load(settings.database_url, url, token, ids, options))
    finally:
        web.terminate()
        web.wait(30)


async def load(database_url: str, url: str, token: str, ids: dict[str, int], options: argparse.Namespace) -> Seen:
    seen = Seen()
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        for path in (f"/api/v1{BOARD}", BOARD):  # the first request reads the whole board
            for search in ("", "Student"):
                (await client.get(path, params={"search": search})).raise_for_status()
        with results_coming_in(database_url, url, token, ids, options) as visible:
            gc.collect()
            gc.freeze()  # what this process pauses for is no latency of the board
            started, pending = time.perf_counter(), set()
            for number in range(int(options.rate * options.seconds)):
                due = started + number / options.rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                task = asyncio.create_task(ask(client, number, due, options.people, seen))
                pending.add(task)
                task.add_done_callback(pending.discard)
            await asyncio.gather(*pending)
        seen.visible = visible
    return seen


@contextmanager
def results_coming_in(
    database_url: str, url: str, token: str, ids: dict[str, int], options: argparse.Namespace
) -> Iterator[list[float]]:
    """In a process of their own, as workers are. At the end the list holds how long ranks took to show."""
    spawn, visible = multiprocessing.get_context("spawn"), []
    begun, ended, found = spawn.Event(), spawn.Event(), spawn.Queue()
    arguments = (database_url, url, token, ids, options.people, options.every, begun, ended, found)
    writer = spawn.Process(target=write_results, args=arguments, daemon=True)
    writer.start()
    assert begun.wait(60), "the writer does not start"
    try:
        yield visible
    finally:
        ended.set()
        visible += found.get(timeout=60)
        writer.join(30)


async def ask(client: httpx.AsyncClient, number: int, due: float, people: int, seen: Seen) -> None:
    kind = ("first page", "any page", "search")[number % 3 if number % 12 else 2]
    query = {"any page": {"start": random.randrange(people)}, "search": {"search": f"Student {random.randrange(people)}"}}.get(
        kind, {}
    )
    is_json = number % 2 == 0
    try:
        answer = await client.get(f"/api/v1{BOARD}" if is_json else BOARD, params=query | ({"limit": 50} if is_json else {}))
        answer.raise_for_status()
    except httpx.HTTPError:
        seen.failed += 1
        return
    name = f"{kind}, {'JSON' if is_json else 'HTML'}"
    seen.latencies.setdefault(name, []).append(1000 * (time.perf_counter() - due))


def write_results(
    database_url: str, url: str, token: str, ids: dict[str, int], people: int, every: float, begun: Event, ended: Event,
    found: "multiprocessing.Queue[list[float]]",
) -> None:  # fmt: skip
    """One result after the other; every 20th is looked for on the board until it shows."""
    database.connect(database_url)
    visible: list[float] = []
    number = 0
    begun.set()
    while not ended.wait(every):
        number += 1
        login, value = record_result(ids, people)
        if number % 20 == 0:
            visible.append(wait_until_visible(url, token, login, value))
    found.put(visible)


def record_result(ids: dict[str, int], people: int) -> tuple[str, float]:
    """A new best of somebody, committed as the worker commits it."""
    login = f"s{random.randrange(1, people + 1):06d}"
    value = round(random.uniform(1.0, 2.0), 6)  # above all that were there, so it must show
    with session_factory.begin() as session:
        author_id = session.scalar(select(User.id).where(User.login == login))
        add_run(session, session.get_one(Assignment, ids["assignment"]), author_id, value)
    return login, value


def add_run(session: Session, assignment: Assignment, author_id: int, value: float) -> None:
    attempt = session.scalar(text("SELECT max(attempt) + 1 FROM submissions WHERE author_id = :a"), {"a": author_id})
    now = current_time(session)
    submission = Submission(assignment=assignment, author_id=author_id, attempt=attempt, received_at=now, sha256="x")
    job = Job(submission=submission, author_id=author_id, state=State.graded, finished_at=now)
    session.add(job)
    session.flush()
    run = Run(
        job_id=job.id, submission_id=submission.id, number=1, status="graded", score=100, max_score=100, report={}, seed="ab",
        fence=1, versions={},
    )  # fmt: skip
    session.add(run)
    session.flush()
    packed = b"b" + ITEMS.to_bytes(4, "little") + random.randbytes(ITEMS // 8)
    half = {"": value, "_low": value, "_high": value, "_items": packed}
    columns = {f"{name}{part}": number for name in ("public", "private") for part, number in half.items()}
    session.add(Measurement(run_id=run.id, submission_id=submission.id, **columns))


def wait_until_visible(url: str, token: str, login: str, value: float) -> float:
    started = time.perf_counter()
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=60) as client:
        while time.perf_counter() - started < 10:
            rows = client.get(f"/api/v1{BOARD}", params={"search": f"Student {int(login[1:])}", "limit": 20}).json()["rows"]
            if any(row["metric"] == round(value, 3) for row in rows):
                break
            time.sleep(0.05)
    return time.perf_counter() - started


def everything(seen: Seen) -> list[float]:
    return [value for values in seen.latencies.values() for value in values]


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


def report(console: Console, options: argparse.Namespace, seen: Seen, window: list[float]) -> None:
    table = Table(
        title=f"{options.people} rows, {options.rate:g} requests/s, a result every {options.every:g} s", title_justify="left"
    )
    for heading in ("request", "n", "p50 ms", "p99 ms", "largest"):
        table.add_column(heading, justify="left" if heading == "request" else "right")
    for name, values in [*sorted(seen.latencies.items()), ("all", everything(seen))]:
        table.add_row(
            name, str(len(values)), *(f"{each:.1f}" for each in (quantile(values, 0.5), quantile(values, 0.99), max(values)))
        )
    console.print(table)
    plain = statistics.median(window)
    ratio = plain / quantile(everything(seen), 0.5)
    console.print(f"plain window query, alone on the machine: {plain:.1f} ms a page, {ratio:.1f} times the median above")
    if seen.visible:
        console.print(
            f"rank shows after {statistics.median(seen.visible):.2f} s, at most {max(seen.visible):.2f} s (n={len(seen.visible)})"
        )
    console.print(f"failed requests: {seen.failed}")


if __name__ == "__main__":
    main()
