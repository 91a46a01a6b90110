"""What may be handed in where predictions are wanted: one table. Without torch, so that the web may ask."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from grader.collect import MAX_UPLOAD_BYTES, bytes_of, collect, display_name
from grader.refusals import BadSubmission

if TYPE_CHECKING:
    from grader.spec import Manifest

SUFFIXES = (".csv", ".parquet")
READER = (Path(__file__).parent / "reader.py").read_bytes()  # the program that is run on a table


def collect_for(manifest: "Manifest", sources: Iterable[Path] | Mapping[str, bytes]) -> dict[str, bytes]:
    """What is judged: Python sources, or the table where one is wanted. Raises BadSubmission."""
    if not manifest.wants_table:
        return collect(sources, module=manifest.module)
    return collect_predictions(sources if isinstance(sources, Mapping) else {str(path): bytes_of(path) for path in sources})


def collect_predictions(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The table under one name for all, `predictions.csv` or `predictions.parquet`. Raises BadSubmission."""
    if len(files) != 1:
        raise BadSubmission(
            "one_table",
            en=f"{len(files)} files were handed in. Hand in one table of predictions, a .csv or a .parquet file.",
            zh=f"收到 {len(files)} 个文件。请只提交一个预测表格（.csv 或 .parquet）。",
        )
    ((name, data),) = files.items()
    suffix, shown = PurePosixPath(name.lower()).suffix, display_name(name)
    if suffix not in SUFFIXES:
        raise BadSubmission(
            "unknown_kind",
            en=f"{shown} is no table of predictions. Hand in a .csv or a .parquet file with the columns id and label.",
            zh=f"{shown} 不是预测表格。请提交含 id 和 label 两列的 .csv 或 .parquet 文件。",
        )
    if len(data) > MAX_UPLOAD_BYTES:
        raise BadSubmission(
            "too_large",
            en=f"{shown} is larger than {MAX_UPLOAD_BYTES >> 20} MiB. One row for each item is enough.",
            zh=f"{shown} 超过 {MAX_UPLOAD_BYTES >> 20} MiB。每个样本一行即可。",
        )
    return {f"predictions{suffix}": data}
