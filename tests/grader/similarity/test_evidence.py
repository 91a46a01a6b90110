"""Where two are alike: parts, runs of tokens, lines and texts, with the template left grey."""

from collections.abc import Sequence

from grader.similarity.evidence import Evidence, Gatherer, Shade
from grader.similarity.fingerprint import fingerprint
from grader.similarity.score import compare
from grader.similarity.sources import Work
from grader.similarity.texts import texts_of
from tests.grader.similarity import works as given
from tests.grader.similarity.conftest import Code, work


def gathered(left: Code, right: Code, template: str = "", before: Sequence[Work] = ()) -> Evidence:
    works = [work(name, code) for name, code in given.HONEST.items() if name != "ada"]
    one, other, base = work("left", left), work("right", right), work("template", template)
    prints = [fingerprint(each) for each in (*works, *before, one, other)]
    comparison = compare(prints, templates=[fingerprint(base)])
    lines = frozenset(line.strip() for line in template.split("\n"))
    gatherer = Gatherer(comparison, lines, frozenset(text.key for text in texts_of(base.sources)))
    return gatherer.gather(one, other, *prints[-2:])


def test_the_functions_that_correspond_are_named_with_what_only_they_share() -> None:
    parts = gathered(given.ADA, given.REWRITTEN).parts
    assert {(part.left_name, part.right_name) for part in parts[:3]} == {(name, name) for name in ("prepare", "loss", "fit")}
    assert all(part.unique > 0 for part in parts[:3])


def test_a_run_of_tokens_has_its_lines_on_both_sides() -> None:
    longest = gathered(given.ADA, given.RENAMED).matches[0]
    here, there = (
        code.split("\n")[span.first - 1 : span.last] for code, span in ((given.ADA, longest.left), (given.RENAMED, longest.right))
    )
    assert len([line for line in here if line.strip()]) > 5
    assert any("np.exp" in line for line in here) == any("np.exp" in line for line in there)


def test_runs_of_tokens_never_overlap() -> None:
    matches = gathered(given.ADA + given.ADA.replace("def ", "def again_"), given.RENAMED).matches
    assert sum(match.length for match in matches) <= 400
    assert len({(match.right.first, match.right.last) for match in matches}) == len(matches)


def test_lines_are_shaded_by_how_rare_is_what_they_share() -> None:
    shades = gathered(given.ADA, given.RENAMED, given.TEMPLATE).left["solution.py"]
    lines = given.ADA.split("\n")
    by_text = {line.strip(): shade for line, shade in zip(lines, shades, strict=True)}
    assert by_text["def loss(w, x, y, reg):"] is Shade.template
    assert by_text["value = -np.log(picked + 1e-9).sum() / n + 0.5 * reg * np.sum(w * w)"] is Shade.unique


def test_unrelated_works_have_hardly_a_unique_line() -> None:
    shades = gathered(given.ADA, given.EMIL).left["solution.py"]
    assert sum(shade is Shade.unique for shade in shades) < len(shades) / 4


def test_rare_texts_that_both_have_are_evidence_unless_the_template_has_them() -> None:
    note = "# substract the maximun first\n"
    found = gathered(note + given.ADA, note + given.BEN, given.TEMPLATE)
    assert "substract the maximun first" in [left.text for left, _ in found.texts]
    found = gathered(note + given.ADA, note + given.BEN, note + given.TEMPLATE)
    assert "substract the maximun first" not in [left.text for left, _ in found.texts]


def test_what_a_student_has_in_each_attempt_is_one_students() -> None:
    note = "# substract the maximun first\n"
    attempts = [work("left", note + given.ADA + f"\nSEED = {number}\n") for number in range(5)]
    alone = gathered(note + given.ADA, note + given.RENAMED)
    often = gathered(note + given.ADA, note + given.RENAMED, before=attempts)
    assert often.unique == alone.unique
    assert often.left == alone.left
    assert often.texts == alone.texts


def test_where_a_third_one_has_the_same_it_says_how_many_have_it() -> None:
    of_two = gathered(given.ADA, given.RENAMED).parts
    third = [work("third", given.ADA)]
    of_three = {part.left_name: part for part in gathered(given.ADA, given.RENAMED, before=third).parts}
    assert sum(part.unique for part in of_three.values()) == 0
    assert {name: of_three[name].closest for name in ("prepare", "loss", "fit")} == {
        part.left_name: (3, part.unique) for part in of_two[:3]
    }
