"""The split is the same for ever, fair to every class, and both halves are measured on their own items."""

from base64 import b64decode

import numpy as np
import pytest
import torch

from grader.competition.contest import Contest
from grader.competition.items import unpack

LABELS = torch.arange(400) % 4


def contest(**changes: object) -> Contest:
    given = {
        "metric": "accuracy",
        "train": {},
        "inputs": torch.zeros(400, 2),
        "labels": LABELS,
        "split_seed": "one",
        "classes": 4,
    }
    return Contest(**given | changes)


def test_the_split_depends_on_the_recorded_seed_alone() -> None:
    assert np.array_equal(contest().is_public, contest().is_public)
    assert not np.array_equal(contest().is_public, contest(split_seed="two").is_public)


def test_every_class_has_its_share_among_the_public_items() -> None:
    assert [int(contest().is_public[c == LABELS].sum()) for c in range(4)] == [30] * 4


def test_each_half_is_measured_on_its_own_items() -> None:
    subject = contest()
    right_in_public = torch.where(torch.from_numpy(subject.is_public), LABELS, (LABELS + 1) % 4)
    measured = subject.score(right_in_public)
    assert (measured.public.value, measured.public.count, measured.private.value, measured.private.count) == (1.0, 120, 0.0, 280)
    assert unpack(b64decode(measured.private.items)).tolist() == [0.0] * 280


def test_the_interval_surrounds_the_value_and_narrows_with_more_items() -> None:
    some = torch.where(torch.rand(400, generator=torch.Generator().manual_seed(1)) < 0.7, LABELS, (LABELS + 1) % 4)
    measured = contest().score(some)
    assert measured.public.low < measured.public.value < measured.public.high
    assert measured.private.high - measured.private.low < measured.public.high - measured.public.low


def test_a_regression_has_one_stratum() -> None:
    targets = torch.linspace(0, 1, 100)
    subject = contest(labels=targets, classes=None, metric="root_mean_squared_error", public_fraction=0.25)
    measured = subject.score(targets.double() + 2)
    assert (measured.public.count, measured.private.count) == (25, 75)
    assert measured.public.value == pytest.approx(2, abs=1e-5)
