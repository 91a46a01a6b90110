"""Hypothesis and, where it is installed, atheris try to break the judge's reading of frames. `make fuzz` takes longer."""

import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.runner.wire import CONTAINERS, HEADER_BYTES, NOTE_MAGIC, PREFIX, WireError, decode, encode
from grader.sandbox.exchange import Reply
from tests.fuzz import frames
from tests.thorough import examples

ROOT = Path(__file__).parents[2]
WORDS = ["value", "error", "names", "mutated", "gradients", "done", "kind", "source"]
HARMLESS = [HealthCheck.too_slow, HealthCheck.data_too_large]
BRIEFLY = settings(max_examples=examples(150), deadline=None, suppress_health_check=HARMLESS)
CUTS = st.lists(st.integers(1, 1 << 12), max_size=8)


@BRIEFLY
@given(st.binary(max_size=400), CUTS)
def test_any_bytes_are_a_message_or_refused(data: bytes, cuts: list[int]) -> None:
    frames.check_bytes(data)
    frames.check_chunks(data, cuts)


@BRIEFLY
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode), st.binary(max_size=64), CUTS)
def test_any_header_is_a_message_or_refused(header: bytes, body: bytes, cuts: list[int]) -> None:
    frames.check_bytes(frames.framed(header, body))
    frames.check_chunks(frames.framed(header, body), cuts)


@BRIEFLY
@given(st.data(), CUTS)
def test_what_is_nearly_right_is_a_message_or_refused(data: st.DataObject, cuts: list[int]) -> None:
    text = st.sampled_from(WORDS) | st.text(max_size=5)
    frame = frames.nearly_right(lambda below: data.draw(st.integers(0, below - 1)), lambda: data.draw(text))
    frames.check_bytes(frame)
    frames.check_chunks(frame, cuts)


@BRIEFLY
@given(st.data(), CUTS)
def test_notes_are_heard_or_refused_however_they_arrive(data: st.DataObject, cuts: list[int]) -> None:
    name = st.sampled_from(["loss", "accuracy", "Loss", ""]) | st.text(max_size=5)
    frames.check_notes(frames.nearly_notes(lambda below: data.draw(st.integers(0, below - 1)), lambda: data.draw(name)), cuts)


@BRIEFLY
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode), st.binary(max_size=16), CUTS)
def test_any_bytes_as_a_note_are_heard_or_refused(header: bytes, body: bytes, cuts: list[int]) -> None:
    frames.check_notes(frames.framed(header, body, NOTE_MAGIC), cuts)


def test_what_is_nearly_a_note_is_mostly_one() -> None:
    """Otherwise the two above would say little."""
    choices = random.Random(1)
    heard = [len(frames.check_notes(frames.nearly_notes(choices.randrange, lambda: "accuracy"), [7])) for _ in range(100)]
    assert sum(heard) > 80 and max(heard) >= 3


@pytest.mark.parametrize("depth", range(36, 44))
def test_what_is_nested_as_deeply_as_allowed_comes_back(depth: int) -> None:
    value = b"[" * depth + b"7" + b"]" * depth
    frames.check_bytes(frames.framed(b'{"value":' + value + b"}", b""))


@pytest.mark.parametrize(
    "item",
    [b"[]", b"{}", b'""', b'"ab"', b"999", b"1e5", b'{"!handle":[1,""]}', b'{"!tuple":[]}', b'{"a":{}}', b'{"!float":"nan"}'],
)
def test_a_header_full_of_small_things_takes_no_more_than_the_announced_memory(item: bytes) -> None:
    """A few bytes of JSON can stand for many of memory: the parts are counted before they are made."""
    start, end = b'{"value":[', b"]}"
    count = (HEADER_BYTES - len(start) - len(end)) // (len(item) + 1)
    frame = frames.framed(start + b",".join([item] * count) + end, b"")
    with frames.allocations() as peak:
        frames.refused(lambda: decode(frame))
        assert peak() < 20 * HEADER_BYTES


def test_many_parts_are_refused_on_both_sides() -> None:
    with pytest.raises(WireError, match="parts"):
        encode({"value": [[]] * CONTAINERS})
    text = json.dumps({"value": [[]] * CONTAINERS}).encode()
    with pytest.raises(WireError, match="parts"):
        decode(frames.framed(text, b""))
    assert len(decode(encode({"value": [[]] * (CONTAINERS - 10)}))["value"]) == CONTAINERS - 10


def test_nothing_is_reserved_for_bytes_that_were_only_announced() -> None:
    limit = 1 << 30
    reply = Reply(limit)
    with frames.bounded_memory(1000):
        assert reply.add(PREFIX.pack(b"GRD2", 1000, limit - 1000)) is None
        assert reply.add(b"[" * 1000) is None


def test_an_empty_header_is_refused_at_once() -> None:
    with pytest.raises(WireError):
        Reply(1000).add(PREFIX.pack(b"GRD2", 0, 0))


@pytest.mark.thorough
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="needs atheris")
def test_atheris_finds_nothing_in_a_few_seconds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.fuzz_frames", "-max_total_time=5", "-seed=1", f"-artifact_prefix={tmp_path}/"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "DONE" in ended.stderr
