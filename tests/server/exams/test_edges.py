"""The edges of an exam to the millisecond: the opening, the close, the end, and time that is given or moved around them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import database
from server.accounts.models import User
from server.exams import handing_in, queries, setup
from server.exams.models import Exam, HandedInBy, Missed, MissedSave, SavedAnswer, Sitting
from server.models import Submission
from server.settings import Settings
from tests.server.exams.conftest import ROOM, Tab

Exams = Callable[..., Exam]
Watch = Callable[[datetime], None]

MS, SECOND, MINUTE = timedelta(milliseconds=1), timedelta(seconds=1), timedelta(minutes=1)
AROUND = [-SECOND, -MS, timedelta(0), MS, SECOND]
ESSAY = "question:essay"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


class Somebody(Tab):
    """A student at a tab, with what the tables say of him."""

    def __init__(self, client: TestClient, user: User, session: Session) -> None:
        super().__init__(client)
        self.user, self.session = user, session

    @property
    def sitting(self) -> Sitting:
        """The newest."""
        self.session.expire_all()
        query = select(Sitting).where(Sitting.student_id == self.user.id).order_by(Sitting.number.desc())
        return self.session.scalars(query).first()

    @property
    def end(self) -> datetime:
        return queries.end_of(self.session, self.sitting)

    @property
    def essay(self) -> object:
        found = self.session.get(SavedAnswer, (self.sitting.id, ESSAY))
        return found and found.value

    @property
    def missed(self) -> list[tuple[Any, Missed]]:
        query = select(MissedSave).where(MissedSave.sitting_id == self.sitting.id).order_by(MissedSave.id)
        return [(each.value, each.why) for each in self.session.scalars(query)]

    @property
    def submission(self) -> Submission:
        return self.session.get_one(Submission, self.sitting.submission_id)


@pytest.fixture
def somebody(
    client_as: Callable[[User], TestClient], make_member: Callable[..., User], session: Session
) -> Callable[[], Somebody]:
    """Each time somebody else."""
    numbers = count()

    def somebody() -> Somebody:
        user = make_member(f"s{next(numbers)}")
        return Somebody(client_as(user), user, session)

    return somebody


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Requests from now on begin at this moment of the database's clock."""
    return lambda moment: monkeypatch.setattr(database, "current_time", lambda session: moment)


@pytest.fixture
def staff(client_as: Callable[[User], TestClient], invigilator: User) -> TestClient:
    return client_as(invigilator)


def grant(staff: TestClient, to: Somebody, *, minutes: int = 1) -> int:
    given = {"students": [to.user.login], "minutes": minutes, "kind": "extra", "reason": "the alarm"}
    return staff.post(f"{ROOM}/grants", json=given).status_code


def check_last_moment(mine: Somebody, at: Watch, end: datetime) -> None:
    """A millisecond before it a save counts, at it no more."""
    at(end - MS)
    assert mine.save(essay="to the last").status_code == 200
    at(end)
    assert mine.save(essay="too late").json()["code"] == "time_is_over"
    assert (mine.essay, mine.sitting.handed_in_at) == ("to the last", end)


def test_nobody_starts_before_the_opening_and_everybody_from_it_on(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch
) -> None:
    for late in AROUND:
        at(exam.assignment.opens_at + late)
        mine = somebody()
        if late < timedelta(0):
            assert (mine.start().json()["code"], mine.client.get(ROOM).json()["phase"]) == ("exam_not_open", "before")
        else:
            assert mine.start().status_code == 201


def test_who_starts_before_the_close_has_until_the_close(exam: Exam, somebody: Callable[[], Somebody], at: Watch) -> None:
    closes_at = exam.assignment.closes_at
    for late in AROUND:
        at(closes_at + late)
        mine = somebody()
        answer = mine.start()
        if late < timedelta(0):
            assert datetime.fromisoformat(answer.json()["ends_at"]) == closes_at
        else:
            assert (answer.json()["code"], mine.client.get(ROOM).json()["phase"]) == ("exam_not_open", "missed")


