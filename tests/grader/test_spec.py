"""Reading an assignment's folder, and what is said about one that is broken."""

import shutil
import sys
from pathlib import Path

import pytest

from grader.spec import (
    Assignment,
    BrokenAssignment,
    UnknownAssignment,
    find_folder,
    joined,
    load_assignment,
    load_manifest,
)

TINY = Path(__file__).parent / "fixtures" / "tiny"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny", ignore=shutil.ignore_patterns("__pycache__")))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_everything_is_there(tiny: Assignment) -> None:
    assert tiny.title.zh == "小作业"
    assert [check.id for check in tiny.checks][:2] == ["doubles", "affine_matches"]
    assert {mistake.id for mistake in tiny.mistakes} == {"triples", "forgets_bias", "counts_from_zero", "squares_from_one"}
    assert tiny.reference.double(3) == 6


def test_it_is_loaded_once_and_again_after_a_change(copy: Path) -> None:
    first = load_assignment(copy)
    assert load_assignment(copy) is first
    edit(copy / "reference.py", "return 2 * x", "return x + x + 0")
    assert load_assignment(copy).reference_source != first.reference_source


def test_two_assignments_with_the_same_module_names_do_not_collide(copy: Path, tiny: Assignment) -> None:
    edit(copy / "reference.py", "return 2 * x", "return 5 * x")
    path_before = list(sys.path)
    other = load_assignment(copy)
    assert (other.reference.double(1), tiny.reference.double(1)) == (5, 2)
    assert sys.path == path_before
    assert "reference" not in sys.modules and "checks" not in sys.modules


def test_an_assignment_is_found_by_id_and_by_path(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADUS_ASSIGNMENTS", str(copy.parent))
    assert find_folder("tiny") == find_folder(copy) == copy.resolve()
    with pytest.raises(UnknownAssignment, match=r"no assignment 'nowhere'. Known: tiny"):
        find_folder("nowhere")


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("assignment.toml", "points = 60", "points = 50", "add up to 90, not 100"),
        ("assignment.toml", 'id = "objects"', 'id = "basics"', "'basics' occurs twice"),
        ("assignment.toml", 'names = ["torch.nn"]', "names = []", "names or operators must say what is forbidden"),
        ("assignment.toml", 'names = ["torch.nn"]', 'operators = ["relu"]', "write aten::relu, not relu"),
        ("assignment.toml", 'rule = "hand_written"', 'rule = "reflection"', "this name is taken by a rule of ours"),
        ("assignment.toml", 'title = { en = "Tiny", zh = "小作业" }', 'title = { en = "Tiny" }', "title.zh"),
        ("assignment.toml", "wall_s = 60", "wall_s = -1", "limits.wall_s"),
        ("assignment.toml", "wall_s = 60", "patience = 20", "limits.patience"),
        ("assignment.toml", 'parts = ["basics"]', 'parts = ["physics"]', "no part 'physics'"),
        ("assignment.toml", "[limits]", "[limits", "not valid TOML"),
        ("checks.py", "points=40", "points=30", "part basics: its checks add up to 50 points, the part has 60"),
        ("checks.py", 'part="basics", points=20', 'part="physics", points=20', "no part 'physics'"),
        ("checks.py", "SIZES = (4, 3)", "SIZES = 1 / 0", "ZeroDivisionError"),
        ("reference.py", "import torch\n", "import torch_of_tomorrow\n", "torch_of_tomorrow"),
        ("starter.py", "def double", "def double double", "not valid Python"),
        ("mistakes/triples.py", "EXPLANATION", "REASON", "EXPLANATION"),
        ("mistakes/triples.py", '"zh"', '"fr"', "zh"),
        ("mistakes/forgets_bias.py", '"affine_matches"', '"no_such_check"', "no check 'no_such_check'"),
    ],
)
def test_a_broken_folder_names_file_and_field(copy: Path, file: str, old: str, new: str, complaint: str) -> None:
    edit(copy / file, old, new)
    with pytest.raises(BrokenAssignment, match=complaint.replace("(", r"\(")) as caught:
        load_assignment(copy)
    assert file in caught.value.where


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "starter.py").unlink()
    with pytest.raises(BrokenAssignment, match=r"starter\.py: is missing"):
        load_assignment(copy)


def test_the_manifest_alone_does_not_import_the_checks(copy: Path) -> None:
    (copy / "checks.py").write_text("1 / 0")
    assert load_manifest(copy).id == "tiny"


def test_an_overlay_keeps_future_imports_in_front() -> None:
    source = joined('"""Doc."""\nfrom __future__ import annotations\nx = 1\n', "from __future__ import annotations\nx = 2\n")
    namespace: dict[str, object] = {}
    exec(compile(source, "joined", "exec"), namespace)
    assert namespace["x"] == 2


