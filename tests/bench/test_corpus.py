"""The class that the similarity benchmark makes is Python, is the same each time, and holds copies that are found."""

import ast
from pathlib import Path

import pytest

from bench.corpus import make_class
from grader.similarity.folders import Collection
from grader.similarity.score import compare

MLP = Path(__file__).parent.parent.parent / "assignments" / "mlp"


def texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))]


def test_a_class_is_made_of_different_works_that_are_python(tmp_path: Path) -> None:
    make_class(MLP, 12, tmp_path / "one")
    make_class(MLP, 12, tmp_path / "again")
    made = texts(tmp_path / "one")
    assert made == texts(tmp_path / "again")
    assert len(set(made)) == 12
    names = {
        node.name
        for node in ast.parse((MLP / "reference.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    for text in made:
        assert {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)} == names


def test_the_copies_in_it_stand_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.corpus.COPIED", 0)
    make_class(MLP, 12, tmp_path / "class")
    monkeypatch.setattr("bench.corpus.COPIED", 1)
    make_class(MLP, 2, tmp_path / "copies", seed=1)
    for number in range(2):
        (tmp_path / "copies" / f"student-000{number}").rename(tmp_path / "class" / f"copy-{number}")
    prints, _ = Collection.find(tmp_path / "class", [], []).fingerprints(lambda done, count, name: None)
    first, second = compare(prints.works).ranked(most=2)
    assert {first.left, first.right} == {"copy-0", "copy-1"}
    assert first.similarity > second.similarity