def test_who_was_given_time_before_has_it_beyond_the_close(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch, staff: TestClient
) -> None:
    mine = somebody()
    assert grant(staff, mine, minutes=10) == 201
    at(exam.assignment.closes_at - SECOND)
    mine.start()
    check_last_moment(mine, at, exam.assignment.closes_at + 10 * MINUTE)


def test_a_save_counts_until_the_end_and_is_kept_beside_the_paper_from_it_on(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch
) -> None:
    begun = exam.assignment.opens_at
    for late in AROUND:
        mine = somebody()
        at(begun)
        mine.start()
        mine.save(essay="in time")
        end = mine.end
        at(end + late)
        answer = mine.save(essay="at the edge")
        if late < timedelta(0):
            assert (answer.status_code, mine.essay, mine.missed) == (200, "at the edge", [])
            assert mine.sitting.handed_in_at is None
        else:
            assert (answer.status_code, answer.json()["code"], answer.json()["missed"]) == (409, "time_is_over", 1)
            assert (mine.essay, mine.missed) == ("in time", [("at the edge", Missed.ended)])
            assert (mine.sitting.handed_in_at, mine.sitting.handed_in_by) == (end, HandedInBy.clock)
            assert mine.submission.received_at == end


def test_handing_in_until_the_end_is_ones_own_and_from_it_on_the_clocks(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch
) -> None:
    for late in AROUND:
        mine = somebody()
        at(exam.assignment.opens_at)
        mine.start()
        mine.save(total="3")
        end = mine.end
        at(end + late)
        assert mine.hand_in().status_code == 201
        by, when = (HandedInBy.student, end + late) if late < timedelta(0) else (HandedInBy.clock, end)
        assert (mine.sitting.handed_in_by, mine.sitting.handed_in_at) == (by, when)
        assert mine.submission.received_at == when


TOUCHES: dict[str, Callable[[Tab], Any]] = {
    "save": lambda tab: tab.save(essay="late"),
    "clock": lambda tab: tab.get("clock"),
    "hand-in": lambda tab: tab.hand_in(),
    "paper": lambda tab: tab.get("paper"),
    "checks": lambda tab: tab.post("checks"),
    "upload": lambda tab: tab.post("files/sketch", files={"file": ("a.png", PNG)}),
    "start": lambda tab: Tab(tab.client).start(),
    "place": lambda tab: Tab(tab.client).enter(),
}


def test_whatever_touches_a_sitting_after_its_end_closes_it_as_of_its_end(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch
) -> None:
    """Where the heart has not."""
    for touch, act in TOUCHES.items():
        mine = somebody()
        at(exam.assignment.opens_at)
        mine.start()
        mine.save(total="3")
        end = mine.end
        at(end + timedelta(seconds=90))
        answer = act(mine)
        assert (touch, mine.sitting.handed_in_at, mine.sitting.handed_in_by) == (touch, end, HandedInBy.clock)
        assert mine.submission.received_at == end
        if touch not in ("clock", "hand-in"):
            expected = "already_handed_in" if touch in ("start", "place") else "time_is_over"
            assert answer.json()["code"] == expected


def test_practice_begins_anew_though_the_last_one_was_never_closed(
    make_exam: Exams, somebody: Callable[[], Somebody], at: Watch, session: Session
) -> None:
    exam, mine = make_exam(is_practice=True, minutes=1), somebody()
    at(exam.assignment.opens_at)
    mine.start()
    mine.save(total="3")
    end = mine.end
    at(end + SECOND)
    assert mine.start().json()["number"] == 2
    first = session.scalars(select(Sitting).where(Sitting.number == 1)).one()
    assert (first.handed_in_at, first.handed_in_by) == (end, HandedInBy.clock)


