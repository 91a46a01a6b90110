"""The frames between judge and sandbox: a JSON header that says what is there, then the raw bytes of the tensors.

Both sides use this file. It trusts nothing: names, dtypes, shapes and byte counts are checked before anything is allocated.
Lists, texts, numbers and dicts cross as JSON's own; a dict of the one key "!tuple", "!tensor", … stands for what JSON lacks.
"""

import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
import torch

MAGIC = b"GRD2"
NOTE_MAGIC = b"GRN2"  # of what the student's side says before its reply
NOTE_BYTES = 1 << 15
PREFIX = struct.Struct(">4sIQ")  # magic, header length, body length
HEADER_BYTES = 4 << 20
DEPTH = 40
BLOBS = 8192
CONTAINERS = 1 << 17  # lists and objects of the JSON header: three bytes each, eighty once they are read
DIMENSIONS = 16
ELEMENTS = 1 << 40
INTEGER_BITS = 256
LARGEST = 1 << INTEGER_BITS
LONG_NUMBER = re.compile(rf"[0-9]{{{len(str(LARGEST))}}}")
NAME_CHARACTERS = 200
ALIGNED = 16  # the body begins at a multiple of this, so that most tensors can stay where they are
DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64, torch.complex128,
        torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
    )
}  # fmt: skip
TENSORS = (torch.Tensor, torch.nn.Parameter)
NAMES = {dtype: name for name, dtype in DTYPES.items()}
WIDTHS = {name: dtype.itemsize for name, dtype in DTYPES.items()}
ARRAYS = {name: numpy.dtype(name) for name in DTYPES if name != "bfloat16"}  # NumPy does not know that one
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


# Kept from before a student's code ran and before anything was guarded.
empty, from_numpy, frombuffer = torch.empty, torch.from_numpy, torch.frombuffer


class WireError(ValueError):
    """Bytes that are no frame, or a value that cannot cross."""


@dataclass(frozen=True)
class Handle:
    """Something that stays on the student's side: a function, an object, a generator. `type` is its type's name."""

    id: int
    type: str = "object"


def encode(message: Mapping[str, Any], *, magic: bytes = MAGIC) -> bytes:
    """The frame of one message: a dict with str keys."""
    blobs: list[bytes] = []
    header = TO_JSON(_pack_dict(message, blobs, DEPTH)).encode("ascii")
    if len(header) > HEADER_BYTES - ALIGNED or len(blobs) > BLOBS or _count_parts(header) > CONTAINERS:
        raise WireError("the message has too many parts")
    header += b" " * (-(PREFIX.size + len(header)) % ALIGNED)
    return b"".join([PREFIX.pack(magic, len(header), sum(map(len, blobs))), header, *blobs])


def sizes(prefix: bytes, *, limit: int, magic: bytes = MAGIC) -> tuple[int, int]:
    """Header and body length that a frame's first bytes announce; refuses what is larger than `limit`."""
    found, header, body = PREFIX.unpack_from(prefix)
    if found != magic:
        raise WireError("these bytes are no frame")
    if not 0 < header <= HEADER_BYTES or header + body > limit:
        raise WireError(f"a frame of {header} and {body} bytes is empty or larger than allowed")
    return header, body


def decode(frame: bytes | bytearray, *, limit: int = 1 << 62, magic: bytes = MAGIC) -> dict[str, Any]:
    """The message of one whole frame. Its tensors lie in the frame itself if that is a bytearray: leave it to them."""
    if len(frame) < PREFIX.size:
        raise WireError("the frame is cut short")
    header, body = sizes(frame, limit=limit, magic=magic)
    start = PREFIX.size + header
    if len(frame) != start + body:
        raise WireError("the frame's length is not what it says")
    blobs = Body(frame if type(frame) is bytearray else bytearray(frame), start)
    message = _parse_header(frame[PREFIX.size : start], blobs)
    if type(message) is not dict:
        raise WireError("a message is a dict")
    if blobs.place != len(frame):
        raise WireError("the body's length is not what the header says")
    return message


def is_plain_tensor(value: Any) -> bool:
    """Whether the value crosses as a tensor: exactly torch.Tensor or Parameter, dense, of a known dtype, with data."""
    if type(value) not in TENSORS:
        return False
    return value.layout is torch.strided and value.dtype in NAMES and not value.is_meta and value.ndim <= DIMENSIONS


