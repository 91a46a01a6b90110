"""A sitting from the door to the receipt, over HTTP and real tables."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import AuditLine
from server.exams import credits, handing_in, places, queries
from server.exams.models import (
    Exam,
    ExamWindow,
    Grant,
    HandedInBy,
    Missed,
    MissedSave,
    Place,
    Pulse,
    SavedAnswer,
    SavedVersion,
    Sitting,
    TimeGrant,
)
from server.models import Queue, Section, Submission
from server.questions.rules import MOST_FILES
from server.settings import Settings
from tests.server.exams.conftest import ROOM, Tab

CODE = "def double(x):\n    return 2 * x\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
Tabs = Callable[..., Tab]
Exams = Callable[..., Exam]


def the_sitting(session: Session) -> Sitting:
    session.expire_all()
    return session.scalars(select(Sitting)).one()


def test_before_it_opens_only_its_times_are_known(make_exam: Exams, tab: Tabs) -> None:
    make_exam(opens_in_s=30, closes_in_s=600)
    known = tab().client.get(ROOM).json()
    assert (known["phase"], known["minutes"], known["sitting"]) == ("before", 60, None)
    assert "CANARY" not in str(known)
    refused = tab().start()
    assert (refused.status_code, refused.json()["code"]) == (409, "exam_not_open")


def test_who_starts_before_the_close_gets_what_is_left_of_the_window(make_exam: Exams, tab: Tabs) -> None:
    make_exam(closes_in_s=600, minutes=60)
    assert tab().client.get(ROOM).json()["working_left_s"] in range(300, 601)
    assert tab().start().status_code == 201


def test_nobody_starts_at_the_close(make_exam: Exams, tab: Tabs) -> None:
    make_exam(opens_in_s=-600, closes_in_s=-1)
    assert tab().start().json()["code"] == "exam_not_open"


def test_a_section_sits_at_its_own_time(make_exam: Exams, tab: Tabs, session: Session, student: User) -> None:
    exam = make_exam(opens_in_s=-7200, closes_in_s=-3600)
    section = Section(course_id=exam.assignment.course_id, name="Evening")
    session.add(section)
    session.flush()
    member = queries.find_member(session, exam=exam, student_id=student.id)
    member.section_id = section.id
    now = exam.assignment.closes_at + timedelta(hours=1)
    session.add(ExamWindow(exam_id=exam.assignment_id, section_id=section.id, opens_at=now, closes_at=now + timedelta(hours=2)))
    session.commit()
    assert tab().client.get(ROOM).json()["phase"] == "open"
    assert tab().start().status_code == 201


def test_the_honour_statement_comes_first(exam: Exam, tab: Tabs) -> None:
    assert tab().start(accepts_honour=False).json()["code"] == "honour_not_accepted"


def test_from_start_to_receipt(exam: Exam, tab: Tabs, session: Session, student: User) -> None:
    mine = tab()
    begun = mine.start()
    assert begun.json()["place"]["state"] == "active"
    paper = mine.get("paper").json()
    asked = {each["id"]: each for part in paper["parts"] for group in part["sections"] for each in group["questions"]}
    assert set(asked) >= {"total", "table", "pick", "ticks", "essay", "sketch"}
    assert (asked["table"]["rows"], asked["table"]["columns"]) == (3, 3)
    assert paper["files"][0]["field"] == "file:solution.py"
    assert "CANARY" not in str(paper)
    saved = mine.save(total="12", pick="A", code=CODE, flags=["question:essay", "question:nonsense"])
    assert saved.json()["versions"] == {"question:total": 1, "question:pick": 1, "file:solution.py": 1}
    assert mine.get("paper").json()["flags"] == ["question:essay"]
    handed_in = mine.hand_in().json()
    assert handed_in["handed_in_by"] == "student"
    submission = session.scalars(select(Submission)).one()
    assert (submission.author_id, submission.sha256) == (student.id, handed_in["receipt"])
    assert {file.kind.value for file in submission.files} == {"uploaded", "collected", "answers"}
    assert mine.hand_in().json()["receipt"] == handed_in["receipt"]
    assert session.scalars(select(Submission)).one() is submission


def test_what_cannot_be_read_is_left_out_and_kept(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    saved = mine.save(total="about twelve", word="even", code="def double(:").json()
    assert set(saved["problems"]) == {"question:total"}
    handed_in = mine.hand_in().json()
    assert "question:total" in handed_in["left_out"]
    kept = session.get(SavedAnswer, (the_sitting(session).id, "question:total"))
    assert kept.value == "about twelve"
    assert handed_in["receipt"]


def test_an_empty_paper_is_handed_in_too(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    assert mine.hand_in().json()["receipt"] is None
    assert session.scalars(select(Submission)).all() == []


def test_a_file_answers_a_question(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    assert mine.post("files/sketch", files={"file": ("a.png", PNG)}).status_code == 201
    assert mine.post("files/essay", files={"file": ("a.png", PNG)}).status_code == 404
    assert mine.post("files/sketch", files={"file": ("a.exe", b"MZ")}).status_code == 422
    forged = {"name": "theirs.png", "sha256": "ab" * 32, "size_bytes": 1}
    mine.versions["question:sketch"] = 1
    assert mine.save(sketch=forged).json()["versions"] == {"question:sketch": 2}  # taken away, not put in its place
    assert mine.get("paper").json()["saved"]["question:sketch"]["value"] is None
    mine.post("files/sketch", files={"file": ("a.png", PNG)})
    mine.hand_in()
    assert {file.kind.value for file in session.scalars(select(Submission)).one().files} == {"answers", "attachment"}


def test_no_more_files_than_anybody_needs(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    mine.post("files/sketch", files={"file": ("a.png", PNG)})
    session.execute(update(SavedAnswer).values(version=MOST_FILES))
    session.commit()
    assert mine.post("files/sketch", files={"file": ("b.png", PNG)}).json()["code"] == "too_many_files_saved"


def test_saving_the_same_twice_is_once_and_history_keeps_minutes(
    exam: Exam, tab: Tabs, session: Session, shift: Callable[..., None]
) -> None:
    mine = tab()
    mine.start()
    mine.save(essay="a")
    mine.save(essay="ab")
    assert mine.save(essay="ab").json()["versions"] == {"question:essay": 2}
    shift(timedelta(minutes=3))
    mine.save(essay="abc")
    history = session.execute(select(SavedVersion.minute, SavedVersion.value).order_by(SavedVersion.minute)).all()
    assert [tuple(each) for each in history] == [(0, "ab"), (3, "abc")]


def test_two_versions_are_never_mixed(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    mine.save(essay="first")
    mine.versions = {}
    answer = mine.save(essay="made upon nothing").json()
    assert answer["conflicts"]["question:essay"]["value"] == "first"
    missed = session.scalars(select(MissedSave)).one()
    assert (missed.value, missed.why) == ("made upon nothing", Missed.conflict)


@pytest.mark.parametrize("value", ["\x00 and \ud800", [[["deep"]]], {"a": 1}, 1e308 * 10, None, True])
def test_odd_values_are_kept_or_refused_and_never_break(exam: Exam, tab: Tabs, value: object) -> None:
    mine = tab()
    mine.start()
    assert mine.save(essay="x" * (300 << 10)).json()["code"] == "save_too_large"
    assert mine.save(nothing="1").json()["code"] == "no_such_field"
    try:
        answer = mine.save(essay=value)
    except ValueError:
        return  # no JSON at all
    assert answer.status_code in (200, 422)
    assert mine.hand_in().status_code == 201


class TestPlaces:
    def test_a_second_tab_of_the_same_browser_takes_over(self, exam: Exam, tab: Tabs, session: Session) -> None:
        first = tab()
        first.start()
        first.save(essay="here")
        second = Tab(first.client)
        assert second.enter().json()["state"] == "active"
        assert first.get("paper").json()["code"] == "another_place"
        answer = first.save(essay="typed in the first tab")
        assert (answer.status_code, answer.json()["missed"]) == (409, 1)
        assert session.scalars(select(MissedSave)).one().why is Missed.moved
        assert first.get("clock").json()["place"] == "left"

    def test_another_device_waits_for_permission(self, exam: Exam, tab: Tabs, session: Session, invigilator: User) -> None:
        first = tab()
        first.start()
        first.save(essay="before the crash")
        second = tab(agent="another computer")
        assert second.enter().json()["state"] == "waiting"
        assert second.get("paper").json()["code"] == "awaiting_permission"
        assert set(second.get("clock").json()) >= {"now", "place"}
        sitting = the_sitting(session)
        waiting = places.list_waiting(session, sitting)[0]
        places.permit(session, sitting=sitting, place=waiting, by=invigilator, is_permitted=True, now=sitting.started_at)
        session.commit()
        assert second.get("paper").json()["saved"]["question:essay"]["value"] == "before the crash"
        assert first.get("paper").json()["code"] == "another_place"
        actions = session.scalars(select(AuditLine.action)).all()
        assert "exam.place.permitted" in actions

    def test_who_is_refused_stays_out(self, exam: Exam, tab: Tabs, session: Session, invigilator: User) -> None:
        first, second = tab(), tab(agent="another computer")
        first.start()
        second.enter()
        sitting = the_sitting(session)
        place = places.list_waiting(session, sitting)[0]
        places.permit(session, sitting=sitting, place=place, by=invigilator, is_permitted=False, now=sitting.started_at)
        session.commit()
        assert second.get("paper").status_code == 403
        assert first.get("paper").status_code == 200

    def test_where_moving_is_free_it_needs_nobody(self, make_exam: Exams, tab: Tabs) -> None:
        make_exam(asks_to_move=False)
        first, second = tab(), tab(agent="another computer")
        first.start()
        assert second.enter().json()["state"] == "active"

    def test_a_key_of_somebody_else_opens_nothing(self, exam: Exam, tab: Tabs, make_member: Callable[..., User]) -> None:
        mine, other = tab(), tab(make_member("eve"))
        mine.start()
        other.start()
        other.key = mine.key
        assert other.get("paper").json()["code"] == "not_sitting"

    def test_another_address_and_a_stolen_key_are_noted(self, exam: Exam, tab: Tabs, session: Session) -> None:
        mine = tab()
        mine.start()
        mine.agent = "curl"
        mine.save(essay="x")
        assert session.scalars(select(Place)).one().agent == "curl"

    def test_only_from_the_networks_that_are_named(self, make_exam: Exams, tab: Tabs) -> None:
        make_exam(networks=["10.9.0.0/16"])
        assert tab().start().json()["code"] == "not_from_here"


class TestTheEnd:
    @pytest.mark.parametrize(("seconds", "counts"), [(60, True), (-1, False)])
    def test_at_the_edge(
        self, exam: Exam, tab: Tabs, session: Session, ends_in: Callable[[float], object], seconds: float, counts: bool
    ) -> None:
        mine = tab()
        mine.start()
        mine.save(essay="in time")
        end = ends_in(seconds)
        answer = mine.save(essay="at the edge")
        assert (answer.status_code == 200) is counts
        sitting = the_sitting(session)
        kept = session.get(SavedAnswer, (sitting.id, "question:essay")).value
        assert kept == ("at the edge" if counts else "in time")
        if not counts:
            assert (answer.json()["code"], answer.json()["missed"]) == ("time_is_over", 1)
            assert (sitting.handed_in_by, sitting.handed_in_at) == (HandedInBy.clock, end)
            assert session.scalars(select(Submission)).one().received_at == end

    def test_the_heart_closes_what_is_over(
        self, exam: Exam, tab: Tabs, session: Session, settings: Settings, ends_in: Callable[[float], object]
    ) -> None:
        mine = tab()
        mine.start()
        mine.save(total="3")
        assert handing_in.close_overdue(settings=settings) == 0
        end = ends_in(-30)
        assert handing_in.close_overdue(settings=settings) == 1
        assert handing_in.close_overdue(settings=settings) == 0
        assert the_sitting(session).handed_in_at == end
        assert mine.get("paper").json()["code"] == "time_is_over"
        assert mine.client.get(ROOM).json()["phase"] == "handed_in"
        assert mine.start().json()["code"] == "already_handed_in"

    def test_granted_time_comes_on_top(
        self, exam: Exam, tab: Tabs, session: Session, student: User, invigilator: User, ends_in: Callable[[float], object]
    ) -> None:
        mine = tab()
        mine.start()
        ends_in(-5)
        grant = {"exam_id": exam.assignment_id, "student_id": student.id, "kind": Grant.extra, "reason": "fire alarm"}
        session.add(TimeGrant(seconds=600, given_by_id=invigilator.id, **grant))
        session.commit()
        assert mine.save(essay="still here").status_code == 200
        assert mine.get("clock").json()["granted"][0]["seconds"] == 600

    def test_practice_begins_again(self, make_exam: Exams, tab: Tabs, session: Session) -> None:
        make_exam(is_practice=True)
        mine = tab()
        mine.start()
        mine.save(total="1")
        mine.hand_in()
        assert mine.client.get(ROOM).json()["phase"] == "open"
        assert mine.start().json()["number"] == 2
        assert mine.get("paper").json()["saved"] == {}


class TestChecks:
    def test_an_attempt_of_what_is_saved(self, exam: Exam, tab: Tabs, session: Session) -> None:
        mine = tab()
        mine.start()
        assert mine.post("checks").json()["code"] == "no_checks_here"
        mine.save(code=CODE)
        checking = {"attempt": 1, "state": "received", "checks": [], "fault": None, "line": None}
        assert mine.post("checks").json() == checking
        assert mine.post("checks").json()["code"] == "check_still_running"

    def test_handing_in_what_was_checked_is_the_same_attempt(self, exam: Exam, tab: Tabs, session: Session) -> None:
        mine = tab()
        mine.start()
        mine.save(code=CODE)
        mine.post("checks")
        mine.hand_in()
        assert session.scalars(select(Submission)).one().attempt == 1

    def test_no_more_than_the_limit(self, make_exam: Exams, tab: Tabs, session: Session) -> None:
        make_exam(check_limit=1)
        mine = tab()
        mine.start()
        mine.save(code=CODE)
        mine.post("checks")
        session.scalars(select(Submission)).one().job.state = "graded"
        session.commit()
        assert mine.post("checks").json()["code"] == "checks_used_up"


class TestWaiting:
    def test_what_a_check_waits_beyond_a_fair_time_is_given_back_once(
        self, exam: Exam, tab: Tabs, session: Session, shift: Callable[..., None]
    ) -> None:
        mine = tab()
        mine.start()
        shift(timedelta(minutes=30))
        mine.save(code=CODE)
        mine.post("checks")
        job = session.scalars(select(Submission)).one().job
        assert job.queue is Queue.exam
        job.created_at -= timedelta(seconds=80)
        session.commit()
        told = mine.get("clock").json()["granted"]
        assert [(each["kind"], each["seconds"] in range(60, 400)) for each in told] == [("queue", True)]
        assert mine.get("clock").json()["granted"] == told
        assert "exam.credited_queue" in session.scalars(select(AuditLine.action)).all()


class TestOutages:
    def test_a_gap_in_the_pulse_is_given_back_once(
        self, exam: Exam, tab: Tabs, session: Session, shift: Callable[..., None]
    ) -> None:
        mine = tab()
        mine.start()
        shift(timedelta(minutes=30))
        now = the_sitting(session).last_seen_at
        session.add(Pulse(beat_at=now - timedelta(seconds=300)))
        session.commit()
        credits.beat(session, now)
        credits.beat(session, now)
        session.commit()
        assert [each.seconds for each in session.scalars(select(TimeGrant))] == [300]
        assert "exam.credited_outage" in session.scalars(select(AuditLine.action)).all()

    def test_who_comes_back_after_the_end_has_what_he_had_left_when_the_outage_began(
        self, exam: Exam, tab: Tabs, session: Session, ends_in: Callable[[float], object]
    ) -> None:
        mine = tab()
        mine.start()
        end = ends_in(-60)
        session.add(Pulse(beat_at=end - timedelta(seconds=120)))
        session.commit()
        assert mine.save(essay="typed while nothing answered").status_code == 200
        assert session.scalars(select(TimeGrant)).one().seconds in range(180, 190)


def test_what_a_score_of_it_is_worth_is_in_no_answer(exam: Exam, tab: Tabs, session: Session) -> None:
    mine = tab()
    mine.start()
    mine.save(code=CODE, total="3")
    mine.post("checks")
    text = mine.get("clock").text + mine.get("checks").text
    assert "score" not in text
    assert Decimal(0) == sum((run.score for each in session.scalars(select(Submission)) for run in each.runs), Decimal(0))