def test_a_file_that_comes_too_late_or_from_a_tab_that_was_left_is_kept_as_every_answer_is(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch, session: Session, staff: TestClient
) -> None:
    mine, other = somebody(), somebody()
    mine.start()
    other.start()
    Tab(other.client).enter()
    left = other.post("files/sketch", files={"file": ("left.png", PNG)})
    assert (left.status_code, left.json()["code"], left.json()["missed"]) == (409, "another_place", 1)
    assert [why for _, why in other.missed] == [Missed.moved]
    at(mine.end)
    for _ in range(2):  # the same file twice is kept once
        answer = mine.post("files/sketch", files={"file": ("late.png", PNG)})
        assert (answer.status_code, answer.json()["code"]) == (409, "time_is_over")
    assert [(value["name"], why) for value, why in mine.missed] == [("late.png", Missed.ended)]
    one = session.scalars(select(MissedSave).where(MissedSave.sitting_id == mine.sitting.id)).one()
    assert staff.post(f"{ROOM}/missed/{one.id}/count", json={"reason": "the network"}).status_code == 200
    assert {file.kind.value for file in mine.submission.files} == {"answers", "attachment"}


def test_time_given_at_the_edge_counts_whole_as_long_as_nothing_was_handed_in(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch, staff: TestClient
) -> None:
    for late in AROUND:
        mine = somebody()
        at(exam.assignment.opens_at)
        mine.start()
        end = mine.end
        at(end + late)
        assert grant(staff, mine) == 201
        check_last_moment(mine, at, end + MINUTE)
    assert grant(staff, mine) == 409, "after handing in it is no help"
    assert mine.save(essay="still too late").json()["code"] == "time_is_over"
    assert mine.sitting.handed_in_at == end + MINUTE


def move_the_close(session: Session, exam: Exam, by: User, closes_at: datetime) -> None:
    """As an instructor does while students sit; who sits goes along."""
    session.expire_all()
    plan = setup.plan_of(session, exam.assignment)
    plan = replace(plan, window=replace(plan.window, closes_at=closes_at))
    known = {"by": by, "version": exam.version, "now": exam.assignment.opens_at, "is_confirmed": True, "moves_running": True}
    setup.set_up(session, assignment=exam.assignment, plan=plan, **known)
    session.commit()


def test_a_close_that_is_moved_to_earlier_takes_nothing_from_who_sits(
    exam: Exam, somebody: Callable[[], Somebody], at: Watch, session: Session, invigilator: User
) -> None:
    mine = somebody()
    mine.start()
    end, earlier = mine.end, mine.end - 30 * MINUTE
    move_the_close(session, exam, invigilator, earlier)
    for late in AROUND:
        at(earlier + late)
        assert mine.save(essay=f"as before {late}").status_code == 200
        assert somebody().start().status_code == (201 if late < timedelta(0) else 409)
    check_last_moment(mine, at, end)


def test_a_close_that_is_moved_to_later_gives_what_it_had_taken_and_no_more(
    make_exam: Exams, somebody: Callable[[], Somebody], at: Watch, session: Session, invigilator: User
) -> None:
    exam = make_exam(minutes=60)
    before, mine = exam.assignment.closes_at, somebody()
    at(before - 10 * MINUTE)
    mine.start()
    assert mine.end == before
    at(before + MS)  # over, and not closed yet
    move_the_close(session, exam, invigilator, before + 180 * MINUTE)
    check_last_moment(mine, at, before + 50 * MINUTE)


def test_one_paper_that_cannot_be_handed_in_holds_up_no_other(
    exam: Exam, somebody: Callable[[], Somebody], session: Session, settings: Settings, ends_in: Callable[[float], datetime]
) -> None:
    """A disk that has lost the file of one."""
    for number in range(3):
        mine = somebody()
        mine.start()
        mine.post("files/sketch", files={"file": ("a.png", PNG + bytes([number]))})
    broken = session.scalars(select(SavedAnswer).order_by(SavedAnswer.sitting_id)).first()
    (settings.data / "blobs" / broken.value["sha256"][:2] / broken.value["sha256"]).unlink()
    ends_in(-30)
    assert handing_in.close_overdue(settings=settings) == 2
    session.expire_all()
    running = session.scalars(select(Sitting.id).where(Sitting.handed_in_at.is_(None))).all()
    assert running == [broken.sitting_id]
