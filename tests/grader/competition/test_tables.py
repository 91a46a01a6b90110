"""What `gradus verify` finds out about a competition in which tables are handed in, whole and broken in one place at a time."""

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from grader.competition.baselines import read_baselines
from grader.competition.contest import Contest
from grader.competition.facts import contest_of
from grader.competition.tables import measure_tables, trivial_tables, verify_tables
from grader.competition.verify import measure_baselines, verify_competition
from grader.sandbox import open_sandbox
from grader.sandbox.base import Isolation
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.options import Options
from grader.spec import BrokenAssignment, load_assignment

from .conftest import AtOnce

Cells = list[list[str]]
TOLD = "earns nothing, and is told which line, id or column is wrong"
KEPT = "holds no label of a test item"


@pytest.fixture
def folder(by_table: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(by_table, tmp_path / "table", ignore=shutil.ignore_patterns("__pycache__")))


def broken(folder: Path) -> dict[tuple[str, str], str]:
    """What does not hold: what was seen, by subject and claim."""
    facts = verify_tables(load_assignment(folder), sandbox=FakeSandbox())
    return {(fact.subject, fact.claim): fact.seen for fact in facts if not fact.ok}


def rows_of(path: Path) -> Cells:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def labels_of(folder: Path) -> list[int]:
    return contest_of(load_assignment(folder)).labels.tolist()


def test_a_sound_competition_proves_itself(by_table: Path) -> None:
    facts = verify_competition(load_assignment(by_table), sandbox=FakeSandbox(), pool=AtOnce())
    assert [fact for fact in facts if not fact.ok] == []
    seen = {(fact.subject, fact.claim): fact.seen for fact in facts}
    assert seen["baselines.toml", "agrees with what is measured"] == "3 baselines, recorded over 1 run"
    assert seen["accepted parquet.parquet", "has exactly the score of the reference"].startswith("public 0.9")
    assert seen["mistake id_missing.csv", TOLD] == "There is no prediction for item p599. Missing: 1 of 600."
    assert "its first line names: –" in seen["trivial empty", TOLD] and "Missing: 600 of 600" in seen["trivial header", TOLD]
    assert {subject for subject, claim in seen if claim == "has the same result in fake"} == {
        "baseline trivial", "baseline linear", "baseline nearest", "accepted byte_order_mark.csv", "accepted columns_turned.csv",
        "accepted floats.csv", "accepted parquet.parquet", "accepted quoted.csv", "accepted rows_reversed.csv",
    }  # fmt: skip


@pytest.mark.sandbox
def test_the_real_sandbox_agrees_to_the_last_digit(by_table: Path) -> None:
    sandbox = open_sandbox("bubblewrap", Isolation.fork, Options(pool=1))
    try:
        facts = verify_tables(load_assignment(by_table), sandbox=sandbox)
    finally:
        sandbox.close()
    real = [fact for fact in facts if fact.claim == "has the same result in bubblewrap"]
    assert len(real) == 9 and all(fact.ok for fact in real)


def a_table_with_the_labels(folder: Path) -> None:
    header, *rows = rows_of(folder / "data/test.csv")
    columns = [[*header, "target"], *([*row, label] for row, label in zip(rows, labels_of(folder), strict=True))]
    write(folder / "data/test.csv", columns)


def labels_in_another_order(folder: Path) -> None:
    ids = [row[0] for row in rows_of(folder / "data/test.csv")[1:]]
    rows = sorted(zip(ids, labels_of(folder), strict=True), key=lambda row: row[0][::-1])
    write(folder / "data/more.csv", [("id", "noise", "label"), *((id, 0.5, label) for id, label in rows[:100])])


def a_sample_with_the_labels(folder: Path) -> None:
    ids = [row[0] for row in rows_of(folder / "sample.csv")[1:]]
    write(folder / "sample.csv", [("id", "label"), *zip(ids, labels_of(folder), strict=True)])


