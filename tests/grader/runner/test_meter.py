"""What the keeper reads in its container's own control group, of either version."""

from pathlib import Path

import pytest

from grader.runner import meter

MIB = 1 << 20


def group(folder: Path, files: dict[str, object]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = content.items() if isinstance(content, dict) else []
        path.write_text("".join(f"{key} {value}\n" for key, value in lines) or f"{content}\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(meter, "GROUPS", str(tmp_path))
    return tmp_path


SECOND = {"anon": 100 * MIB, "file": 900 * MIB, "shmem": 200 * MIB, "kernel": 50 * MIB, "slab_reclaimable": 20 * MIB}


def test_shared_memory_that_no_process_holds_is_charged(folder: Path) -> None:
    group(folder, {"memory.max": 4 << 30, "memory.stat": SECOND})
    assert meter.charged() == 330 * MIB  # neither pages of files nor what the kernel can drop by itself


def test_an_older_kernel_tells_its_own_memory_in_parts(folder: Path) -> None:
    parts = {"anon": 100 * MIB, "shmem": 200 * MIB, "pagetables": 5 * MIB, "sock": 6 * MIB, "kernel_stack": 7 * MIB}
    group(folder, {"memory.max": 4 << 30, "memory.stat": parts})
    assert meter.charged() == 318 * MIB


def test_version_1_keeps_the_kernels_memory_in_a_file_of_its_own(folder: Path) -> None:
    stat = {"cache": 900 * MIB, "rss": 100 * MIB, "shmem": 200 * MIB}
    files = {"limit_in_bytes": 4 << 30, "stat": stat, "kmem.usage_in_bytes": 30 * MIB}
    group(folder, {f"memory/memory.{name}": content for name, content in files.items()})
    assert meter.charged() == 330 * MIB


@pytest.mark.parametrize("limit", [{"memory.max": "max"}, {"memory/memory.limit_in_bytes": 9223372036854771712}, {}])
def test_a_group_without_a_limit_is_not_ours_alone(limit: dict[str, object], folder: Path) -> None:
    stat = {"rss": 100 * MIB, "shmem": 0}
    group(folder, {"memory.stat": SECOND, "memory/memory.stat": stat, "memory/memory.kmem.usage_in_bytes": 0, **limit})
    assert meter.charged() == 0
