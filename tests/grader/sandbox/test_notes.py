"""The judge's reading of notes: their form, their number, and that none of them lengthens a request."""

import time
from typing import Any

import pytest

from grader.runner.wire import NOTE_MAGIC, WireError, encode
from grader.sandbox.base import Note
from grader.sandbox.exchange import Reply
from grader.sandbox.notes import AT_ONCE, LARGEST_STEP, MOST_NAMES, MOST_POINTS, Notes, read_note

RIGHT = {"logged": {"loss": [[1, 2], [0.5, 0.25]]}}


def note_frame(message: dict[str, Any]) -> bytes:
    return encode(message, magic=NOTE_MAGIC)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"logged": {}},
        {"logged": [1]},
        {"value": 1},
        RIGHT | {"more": 1},
        {"logged": {"Loss": [[1], [0.5]]}},
        {"logged": {"lóss": [[1], [0.5]]}},
        {"logged": {"a" * 33: [[1], [0.5]]}},
        {"logged": {"loss": [[1]]}},
        {"logged": {"loss": ([1], [0.5])}},
        {"logged": {"loss": [[], []]}},
        {"logged": {"loss": [[1, 2], [0.5]]}},
        {"logged": {"loss": [[1.0], [0.5]]}},
        {"logged": {"loss": [[True], [0.5]]}},
        {"logged": {"loss": [[-1], [0.5]]}},
        {"logged": {"loss": [[LARGEST_STEP], [0.5]]}},
        {"logged": {"loss": [[1], [5]]}},
        {"logged": {"loss": [[1], ["0.5"]]}},
        {"logged": {f"n{number}": [[1], [0.5]] for number in range(MOST_NAMES + 1)}},
        {"logged": {"loss": [[1] * (MOST_POINTS + 1), [0.5] * (MOST_POINTS + 1)]}},
    ],
)
def test_a_note_of_another_form_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        read_note(message)


def test_notes_and_the_reply_are_told_apart_however_their_bytes_arrive() -> None:
    data = note_frame(RIGHT) * 3 + encode({"value": 7})
    for size in (1, 5, 16, 100, len(data)):
        heard: list[Note] = []
        reply = Reply(1 << 20, Notes(heard.append).take)
        messages = [reply.add(data[place : place + size]) for place in range(0, len(data), size)]
        assert messages[-1] == {"value": 7} and set(map(str, messages[:-1])) <= {"None"}
        assert heard == [{"loss": ([1, 2], [0.5, 0.25])}] * 3


def test_a_flood_is_refused_after_a_few() -> None:
    heard: list[Note] = []
    reply = Reply(1 << 20, Notes(heard.append).take)
    with pytest.raises(WireError, match="more notes"):
        for _ in range(10_000):
            reply.add(note_frame(RIGHT))
    assert AT_ONCE <= len(heard) < 2 * AT_ONCE


def test_a_patient_training_may_send_as_long_as_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    heard: list[Note] = []
    notes = Notes(heard.append)
    for _ in range(6000):
        now[0] += 0.1
        notes.take(RIGHT)
    assert len(heard) == 6000


def test_a_large_note_is_refused_by_what_it_announces() -> None:
    announced = encode({"logged": {"loss": [[1] * 20_000, [0.5] * 20_000]}}, magic=NOTE_MAGIC)[:16]
    with pytest.raises(WireError, match="larger than allowed"):
        Reply(1 << 30, Notes(lambda _: None).take).add(announced)


def test_where_nobody_wants_a_note_it_is_refused() -> None:
    with pytest.raises(WireError, match="nobody wants"):
        Reply(1 << 20).add(note_frame(RIGHT))
