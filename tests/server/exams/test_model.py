"""Anything that students, staff, clocks and failures do to a sitting, in any order, beside a model of what must hold.

The functions that the routes call, each in a savepoint as a request is in its transaction, at moments of the model's own clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, assume
from hypothesis import settings as held_to
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.database import current_time
from server.errors import AppError
from server.exams import api, credits, handing_in, invigilation, places, queries, setup, sittings
from server.exams.access import Seat, take_seat
from server.exams.models import Exam, Grant, HandedInBy, MissedSave, PlaceState, Pulse, Sitting, TimeGrant
from server.exams.refusals import AlreadyHandedIn, TimeIsOver
from server.exams.rules import GAP_S
from server.exams.saving import Kept
from server.exams.schemas import SaveIn, TypedIn
from server.models import Job, State
from server.settings import Settings
from tests.thorough import THOROUGH

FIELDS = ("question:essay", "question:word", "file:solution.py")
BROWSERS = ("Firefox of the room", "another computer")
LONG_AGO = timedelta(days=3)  # grants carry the real time, and must not lie before the model's


@dataclass
class Page:
    """A tab: its key, and the versions that it knows."""

    browser: str
    key: str
    versions: dict[str, int] = field(default_factory=dict)


def written(name: str, number: int) -> str:
    """Never the same twice; code that can be handed in."""
    return f"def double(x):\n    return {number} * x\n" if name.startswith("file:") else f"text {number}"


@dataclass(frozen=True)
class World:
    """What is there before each example, and what an example is run in."""

    engine: Engine
    settings: Settings
    exam_id: int
    student_id: int
    staff_id: int


class ExamMachine(RuleBasedStateMachine):
    """`promised_s`: working time and what staff gave. `dead`: gaps in the pulse that are outages."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.world.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(bind=self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.exam = self.session.get_one(Exam, self.world.exam_id)
        self.staff = self.session.get_one(User, self.world.staff_id)
        self.member = queries.find_member(self.session, exam=self.exam, student_id=self.world.student_id)
        self.now = current_time(self.session) - LONG_AGO
        self.sitting: Sitting | None = None  # the newest, looked at after each request
        self.pages: list[Page] = []
        self.standing: dict[str, Any] = {}  # what was acknowledged last, by field
        self.beside: list[tuple[str, Any]] = []  # what came and was said to be kept
        self.dead: list[tuple[datetime, datetime]] = []
        self.last_end: datetime | None = None
        self.may_move_back = False
        self.typed = 0
        assignment = self.exam.assignment
        assignment.opens_at, assignment.closes_at = self.now, self.now + timedelta(minutes=90)
        assignment.due_at = assignment.closes_at
        self.session.add(Pulse(beat_at=self.now))
        self.session.flush()

    def teardown(self) -> None:
        self.session.close()
        self.outer.rollback()
        self.connection.close()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Rolled back where it is refused; what must not happen to it is raised."""
        with suppress(AppError), self.session.begin_nested():
            yield
        self.session.expire_all()
        self.sitting = queries.newest_sitting(self.session, exam=self.exam, student_id=self.member.user_id)

    @property
    def is_running(self) -> bool:
        return self.sitting is not None and self.sitting.handed_in_at is None

    @property
    def end(self) -> datetime:
        return queries.end_of(self.session, self.sitting)

    def here(self, browser: str) -> places.Here:
        return places.here(b"key", credential="token", agent=browser, address="10.0.0.1")

    def seat(self, page: Page) -> Seat:
        return take_seat(self.session, self.exam, self.member, self.here(page.browser), page.key)

    # The platform's clock

    @rule(seconds=st.sampled_from([0.001, 1, 5, 60, 300, 900, 1800]))
    def time_passes(self, seconds: float) -> None:
        """While the platform is alive: its pulse goes on. It closes what is over at its own time."""
        self.now += timedelta(seconds=seconds)
        self.session.execute(update(Pulse).values(beat_at=self.now))

    @precondition(lambda self: self.is_running)
    @rule(ms=st.sampled_from([-60_000, -1000, -1, 0, 1, 1000]), silent_s=st.sampled_from([0, 0, 16, 120]))
    def the_end_comes(self, ms: int, silent_s: int) -> None:
        """Near it, at it or past it; then, maybe, nothing answers for a while."""
        moment = self.end + timedelta(milliseconds=ms)
        assume(moment > self.now)
        self.now = moment
        self.session.execute(update(Pulse).values(beat_at=self.now))
        if silent_s:
            self.nothing_answers(silent_s, is_first=False)

    @rule(seconds=st.sampled_from([3, 14, 16, 120, 1500]), is_first=st.booleans())
    def nothing_answers(self, seconds: int, is_first: bool) -> None:
        """Then the heart beats again, or a student's request is the first sign of life."""
        began = self.session.scalar(select(Pulse.beat_at))
        self.now += timedelta(seconds=seconds)
        if (self.now - began).total_seconds() > GAP_S and self.is_running:
            self.dead.append((began, self.now))
        if is_first and self.pages and self.is_running:
            self.save(self.pages[-1], FIELDS[0], "first", 0)
        with self.request():
            credits.beat(self.session, self.now)

    @rule()
    def the_heart_closes_what_is_over(self) -> None:
        with self.request():
            for id in handing_in.list_overdue(self.session, now=self.now):
                sitting = self.session.get_one(Sitting, id)
                handing_in.close_if_over(self.session, sitting=sitting, settings=self.world.settings, now=self.now)

    # The student

    @initialize(browser=st.sampled_from(BROWSERS))
    def begin(self, browser: str) -> None:
        self.start(browser)

    @rule(browser=st.sampled_from(BROWSERS))
    def start(self, browser: str) -> None:
        known = {"exam": self.exam, "member": self.member, "at": self.here(browser), "now": self.now}
        with self.request():
            _, _, key = sittings.start(self.session, honour="", accepts_honour=True, settings=self.world.settings, **known)
            self.pages.append(Page(browser, key))

    @rule(browser=st.sampled_from(BROWSERS))
    def enter(self, browser: str) -> None:
        with self.request():
            at = self.here(browser)
            _, _, key = sittings.go_on(
                self.session, exam=self.exam, member=self.member, at=at, settings=self.world.settings, now=self.now
            )
            saved = queries.saved_of(self.session, self.sitting)
            self.pages.append(Page(browser, key, {name: each.version for name, each in saved.items()}))

    @precondition(lambda self: self.pages)
    @rule(data=st.data(), name=st.sampled_from(FIELDS), is_old=st.integers(0, 3))
    def type(self, data: st.DataObject, name: str, is_old: int) -> None:
        """Upon what the tab knows, or upon something older."""
        page = data.draw(st.sampled_from(self.pages))
        self.typed += 1
        self.save(page, name, written(name, self.typed), 0 if is_old == 0 else page.versions.get(name, 0))

    @precondition(lambda self: self.pages and self.standing)
    @rule(data=st.data())
    def send_once_more(self, data: st.DataObject) -> None:
        """What was acknowledged already, as after a lost answer: it changes nothing, wherever it comes from."""
        name = data.draw(st.sampled_from(sorted(self.standing)))
        before = self.session.scalar(select(MissedSave.id).order_by(MissedSave.id.desc()).limit(1))
        self.save(data.draw(st.sampled_from(self.pages)), name, self.standing[name], 0)
        assert self.session.scalar(select(MissedSave.id).order_by(MissedSave.id.desc()).limit(1)) == before

    def save(self, page: Page, name: str, value: str, version: int) -> None:
        saved = SaveIn(answers={name: TypedIn(value=value, version=version)})
        with self.request():
            seat = self.seat(page)
            found = api.save_or_keep(self.session, seat, saved, self.world.settings, self.now)
            if isinstance(found, Kept):
                assert self.now < self.end, "nobody writes into what counts after the end"
                assert seat.place.state is PlaceState.active
                self.take(page, name, value, found)
            else:
                over = isinstance(found, TimeIsOver | AlreadyHandedIn)
                assert over is (self.sitting.handed_in_at is not None)
                if self.standing.get(name) != value:
                    self.beside.append((name, value))

    def take(self, page: Page, name: str, value: str, kept: Kept) -> None:
        if name in kept.conflicts:
            page.versions[name] = kept.conflicts[name].version
            self.beside.append((name, value))
        else:
            page.versions[name] = kept.versions[name]
            self.standing[name] = value

    @precondition(lambda self: self.pages)
    @rule(data=st.data())
    def hand_in(self, data: st.DataObject) -> None:
        with self.request():
            seat = self.seat(data.draw(st.sampled_from(self.pages)))
            kept = api.save_or_keep(self.session, seat, SaveIn(), self.world.settings, self.now)
            if isinstance(kept, Kept):
                known = {"settings": self.world.settings, "now": self.now, "actor": seat.sitting.student}
                handing_in.hand_in(self.session, sitting=seat.sitting, by=HandedInBy.student, **known)

    @precondition(lambda self: self.is_running)
    @rule(seconds=st.sampled_from([1, 25, 200]))
    def check_and_wait(self, seconds: int) -> None:
        """A run of the public checks that waits so long for the judge, and is judged within a second."""
        before = None
        with self.request():
            sitting = sittings.lock(self.session, self.sitting)
            if handing_in.close_if_over(self.session, sitting=sitting, settings=self.world.settings, now=self.now):
                return
            run = handing_in.run_checks(self.session, sitting=sitting, settings=self.world.settings, now=self.now)
            if run.job.state.is_final:
                return  # the last run once more, as nothing has changed since
            before, job_id = self.end, run.job.id
            self.session.execute(update(Job).where(Job.id == job_id).values(created_at=self.now))
        if before is None:
            return
        taken = self.now + timedelta(seconds=seconds)
        self.now = taken + timedelta(seconds=1)
        self.session.execute(update(Pulse).values(beat_at=self.now))
        times = {"first_started_at": taken, "started_at": taken, "finished_at": self.now}
        self.session.execute(update(Job).where(Job.id == job_id).values(state=State.graded, **times))
        with self.request():
            sitting = sittings.lock(self.session, self.sitting)
            credits.settle(self.session, sitting=sitting, now=self.now)
        assert self.end - before >= timedelta(seconds=max(0, seconds - self.exam.fair_wait_s)), (
            "the judge's time is not the student's"
        )

    # Staff

    @rule(minutes=st.integers(1, 30))
    def grant(self, minutes: int) -> None:
        known = {"seconds": minutes * 60, "kind": Grant.extra, "reason": "alarm", "by": self.staff}
        with self.request():
            invigilation.grant(self.session, exam=self.exam, students=[self.member], **known)

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        ids = self.session.scalars(select(TimeGrant.id).order_by(TimeGrant.id)).all()
        assume(ids)
        with self.request():
            known = {"grant_id": data.draw(st.sampled_from(ids)), "reason": "mistake", "by": self.staff, "now": self.now}
            invigilation.take_back(self.session, exam=self.exam, **known)
            self.may_move_back = True
            if self.is_running:
                assert self.end >= self.now + timedelta(minutes=5), "never out of somebody's hand"

    @precondition(lambda self: self.sitting)
    @rule(is_permitted=st.booleans())
    def answer_who_waits(self, is_permitted: bool) -> None:
        with self.request():
            for place in places.list_waiting(self.session, self.sitting)[:1]:
                known = {"by": self.staff, "is_permitted": is_permitted, "now": self.now}
                invigilation.permit(self.session, exam=self.exam, place_id=place.id, **known)

    @rule(minutes=st.sampled_from([-60, -1, 1, 60]), moves_running=st.booleans())
    def move_the_window(self, minutes: int, moves_running: bool) -> None:
        with self.request():
            plan = setup.plan_of(self.session, self.exam.assignment)
            window = replace(plan.window, closes_at=plan.window.closes_at + timedelta(minutes=minutes))
            known = {"by": self.staff, "version": self.exam.version, "now": self.now, "is_confirmed": True}
            setup.set_up(
                self.session,
                assignment=self.exam.assignment,
                plan=replace(plan, window=window),
                moves_running=moves_running,
                **known,
            )

    @precondition(lambda self: self.sitting)
    @rule()
    def hand_in_for_the_student(self) -> None:
        with self.request():
            known = {"login": self.member.user.login, "by": self.staff, "reason": "ill", "now": self.now}
            invigilation.hand_in_for(self.session, exam=self.exam, settings=self.world.settings, **known)

    @precondition(lambda self: self.sitting)
    @rule(minutes=st.integers(1, 20))
    def reopen(self, minutes: int) -> None:
        with self.request():
            known = {"login": self.member.user.login, "by": self.staff, "reason": "well again", "now": self.now}
            invigilation.reopen(self.session, exam=self.exam, minutes=minutes, **known)
            assert self.end >= self.now + timedelta(minutes=minutes)

    @precondition(lambda self: self.beside)
    @rule(data=st.data())
    def let_it_count(self, data: st.DataObject) -> None:
        missed = self.session.scalars(select(MissedSave).where(MissedSave.counted_at.is_(None)).order_by(MissedSave.id)).all()
        assume(missed)
        chosen = data.draw(st.sampled_from([each.id for each in missed]))
        with self.request():
            known = {"missed_id": chosen, "by": self.staff, "reason": "heard", "now": self.now}
            counted = invigilation.count_missed(self.session, exam=self.exam, settings=self.world.settings, **known)
            self.standing[counted.field] = counted.value

    # What must hold

    @invariant()
    def an_end_moves_back_only_where_staff_take_a_mistake_back(self) -> None:
        if self.sitting is None:
            return
        assert self.may_move_back or self.last_end is None or self.end >= self.last_end
        self.last_end, self.may_move_back = self.end, False

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        if self.sitting is not None and self.standing:
            saved = queries.saved_of(self.session, self.sitting)
            assert {name: each.value for name, each in saved.items()} == self.standing

    @invariant()
    def what_does_not_count_is_kept(self) -> None:
        if self.beside:
            assert set(self.beside) <= {(each.field, each.value) for each in self.session.scalars(select(MissedSave))}

    @invariant()
    def nobody_is_handed_in_by_the_clock_with_less_than_was_granted(self) -> None:
        sitting = self.sitting
        if sitting is None or sitting.handed_in_by is not HandedInBy.clock:
            return
        assert sitting.handed_in_at == self.end <= self.now
        own = TimeGrant.kind.in_((Grant.accommodation, Grant.extra, Grant.taken_back))
        given = max(0, sum(self.session.scalars(select(TimeGrant.seconds).where(own))))
        working = min(timedelta(seconds=sitting.working_s), sitting.closes_at - sitting.started_at)
        alive = sitting.handed_in_at - sitting.started_at - self.dead_between(sitting.started_at, sitting.handed_in_at)
        assert alive >= working + timedelta(seconds=given), "while the platform answered"

    def dead_between(self, began: datetime, ended: datetime) -> timedelta:
        spans = [min(each[1], ended) - max(each[0], began) for each in self.dead]
        return sum((each for each in spans if each > timedelta(0)), timedelta(0))

    @invariant()
    def what_is_handed_in_is_what_stands_there(self) -> None:
        sitting = self.sitting
        if sitting is not None and sitting.handed_in_at is not None:
            assert (sitting.submission_id is not None) is bool(self.standing)

    @invariant()
    def one_place_at_most_is_active(self) -> None:
        if self.sitting is not None:
            states = [each.state for each in self.session.scalars(select(places.Place))]
            assert states.count(PlaceState.active) <= 1


def test_whatever_happens_to_a_sitting(exam: Exam, student: User, invigilator: User, tables: Engine, settings: Settings) -> None:
    world = World(tables, settings, exam.assignment_id, student.id, invigilator.id)
    machine = type("Machine", (ExamMachine,), {"world": world})
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    held = held_to(max_examples=25 if THOROUGH else 5, stateful_step_count=25, deadline=None, suppress_health_check=slow)
    run_state_machine_as_test(machine, settings=held)
