"""Codes and shares, as properties."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.attendance import rules
from server.attendance.models import Presence

OPENED = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
presences = st.lists(st.sampled_from(list(Presence)), max_size=20)
weights = st.decimals(0, 1, places=2)
steps = st.integers(0, 700)
BETTER = {Presence.absent: Presence.late, Presence.late: Presence.present}


def check(code: str, step: int, secret: str = "s") -> None:
    rules.check_code(code, secret=secret, opened_at=OPENED, now=OPENED + timedelta(seconds=step * rules.STEP_S + 1))


@given(steps, st.booleans())
def test_the_code_on_the_wall_counts_and_the_one_before(step: int, before: bool) -> None:
    check(rules.code_at("s", max(0, step - before)), step)


@given(steps, st.integers(2, 40))
def test_an_older_code_is_told_from_a_wrong_one(step: int, age: int) -> None:
    with pytest.raises(rules.OldCode):
        check(rules.code_at("s", step), step + age)


@given(steps, st.text(max_size=12))
def test_what_was_never_on_the_wall_does_not_count(step: int, typed: str) -> None:
    """Nor does a code that is still to come, or another roll call's."""
    for code in (typed, rules.code_at("s", step + 1), rules.code_at("other", step)):
        if rules.tidy_code(code) not in {rules.code_at("s", each) for each in range(step + 1)}:
            with pytest.raises(rules.NotTheCode):
                check(code, step)


@given(steps)
def test_a_code_has_no_look_alikes_and_may_be_typed_as_one_likes(step: int) -> None:
    code = rules.code_at("s", step)
    assert len(code) == rules.CODE_LENGTH and not set(code) & set("0O1IL2Z5S8B")
    check(f" {code[:3].lower()}-{code[3:].lower()} ", step)


def test_codes_hardly_repeat() -> None:
    assert len({rules.code_at("s", step) for step in range(720)}) == 720


def test_enough_wrong_codes_make_the_next_one_wait_and_are_forgotten() -> None:
    wrong = [OPENED + timedelta(seconds=each) for each in range(rules.MAX_WRONG)]
    rules.check_wrong_codes(wrong[1:], now=wrong[-1])
    with pytest.raises(rules.TooManyWrongCodes) as refusal:
        rules.check_wrong_codes(wrong, now=wrong[-1])
    waits = timedelta(seconds=int(refusal.value.headers["Retry-After"]))
    rules.check_wrong_codes(wrong, now=wrong[-1] + waits)


@given(presences, weights)
def test_a_share_stays_within_0_and_1_and_counts_everything_once(seen: list[Presence], weight: Decimal) -> None:
    share = rules.share_of(seen, late_weight=weight)
    assert share.present + share.late + share.absent + share.excused == len(seen)
    assert share.fraction is None or 0 <= share.fraction <= 1
    assert (share.fraction is None) == (set(seen) <= {Presence.excused})


@given(presences, weights, st.data())
def test_more_presence_never_lowers_the_share(seen: list[Presence], weight: Decimal, data: st.DataObject) -> None:
    places = [place for place, presence in enumerate(seen) if presence in BETTER]
    if places:
        place = data.draw(st.sampled_from(places))
        better = [*seen[:place], BETTER[seen[place]], *seen[place + 1 :]]
        assert rules.share_of(better, late_weight=weight).fraction >= rules.share_of(seen, late_weight=weight).fraction


@given(presences, weights)
def test_being_excused_changes_nothing_and_one_more_presence_never_hurts(seen: list[Presence], weight: Decimal) -> None:
    before = rules.share_of(seen, late_weight=weight).fraction
    assert rules.share_of([*seen, Presence.excused], late_weight=weight).fraction == before
    assert rules.share_of([*seen, Presence.present], late_weight=weight).fraction >= (before or 0)


@given(presences)
def test_an_absence_that_is_excused_never_lowers_the_share(seen: list[Presence]) -> None:
    excused = rules.share_of([Presence.excused, *seen]).fraction
    assert excused is None or excused >= rules.share_of([Presence.absent, *seen]).fraction


def test_who_signs_in_at_the_border_is_late_and_at_the_end_too_late() -> None:
    window = {"late_from": OPENED + timedelta(minutes=5), "closes_at": OPENED + timedelta(minutes=10)}
    assert rules.presence_at(OPENED, **window) is Presence.present
    assert rules.presence_at(window["late_from"], **window) is Presence.late
    with pytest.raises(rules.RollCallClosed):
        rules.presence_at(window["closes_at"], **window)


@pytest.mark.parametrize(("minutes", "late_after"), [(-1, -1), (10, 11), (181, 5), (10, -1)])
def test_a_window_that_makes_no_sense_is_refused(minutes: int, late_after: int) -> None:
    with pytest.raises(rules.BadWindow):
        rules.check_window(minutes, late_after)


def test_leave_is_asked_for_in_advance_and_with_a_reason() -> None:
    day = date(2026, 3, 2)
    rules.check_leave(day, day, "ill", today=day)
    for first, last, reason in ((day, day - timedelta(1), "ill"), (day, day, " "), (day, day + timedelta(61), "ill")):
        with pytest.raises(rules.BadLeave):
            rules.check_leave(first, last, reason, today=day)
    with pytest.raises(rules.LeaveInThePast):
        rules.check_leave(day, day, "ill", today=day + timedelta(1))
