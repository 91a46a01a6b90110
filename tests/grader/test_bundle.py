"""What a student gets, and that it gives nothing away."""

import ast
import io
import tomllib
import zipfile
from pathlib import Path

import pytest

from grader.bundle import CASES, CHECKS, Bundle, build_bundle, is_bundle, load_bundle, public_source, zipped
from grader.judge import judge_with
from grader.protocol import Job, Outcome, Report, Status, Word
from grader.runner.wire import decode
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, load_assignment


@pytest.fixture
def pulled(tiny: Assignment, tmp_path: Path) -> Path:
    for name, data in build_bundle(tiny).items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def judged(bundle: Bundle, source: str, seed: str) -> Report:
    job = Job(bundle.assignment.folder, {"solution.py": source.encode()}, seed, public_only=True)
    return judge_with(bundle.assignment, job, bundle.answers(seed), sandbox=FakeSandbox())


def test_the_folder_holds_starter_handouts_and_public_cases(pulled: Path) -> None:
    assert {path.name for path in pulled.iterdir()} == {
        "starter.py", "handout.en.md", "handout.zh.md", "assignment.toml", CHECKS, CASES,
    }  # fmt: skip
    assert is_bundle(pulled)


@pytest.mark.parametrize(
    "secret",
    [
        "REFERENCE-CANARY", "affine_matches", "accuracy", "HIDDEN_CONSTANT", "4321", "triples", "forgets_bias",
        "three times the input", "三倍", "return 2 * x", "i * i for", "yield i * i", "metric",
    ],
)  # fmt: skip
def test_nothing_of_reference_hidden_checks_or_mistakes_is_in_it(tiny: Assignment, secret: str) -> None:
    files = {name: data for name, data in build_bundle(tiny).items() if name != CHECKS or secret != "i * i for"}
    found = [name for name, data in files.items() if secret.encode() in data]
    assert found == []


def test_public_checks_keep_only_what_they_use(tiny: Assignment) -> None:
    tree = ast.parse(public_source(tiny))
    kept = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert kept == ["inputs", "doubles", "squares_come_one_by_one", "counter_counts"]
    assert "SIZES" in ast.unparse(tree)


def test_full_marks_are_possible_without_the_reference(pulled: Path, tiny: Assignment) -> None:
    bundle = load_bundle(pulled)
    assert len(bundle.cases) == 3
    for seed in bundle.cases:
        report = judged(bundle, tiny.reference_source, seed)
        assert (report.score, report.max_score) == (50, 50)


def test_wrong_answers_are_found_without_the_reference(pulled: Path, tiny: Assignment) -> None:
    bundle = load_bundle(pulled)
    for mistake in tiny.mistakes:
        report = judged(bundle, tiny.submission_of(mistake), min(bundle.cases))
        assert (report.score == 50) == (mistake.id == "forgets_bias")
    report = judged(bundle, tiny.starter_source, min(bundle.cases))
    assert {result.word for result in report.checks} == {Word.missing}


def test_what_a_check_stumbles_over_is_the_students_there(pulled: Path, tiny: Assignment) -> None:
    bundle = load_bundle(pulled)
    report = judged(bundle, tiny.reference_source + "\ndef squares(n): return 3\n", min(bundle.cases))
    assert report.status is Status.graded
    assert [result.outcome for result in report.checks] == [Outcome.passed, Outcome.failed, Outcome.passed]


def test_the_recorded_answers_are_plain_values(pulled: Path) -> None:
    records = decode((pulled / CASES).read_bytes())
    kinds = {key for checks in records.values() for found in checks.values() for record in found for key in record}
    assert kinds == {"plain", "object"}


def test_the_manifest_can_be_read_and_says_nothing_of_the_server(pulled: Path) -> None:
    manifest = tomllib.loads((pulled / "assignment.toml").read_text(encoding="utf-8"))
    assert manifest["title"]["zh"] == "小作业"
    assert not {"submissions", "leaderboard"} & set(manifest)


def test_a_zip_of_it_is_the_same_every_time(tiny: Assignment) -> None:
    files = build_bundle(tiny)
    assert zipped(files) == zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        assert set(archive.namelist()) == set(files)


def test_damaged_cases_are_said_to_be_damaged(pulled: Path) -> None:
    (pulled / CASES).write_bytes(b"GRD2 nonsense")
    with pytest.raises(BrokenAssignment, match="pull the assignment again"):
        load_bundle(pulled)


def test_where_a_table_is_handed_in_there_are_data_and_a_sample(by_table: Path) -> None:
    files = build_bundle(load_assignment(by_table))
    assert files.keys() == {
        "assignment.toml", "handout.en.md", "handout.zh.md", "sample.csv", "data/train.csv", "data/test.csv",
    }  # fmt: skip
    assert files["sample.csv"] == (by_table / "sample.csv").read_bytes()
