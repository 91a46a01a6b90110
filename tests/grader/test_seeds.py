"""Seeds that can be replayed and not guessed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from grader.seeds import derive, new_seed


@given(st.binary(min_size=1), st.text(), st.text())
def test_a_seed_depends_on_key_and_submission_only(key: bytes, one: str, other: str) -> None:
    assert new_seed(key, one) == new_seed(key, one)
    assert (new_seed(key, one) == new_seed(key, other)) == (one == other)
    assert new_seed(key + b"1", one) != new_seed(key, one)
    assert re.fullmatch("[0-9a-f]{64}", new_seed(key, one))


@given(st.text(), st.text())
def test_labels_have_numbers_of_their_own(one: str, other: str) -> None:
    seed = new_seed(b"key", "submission")
    assert 0 <= derive(seed, one) < 2**63
    assert (derive(seed, one) == derive(seed, other)) == (one == other)