def an_id_that_students_do_not_have(folder: Path) -> None:
    replace(folder / "data/test.csv", "\np007,", "\nx007,")


def an_id_for_two_items(folder: Path) -> None:
    replace(folder / "data.py", 'IDS = [f"p{number:03}"', 'IDS = [f"p{max(number, 1):03}"')


def ids_that_are_numbers(folder: Path) -> None:
    replace(folder / "data.py", 'IDS = [f"p{number:03}"', "IDS = [number")


def an_id_too_few(folder: Path) -> None:
    replace(folder / "data.py", "range(TEST)]", "range(TEST - 1)]")


def an_order_that_tells_the_class(folder: Path) -> None:
    sort = "    labels, points = labels[order := labels[TRAIN:].argsort() + TRAIN], points[order]\n"
    replace(folder / "data.py", "    train = {", f"    train_labels, train_points = labels, points\n{sort}    train = {{")
    replace(
        folder / "data.py", '"inputs": points[:TRAIN], "labels": labels[:TRAIN]', '"inputs": train_points, "labels": train_labels'
    )
    replace(folder / "data.py", "inputs=points[TRAIN:]", "inputs=points")
    replace(folder / "data.py", "labels=labels[TRAIN:]", "labels=labels")


def a_test_item_to_train_on(folder: Path) -> None:
    replace(folder / "data.py", 'points[:TRAIN], "labels": labels[:TRAIN]', 'points[:TRAIN + 1], "labels": labels[:TRAIN + 1]')


def another_metric(folder: Path) -> None:
    replace(folder / "assignment.toml", 'metric = "accuracy"', 'metric = "speed"')


def a_title_in_one_language(folder: Path) -> None:
    replace(folder / "assignment.toml", 'zh = "预测表格"', 'zh = ""')


def a_baseline_with_a_gap(folder: Path) -> None:
    write(folder / "baselines/linear.csv", rows_of(folder / "baselines/linear.csv")[:-1])


def baselines_in_another_order(folder: Path) -> None:
    (folder / "baselines/trivial.csv").rename(folder / "baselines/other.csv")
    (folder / "baselines/linear.csv").rename(folder / "baselines/trivial.csv")
    (folder / "baselines/other.csv").rename(folder / "baselines/linear.csv")


def another_record(folder: Path) -> None:
    replace(folder / "baselines.toml", "value = 0.55", "value = 0.75")


def no_record(folder: Path) -> None:
    (folder / "baselines.toml").unlink()


def a_variant_with_another_label(folder: Path) -> None:
    header, (id, label), *rows = rows_of(folder / "accepted/quoted.csv")
    write(folder / "accepted/quoted.csv", [header, (id, (int(label) + 1) % 3), *rows])


def a_variant_that_is_refused(folder: Path) -> None:
    (folder / "accepted/quoted.csv").write_text("id;label\n")


def a_mistake_that_is_none(folder: Path) -> None:
    shutil.copy(folder / "sample.csv", folder / "mistakes/nan.csv")


def a_check_that_tells_one_word(folder: Path) -> None:
    replace(folder / "checks.py", 'visibility="public", ', "")


def a_check_that_says_nothing_of_the_place(folder: Path) -> None:
    replace(
        folder / "checks.py",
        "    compete_by",
        "    case.fail = lambda text, word: Case.fail(case, T(en='No.', zh='不行。'), word)\n    compete_by",
    )


def chance_in_the_check(folder: Path) -> None:
    replace(folder / "checks.py", "from .data", "from dataclasses import replace\n\nfrom .data")
    replace(folder / "checks.py", "contest())\n", 'replace(contest(), split_seed=str(case.seed_for("split"))))\n')


def more_than_the_table_inside(folder: Path) -> None:
    more = "    case.student.read('labels.csv', str(contest().labels.tolist()).encode(), ['id'], 1)\n"
    replace(folder / "checks.py", "    compete_by", f"{more}    compete_by")