def _pack(value: Any, blobs: list[bytes], depth: int) -> Any:
    """The JSON tree of a value; its tensors and bytes go to `blobs`. Called for every leaf, so the usual ones come first."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else clean(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return _checked(value)
    packer = _PACKERS.get(kind)
    if packer is None:
        raise WireError(f"a value of type {kind.__qualname__} cannot cross")
    return packer(value, blobs, depth)


def _pack_tensor(value: torch.Tensor, blobs: list[bytes], depth: int) -> Any:
    if not is_plain_tensor(value):
        raise WireError(f"a tensor of dtype {value.dtype} on {value.device} in layout {value.layout} cannot cross")
    blobs.append(_tensor_bytes(value))
    return {"!tensor": [NAMES[value.dtype], *value.shape]}


def _pack_float(value: float, blobs: list[bytes], depth: int) -> Any:
    return value if math.isfinite(value) else {"!float": str(value)}


def _pack_bytes(value: bytes, blobs: list[bytes], depth: int) -> Any:
    blobs.append(value)
    return {"!bytes": len(value)}


def _pack_list(value: list[Any] | tuple[Any, ...], blobs: list[bytes], depth: int) -> list[Any]:
    _refuse_depth(depth)
    is_simple = _SIMPLE.get(type(value[0])) if value and len(set(map(type, value))) == 1 else None
    if is_simple is not None and is_simple(value):
        return list(value)
    return [_pack(item, blobs, depth - 1) for item in value]


def _pack_tuple(value: tuple[Any, ...], blobs: list[bytes], depth: int) -> Any:
    return {"!tuple": _pack_list(value, blobs, depth)}


def _pack_dict(value: Mapping[str, Any], blobs: list[bytes], depth: int) -> dict[str, Any]:
    _refuse_depth(depth)
    packed = {}
    for key, item in value.items():
        if type(key) is not str:
            raise WireError("the keys of a dict must be strings")
        packed[key if key.isascii() else clean(key)] = _pack(item, blobs, depth - 1)
    if len(packed) == 1 and next(iter(packed)).startswith("!"):
        return {"!dict": [part for item in packed.items() for part in item]}
    return packed


def _pack_handle(value: Handle, blobs: list[bytes], depth: int) -> Any:
    return {"!handle": [value.id, clean(value.type)[:NAME_CHARACTERS]]}


# Long lists are mostly of one of these, and then as they are what JSON wants.
_SIMPLE: dict[type, Callable[[list[Any]], bool]] = {
    bool: lambda items: True,
    int: lambda items: min(items) > -LARGEST and max(items) < LARGEST,
    float: lambda items: all(map(math.isfinite, items)),
    str: lambda items: all(map(str.isascii, items)),
}
_PACKERS = {
    float: _pack_float, bytes: _pack_bytes, list: _pack_list, tuple: _pack_tuple, dict: _pack_dict,
    Handle: _pack_handle, torch.Tensor: _pack_tensor, torch.nn.Parameter: _pack_tensor,
}  # fmt: skip


def clean(text: str) -> str:
    """The text without lone surrogates, which no other encoding accepts."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _refuse_depth(depth: int) -> None:
    if depth == 0:
        raise WireError("the value is nested too deeply")


def _checked(value: int) -> int:
    if not -LARGEST < value < LARGEST:
        raise WireError("the integer is too large")
    return value


def _tensor_bytes(tensor: torch.Tensor) -> bytes:
    """The tensor's elements in row-major order, little endian."""
    if not tensor.requires_grad:
        try:
            return tensor.numpy().tobytes()
        except (TypeError, RuntimeError):  # not on the CPU, not NumPy's dtype, or lazily conjugated: the long way
            pass
    if tensor.dtype.is_complex or tensor.dtype == torch.bfloat16 or tensor.device.type != "cpu":  # not NumPy's, or lazy
        flat = tensor.detach().cpu().resolve_conj().resolve_neg().reshape(-1).contiguous()
        tensor = flat.view(torch.uint8) if flat.numel() else flat.to(torch.uint8)
    return tensor.detach().resolve_neg().numpy().tobytes()


def _parse_header(header: bytes | bytearray, blobs: "Body") -> Any:
    """The header's value, with the blobs in their places. Small plain headers are right once JSON has read them."""
    parts = _count_parts(header)
    if parts > CONTAINERS:
        raise WireError("the message has too many parts")
    try:
        text = header.decode("ascii")
        value, end = json.JSONDecoder(object_hook=blobs.restore, parse_float=_finite, parse_constant=_refuse).raw_decode(text)
    except WireError:
        raise
    except (ValueError, RecursionError) as error:
        raise WireError("the header is no JSON of ours") from error
    if end < len(text) - ALIGNED or not (end == len(text) or text[end:].isspace()):
        raise WireError("something follows the header")
    is_simple = parts <= DEPTH and "\\u" not in text and LONG_NUMBER.search(text) is None
    return value if is_simple else _examine(value, DEPTH)


