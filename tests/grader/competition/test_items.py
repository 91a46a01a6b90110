"""What each item gave survives being packed, and 0s and 1s take a bit each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from grader.competition.items import pack, unpack


@given(nps.arrays(np.float32, st.integers(0, 300), elements=st.floats(-1e6, 1e6, width=32)))
def test_floats_come_back_as_they_were(values: np.ndarray) -> None:
    assert np.array_equal(unpack(pack(values)), values)


@given(st.lists(st.booleans(), max_size=300))
def test_bits_come_back_and_take_a_bit_each(values: list[bool]) -> None:
    packed = pack(np.array(values, dtype=np.float32))
    assert unpack(packed).astype(bool).tolist() == values
    assert len(packed) == 5 + (len(values) + 7) // 8