@pytest.mark.parametrize(
    ("kind", "said", "isolation"),
    [("homework", "", "fork"), ("exam", "", "fresh"), ("competition", "", "fresh"), ("exam", 'isolation = "fork"', "fork")],
)
def test_the_isolation_follows_from_the_kind_unless_it_is_said(copy: Path, kind: str, said: str, isolation: str) -> None:
    path = copy / "assignment.toml"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(("kind", "isolation"))]
    path.write_text("\n".join([f'kind = "{kind}"', said, *lines]), encoding="utf-8")
    assert load_manifest(copy).isolation == isolation


def test_a_competition_by_table_has_tables_in_the_place_of_code(by_table: Path) -> None:
    assignment = load_assignment(by_table)
    tables = assignment.tables
    assert [table.id for table in tables.baselines] == ["trivial", "linear", "nearest"]
    assert tables.reference.files == {"predictions.csv": (by_table / "baselines/nearest.csv").read_bytes()}
    assert [*next(table for table in tables.accepted if table.id == "parquet.parquet").files] == ["predictions.parquet"]
    assert tables.sample.data.startswith(b"id,label\np000,0\n")
    assert (assignment.reference, assignment.mistakes, assignment.accepted, assignment.baseline_sources) == (None, (), (), {})


def test_a_changed_table_is_read_again(by_table: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(by_table, tmp_path / "table"))
    before = load_assignment(folder)
    (folder / "sample.csv").write_text("id,label\n")
    assert load_assignment(folder).tables.sample.data == b"id,label\n" != before.tables.sample.data


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("assignment.toml", 'isolation = "fork"', 'required = ["fit"]', "a table of predictions has no names"),
        ("assignment.toml", 'accepts = "predictions"', "", "reference.py: is missing"),
        ("assignment.toml", 'id = "linear"', 'id = "linea"', "baselines/linea.csv: one table is wanted"),
        ("checks.py", ", local=False", "", "the_table_is_scored: write local=False"),
    ],
)
def test_what_a_competition_by_table_lacks_is_named(
    by_table: Path, tmp_path: Path, file: str, old: str, new: str, complaint: str
) -> None:
    folder = Path(shutil.copytree(by_table, tmp_path / "table"))
    edit(folder / file, old, new)
    with pytest.raises(BrokenAssignment, match=complaint):
        load_assignment(folder)


def test_a_baseline_in_two_forms_and_a_table_too_large_are_named(by_table: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(by_table, tmp_path / "table"))
    shutil.copy(folder / "accepted/parquet.parquet", folder / "baselines/linear.parquet")
    with pytest.raises(BrokenAssignment, match=r"baselines/linear.csv: one table is wanted, .csv or .parquet; there are 2"):
        load_assignment(folder)
    (folder / "baselines/linear.parquet").unlink()
    (folder / "accepted/large.csv").write_bytes(bytes(9 << 20))
    with pytest.raises(BrokenAssignment, match=r"accepted/large.csv: large.csv is larger than 8 MiB"):
        load_assignment(folder)
    (folder / "accepted/large.csv").unlink()
    (folder / "sample.csv").unlink()
    with pytest.raises(BrokenAssignment, match=r"sample.csv: is missing"):
        load_assignment(folder)


def test_who_hands_in_code_has_to_be_told_what_to_write(copy: Path) -> None:
    path = copy / "assignment.toml"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("required")]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BrokenAssignment, match="required: say which names"):
        load_assignment(copy)


def test_an_exam_says_how_long_it_is_and_other_assignments_say_nothing(copy: Path) -> None:
    assert load_assignment(copy).exam is None
    manifest = copy / "assignment.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(f'{text}\n[exam]\nminutes = 75\nhonour = {{ en = "Alone.", zh = "独立完成。" }}\n', encoding="utf-8")
    exam = load_assignment(copy).exam
    assert (exam.minutes, exam.calculator, exam.practice, exam.materials, exam.honour.zh) == (
        75,
        False,
        False,
        None,
        "独立完成。",
    )


@pytest.mark.parametrize("minutes", ["0", "-5", "1441", '"long"'])
def test_an_exam_has_a_length_that_can_be(copy: Path, minutes: str) -> None:
    manifest = copy / "assignment.toml"
    manifest.write_text(f"{manifest.read_text(encoding='utf-8')}\n[exam]\nminutes = {minutes}\n", encoding="utf-8")
    with pytest.raises(BrokenAssignment, match=r"exam\.minutes"):
        load_assignment(copy)
