"""What a paper shows and what it keeps back; and what two of them differ in."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.papers.comparing import compare
from grader.papers.page import paper_page
from grader.papers.sheet import Sheet, sheet_of
from grader.questions.judging import paper_of
from grader.questions.paper import right_answer
from grader.spec import PROJECT, load_manifest
from grader.variants.binding import variant_of_seed
from tests.grader.questions.test_paper import MIXED
from tests.grader.variants.conftest import DRAWN, SEEDS

MIDTERM = PROJECT / "assignments" / "exam-midterm"
run = CliRunner()


def sheet(seed: str = SEEDS[0], folder: Path = DRAWN, **options: bool) -> Sheet:
    return sheet_of(folder, load_manifest(folder), seed, **options)


def answers_in(folder: Path, seed: str) -> list[str]:
    items = paper_of(folder, load_manifest(folder), seed).items
    return [str(right_answer(item.asked)) for item in items if item.question.kind == "number"]


def test_without_the_key_no_answer_and_no_hidden_constant_is_in_it() -> None:
    told = sheet().model_dump_json()
    hidden = variant_of_seed(DRAWN, SEEDS[0])["hidden_shift"]
    assert "hidden_shift" not in told and str(hidden) not in told
    assert [answer for answer in answers_in(DRAWN, SEEDS[0]) if re.search(rf"\b{answer}\b", told)] == []
    assert "CANARY" not in sheet(folder=MIXED).model_dump_json()


def test_with_the_key_everything_is() -> None:
    told = sheet(with_key=True)
    assert "hidden_shift" in told.constants
    assert {entry.id: entry.key.answer.en for entry in told.entries}["count"] == answers_in(DRAWN, SEEDS[0])[0]


@pytest.mark.parametrize("with_key", [False, True])
def test_equal_papers_have_no_difference(with_key: bool) -> None:
    assert compare(sheet(with_key=with_key), sheet(with_key=with_key)) == []


def test_two_papers_differ_in_constants_order_wording_and_answers() -> None:
    first = [entry.id for entry in sheet().entries]
    other = next(seed for seed in SEEDS if [entry.id for entry in sheet(seed).entries] != first)
    differences = compare(sheet(with_key=True), sheet(other, with_key=True))
    whats = {each.what for each in differences}
    assert {"constant", "order", "wording", "answer", "handout", "starter"} <= whats
    factor = next(each for each in differences if each.where == "factor")
    assert factor.left.en == str(variant_of_seed(DRAWN, SEEDS[0])["factor"])
    assert "answer" not in {each.what for each in compare(sheet(), sheet(other))}
    mirrored = compare(sheet(other, with_key=True), sheet(with_key=True))
    turned = [each.model_copy(update={"left": each.right, "right": each.left}) for each in mirrored]
    assert sorted(map(repr, turned)) == sorted(map(repr, differences))


def test_a_question_that_only_one_paper_has_is_named() -> None:
    whole = sheet()
    less = whole.model_copy(update={"entries": whole.entries[1:]})
    assert {(each.where, each.what) for each in compare(whole, less)} == {("questions", "order"), ("count", "question")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_whole_and_safe(language: str) -> None:
    one = sheet(folder=MIDTERM)
    html = paper_page([one, sheet(SEEDS[1], MIDTERM)], [], language=language)
    assert html.count("<article>") == 2 and "<math" in html and "def pooled" in html and "{{" not in html
    assert 'class="key"' not in html and "src=" not in html and "href=" not in html
    hostile = one.model_copy(update={"starter": "<script>alert(1)</script>"})
    assert "<script>" not in paper_page([hostile], [], language=language)


def gradus(*arguments: object) -> str:
    done = run.invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_shows_writes_and_compares(tmp_path: Path) -> None:
    assert "a heart-rate trace" in gradus("paper", MIDTERM, "--variant", 1, "--language", "en")
    path = tmp_path / "paper.html"
    gradus("paper", MIDTERM, "--variant", 1, "--beside", 2, "--answers", "--html", path, "--language", "zh")
    assert "答案" in path.read_text(encoding="utf-8")
    found = json.loads(gradus("paper", DRAWN, "--variant", 1, "--beside", 2, "--json"))
    assert len(found["papers"]) == 2 and found["differences"] and "key" not in found["papers"][0]["entries"][0]


@pytest.mark.parametrize(("wrong", "said"), [(["--variant", "xyz"], "hex digits"), (["--language", "de"], "en or zh")])
def test_what_makes_no_sense_is_a_mistake_of_the_caller(wrong: list[str], said: str) -> None:
    done = run.invoke(app, ["paper", str(DRAWN), *wrong])
    assert done.exit_code == 2 and said in done.stderr


def test_grade_draws_the_paper_that_is_named(tmp_path: Path) -> None:
    solution = tmp_path / "solution.py"
    factor = variant_of_seed(DRAWN, SEEDS[0])["factor"]
    solution.write_text(f"def scaled(x): return {factor} * x\n")
    found = run.invoke(app, ["grade", str(DRAWN), str(solution), "--variant", "1", "--seed", "7", "--public-only", "--json"])
    assert json.loads(found.stdout)["score"] == 30
    other = run.invoke(app, ["grade", str(DRAWN), str(solution), "--variant", "2", "--seed", "7", "--public-only", "--json"])
    assert json.loads(other.stdout)["score"] == 0