def a_sample_that_is_too_good(folder: Path) -> None:
    shutil.copy(folder / "baselines/linear.csv", folder / "sample.csv")


def a_sample_with_a_gap(folder: Path) -> None:
    write(folder / "sample.csv", rows_of(folder / "sample.csv")[:-5])


BREAKS: dict[Callable[[Path], None], tuple[tuple[str, str], str]] = {
    a_table_with_the_labels: (("student's copy", KEPT), "data/test.csv: the column target is the labels"),
    labels_in_another_order: (("student's copy", KEPT), "data/more.csv: the column label is the labels"),
    a_sample_with_the_labels: (("student's copy", KEPT), "sample.csv: the column label is the labels"),
    an_id_that_students_do_not_have: (("ids", "stand in what students get, each once"), "no table in data/ has just these"),
    an_id_for_two_items: (("ids", "are texts, one for each item"), "'p001' stands for 2 items"),
    ids_that_are_numbers: (("ids", "are texts, one for each item"), "0 is no text"),
    an_id_too_few: (("ids", "are texts, one for each item"), "599 ids for 600 items"),
    an_order_that_tells_the_class: (("trivial blocks", "is no better than the weakest baseline"), "is better beyond chance"),
    a_test_item_to_train_on: (("test items", "are none of the training items"), "in both: 1 of 600"),
    another_metric: (("board", "ranks by what is measured"), "assignment.toml says speed, data.py accuracy"),
    a_title_in_one_language: (("texts", "are there in en and zh; points add up"), "part score: en or zh is empty"),
    a_baseline_with_a_gap: (("baseline linear", "earns full marks"), "There is no prediction for item p599"),
    baselines_in_another_order: (
        ("baselines", "stand in the order of the assignment.toml, apart beyond their intervals"),
        "public: trivial reaches 0.6",
    ),
    another_record: (("baselines.toml", "agrees with what is measured"), "linear: public 0.5500 is measured, 0.7500 is recorded"),
    no_record: (("baselines.toml", "agrees with what is measured"), "gradus verify table --record"),
    a_variant_with_another_label: (("accepted quoted.csv", "has exactly the score of the reference"), "has another one: public"),
    a_variant_that_is_refused: (("accepted quoted.csv", "has exactly the score of the reference"), "names: id;label"),
    a_mistake_that_is_none: (("mistake nan.csv", TOLD), "the_table_is_scored gives 100"),
    a_check_that_tells_one_word: (("mistake nan.csv", TOLD), "no line, id or column in 'Wrong value"),
    a_check_that_says_nothing_of_the_place: (("trivial header", TOLD), "no line, id or column in 'No.'"),
    chance_in_the_check: (("baseline nearest", "has the same score again, whatever the seed"), ", then public"),
    more_than_the_table_inside: (("into the sandbox", "goes no label of a test item, and no sign of its half"), " places"),
    a_sample_that_is_too_good: (("sample", "is complete, and no better than the weakest baseline"), "is better beyond chance"),
    a_sample_with_a_gap: (("sample", "is complete, and no better than the weakest baseline"), "Missing: 5 of 600"),
}


@pytest.mark.parametrize(
    ("spoil", "fact", "seen"), [(s, *found) for s, found in BREAKS.items()], ids=lambda x: getattr(x, "__name__", "")
)
def test_what_does_not_hold_is_found(folder: Path, spoil: Callable[[Path], None], fact: tuple[str, str], seen: str) -> None:
    spoil(folder)
    assert seen in broken(folder).get(fact, "")


def test_what_else_goes_in_is_found(folder: Path) -> None:
    more_than_the_table_inside(folder)
    found = broken(folder)["into the sandbox", "go the table that was handed in and our reader of it, and nothing else"]
    assert found == "a call of read with something else"


