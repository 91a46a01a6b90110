"""How tight tolerances can be: what right answers differ by, what is proposed, and what is flagged."""

import json
import math
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader.calibration import SAFETY, Calibration, Measured, Runs, Seen, Stated, calibrate, measured, observe, rounded_up
from grader.checks.compare import allowed_error
from grader.cli import app
from grader.spec import load_assignment

TINY = Path(__file__).parent / "fixtures" / "tiny"
SEEDS = ("ab" * 32, "cd" * 32)
DOUBLES, PRECISELY = '"double", inputs(case))', ".dtype))"
FITTING = {
    DOUBLES: '"double", inputs(case), rtol=1e-5, atol=1e-6)',
    PRECISELY: ".dtype), rtol=1e-12, atol=1e-12)",
    "HIDDEN_CONSTANT, gradients=True": "0, gradients=True, rtol=1e-5, atol=1e-5",
    "ours.add(step)": "ours.add(step), rtol=1e-5, atol=1e-6",
}
OFF = "def double(x):\n    return (2 * x.double() * (1 + {})).to(x.dtype)\n"
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The tiny assignment with fitting tolerances and one accepted variant more."""

    def copied(accepted: str = "") -> Path:
        path = Path(shutil.copytree(TINY, tmp_path / "tiny", ignore=shutil.ignore_patterns("__pycache__")))
        checks = (path / "checks.py").read_text(encoding="utf-8")
        for old, new in FITTING.items():
            assert old in checks
            checks = checks.replace(old, new)
        (path / "checks.py").write_text(checks, encoding="utf-8")
        (path / "accepted" / "another.py").write_text(accepted, encoding="utf-8")
        return path

    return copied


def loosened(folder: Path) -> Path:
    checks = folder / "checks.py"
    checks.write_text(checks.read_text(encoding="utf-8").replace("rtol=1e-12, atol=1e-12", "rtol=1e-9, atol=1e-12"))
    return folder


def calibrated(folder: Path, seeds: int = 2) -> Calibration:
    with ThreadPoolExecutor(1) as pool:
        return calibrate(load_assignment(folder), pool=pool, seeds=seeds)


def of(calibration: Calibration, check: str, dtype: str = "float32") -> Measured:
    return next(one for one in calibration.measured if (one.check, one.dtype) == (check, dtype))


def test_fitting_tolerances_are_not_flagged(folder: Folder) -> None:
    found = calibrated(folder())
    assert found.ok and 2 < found.margin < math.inf
    stated = [(one.check, one.dtype, one.rtol, one.atol) for one in found.measured]
    assert stated == [  # in the assignment's order; not what is compared exactly, and not what trains
        ("doubles", "float32", 1e-5, 1e-6),
        ("doubles", "float64", 1e-12, 1e-12),
        ("affine_matches", "float32", 1e-5, 1e-5),
        ("counter_counts", "float32", 1e-5, 1e-6),
    ]


def test_a_variant_that_rounds_differently_is_seen(folder: Folder) -> None:
    one = of(calibrated(folder(OFF.format("9e-7"))), "doubles")
    assert (one.by, one.what, one.flag) == ("accepted another", "What `double` returned", None)
    assert 11 < one.margin < 40  # 9e-7 of |b|, where 1e-5 of |b| and 1e-6 are allowed
    assert one.proposed_rtol == 1e-5  # ten times what was seen


def test_a_variant_that_almost_fails_is_flagged(folder: Folder) -> None:
    one = of(calibrated(folder(OFF.format("9e-6"))), "doubles")
    assert one.flag == "tight" and 1 < one.margin < 2


def test_a_variant_that_fails_is_measured_all_the_same(folder: Folder) -> None:
    found = calibrated(folder(OFF.format("1e-3")))
    assert of(found, "doubles").margin < 1 and of(found, "doubles").proposed_rtol >= 1e-3
    assert [one.check for one in found.flagged] == ["doubles", "doubles"] and found.failed == []


def test_what_no_tolerance_would_mend_is_told(folder: Folder) -> None:
    found = calibrated(folder("def double(x):\n    return 2 * x[:1]\n"), seeds=1)
    assert not found.ok and len(found.failed) == 1
    assert found.failed[0].startswith("accepted another fails doubles: What `double` returned has shape")


def test_a_far_too_loose_tolerance_is_flagged(folder: Folder) -> None:
    found = calibrated(loosened(folder()))
    assert [(one.check, one.dtype, one.flag) for one in found.flagged] == [("doubles", "float64", "loose")]
    assert not found.ok and found.flagged[0].proposed_rtol == 1e-13


def test_the_reference_shows_what_rounding_costs(folder: Folder) -> None:
    path = folder()
    exactly = Runs(path, "reference", load_assignment(path).reference_source, SEEDS)
    seen, precise, coarse = (
        {(stated.check, stated.dtype): one.error for stated, one in observe(replace(exactly, precision=dtype)).seen.items()}
        for dtype in (None, torch.float64, torch.float32)
    )
    assert set(seen.values()) == {0.0}
    assert 1e-3 < precise["affine_matches", "float32"] < 0.1 and precise["doubles", "float32"] == 0
    assert 1e-6 < coarse["doubles", "float64"] < 1e-3 and coarse["affine_matches", "float32"] == 0


@given(
    error=st.lists(st.floats(-1e-3, 1e-3), min_size=4, max_size=4),
    rtol=st.just(0.0) | st.floats(1e-14, 1e-2),
    atol=st.floats(1e-14, 1e-2),
)
def test_a_proposal_fails_nobody_whom_it_was_made_from(error: list[float], rtol: float, atol: float) -> None:
    wanted, off = torch.tensor([0.0, 1e-3, 1.0, -700.0], dtype=torch.float64), torch.tensor(error, dtype=torch.float64).abs()
    one = measured(Stated("check", "float64", rtol, atol), Seen(float((off / allowed_error(wanted, rtol, atol)).max())))
    assert (off <= allowed_error(wanted, one.proposed_rtol, one.proposed_atol) / SAFETY * (1 + 1e-9)).all()


@given(st.floats(1e-18, 1e6))
def test_numbers_are_rounded_up_to_one_two_or_five(value: float) -> None:
    found = rounded_up(value)
    assert value <= found < 2.51 * value
    assert f"{found:e}"[0] in "125" and float(f"{found:.0e}") == found
    assert rounded_up(found) == found and rounded_up(0.0) == 0.0


def test_it_ends_with_1_where_something_is_flagged(folder: Folder) -> None:
    path = loosened(folder())
    result = CliRunner().invoke(app, ["verify", str(path), "--calibrate", "--json", "--workers", "1"])
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"], report["assignments"]["tiny"]["seeds"]) == (1, False, 100)
    listed = {(one["check"], one["dtype"]): one for one in report["assignments"]["tiny"]["tolerances"]}
    assert listed["doubles", "float64"]["flag"] == "loose" and listed["doubles", "float32"]["flag"] is None
    assert listed["doubles", "float32"]["margin"] is None and listed["affine_matches", "float32"]["margin"] > 10
