"""A small competition in which tables are handed in, with its tables made and its baselines measured."""

import runpy
import shutil
from pathlib import Path

from grader.competition.baselines import write_baselines
from grader.competition.tables import measure_tables
from grader.spec import load_assignment

TABLE = Path(__file__).parent / "fixtures" / "table"


def make_competition(root: Path) -> Path:
    """Its folder, `table` below this one."""
    folder = Path(shutil.copytree(TABLE, root / "table", ignore=shutil.ignore_patterns("__pycache__")))
    contest = runpy.run_path(str(folder / "data.py"))["contest"]()
    runpy.run_path(str(folder / "make.py"))["make"](folder, contest)
    write_baselines(folder, measure_tables(load_assignment(folder)))
    return folder
