"""Bytes in, the same bytes out, under their hash."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.submissions import blobs
from tests.thorough import examples


@given(st.binary(max_size=2000))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_stored_comes_back(tmp_path: Path, content: bytes) -> None:
    sha256 = blobs.store(str(tmp_path), content)
    assert blobs.read(str(tmp_path), sha256) == content
    assert blobs.store(str(tmp_path), content) == sha256


def test_nothing_half_written_stays_behind(tmp_path: Path) -> None:
    sha256 = blobs.store(str(tmp_path), b"x = 1")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [sha256]


def test_any_fsspec_url_will_do() -> None:
    sha256 = blobs.store("memory://gradus-tests/blobs", b"x = 1")
    assert blobs.read("memory://gradus-tests/blobs", sha256) == b"x = 1"


def test_bytes_that_changed_on_the_disk_are_not_passed_off_as_the_students(tmp_path: Path) -> None:
    sha256 = blobs.store(str(tmp_path), b"x = 1")
    next(path for path in tmp_path.rglob(sha256)).write_bytes(b"x = 2")
    with pytest.raises(blobs.LostBlob):
        blobs.read(str(tmp_path), sha256)


def test_nobody_else_on_the_machine_can_look_into_the_store(tmp_path: Path) -> None:
    blobs.store(str(tmp_path / "blobs"), b"x = 1")
    assert (tmp_path / "blobs").stat().st_mode & 0o077 == 0
