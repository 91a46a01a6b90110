"""Two things of one sitting at the same moment, over several connections: both are told the truth, and nothing is lost."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.database import current_time, session_factory
from server.exams import handing_in, queries
from server.exams.heart import Heart
from server.exams.models import Exam, Grant, Missed, MissedSave, Outage, Place, PlaceState, Pulse, SavedAnswer, Sitting, TimeGrant
from server.models import Submission
from server.settings import Settings
from server.submissions import blobs
from server.submissions.models import FileKind
from tests.server.exams.conftest import ROOM, Tab
from tests.thorough import THOROUGH

Tabs = Callable[..., Tab]
Exams = Callable[..., Exam]
ESSAY = "question:essay"
TRIES = 12 if THOROUGH else 3  # of each race


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gives, all begun at the same moment. Raises what any of them raises, as a deadlock would."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result(30) for each in [pool.submit(run, act) for act in acts]]


def fresh(session: Session, kind: type) -> list[Any]:
    session.expire_all()
    return list(session.scalars(select(kind).order_by(*kind.__mapper__.primary_key)))


def handed_in_essay(submission: Submission, settings: Settings) -> str | None:
    file = next(each for each in submission.files if each.kind is FileKind.answers)
    return json.loads(blobs.read(settings.blob_store, file.sha256)).get("answers", {}).get("essay")


def test_the_same_save_twice_is_once(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    for number in range(TRIES):
        twin = Tab(mine.client)
        twin.key, twin.versions = mine.key, dict(mine.versions)
        answers = at_once(*(partial(each.save, essay=f"text {number}") for each in (mine, twin)))
        assert [each.status_code for each in answers] == [200, 200]
        assert [each.json()["versions"] for each in answers] == [{ESSAY: number + 1}] * 2
        assert [each.json()["conflicts"] for each in answers] == [{}, {}]
    assert fresh(session, MissedSave) == []


def test_of_two_texts_upon_the_same_version_one_counts_and_the_other_is_kept(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    for number in range(TRIES):
        twin = Tab(mine.client)
        twin.key, twin.versions = mine.key, dict(mine.versions)
        texts = [f"left {number}", f"right {number}"]
        answers = at_once(partial(mine.save, essay=texts[0]), partial(twin.save, essay=texts[1]))
        assert [each.status_code for each in answers] == [200, 200]
        told = [bool(each.json()["conflicts"]) for each in answers]
        assert sorted(told) == [False, True]
        assert fresh(session, SavedAnswer)[0].value == texts[told.index(False)]
        last = fresh(session, MissedSave)[-1]
        assert (last.value, last.why) == (texts[told.index(True)], Missed.conflict)
        mine.versions[ESSAY] = number + 1


def test_a_tab_that_takes_over_while_the_first_one_saves(exam: Exam, tab: Tabs, session: Session) -> None:
    here = tab()
    here.start()
    for number in range(TRIES):
        there, text = Tab(here.client), f"text {number}"
        saved, entered = at_once(partial(here.save, essay=text), there.enter)
        assert entered.json()["state"] == "active"
        paper = there.get("paper").json()["saved"].get(ESSAY, {"version": 0, "value": None})
        if saved.status_code == 200:
            assert paper["value"] == text
        else:
            assert (saved.json()["code"], paper["value"]) != ("another_place", text)
            last = fresh(session, MissedSave)[-1]
            assert (last.value, last.why) == (text, Missed.moved)
        here, here.versions = there, {ESSAY: paper["version"]}
    active = [each for each in fresh(session, Place) if each.state is PlaceState.active]
    assert len(active) == 1


def test_starting_twice_is_one_sitting_with_one_active_place(exam: Exam, tab: Tabs, session: Session) -> None:
    first, second = tab(), tab()
    second.client = first.client
    answers = at_once(first.start, second.start)
    assert [each.status_code for each in answers] == [201, 201]
    assert len(fresh(session, Sitting)) == 1
    assert [each.state for each in fresh(session, Place)].count(PlaceState.active) == 1


def test_handing_in_twice_is_one_attempt_and_one_receipt(make_exam: Exams, tab: Tabs, session: Session) -> None:
    make_exam(is_practice=True)
    for number in range(TRIES):
        mine = tab()
        mine.start()
        mine.save(essay=f"text {number}")
        answers = at_once(mine.hand_in, mine.hand_in, mine.hand_in)
        assert {each.status_code for each in answers} == {201}
        assert len({(each.json()["receipt"], each.json()["handed_in_at"]) for each in answers}) == 1
    assert len(fresh(session, Submission)) == TRIES


def test_going_on_from_the_door_while_it_is_handed_in(make_exam: Exams, tab: Tabs, session: Session) -> None:
    """Each needs two locks; taken in different orders, both would wait for ever."""
    make_exam(is_practice=True)
    for number in range(TRIES):
        mine, other = tab(), tab()
        other.client = mine.client
        mine.start()
        mine.save(essay=f"text {number}")
        handed_in, entered = at_once(mine.hand_in, other.start)
        assert entered.status_code == 201
        assert handed_in.status_code == 201 or handed_in.json()["code"] == "another_place"
        other.hand_in()
    assert all(each.handed_in_at for each in fresh(session, Sitting))


def test_a_save_beside_the_automatic_hand_in_counts_or_is_kept_and_never_both_or_neither(
    make_exam: Exams, tab: Tabs, session: Session, settings: Settings, ends_in: Callable[[float], datetime]
) -> None:
    make_exam(is_practice=True)
    seen = set()
    for number in range(TRIES):
        mine = tab()
        mine.start()
        mine.save(essay="before")
        text, past = f"at the end {number}", [0, 0.002, 0.005, 0.01][number % 4]
        end = ends_in(0.02)

        def wait(until: datetime = end - timedelta(seconds=past)) -> None:
            with session_factory() as looking:
                while current_time(looking) < until:
                    pass

        def close(end: datetime = end) -> None:
            wait(end)
            handing_in.close_overdue(settings=settings)

        def save(mine: Tab = mine, text: str = text) -> Any:
            wait()
            return mine.save(essay=text)

        answer, _ = at_once(save, close)
        handing_in.close_overdue(settings=settings)  # where the save held the lock
        sitting = fresh(session, Sitting)[-1]
        counts = handed_in_essay(session.get(Submission, sitting.submission_id), settings) == text
        kept = [each.value for each in fresh(session, MissedSave) if each.sitting_id == sitting.id]
        assert (answer.status_code == 200) is counts
        assert kept == ([] if counts else [text])
        assert sitting.handed_in_at == end
        seen.add(counts)
    assert seen, "it was tried"


def test_time_given_beside_the_automatic_hand_in_is_whole_or_refused(
    make_exam: Exams, tab: Tabs, client_as: Callable[[User], TestClient], invigilator: User, session: Session,
    settings: Settings, make_member: Callable[..., User], ends_in: Callable[[float], datetime],
) -> None:  # fmt: skip
    make_exam()
    staff = client_as(invigilator)
    for number in range(TRIES):
        who = make_member(f"s{number}")
        mine = tab(who)
        mine.start()
        ends_in(0)
        given = {"students": [who.login], "minutes": 9, "kind": "extra", "reason": "the alarm"}
        grant = partial(staff.post, f"{ROOM}/grants", json=given)
        answer, _ = at_once(grant, partial(handing_in.close_overdue, settings=settings))
        is_running = fresh(session, Sitting)[-1].handed_in_at is None
        assert is_running is (answer.status_code == 201)
        assert (mine.save(essay="goes on").status_code == 200) is is_running


def come_back(tabs: Sequence[Tab], heart: Heart) -> list[Any]:
    acts = [partial(each.save, essay=f"typed meanwhile, {each.agent}") for each in tabs]
    return at_once(*acts, heart.beat)[:-1]


def test_a_class_that_comes_back_after_an_outage_that_spans_its_end(
    make_exam: Exams, tab: Tabs, make_member: Callable[..., User], session: Session, settings: Settings,
    ends_in: Callable[[float], datetime], shift: Callable[..., None],
) -> None:  # fmt: skip
    """Everybody's first request settles what the platform owes, all at once, and the heart does as well: nobody waits in a
    circle, everybody is credited once, and has what he had left when it began.
    """
    make_exam()
    tabs = [tab(make_member(f"s{number}"), agent=f"s{number}") for number in range(6)]
    for each in tabs:
        each.start()
    for turn in range(TRIES):
        end = ends_in(-60)
        shift(timedelta(seconds=sum(each.seconds for each in fresh(session, TimeGrant)) / len(tabs)))  # grants are never erased
        session.query(Pulse).delete()
        session.add(Pulse(beat_at=end - timedelta(seconds=30)))
        session.commit()
        for each in tabs:
            each.versions = {ESSAY: turn}
        answers = come_back(tabs, Heart(settings))
        assert [each.status_code for each in answers] == [200] * len(tabs)
        grants = fresh(session, TimeGrant)
        assert [each.kind for each in grants] == [Grant.outage] * len(tabs) * (turn + 1)
        now = current_time(session)
        for sitting in fresh(session, Sitting):
            left = queries.end_of(session, sitting) - now
            assert timedelta(seconds=20) < left <= timedelta(seconds=31), "what was left when it began"
        assert len(fresh(session, Outage)) == turn + 1
