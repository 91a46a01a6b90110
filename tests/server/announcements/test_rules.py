"""Wording, time and placeholders."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.announcements import rules
from server.announcements.drafts import BUILT_IN, NAMES
from server.announcements.rules import Span

NOW = datetime(2026, 3, 22, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
WORDS = st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.text())


@given(st.text(), WORDS)
def test_only_known_names_in_braces_are_replaced(text: str, values: dict[str, str]) -> None:
    kept = rules.fill(text, {})
    assert kept == text
    if not set(values) & set(rules.PLACEHOLDER.findall(text)):
        assert rules.fill(text, values) == text


@given(WORDS)
def test_what_a_value_says_is_never_filled_in_again(values: dict[str, str]) -> None:
    draft = " ".join(f"{{{name}}}" for name in values)
    assert rules.fill(draft, values) == " ".join(values.values())


def test_a_formula_keeps_its_braces() -> None:
    assert rules.fill(r"$\frac{a}{due}$ by {due}", {"a_b": "x"}) == r"$\frac{a}{due}$ by {due}"
    assert rules.fill(r"$\sqrt{x_1}$ {link}", {"link": "/here"}) == r"$\sqrt{x_1}$ /here"


@given(MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_nobody_has_news_that_is_not_out_or_was_withdrawn(
    publish_at: datetime, changed_at: datetime | None, read_at: datetime | None, now: datetime
) -> None:
    span = Span(publish_at, changed_at, None)
    if publish_at > now:
        assert not rules.is_unread(span, read_at=read_at, now=now)
    assert not rules.is_unread(Span(publish_at, changed_at, now), read_at=read_at, now=now)


@given(MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_what_is_read_after_its_last_change_stays_read(publish_at: datetime, changed_at: datetime | None, now: datetime) -> None:
    read_at = max(publish_at, changed_at or publish_at)
    assert not rules.is_unread(Span(publish_at, changed_at, None), read_at=read_at, now=now)
    later = Span(publish_at, read_at + timedelta(seconds=1), None)
    assert rules.is_unread(later, read_at=read_at, now=read_at + timedelta(seconds=2))


def test_a_time_without_an_offset_is_the_courses() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert rules.read_moment("2026-03-22T20:00", zone=zone) == NOW
    assert rules.read_moment("2026-03-22 12:00+00:00", zone=zone) == NOW
    assert rules.read_moment(" ", zone=zone) is None
    with pytest.raises(rules.BadMoment, match="tomorrow"):
        rules.read_moment("tomorrow", zone=zone)


def test_the_past_is_no_time_to_publish() -> None:
    assert rules.check_moment(None, now=NOW) == NOW
    with pytest.raises(rules.MomentOver):
        rules.check_moment(NOW - timedelta(seconds=1), now=NOW)


@pytest.mark.parametrize("kind", BUILT_IN)
def test_every_built_in_draft_says_the_same_in_both_languages_with_placeholders_we_know(kind: str) -> None:
    draft = BUILT_IN[kind]
    used = {
        language: set(rules.PLACEHOLDER.findall(draft.title.in_language(language) + draft.text.in_language(language)))
        for language in ("en", "zh")
    }
    assert used["en"] == used["zh"] <= NAMES
    assert draft.needs_assignment == bool(used["en"] & {"assignment", "due", "link"})


def test_too_long_and_empty_are_told_with_their_field() -> None:
    with pytest.raises(rules.EmptyWording, match="title"):
        rules.tidy_line(" \n ")
    with pytest.raises(rules.TooLong, match=f"{rules.MAX_TEXT + 1} characters"):
        rules.tidy_text("x" * (rules.MAX_TEXT + 1))
