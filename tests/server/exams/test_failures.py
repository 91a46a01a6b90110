"""What breaks in the middle of an exam, really broken: the web process killed, the database crashed, the broker gone."""

import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from server import database
from server.accounts import service as accounts
from server.assignments import service as assignments
from server.assignments.models import Counts
from server.audit import AuditLine
from server.cli.platform import is_ready, listen, make_environment
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.engines import Postgres, Valkey
from server.exams import queries, rules
from server.exams.models import Exam, MissedSave, Outage, Pulse, SavedAnswer, Sitting, TimeGrant
from server.models import Submission
from server.outbox import Message
from server.settings import Settings
from tests.server.conftest import CONTENT
from tests.server.exams.conftest import COURSE, Tab

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("exam failures")]  # half a minute of starts and stops, once
STUDENTS, PATIENCE_S, PULSE_S = 20, 90.0, 0.5
ESSAY = "question:essay"
CODE = "def double(x):\n    return 2 * x\n"


@dataclass
class Hall:
    """Engines of its own, which may be broken, and one web process as `gradus up` starts it."""

    settings: Settings
    postgres: Postgres
    valkey: Valkey
    door: socket.socket
    web: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def start_web(self) -> None:
        command = [sys.executable, "-m", "server.cli.web_process", str(self.door.fileno())]
        environment = make_environment(self.settings) | {"GRADUS_PULSE_S": str(PULSE_S)}
        with open(self.settings.data / "web.log", "ab") as log:
            self.web = subprocess.Popen(command, env=environment, pass_fds=[self.door.fileno()], stdout=log, stderr=log)

    def kill_web(self) -> None:
        self.web.kill()
        self.web.wait()

    def wait_until_ready(self) -> None:
        wait_for(lambda: is_ready(self.url), "the web process answers")

    def crash_database(self) -> None:
        """Without a checkpoint: what is there afterwards comes from the log of what was committed."""
        self.postgres.process.send_signal(signal.SIGQUIT)
        self.postgres.process.wait(PATIENCE_S)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} not within {PATIENCE_S:.0f} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    folder = Path(tempfile.mkdtemp(prefix="gradus-hall-"))
    folder.chmod(0o711)  # PostgreSQL's account has to pass through
    try:
        with Postgres(folder, durable=True) as postgres, Valkey(folder) as valkey, listen(0) as door:
            settings = Settings(data=folder, database_url=postgres.url, redis_url=valkey.url, assignments=CONTENT)
            database.migrate(postgres.url)
            database.connect(postgres.url)
            furnish()
            opened = Hall(settings, postgres, valkey, door)
            opened.start_web()
            try:
                opened.wait_until_ready()
                yield opened
            finally:
                opened.kill_web()
                database.make_engine(postgres.url).dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def furnish() -> None:
    with session_factory.begin() as session:
        course = courses.create_course(session, slug=COURSE, title_en="Exams", title_zh="考试", time_zone="Asia/Shanghai")
        now = current_time(session)
        opens_at, closes_at = now - timedelta(hours=1), now + timedelta(hours=5)
        assignment = assignments.create_assignment(
            session, course=course, slug="mixed", attempt_limit=50, per_day=50, opens_at=opens_at, due_at=closes_at,
            closes_at=closes_at,
        )  # fmt: skip
        assignment.is_exam, assignment.counts = True, Counts.latest
        session.add(Exam(assignment=assignment, minutes=60))


class Typist:
    """Types a word more, again and again, and sends it until it is acknowledged, as the room does. In a thread of its own."""

    def __init__(self, tab: Tab, login: str) -> None:
        self.tab, self.login = tab, login
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.failures = 0
        self.is_done = False
        self.turn = threading.Lock()  # held while a save is under way
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        while not self.is_done:
            with self.turn:
                self.save(" ".join([self.login, *map(str, range(len(self.acknowledged) + 1))]))
            time.sleep(random.uniform(0.02, 0.1))

    def save(self, value: str) -> None:
        while True:
            try:
                answer = self.tab.save(essay=value)
            except httpx.TransportError:
                answer = None
            if answer is None or answer.status_code >= 500:
                self.failures += 1
                time.sleep(0.1)
                continue
            if answer.status_code == 200 and not answer.json()["conflicts"]:
                self.acknowledged.append(value)
            else:
                self.refused.append(answer.text)
            return

    def finish(self) -> None:
        self.is_done = True
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@pytest.fixture(scope="module")
def typists(hall: Hall) -> Iterator[list[Typist]]:
    """A class that sits and types, from one failure to the next."""
    database.connect(hall.settings.database_url)
    found = [Typist(Tab(client), login) for login, client in members(hall)]
    for each in found:
        assert each.tab.start().status_code == 201
        each.thread.start()
    yield found
    for each in found:
        each.finish()
        each.tab.client.close()


@pytest.fixture(autouse=True)
def _connected(hall: Hall) -> None:
    """This process, too, since other tests have another database."""
    database.connect(hall.settings.database_url)


def members(hall: Hall, count: int = STUDENTS) -> Iterator[tuple[str, httpx.Client]]:
    """Students who have not been here before."""
    with session_factory.begin() as session:
        course = session.scalars(select(Course)).one()
        for _ in range(count):
            user = accounts.create_user(session, login=f"s{random.getrandbits(40)}", display_name="A student")
            courses.enroll(session, course=course, user=user, role=Role.student)
            _, token = accounts.create_api_token(session, user=user, name="test")
            headers = {"Authorization": f"Bearer {token}"}
            yield user.login, httpx.Client(base_url=hall.url, headers=headers, timeout=5)


