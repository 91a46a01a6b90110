"""What may be done with a case, as rules: values in, answer out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases import rules
from server.cases.models import Verdict
from server.cases.rules import Awaited, Standing

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)
AGAINST = [Verdict.warning, Verdict.points, Verdict.refer]

points = st.decimals("0.01", "100", places=2)
verdicts = st.sampled_from([*Verdict, None])


def told(until: datetime, **fields: object) -> Standing:
    return Standing(told_at=NOW - timedelta(days=7), heard_until=until, **fields)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_statement_counts_until_the_second_before_its_deadline(seconds: int) -> None:
    try:
        rules.check_can_state(told(NOW), zone=ZONE, now=NOW + seconds * SECOND)
    except rules.HearingOver as refusal:
        assert seconds >= 0 and "20:00:00 CST" in refusal.message.en
    else:
        assert seconds < 0


@pytest.mark.parametrize("verdict", AGAINST)
def test_nobody_is_decided_against_unheard_where_students_are_told(verdict: Verdict) -> None:
    known = {"verdict": verdict, "zone": ZONE}
    with pytest.raises(rules.NotToldYet):
        rules.check_can_decide(Standing(), tells_students=True, now=NOW, **known)
    with pytest.raises(rules.NotYetHeard):
        rules.check_can_decide(told(NOW), tells_students=True, now=NOW - SECOND, **known)
    rules.check_can_decide(told(NOW), tells_students=True, now=NOW, **known)
    rules.check_can_decide(told(NOW, stated_at=NOW - SECOND), tells_students=True, now=NOW - SECOND, **known)
    rules.check_can_decide(Standing(), tells_students=False, now=NOW, **known)


def test_in_favour_of_a_student_one_may_decide_at_any_time() -> None:
    for standing in (Standing(), told(NOW + SECOND)):
        rules.check_can_decide(standing, verdict=Verdict.none, tells_students=True, zone=ZONE, now=NOW)


@given(st.sampled_from(AGAINST), st.text(max_size=2))
def test_a_verdict_against_somebody_has_reasons(verdict: Verdict, reasons: str) -> None:
    with pytest.raises(rules.ReasonsMissing):
        rules.check_reasons(verdict, reasons)
    assert rules.check_reasons(Verdict.none, " ") is None


@given(points, points)
def test_no_more_is_taken_off_than_there_is(wanted: Decimal, most: Decimal) -> None:
    try:
        rules.check_points(Verdict.points, wanted, most=most)
    except rules.BadPoints:
        assert wanted > most
    else:
        assert wanted <= most


@pytest.mark.parametrize("bad", [None, Decimal(0), Decimal(-1), Decimal("0.005"), Decimal("NaN"), Decimal("Infinity")])
def test_points_are_a_number_above_zero_in_hundredths(bad: Decimal | None) -> None:
    with pytest.raises(rules.BadPoints):
        rules.check_points(Verdict.points, bad, most=Decimal(100))
    with pytest.raises(rules.PointsWithoutVerdict):
        rules.check_points(Verdict.warning, Decimal(1), most=Decimal(100))


@given(st.lists(st.one_of(st.none(), points), min_size=1))
def test_however_often_it_is_decided_the_last_verdict_is_what_holds(decided: list[Decimal | None]) -> None:
    made = Decimal(0)
    for each in decided:
        made += rules.change_for(each, made=made)
        assert made == -(each or 0)


def test_no_verdict_is_seconded_by_whoever_gave_it() -> None:
    waiting = told(NOW, verdict=Verdict.warning, decided_by_id=1)
    rules.check_can_second(waiting, by=2)
    with pytest.raises(rules.OwnVerdict):
        rules.check_can_second(waiting, by=1)
    for other in (Standing(), told(NOW, verdict=Verdict.warning, decided_by_id=1, counts_at=NOW)):
        with pytest.raises(rules.NothingToSecond):
            rules.check_can_second(other, by=2)


@given(st.timedeltas(timedelta(days=-30), timedelta(days=30)), st.timedeltas(timedelta(), timedelta(days=30)))
def test_a_promised_deadline_never_comes_nearer(promised: timedelta, wanted: timedelta) -> None:
    standing = told(NOW + promised)
    try:
        rules.check_can_tell(standing, tells_students=True, heard_until=NOW + wanted, now=NOW)
    except rules.DeadlineTooEarly:
        assert wanted < promised or wanted < rules.SHORTEST_HEARING
    else:
        assert wanted >= promised and (promised > timedelta() or wanted >= rules.SHORTEST_HEARING)
    with pytest.raises(rules.StudentsAreNotTold):
        rules.check_can_tell(standing, tells_students=False, heard_until=NOW + wanted, now=NOW)


@given(st.booleans(), st.booleans(), st.booleans(), verdicts, st.booleans(), st.booleans())
def test_something_is_awaited_exactly_until_a_verdict_counts(
    is_told: bool, is_over: bool, has_stated: bool, verdict: Verdict | None, counts: bool, tells: bool
) -> None:
    standing = Standing(
        told_at=NOW if is_told else None,
        heard_until=NOW + (-SECOND if is_over else SECOND) if is_told else None,
        stated_at=NOW if is_told and has_stated else None,
        verdict=verdict,
        counts_at=NOW if verdict and counts else None,
    )
    awaited = rules.awaited_of(standing, tells_students=tells, now=NOW)
    assert (awaited is Awaited.nothing) == (standing.counts_at is not None)
    if awaited is Awaited.verdict and tells:
        for each in AGAINST:
            rules.check_can_decide(standing, verdict=each, tells_students=tells, zone=ZONE, now=NOW)
    if awaited is Awaited.statement:
        rules.check_can_state(standing, zone=ZONE, now=NOW)


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1), st.integers(1, 3000))
def test_nothing_is_kept_longer_than_the_course_says_and_less_where_nothing_was_found(
    verdicts: list[Verdict], kept_days: int
) -> None:
    kept = rules.erased_from(NOW, verdicts=verdicts, kept_days=kept_days) - NOW
    assert kept <= timedelta(days=kept_days)
    assert (kept == timedelta(days=kept_days)) or (set(verdicts) == {Verdict.none} and kept == timedelta(days=30))


@pytest.mark.parametrize("text", ["", "  ", "ab", "a\0bc", "x" * (rules.MAX_TEXT + 1)])
def test_what_is_written_says_something_and_can_be_stored(text: str) -> None:
    with pytest.raises(rules.TextMissing):
        rules.tidy_text(text)
