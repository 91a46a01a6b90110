"""Looks for the test's labels, or a sign of which half an item is in, wherever a submission can look. Says what it has found."""

import gc
import os
import sys

import numpy
import torch

NAMES = {"data.py", "baselines.toml", "assignment.toml", "reference.py", "public_cases.grd", "train.npz", "train.csv"}
SMALL = 3  # classes
CHUNK = 8 << 20  # bytes of memory at a time


KEPT = []


def fit(train, budget):
    KEPT.append(budget)
    return sorted(set(budget) - {"seconds"})


def predict(model, inputs):
    count = len(inputs)
    if count < 100:
        return torch.zeros(count, dtype=torch.int64)
    found = [f"the budget tells {name}" for name in model]
    found += files() + modules() + objects(inputs, count) + frames(inputs, count) + memory(count)
    if found:
        raise ValueError(f"found: {'; '.join(sorted(set(found))[:8])}")
    return torch.zeros(count, dtype=torch.int64)


def files():
    seen = []
    for folder, _, names in os.walk("/"):
        if folder.startswith(("/proc", "/sys")):
            continue
        seen += [os.path.join(folder, name) for name in NAMES & set(names) if "assignment" in folder or "contest" in folder]
    return seen


def modules():
    return [name for name in sys.modules if "assignment" in name or "competition" in name or name.endswith("contest")]


def could_be_labels(thing, inputs, count):
    if isinstance(thing, torch.Tensor) and type(thing) is torch.Tensor:
        return thing is not inputs and thing.dim() == 1 and len(thing) == count
    if type(thing) in (list, tuple) and len(thing) == count:
        return all(type(item) in (int, bool) for item in thing)
    return False


def objects(inputs, count):
    return [f"an object of {count}" for thing in gc.get_objects() if could_be_labels(thing, inputs, count)]


def frames(inputs, count):
    seen, frame = [], sys._getframe()
    while frame is not None:
        seen += [f"a frame's {name}" for name, thing in frame.f_locals.items() if could_be_labels(thing, inputs, count)]
        frame = frame.f_back
    return seen


def memory(count):
    """Rows of `count` small numbers, not all alike, in the memory of this process, of eight bytes and of one byte each."""
    seen = []
    try:
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as held:
            for line in maps.read().splitlines():
                span, rights = line.split()[:2]
                start, end = (int(number, 16) for number in span.split("-"))
                if rights.startswith("rw") and "[v" not in line:
                    for place in range(start, end, CHUNK):
                        seen += rows_at(held, place, min(CHUNK + 16 * count, end - place), count)
    except OSError:
        pass
    return seen


def rows_at(held, place, size, count):
    try:
        held.seek(place)
        data = held.read(size)
    except OSError:
        return []
    return [f"a row in memory of {width} bytes each" for width in (8, 1) if has_row(data, width, count)]


def has_row(data, width, count):
    numbers = numpy.frombuffer(data[: len(data) // 8 * 8], numpy.int64 if width == 8 else numpy.uint8)
    small = (numbers >= 0) & (numbers < SMALL)
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate([[False], small, [False]]).astype(numpy.int8)))
    starts, stops = edges[::2], edges[1::2]
    long = stops - starts >= count
    return any(is_mixed(numbers[start:stop], count) for start, stop in zip(starts[long], stops[long], strict=True))


def is_mixed(row, count):
    """Whether every class but 0 has its share of some `count` numbers in a row."""
    for k in range(1, SMALL):
        so_far = numpy.concatenate([[0], numpy.cumsum(row == k)])
        if (so_far[count:] - so_far[:-count]).max() <= count / 5:
            return False
    return True