def go_on(typists: Sequence[Typist], more: int = 3) -> None:
    """Until each has had so many more saves acknowledged."""
    wanted = [len(each.acknowledged) + more for each in typists]
    wait_for(
        lambda: all(len(each.acknowledged) >= number for each, number in zip(typists, wanted, strict=True)),
        "everybody's saves are acknowledged",
    )


def check_nothing_is_lost(typists: Sequence[Typist]) -> None:
    """Of what was acknowledged, nor of anybody's time."""
    with ExitStack() as held, session_factory() as session:
        for each in typists:
            held.enter_context(each.turn)
        query = select(Sitting, SavedAnswer.value).join(SavedAnswer, SavedAnswer.sitting_id == Sitting.id)
        saved = {sitting.student.login: value for sitting, value in session.execute(query)}
        assert {each.login: each.acknowledged[-1] for each in typists}.items() <= saved.items()
        assert session.scalars(select(MissedSave)).all() == []
        assert [each.refused for each in typists] == [[]] * len(typists)
        check_credits(session)


def check_credits(session: Session) -> None:
    """Each outage was given back to everybody, once and with a line in the audit log; what was none to nobody."""
    outages = {f"outage {each.id}": each for each in session.scalars(select(Outage))}
    grants = session.scalars(select(TimeGrant)).all()
    assert Counter(each.cause for each in grants) == Counter(dict.fromkeys(outages, STUDENTS))
    for each in grants:
        lasted = outages[each.cause].ended_at - outages[each.cause].began_at
        assert timedelta(seconds=rules.GAP_S) < lasted
        assert timedelta(0) <= timedelta(seconds=each.seconds) - lasted < timedelta(seconds=1)
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "exam.credited_outage")).all()
    assert len(lines) == len(grants)


def test_a_web_process_that_is_killed_loses_nothing(hall: Hall, typists: list[Typist]) -> None:
    go_on(typists)
    hall.kill_web()
    time.sleep(0.3)
    hall.start_web()
    go_on(typists)
    check_nothing_is_lost(typists)
    assert any(each.failures for each in typists), "somebody was in the middle of a save"


def test_a_long_outage_is_given_back_even_to_those_whose_time_would_have_ended_in_it(hall: Hall, typists: list[Typist]) -> None:
    go_on(typists)
    hall.kill_web()
    away, left = timedelta(minutes=10), timedelta(minutes=2)
    with session_factory.begin() as session:  # ten minutes pass; every other one had two minutes left when it began
        session.execute(update(Pulse).values(beat_at=Pulse.beat_at - away))
        session.execute(update(Outage).values(began_at=Outage.began_at - away, ended_at=Outage.ended_at - away))
        sittings, now = list(session.scalars(select(Sitting).order_by(Sitting.id))), current_time(session)
        for number, sitting in enumerate(sittings):
            sitting.started_at -= away
            if number % 2:
                sitting.started_at -= queries.end_of(session, sitting) - (now - away + left)
        session.flush()
        ends = {each.id: queries.end_of(session, each) for each in sittings}
    hall.start_web()
    go_on(typists)
    check_nothing_is_lost(typists)
    with session_factory() as session:
        outage = session.scalars(select(Outage).order_by(Outage.id.desc())).first()
        assert outage.ended_at - outage.began_at >= away
        for sitting in session.scalars(select(Sitting)):
            assert sitting.handed_in_at is None
            assert queries.end_of(session, sitting) - ends[sitting.id] >= outage.ended_at - outage.began_at
    told = typists[0].tab.get("clock").json()["granted"]
    assert told[-1]["kind"] == "outage"


def test_a_database_that_crashes_has_all_that_was_acknowledged(hall: Hall, typists: list[Typist]) -> None:
    with session_factory() as session:
        durable = {name: session.scalar(text(f"SHOW {name}")) for name in ("fsync", "synchronous_commit", "full_page_writes")}
    assert durable == dict.fromkeys(durable, "on"), "a commit is answered when it is on the disk"
    go_on(typists)
    hall.crash_database()
    seen = {each.login: each.acknowledged[-1] for each in typists}
    hall.postgres.start()
    go_on(typists)
    check_nothing_is_lost(typists)
    assert all(each.acknowledged[-1].startswith(seen[each.login]) for each in typists)
    assert any(each.failures for each in typists), "somebody was in the middle of a save"


def test_without_a_broker_people_save_check_and_hand_in(hall: Hall) -> None:
    """The last test here: afterwards there is none."""
    [(_, client)] = members(hall, 1)
    tab = Tab(client)
    assert tab.start().status_code == 201
    hall.valkey.stop()
    assert tab.save(code=CODE, total="3").status_code == 200
    assert tab.post("checks").status_code == 202
    assert tab.get("clock").status_code == 200
    assert tab.save(total="4").status_code == 200
    handed_in = tab.hand_in()
    client.close()
    assert handed_in.status_code == 201
    with session_factory() as session:
        receipts = [each.sha256 for each in session.scalars(select(Submission).order_by(Submission.id))]
        assert receipts[-1] == handed_in.json()["receipt"]
        assert len(receipts) == 2
        waiting = session.scalars(select(Message)).all()
        assert len(waiting) == 2, "both are judged once there is a broker again"
