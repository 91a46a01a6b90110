"""A class that sits an exam at once: starts within a minute, saves every five seconds, hands in within the last half minute.

    make bench-exam, or python -m bench.exam [--students 300] [--minutes 3]

Real engines, as many web processes as `gradus up` has, and Locust, all on this machine and on loopback; the paper is
assignments/exam-midterm. No worker runs: what judging takes is another bench's matter. Afterwards every field is compared with
the last value that the server had acknowledged. Ends with 1 where a request failed, an acknowledged save is not there, or p95
of a save is above 300 ms.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from grader.spec import load_manifest
from server import database
from server.accounts import service as accounts
from server.assignments import service as assignments
from server.cli.platform import is_ready, listen, make_environment
from server.courses import service as courses
from server.courses.models import Role
from server.database import current_time, session_factory
from server.engines import embedded
from server.exams import setup
from server.exams.models import SavedAnswer, Sitting
from server.exams.rules import Window
from server.exams.setup import Plan
from server.models import Submission
from server.settings import Settings

ROOT = Path(__file__).parent.parent
LOCUST, LOAD = ROOT / "build/locust/bin/locust", ROOT / "bench/locust/room.py"
SLUG, COURSE = "exam-midterm", "dl-2026"
MOST_MS, RAMP_S, HAND_IN_S, AFTERWARDS_S, START_S = 300.0, 60, 30, 20, 60
SAVE, BASELINE = "PUT answers", "baseline: who am I"


@dataclass(frozen=True)
class Kind:
    """Requests of one kind. `times`: how many took so many ms."""

    name: str
    count: int
    failures: int
    times: dict[int, int]

    def quantile(self, share: float) -> float:
        wanted, seen = share * sum(self.times.values()), 0
        for ms, count in sorted(self.times.items()):
            seen += count
            if seen >= wanted:
                return float(ms)
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=300, help="at most 2000")
    parser.add_argument("--minutes", type=float, default=3.0, help="of saving, at most 30")
    options, console = parser.parse_args(), Console()
    if not LOCUST.exists():
        sys.exit("Locust is not there; `make bench-exam` brings it.")
    students, work_s = min(options.students, 2000), 60 * min(options.minutes, 30.0)
    with tempfile.TemporaryDirectory(prefix="gradus-bench-") as folder:
        settings = Settings(data=Path(folder) / "data", secret="only for this run" * 2, assignments=ROOT / "assignments")
        with embedded(settings) as running:
            database.connect(running.database_url)
            database.migrate(running.database_url)
            plan = {"students": seed(students), "room": f"/api/v1/courses/{COURSE}/exams/{SLUG}"}
            plan |= {"ramp_s": RAMP_S, "work_s": work_s, "hand_in_s": HAND_IN_S, "acknowledged": f"{folder}/acknowledged.json"}
            console.print(f"[dim]{students} students start in {RAMP_S} s and work for {work_s:.0f} s …[/]")
            found = sit(running, plan, folder=Path(folder), seconds=RAMP_S + work_s + AFTERWARDS_S)
            lost, handed_in = look(json.loads(Path(plan["acknowledged"]).read_text()))
    sys.exit(report(console, found, lost=lost, handed_in=handed_in, students=students))


def seed(students: int) -> list[dict[str, str]]:
    """Logins and tokens."""
    with session_factory.begin() as session:
        course = courses.create_course(session, slug=COURSE, title_en="Load", title_zh="负载", time_zone="UTC")
        staff = accounts.create_user(session, login="staff", display_name="Staff")
        courses.enroll(session, course=course, user=staff, role=Role.instructor)
        now = current_time(session)
        window = Window(now - timedelta(minutes=1), now + timedelta(hours=3))
        dates = {"opens_at": window.opens_at, "due_at": window.closes_at, "closes_at": window.closes_at}
        limits = assignments.limits_of(load_manifest(ROOT / "assignments" / SLUG))
        paper = assignments.create_assignment(session, course=course, slug=SLUG, **dates, **limits)
        known = {"by": staff, "version": 0, "now": now, "is_confirmed": True}
        setup.set_up(session, assignment=paper, plan=Plan(window, minutes=90), **known)
        found = []
        for number in range(students):
            user = accounts.create_user(session, login=f"s{number:04}", display_name=f"Student {number}")
            courses.enroll(session, course=course, user=user, role=Role.student)
            _, token = accounts.create_api_token(session, user=user, name="bench")
            found.append({"login": user.login, "token": token})
        return found


def sit(settings: Settings, plan: dict[str, Any], *, folder: Path, seconds: float) -> list[Kind]:
    """What Locust saw."""
    (folder / "plan.json").write_text(json.dumps(plan))
    door = listen(0)
    command = [sys.executable, "-m", "server.cli.web_process", str(door.fileno()), str(settings.web_processes)]
    web = subprocess.Popen(command, env=make_environment(settings), pass_fds=[door.fileno()])
    students, url = len(plan["students"]), f"http://127.0.0.1:{door.getsockname()[1]}"
    load = [
        LOCUST, "--locustfile", LOAD, "--headless", "--only-summary", "--json", "--host", url,
        "--users", str(students), "--spawn-rate", str(students / RAMP_S), "--run-time", f"{seconds:.0f}s", "--stop-timeout", "30",
    ]  # fmt: skip
    try:
        wait_for(url)
        environment = os.environ | {"EXAM_PLAN": str(folder / "plan.json")}
        done = subprocess.run(load, env=environment, capture_output=True, text=True, timeout=seconds + 120, check=False)
    finally:
        web.terminate()
        web.wait(30)
    try:
        rows = json.loads(done.stdout[done.stdout.index("[") :])
    except ValueError:
        sys.exit(f"Locust gave no figures:\n{done.stderr[-3000:]}")
    return [
        Kind(row["name"], row["num_requests"], row["num_failures"], {int(ms): n for ms, n in row["response_times"].items()})
        for row in rows
    ]


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START_S
    while not is_ready(url):
        if time.monotonic() > deadline:
            sys.exit(f"The web app did not start within {START_S} s.")
        time.sleep(0.2)


def look(acknowledged: dict[str, dict[str, Any]]) -> tuple[list[str], int]:
    """What was acknowledged and is not there, and how many have handed in with the receipt that they were given."""
    with session_factory() as session:
        query = select(Sitting, Submission).outerjoin(Submission, Submission.id == Sitting.submission_id)
        sittings = {sitting.student.login: (sitting, submission) for sitting, submission in session.execute(query)}
        saved = {(each.sitting_id, each.field): each.value for each in session.scalars(select(SavedAnswer))}
    lost = [
        f"{login} {field}: acknowledged {value!r:.60}"
        for login, mine in acknowledged.items()
        for field, value in mine["fields"].items()
        if login not in sittings or saved.get((sittings[login][0].id, field)) != value
    ]
    receipts = {login: submission.sha256 for login, (_, submission) in sittings.items() if submission}
    return lost, sum(
        mine["receipt"] is not None and receipts.get(login) == mine["receipt"] for login, mine in acknowledged.items()
    )


def report(console: Console, found: list[Kind], *, lost: list[str], handed_in: int, students: int) -> int:
    """The exit code."""
    base = next((each.quantile(0.5) for each in found if each.name == BASELINE), 0.0) or 1.0
    table = Table(box=None, pad_edge=False)
    for title in ("", "requests", "failed", "p50 ms", "p95 ms", "p99 ms", "p50 against the baseline"):
        table.add_column(title, justify="right" if title else "left")
    for each in sorted(found, key=lambda kind: kind.name != BASELINE):
        p50 = each.quantile(0.5)
        figures = (p50, each.quantile(0.95), each.quantile(0.99))
        table.add_row(each.name, str(each.count), str(each.failures), *(f"{ms:.0f}" for ms in figures), f"{p50 / base:.1f}")
    console.print(table)
    console.print(f"{handed_in} of {students} handed in and hold the right receipt; {len(lost)} acknowledged saves are not there")
    for each in lost[:10]:
        console.print(f"[red]lost[/] {each}")
    p95 = next((each.quantile(0.95) for each in found if each.name == SAVE), MOST_MS + 1)
    return int(p95 > MOST_MS or bool(lost) or handed_in < students or any(each.failures for each in found))


if __name__ == "__main__":
    main()
