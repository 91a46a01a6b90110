"""Where the pictures of this competition come from. Trusted side only: the labels of the test pictures are in here.

scikit-learn's digits (UCI, Optical Recognition of Handwritten Digits; Alpaydin and Kaynak 1998, CC BY 4.0): 1797 scans of
8 by 8 pixels. Each picture is made of two scans of one class, so that none of them is a picture of the public data set.
`python data.py` writes data/.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from grader.checks import Contest

SEED = "2b5d0c1f9e7a4638"  # another course, another seed: then run this file and `gradus verify final-digits --record`
FINGERPRINT = "2b78afcb55436655"  # of what this seed makes, lest a new NumPy changes the test in the middle of a competition
SIDE, CLASSES, LEVELS = 16, 10, 16
SCANS_TO_TRAIN, TRAIN, TEST = 900, 2400, 2000
SCRAP = 4  # the side of a piece of another scan


@lru_cache(maxsize=1)
def contest() -> Contest:
    train_pictures, train_labels, pictures, labels = (torch.from_numpy(array) for array in made())
    train = {"inputs": train_pictures, "labels": train_labels}
    return Contest(metric="accuracy", train=train, inputs=pictures, labels=labels, split_seed=SEED, classes=CLASSES)


def made() -> tuple[np.ndarray, ...]:
    """Pictures (N, 16, 16) uint8 and labels (N,) int64 to train on, then those of the test."""
    from sklearn.datasets import load_digits  # takes a second to import

    rng, scans = np.random.default_rng(int(SEED, 16)), load_digits()
    order = rng.permutation(len(scans.target))
    parts = order[:SCANS_TO_TRAIN], order[SCANS_TO_TRAIN:]  # no scan serves both
    arrays = [
        array
        for part, count in zip(parts, (TRAIN, TEST), strict=True)
        for array in _pictures(scans.images[part] / 16, scans.target[part], count, rng)
    ]
    found = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()[:16]
    if found != FINGERPRINT:
        raise RuntimeError(f"this NumPy makes other pictures ({found}) than those that were measured ({FINGERPRINT})")
    return tuple(arrays)


def _pictures(scans: np.ndarray, classes: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """As many of each class, in random order."""
    labels = rng.permutation(np.arange(count, dtype=np.int64) % CLASSES)
    of_class = [np.flatnonzero(classes == k) for k in range(CLASSES)]
    pictures = [_picture(scans[rng.choice(of_class[label], 2, replace=False)], scans, rng) for label in labels]
    return np.stack(pictures), labels


def _picture(pair: np.ndarray, scans: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two scans over each other, turned, enlarged and moved; a scrap of another one; faint or strong ink, and noise."""
    weight = rng.uniform(0.5, 0.8)
    digit = weight * pair[0] + (1 - weight) * pair[1]
    picture = _laid(digit, angle=rng.uniform(-0.3, 0.3), scale=rng.uniform(1.0, 1.5), shift=rng.uniform(-1.5, 1.5, 2))
    (top, left), (row, column) = rng.integers(0, 8 - SCRAP + 1, 2), rng.integers(0, SIDE - SCRAP, 2)
    scrap = scans[rng.integers(len(scans)), top : top + SCRAP, left : left + SCRAP]
    place = picture[row : row + SCRAP, column : column + SCRAP]
    np.maximum(place, scrap, out=place)
    inked = picture * rng.uniform(0.6, 1.0) + rng.normal(0, 0.08, picture.shape)
    return np.round((LEVELS - 1) * np.clip(inked, 0, 1)).astype(np.uint8)


def _laid(digit: np.ndarray, *, angle: float, scale: float, shift: np.ndarray) -> np.ndarray:
    """The digit (8, 8) on a sheet (16, 16), between pixels linearly."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] - (SIDE - 1) / 2 - shift[:, None, None]
    sine, cosine = np.sin(angle), np.cos(angle)
    framed, last = np.pad(digit, 2), digit.shape[0] + 3
    y = np.clip((cosine * rows + sine * columns) / scale + last / 2, 0, last - 1e-3)
    x = np.clip((cosine * columns - sine * rows) / scale + last / 2, 0, last - 1e-3)
    i, j = y.astype(int), x.astype(int)
    down, right = y - i, x - j
    above = (1 - right) * framed[i, j] + right * framed[i, j + 1]
    below = (1 - right) * framed[i + 1, j] + right * framed[i + 1, j + 1]
    return (1 - down) * above + down * below


if __name__ == "__main__":
    inputs, labels, *_ = made()
    np.savez_compressed(Path(__file__).parent / "data" / "train.npz", inputs=inputs, labels=labels)
