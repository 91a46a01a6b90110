"""What is hidden in a copy stays visible, and what independent people share does not count."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.score import compare
from tests.grader.similarity import works as given
from tests.grader.similarity.conftest import likeness, made

DISGUISES = {
    "renamed": given.RENAMED,
    "reordered": given.REORDERED,
    "with dead code": given.DEAD_CODE,
    "rewritten": given.REWRITTEN,
    "in two files": {
        "model.py": given.ADA.split("def fit")[0],
        "train.py": "import numpy as np\n\ndef fit" + given.ADA.split("def fit")[1],
    },
    "that does not parse": given.RENAMED.replace("return result, back", "return (result, back"),
    "with tabs and comments": given.ADA.replace("    ", "\t").replace("\n\tn = ", "\n\t# count the rows\n\n\tn = "),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_disguised_copy_stands_out(beside: Callable[..., dict[str, float]], disguise: str | dict[str, str]) -> None:
    found = beside(disguise)
    others = max(value for name, value in found.items() if name != "ada")
    assert found["ada"] > 0.5
    assert others < 0.05


def test_independent_works_are_near_zero(honest: dict[str, Fingerprint]) -> None:
    assert max(likeness(compare(list(honest.values()))).values()) < 0.05


def test_the_same_code_is_one_whatever_its_layout(beside: Callable[..., dict[str, float]]) -> None:
    loose = given.ADA.replace(" = ", "  =  ").replace("\n\n\n", "\n\n# mine\n\n")
    assert beside(loose)["ada"] == 1


def test_half_of_each_of_two_is_found_in_both(beside: Callable[..., dict[str, float]]) -> None:
    halves = given.ADA.split("def fit")[0] + "def fit" + given.CHEN.split("def fit")[1]
    found = beside(halves)
    assert min(found["ada"], found["chen"]) > 2 * max(value for name, value in found.items() if name not in ("ada", "chen"))


def test_two_who_handed_in_the_template_are_not_alike() -> None:
    template = made("template", given.TEMPLATE)
    works = [made(name, given.TEMPLATE) for name in ("one", "two")] + [made(*item) for item in given.HONEST.items()]
    found = likeness(compare(works, templates=[template]))
    assert found[frozenset(("one", "two"))] == 0


def test_what_the_template_gives_does_not_count_even_where_it_was_edited() -> None:
    """Two of the class kept a function that was given; one of them renamed what is in it."""
    given_code = "\n\n" + given.ADA.split("def loss")[1].join(["def given_loss", ""]).split("def fit")[0]
    renamed = given_code.replace("scores", "logits").replace("picked", "chosen")
    works = [made(name, code) for name, code in given.HONEST.items() if name != "ada"]
    works += [made("one", given.TEMPLATE + given_code), made("two", given.TEMPLATE + renamed)]
    pair = frozenset(("one", "two"))
    without = likeness(compare(works))[pair]
    known = likeness(compare(works, templates=[made("template", given.TEMPLATE + given_code)]))[pair]
    assert without > 0.5
    assert known < 0.1


def test_the_archive_is_compared_with_the_class_but_not_with_itself(honest: dict[str, Fingerprint]) -> None:
    archive = [made("2024/one", given.RENAMED), made("2024/two", given.REORDERED)]
    found = likeness(compare(list(honest.values()), archive=archive))
    assert frozenset(("2024/one", "2024/two")) not in found
    assert found[frozenset(("ada", "2024/one"))] > 0.5


def test_the_order_of_the_works_does_not_matter(honest: dict[str, Fingerprint]) -> None:
    works = [*honest.values(), made("zoe", given.REWRITTEN)]
    assert likeness(compare(works)) == pytest.approx(likeness(compare(works[::-1])), abs=1e-3)


def test_hashes_do_not_depend_on_the_process() -> None:
    code = (
        "import json; from tests.grader.similarity.conftest import made, likeness; from tests.grader.similarity import works;"
        "from grader.similarity.score import compare;"
        "found = likeness(compare([made(*item) for item in works.HONEST.items()] + [made('zoe', works.REWRITTEN)]));"
        "print(json.dumps(sorted([*sorted(pair), value] for pair, value in found.items())))"
    )
    answers = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        answers.append(subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout)
    assert answers[0] == answers[1]
    assert len(json.loads(answers[0])) == 36