def _count_parts(header: bytes | bytearray) -> int:
    """Lists and objects of the header, and the brackets in its texts: a message whose texts hold very many is refused too."""
    return header.count(b"[") + header.count(b"{")


def _refuse(name: str) -> None:
    raise WireError(f"{name} in the header")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):  # such as 1e999
        raise WireError("a number in the header is too large")
    return value


def _examine(value: Any, depth: int) -> Any:
    """The value with clean texts; refuses what is nested too deeply or too large."""
    kind = type(value)
    if kind is str:
        return clean(value)
    if kind is int:
        return _checked(value)
    if kind is Handle:
        return Handle(_checked(value.id), clean(value.type))
    if kind not in (list, tuple, dict):
        return value
    _refuse_depth(depth)
    if kind is dict:
        return {clean(key): _examine(item, depth - 1) for key, item in value.items()}
    return kind([_examine(item, depth - 1) for item in value])


class Body:
    """The bytes behind a header, handed out from front to back as the header asks for them."""

    def __init__(self, frame: bytearray, place: int) -> None:
        self.place = place
        self._frame = frame
        self._count = 0

    def restore(self, found: dict[str, Any]) -> Any:
        """What an object of the JSON stands for: called for each as soon as it is read, hence in the order of the blobs."""
        if len(found) != 1:
            return found
        ((tag, value),) = found.items()
        if tag[:1] != "!":
            return found
        wanted, restorer = _RESTORERS.get(tag, (None, None))
        if type(value) is not wanted:
            raise WireError("a tagged value is wrong")
        return restorer(self, value)

    def tensor(self, parts: list[Any]) -> torch.Tensor:
        kind, *shape = parts or [None]
        if type(kind) is not str or kind not in DTYPES:
            raise WireError("a dtype is unknown")
        length = _elements(shape) * WIDTHS[kind]
        start = self._take(length)
        if not length:
            return empty(shape, dtype=DTYPES[kind])
        frame = self._frame
        if start % WIDTHS[kind]:
            frame, start = frame[start : start + length], 0  # torch wants its elements aligned
        if kind == "bfloat16":
            return frombuffer(frame, dtype=torch.bfloat16, count=length // 2, offset=start).reshape(shape)
        if kind == "bool":  # any byte but 0 means True; torch itself expects 0 or 1
            return from_numpy(numpy.frombuffer(frame, numpy.uint8, length, start).reshape(shape)) != 0
        return from_numpy(numpy.frombuffer(frame, ARRAYS[kind], length // WIDTHS[kind], start).reshape(shape))

    def bytes(self, length: int) -> bytes:
        start = self._take(length)
        return bytes(self._frame[start : start + length])

    def _take(self, length: int) -> int:
        """Where the next so many bytes begin."""
        start, self._count = self.place, self._count + 1
        if not 0 <= length <= len(self._frame) - start or self._count > BLOBS:
            raise WireError("the body is not what the header says")
        self.place += length
        return start


def _elements(shape: list[Any]) -> int:
    """How many elements a tensor of this shape has; refuses absurd ones."""
    if len(shape) > DIMENSIONS:
        raise WireError("a shape is wrong")
    elements = room = 1  # room: what the other dimensions ask for even where one of them is 0
    for size in shape:
        if type(size) is not int or size < 0:
            raise WireError("a shape is wrong")
        elements, room = elements * size, room * (size or 1)
    if room > ELEMENTS:
        raise WireError("a shape is too large")
    return elements


def _restore_tuple(_: Body, items: list[Any]) -> tuple[Any, ...]:
    return tuple(items)


def _restore_dict(_: Body, items: list[Any]) -> dict[str, Any]:
    if len(items) != 2 or type(items[0]) is not str:
        raise WireError("a tagged value is wrong")
    return {items[0]: items[1]}


def _restore_float(_: Body, name: str) -> float:
    if name not in NOT_FINITE:
        raise WireError("a tagged value is wrong")
    return NOT_FINITE[name]


def _restore_handle(_: Body, parts: list[Any]) -> Handle:
    match parts:
        case [int(id), str(name)] if type(id) is int and 0 <= id < 1 << 62:
            return Handle(id, name[:NAME_CHARACTERS])
    raise WireError("a tagged value is wrong")


TO_JSON = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":")).encode
_RESTORERS: dict[str, tuple[type, Callable[[Body, Any], Any]]] = {
    "!tensor": (list, Body.tensor), "!bytes": (int, Body.bytes), "!tuple": (list, _restore_tuple),
    "!dict": (list, _restore_dict), "!float": (str, _restore_float), "!handle": (list, _restore_handle),
}  # fmt: skip