def test_what_the_real_sandbox_says_otherwise_is_found(by_table: Path) -> None:
    class Forgetful(FakeSandbox):
        name = "forgetful"

        def open(self, limits):
            return super().open(limits.model_copy(update={"reply_bytes": 64}))

    facts = verify_tables(load_assignment(by_table), sandbox=Forgetful())
    failed = {fact.subject for fact in facts if not fact.ok and fact.claim == "has the same result in forgetful"}
    assert {"baseline nearest", "accepted parquet.parquet"} <= failed


def test_a_table_is_measured_once(by_table: Path) -> None:
    measured = measure_baselines(load_assignment(by_table), pool=AtOnce())
    assert {entry.id: entry for entry in measured} == read_baselines(by_table)
    assert [(entry.runs, entry.spread) for entry in measured] == [(1, 0.0)] * 3


def test_a_baseline_that_reaches_nothing_is_not_recorded(folder: Path) -> None:
    a_baseline_with_a_gap(folder)
    with pytest.raises(BrokenAssignment, match=r"baseline linear: the_table_is_scored: There is no prediction for item p599"):
        measure_tables(load_assignment(folder))


def as_a_regression(folder: Path) -> None:
    """The same points, with a number each; classes are as good an answer as any."""
    replace(folder / "assignment.toml", 'metric = "accuracy"', 'metric = "mean_absolute_error"')
    replace(folder / "assignment.toml", 'direction = "max"', 'direction = "min"')
    replace(folder / "data.py", 'metric="accuracy"', 'metric="mean_absolute_error"')
    replace(folder / "data.py", "classes=3", "classes=None")
    replace(folder / "data.py", "labels=labels[TRAIN:]", "labels=points[TRAIN:, 0] + 0.2 * points[TRAIN:, 1]")
    test = rows_of(folder / "data/test.csv")[1:]
    for name, (bias, *weights) in {"trivial": (1.3, 0, 0), "linear": (0, 0.8, 0), "nearest": (0, 1, 0.2)}.items():
        rows = [(id, round(bias + weights[0] * float(x) + weights[1] * float(y), 1)) for id, x, y in test]
        write(folder / f"baselines/{name}.csv", [("id", "label"), *rows])
    for name in ("accepted", "mistakes"):
        shutil.rmtree(folder / name)
    (folder / "accepted").mkdir()
    (folder / "mistakes").mkdir()
    rows = rows_of(folder / "baselines/nearest.csv")
    write(folder / "accepted/exponents.csv", [rows[0], *((id, f"{float(label):e}") for id, label in rows[1:])])
    write(folder / "mistakes/infinite.csv", [*rows[:-1], (rows[-1][0], "-inf")])


def test_a_regression_proves_itself(folder: Path) -> None:
    as_a_regression(folder)
    assert broken(folder).keys() == {("baselines.toml", "agrees with what is measured")}
    assert broken(folder).popitem()[1].startswith("linear: private")


def test_rounded_targets_in_the_students_copy_are_found(folder: Path) -> None:
    as_a_regression(folder)
    header, *rows = rows_of(folder / "data/test.csv")
    labels = [f"{label:.2f}" for label in labels_of(folder)]
    write(folder / "data/test.csv", [[*header, "hint"], *([*row, label] for row, label in zip(rows, labels, strict=True))])
    assert broken(folder)["student's copy", KEPT] == "data/test.csv: the column hint is the labels"


def test_trivial_tables_are_complete_and_know_nothing(by_table: Path) -> None:
    contest: Contest = contest_of(load_assignment(by_table))
    tables = trivial_tables(contest)
    assert tables.keys() == {"zeros", "ones", "noise", "blocks", "turns"}
    for data in tables.values():
        header, *rows = csv.reader(io.StringIO(data.decode()))
        assert header == ["id", "label"] and [row[0] for row in rows] == list(contest.ids)
        assert {int(label) for _, label in rows} <= {0, 1, 2}
