"""What waiting for the judge cost somebody: never less than nothing, never twice, and never his own doing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from grader.protocol import Whose
from server.accounts.models import User
from server.assignments.models import Assignment
from server.grading import delays, service
from server.grading.delays import Span, Wait, length_s, lost_spans, owed_s
from server.models import Job, State, Submission

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
FAIR_S = 20
NOW_S = 2000
MOMENTS = ("received_at", "first_started_at", "started_at", "finished_at")
gap = st.integers(0, 300)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def wait_at(number: int, received: int, *, took: int | None = None, again: int = 0, ran: int = 5, state=State.graded) -> Wait:
    """took: seconds until a worker came; again: from the first try to the last; ran: the last one."""
    if took is None:
        return Wait(number, 1, State.queued, at(received))
    first = received + took
    return Wait(number, 1, state, at(received), at(first), at(first + again), at(first + again + ran))


waits = st.builds(
    wait_at,
    st.just(0),
    gap,
    took=st.none() | gap,
    again=st.just(0) | gap,
    ran=gap,
    state=st.sampled_from([State.graded, State.needs_staff, State.cancelled]),
)
several = st.lists(waits, min_size=1, max_size=5).map(lambda found: [replace(w, submission_id=n) for n, w in enumerate(found)])


def total(found: list[Wait], *, now: int = NOW_S, fair_s: float = FAIR_S) -> float:
    return sum(owed_s(found, now=at(now), fair_s=fair_s).values())


@pytest.mark.parametrize(
    ("wait", "owed"),
    [
        (wait_at(1, 0, took=20), 0),
        (wait_at(1, 0, took=21), 1),
        (wait_at(1, 0, took=90), 70),
        (wait_at(1, 0, took=2, again=45), 45),  # the first try was lost with its worker: nothing of that is fair
        (wait_at(1, 0, took=30, again=45), 55),
        (wait_at(1, 0, took=30, ran=500), 10),  # the judging itself is nobody's waiting
        (wait_at(1, 0, took=2, again=30, ran=30, state=State.needs_staff), 60),  # and where it came to nothing, all of it is
        (Wait(1, 1, State.queued, at(0)), NOW_S - 20),
        (Wait(1, 1, State.queued, at(0), at(5), at(5)), NOW_S - 5),  # waits for its second try
        (Wait(1, 1, State.running, at(0), at(5), at(5)), 0),
        (Wait(1, 1, State.running, at(0), at(5), at(65)), 60),
        (Wait(1, 1, State.cancelled, at(0), finished_at=at(50)), 30),
    ],
)
def test_what_one_wait_is_worth(wait: Wait, owed: int) -> None:
    assert owed_s([wait], now=at(NOW_S), fair_s=FAIR_S) == {1: owed}


def test_how_long_it_waited_for_a_worker_and_for_its_verdict() -> None:
    wait = wait_at(1, 0, took=30, again=45, ran=5)
    assert (wait.for_worker_s(at(NOW_S)), wait.for_verdict_s(at(NOW_S))) == (30, 80)
    waiting = Wait(1, 1, State.queued, at(0))
    assert (waiting.for_worker_s(at(7)), waiting.for_verdict_s(at(7))) == (7, 7)
    assert waiting.for_worker_s(at(-1)) == 0


def test_two_that_wait_at_once_have_lost_that_time_once() -> None:
    assert owed_s([wait_at(1, 0, took=100), wait_at(2, 0, took=100)], now=at(NOW_S)) == {1: 80, 2: 0}
    lost = [
        replace(wait, state=State.needs_staff, finished_at=wait.started_at)
        for wait in (wait_at(1, 0, took=100), wait_at(2, 50, took=100))
    ]
    assert owed_s(lost[::-1], now=at(NOW_S)) == {1: 80, 2: 50}


def test_who_stands_behind_his_own_submission_waits_for_himself() -> None:
    slow = wait_at(1, 0, took=1, ran=300)
    assert total([slow, wait_at(2, 1, took=300)]) == 0
    assert total([slow, wait_at(2, 1, took=350)]) == 30  # fifty seconds after the first was done, twenty of them fair
    still = Wait(1, 1, State.running, at(0), at(1), at(1))
    assert total([still, Wait(2, 1, State.queued, at(1))]) == 0


@given(several, st.integers(0, 60))
def test_nobody_owes_us_time_and_nobody_gets_more_than_there_was(found: list[Wait], fair_s: int) -> None:
    owed = owed_s(found, now=at(NOW_S), fair_s=fair_s)
    assert all(seconds >= 0 for seconds in owed.values())
    assert sum(owed.values()) <= NOW_S
    assert all(owed[wait.submission_id] <= wait.for_verdict_s(at(NOW_S)) for wait in found)


@given(several)
def test_the_sum_is_the_time_covered_and_not_the_sum_of_all_waits(found: list[Wait]) -> None:
    spans = [span for wait in found for span in lost_spans(wait, [other for other in found if other is not wait], now=at(NOW_S))]
    moments = [range(*(int((moment - NOON).total_seconds()) for moment in (span.began_at, span.ended_at))) for span in spans]
    assert total(found) == length_s(spans) == len(set().union(*moments))
    assert total(found) <= sum(length_s([span]) for span in spans)


@given(several)
def test_the_order_in_which_they_are_given_does_not_matter(found: list[Wait]) -> None:
    assert owed_s(found, now=at(NOW_S)) == owed_s(found[::-1], now=at(NOW_S))


@given(waits, gap)
def test_a_later_start_is_worth_as_much_more_once_it_is_not_fair_any_more(wait: Wait, more: int) -> None:
    later = shifted(wait, at(-1), more, received=False)
    before, after = total([wait]), total([later])
    assert before <= after <= before + more
    if wait.first_started_at and wait.for_worker_s(NOON) >= FAIR_S:
        assert after == before + more


@given(several, st.integers(0, 600), gap)
def test_an_outage_of_the_judge_never_lowers_what_is_owed(found: list[Wait], moment: int, lasted: int) -> None:
    after = [shifted(wait, at(moment), lasted, received=False) for wait in found]
    assert total(after, now=NOW_S + lasted) >= total(found)


@given(several, st.integers(0, 60), st.integers(0, 60))
def test_a_longer_fair_wait_never_raises_what_is_owed(found: list[Wait], one: int, other: int) -> None:
    assert total(found, fair_s=max(one, other)) <= total(found, fair_s=min(one, other))


@given(several, waits)
def test_one_more_submission_changes_nothing_of_what_was_lost_when_nothing_was_judged(found: list[Wait], more: Wait) -> None:
    """Among waits without a verdict nobody stands in his own way, so more of them are only more."""
    lost = [replace(wait, state=State.needs_staff) for wait in found]
    added = replace(more, submission_id=99, state=State.needs_staff)
    before, after = owed_s(lost, now=at(NOW_S)), owed_s([*lost, added], now=at(NOW_S))
    assert {number: after[number] for number in before} == before


@given(gap, gap, gap)
def test_what_our_faults_took_counts_entirely(received: int, took: int, again: int) -> None:
    assert total([wait_at(1, received, took=took, again=again)]) == max(0, took - FAIR_S) + again


def shifted(wait: Wait, moment: datetime, by: int, *, received: bool) -> Wait:
    """With all that happened after a moment so much later."""
    known = {name: getattr(wait, name) for name in MOMENTS if received or name != "received_at"}
    return replace(wait, **{name: when + timedelta(seconds=by) for name, when in known.items() if when and when > moment})


def test_spans_that_touch_or_lie_within_each_other_count_once() -> None:
    assert length_s([]) == 0
    assert length_s([Span(at(0), at(10)), Span(at(2), at(3)), Span(at(10), at(12)), Span(at(20), at(21))]) == 13


def test_waits_are_read_in_one_query_from_each_submissions_own_job(
    session: Session,
    hand_in: Callable[..., Submission],
    assignment: Assignment,
    make_member: Callable[..., User],
    grade: Callable[..., object],
) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    done, waiting = hand_in(assignment, ada), hand_in(assignment, bob)
    grade(done)
    service.rerun(session, submission=done, requested_by=None)
    session.commit()
    asked, statements = [waiting.id, done.id], []

    def listen(*told: object) -> None:
        statements.append(told[2])

    event.listen(session.get_bind(), "before_cursor_execute", listen)
    first, second = delays.waits_of(session, asked)
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    assert len(statements) == 1
    assert (first.submission_id, first.author_id, first.state) == (done.id, ada.id, State.graded)
    assert first.received_at <= first.first_started_at == first.started_at <= first.finished_at
    assert (second.submission_id, second.state, second.first_started_at) == (waiting.id, State.received, None)
    assert delays.waits_of(session, []) == []


def test_a_second_try_keeps_the_moment_of_the_first(
    session: Session, hand_in: Callable[..., Submission], assignment: Assignment, student: User
) -> None:
    submission = hand_in(assignment, student)
    for second in (1, 2):
        claim = service.claim(session, job_id=submission.job.id, lease_s=15)
        if second == 1:
            session.execute(update(Job).values(first_started_at=at(0), started_at=at(0)))
            service.record_failure(session, claim=claim, whose=Whose.system, fault={})
    session.commit()
    (wait,) = delays.waits_of(session, [submission.id])
    assert wait.first_started_at == at(0) < wait.started_at
    assert owed_s([wait], now=wait.started_at)[submission.id] == pytest.approx((wait.started_at - at(0)).total_seconds())
