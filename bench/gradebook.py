"""How quickly the gradebook of a large course answers, against the plain queries over the same rows.

    python -m bench.gradebook [--times 15]

Real engines, one process. 300 students in four sections, five homeworks with up to three attempts each, a competition, 16 roll
calls, participation, extensions and late work, as `gradus demo --course full` makes them; only the reports are made up here,
since a grade reads of them nothing but scores. The baseline fetches what a grade is made of (runs, newest sightings, notes) by
three plain statements and reckons nothing. "processor" is what this process alone has reckoned for an answer, which other
programs on the machine hardly change. Ends with 1 where the staff's page takes more than 500 ms at the median.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from fastapi.testclient import TestClient
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.orm import Session

from grader.protocol import Environment, Report, Status, Timing
from server import database
from server.accounts import service as accounts
from server.app import create_app
from server.cli.web_process import spare_the_collector
from server.courses import service as courses
from server.courses.models import Course
from server.database import current_time, session_factory
from server.demo import cast, copies, full
from server.engines import embedded
from server.grading import service as grading
from server.models import Assignment, User
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Queue
from server.submissions.service import Upload
from tests.server.contest import measured

MOST_MS = 500.0
SCORES = (0, 31, 62, 88, 100)
PLAIN = (
    """
    SELECT submission.author_id, submission.assignment_id, submission.received_at, run.score
    FROM submissions AS submission JOIN runs AS run ON run.submission_id = submission.id
    JOIN assignments ON assignments.id = submission.assignment_id AND assignments.course_id = :course
    """,
    """
    SELECT DISTINCT ON (roll_call_id, student_id) roll_call_id, student_id, presence
    FROM sightings JOIN roll_calls ON roll_calls.id = roll_call_id AND roll_calls.course_id = :course
    ORDER BY roll_call_id, student_id, sightings.id DESC
    """,
    """
    SELECT student_id, sum(points) FROM participation_notes
    WHERE course_id = :course AND taken_back_at IS NULL GROUP BY student_id
    """,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=15, help="how often each is asked")
    times, console = parser.parse_args().times, Console()
    with tempfile.TemporaryDirectory(prefix="gradus-bench-") as folder:
        settings = Settings(data=Path(folder) / "data", secret="only for this run" * 2)
        with embedded(settings) as running:
            database.connect(running.database_url)
            database.migrate(running.database_url)
            console.print(f"[dim]{full.STUDENTS} students, their work and {full.ROLL_CALLS} roll calls …[/]")
            course_id, token = seed(running)
            with TestClient(create_app(running), headers={"authorization": f"Bearer {token}"}) as client:
                spare_the_collector()
                found = measure(client, course_id, times)
    sys.exit(report(console, found))


def seed(settings: Settings) -> tuple[int, str]:
    lot = random.Random(full.SEED)
    with session_factory.begin() as session:
        for person in cast.STAFF:
            accounts.create_user(session, login=person.login, display_name=person.name)
        staff = accounts.find_user(session, login=cast.INSTRUCTOR)
        course = courses.create_course(session, slug=full.COURSE, title_en="Full", title_zh="全", time_zone=full.ZONE)
        people = full.make_people(session, course=course, password="long enough", lot=lot)
        set_work = full.set_assignments(session, course=course, settings=settings)
        full.settle(session, course=course, set_work=set_work, people=people, staff=staff)
        for slug, assignment in set_work.items():
            fill(session, course, slug, assignment, people, settings, lot)
        full.hold_classes(session, course=course, people=people, staff=staff, lot=lot)
        full.note_contributions(session, course=course, people=people, staff=staff, lot=lot)
        full.make_grades(session, course=course, people=people, staff=staff, settings=settings)
        _, token = accounts.create_api_token(session, user=staff, name="bench")
        return course.id, token


def fill(
    session: Session,
    course: Course,
    slug: str,
    assignment: Assignment,
    people: list[User],
    settings: Settings,
    lot: random.Random,
) -> None:
    """Five works with made-up reports; the others' are copies of them."""
    for author, score in zip(people, SCORES, strict=False):
        files = {"solution.py": f"# {slug} {score}\n".encode()}
        upload = Upload(uploaded=files, collected=files)
        known = {"assignment": assignment, "author": author, "upload": upload, "store": settings.blob_store, "queue": Queue.cpu}
        at = min(assignment.due_at - full.DAY, current_time(session))
        work = submissions.submit(session, **known, now=at)
        claim = grading.claim(session, job_id=work.job.id, lease_s=60)
        grading.record_report(session, claim=claim, report=made_up(slug, score), versions={})
    originals = copies.list_originals(session, course=course, slug=slug)
    copies.copy_for(session, assignment=assignment, people=people[len(SCORES) :], originals=originals, lot=lot)


def made_up(slug: str, score: int) -> Report:
    reached = measured(score / 110) if slug == cast.COMPETITION else None
    return Report(
        assignment=slug, status=Status.graded, score=Decimal(score), max_score=Decimal(100), seed="ab" * 32, checks=[],
        metrics={}, environment=Environment(python="3", torch="2", device="cpu", sandbox="none", isolation="fork"),
        timing=Timing(sandbox=0, student=0, total=0), measured=reached,
    )  # fmt: skip


class Took(NamedTuple):
    """Milliseconds by the clock, and of this process's processor time."""

    wall: float
    processor: float


def measure(client: TestClient, course_id: int, times: int) -> dict[str, list[Took]]:
    page, api = f"/courses/{full.COURSE}/gradebook", f"/api/v1/courses/{full.COURSE}/gradebook"
    asked: dict[str, Callable[[], object]] = {
        "plain queries": lambda: plain(course_id),
        "page": lambda: fetch(client, page),
        "page, one section": lambda: fetch(client, f"{page}?section=%E4%B8%80%E7%8F%AD"),
        "one student": lambda: fetch(client, f"{page}/students/f0042"),
        "JSON": lambda: fetch(client, api),
        "CSV": lambda: fetch(client, f"{page}/export?format=csv"),
        "XLSX": lambda: fetch(client, f"{page}/export?format=xlsx"),
    }
    return {name: [timed(ask) for _ in range(times + 2)][2:] for name, ask in asked.items()}


def plain(course_id: int) -> int:
    with session_factory() as session:
        return sum(len(session.execute(text(statement), {"course": course_id}).all()) for statement in PLAIN)


def fetch(client: TestClient, path: str) -> None:
    client.get(path).raise_for_status()


def timed(ask: Callable[[], object]) -> Took:
    started, used = time.perf_counter(), time.process_time()
    ask()
    return Took(1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used))


def median(took: list[Took]) -> Took:
    return Took(*(statistics.median(each) for each in zip(*took, strict=True)))


def report(console: Console, found: dict[str, list[Took]]) -> int:
    """The exit code."""
    base = median(found["plain queries"]).wall
    table = Table(box=None, pad_edge=False)
    for title in ("", "best ms", "median ms", "worst ms", "processor ms", "against the plain queries"):
        table.add_column(title, justify="right" if title else "left")
    for name, took in found.items():
        middle = median(took)
        figures = [min(took).wall, middle.wall, max(took).wall, middle.processor]
        table.add_row(name, *(f"{each:.0f}" for each in figures), f"{middle.wall / base:.1f}")
    console.print(table)
    return int(median(found["page"]).wall > MOST_MS)


if __name__ == "__main__":
    main()
