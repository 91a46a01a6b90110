"""What was stored of a submission serves as well as the submission."""

import json
import zlib

import pytest

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.score import compare
from grader.similarity.storage import OtherVersion, decoded, encoded
from tests.grader.similarity import works as given
from tests.grader.similarity.conftest import likeness, made


def test_one_more_work_beside_stored_ones_is_as_comparing_all_anew(honest: dict[str, Fingerprint]) -> None:
    stored = [encoded(each) for each in honest.values()]
    incremental = compare([*map(decoded, stored), made("zoe", given.REWRITTEN)])
    whole = compare([*(made(*item) for item in given.HONEST.items()), made("zoe", given.REWRITTEN)])
    assert likeness(incremental) == likeness(whole)


def test_nothing_is_lost(honest: dict[str, Fingerprint]) -> None:
    again = decoded(encoded(honest["ada"]))
    assert again.texts == honest["ada"].texts
    assert again.digest == honest["ada"].digest
    for one, other in zip(again.parts, honest["ada"].parts, strict=True):
        assert (one.file, one.name, one.lines) == (other.file, other.name, other.lines)
        for view in ("canonical", "plain", "tokens"):
            assert getattr(one, view).hashes.tolist() == getattr(other, view).hashes.tolist()
            assert getattr(one, view).lines.tolist() == getattr(other, view).lines.tolist()


def test_features_of_another_version_are_not_mixed_in(honest: dict[str, Fingerprint]) -> None:
    head, _, body = zlib.decompress(encoded(honest["ada"])).partition(b"\n")
    older = zlib.compress(json.dumps(json.loads(head) | {"version": 0}).encode() + b"\n" + body)
    with pytest.raises(OtherVersion):
        decoded(older)
