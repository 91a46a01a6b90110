"""compare50's structure pass over CLASS/<student>/*.py, in its own venv: pairs.py CLASS [STARTER] prints left,right,score."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from compare50 import Submission, passes

PASS = passes.structure


def prepared(tokens: Iterable[Any]) -> Iterable[Any]:
    for step in PASS.preprocessors:
        tokens = step(tokens)
    return tokens


def submission(folder: Path, names: Iterable[str]) -> Submission:
    return Submission(folder, sorted(names), preprocessor=prepared)


def main() -> None:
    folder, *starters = map(Path, sys.argv[1:])
    works = [submission(work, (file.name for file in work.glob("*.py"))) for work in sorted(folder.iterdir())]
    given = {file for path in starters for file in submission(path.parent, [path.name])}
    print("left,right,score")
    for score in PASS.comparator.score(works, [], given):
        print(f"{score.sub_a.path.name},{score.sub_b.path.name},{score.score}")


if __name__ == "__main__":
    main()
