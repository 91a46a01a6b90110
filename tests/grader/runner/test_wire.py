"""What crosses comes back equal; whatever is no frame of ours is refused before anything is allocated."""

import json
import math
import struct

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.runner.wire import DTYPES, MAGIC, PREFIX, Handle, WireError, decode, encode, sizes

SCALARS = st.none() | st.booleans() | st.integers(-(1 << 200), 1 << 200) | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(
    SCALARS | st.builds(Handle, st.integers(0, 1 << 60), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def frame(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return PREFIX.pack(MAGIC, len(text), len(body)) + text + body


@given(VALUES)
def test_a_value_comes_back_equal(value: object) -> None:
    assert decode(encode({"value": value}))["value"] == value


@pytest.mark.parametrize("name", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3)])
def test_a_tensor_comes_back_equal(name: str, shape: tuple[int, ...]) -> None:
    tensor = (torch.randn(shape) * 3).to(DTYPES[name])
    back = decode(encode({"value": tensor}))["value"]
    assert back.dtype == tensor.dtype and back.shape == tensor.shape and torch.equal(back, tensor)


def test_a_view_comes_back_without_its_storage() -> None:
    tensor = torch.arange(12.0).reshape(3, 4).T[1:]
    back = decode(encode({"value": tensor}))["value"]
    assert torch.equal(back, tensor) and back.is_contiguous() and back.untyped_storage().nbytes() == 36


@pytest.mark.parametrize(
    "value", [{"!tensor": ["float32"]}, {"!dict": 1}, {"!": 2}, {"!a": 1, "b": 2}, [{"!tuple": [1]}], {"": 1}]
)
def test_a_dict_that_looks_like_one_of_our_tags_comes_back_equal(value: object) -> None:
    assert decode(encode({"value": value})) == {"value": value}


@pytest.mark.parametrize(
    "value", [[1 << 255, 3], [0.5, math.inf], ["a", "é"], [True, False], [b"a", b""], [1, True], [(1, 2), ()]]
)
def test_a_list_of_one_kind_comes_back_equal(value: list[object]) -> None:
    back = decode(encode({"value": value}))["value"]
    assert back == value and list(map(type, back)) == list(map(type, value))


def test_tensors_of_different_widths_lie_next_to_each_other() -> None:
    tensors = [torch.tensor([0, 1, 1]).to(dtype) for dtype in DTYPES.values() for _ in range(2)]
    back = decode(bytearray(encode({"value": tensors})))["value"]
    assert all(torch.equal(one, other) for one, other in zip(back, tensors, strict=True))
    back[0].add_(5)
    assert torch.equal(back[1], tensors[1])
    assert all(tensor.data_ptr() % tensor.itemsize == 0 for tensor in back)


def test_numbers_that_are_not_finite_cross() -> None:
    back = decode(encode({"value": [math.nan, math.inf, -math.inf]}))["value"]
    assert math.isnan(back[0]) and back[1:] == [math.inf, -math.inf]


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 200))
def test_a_damaged_frame_is_refused_or_still_a_message(noise: bytes, place: int) -> None:
    good = encode({"value": [1, "text", torch.ones(3), Handle(4, "x")]})
    damaged = good[:place] + noise + good[place + len(noise) :]
    try:
        assert isinstance(decode(damaged), dict)
    except WireError as error:
        assert str(error)


HOSTILE = {
    "a list": frame([]),
    "a tensor alone": frame({"!tensor": ["float32"]}, b"1234"),
    "a body too short": frame({"x": {"!tensor": ["float32", 2]}}, b"1234"),
    "a body too long": frame({}, b"too much"),
    "a shape too large": frame({"x": {"!tensor": ["float32", 1 << 62]}}),
    "an empty shape too large": frame({"x": {"!tensor": ["float32", 0, 1 << 62]}}),
    "a negative shape": frame({"x": {"!tensor": ["float32", -1]}}),
    "a shape of lies": frame({"x": {"!tensor": ["float32", True]}}, b"1234"),
    "too many dimensions": frame({"x": {"!tensor": ["float32", *[1] * 20]}}, b"1234"),
    "an unknown dtype": frame({"x": {"!tensor": ["object", 1]}}, b"12345678"),
    "a dtype that is none": frame({"x": {"!tensor": [["float32"], 1]}}, b"1234"),
    "no dtype": frame({"x": {"!tensor": []}}),
    "bytes that are not there": frame({"x": {"!bytes": 1}}),
    "bytes before the body": frame({"x": {"!bytes": -1}}),
    "bytes without a number": frame({"x": {"!bytes": True}}, b"1"),
    "very many blobs": frame({"x": [{"!bytes": 0}] * 8193}),
    "an unknown tag": frame({"x": {"!object": []}}),
    "a number that JSON has": frame({"x": {"!float": "1.0"}}),
    "a number of digits that is none": frame(b'{"x": 1e999}'),
    "a handle below zero": frame({"x": {"!handle": [-1, "x"]}}),
    "a handle that is no number": frame({"x": {"!handle": [True, "x"]}}),
    "a dict of one part": frame({"x": {"!dict": ["!a"]}}),
    "a dict without a name": frame({"x": {"!dict": [1, 2]}}),
    "not a number": frame(b'{"x": NaN}'),
    "very deep": frame(b"[" * 100_000),
    "a very long number": frame(b'{"x": ' + b"9" * 5000 + b"}"),
    "a long number": frame(b'{"x": ' + b"9" * 100 + b"}"),
    "two values": frame(b"{}{}"),
    "much room": frame(b"{}" + b" " * 1000),
    "another alphabet": frame('{"x": "é"}'.encode()),
    "no header": frame(b""),
    "cut short": frame({})[:-1],
}


@pytest.mark.parametrize("bad", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_frame_is_refused(bad: bytes) -> None:
    with pytest.raises(WireError):
        decode(bad)


def test_a_huge_announcement_is_refused_from_its_first_bytes() -> None:
    with pytest.raises(WireError, match="larger"):
        sizes(struct.pack(">4sIQ", b"GRD2", 10, 1 << 62), limit=1 << 20)


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, {1}, torch.nn.Linear(1, 1), torch.empty(2, device="meta"), 1 << 5000, [1, 1 << 5000]]
)
def test_what_is_not_plain_cannot_cross(value: object) -> None:
    with pytest.raises(WireError):
        encode({"value": value})


def test_lone_surrogates_do_not_cross() -> None:
    assert decode(encode({"value": "a\ud800b"}))["value"] == "a?b"
