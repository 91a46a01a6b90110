"""Entries made up for boards that need no database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from server.leaderboard.standings import Entry

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    def make(
        submission_id: int, value: float | None, *, minute: int | None = None, run_id: int | None = None, **fields: object
    ) -> Entry:
        received_at = START + timedelta(minutes=submission_id if minute is None else minute)
        return Entry(
            submission_id=submission_id, attempt=submission_id, received_at=received_at,
            run_id=submission_id if run_id is None else run_id, value=value, **fields,
        )  # fmt: skip

    return make
