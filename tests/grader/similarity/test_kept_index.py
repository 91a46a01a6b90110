"""One more work held against a comparison that was kept says what comparing all anew says."""

import json
import zlib
from collections.abc import Sequence

import pytest

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.kept_index import KeptIndex
from grader.similarity.score import compare
from grader.similarity.storage import OtherVersion
from tests.grader.similarity import works as given
from tests.grader.similarity.conftest import made

NEW = {"renamed": given.RENAMED, "reordered": given.REORDERED, "rewritten": given.REWRITTEN, "own": given.EMIL.replace("64", "3")}


def beside(
    works: Sequence[Fingerprint], one: Fingerprint, **options: Sequence[Fingerprint]
) -> tuple[dict[str, float], dict[str, float]]:
    """(by the kept one, by a whole one): how alike the new work is to each other student."""
    kept = KeptIndex.from_bytes(KeptIndex.of(compare(works, **options)).to_bytes())
    whole = compare([*works, one], **options).ranked()
    return (
        {pair.right: pair.similarity for pair in kept.against(one)},
        {
            pair.right if pair.left == one.student else pair.left: pair.similarity
            for pair in whole
            if one.student in (pair.left, pair.right)
        },
    )


def first_of(found: dict[str, float]) -> str:
    return max(found, key=lambda name: found[name])


@pytest.mark.parametrize("code", NEW.values(), ids=NEW.keys())
def test_a_new_work_is_as_alike_as_in_a_whole_comparison(honest: dict[str, Fingerprint], code: str) -> None:
    works = [
        *honest.values(),
        *(made(f"{name} too", text + "\n\nprint(1)\n") for name, text in given.HONEST.items() if name < "e"),
    ]
    kept, whole = beside(works, made("zoe", code))
    assert kept.keys() == whole.keys() == {work.student for work in works}
    assert all(kept[name] == pytest.approx(whole[name], abs=0.05) for name in whole if whole[name] >= 0.2)
    assert all(kept[name] < 0.25 for name in whole if whole[name] < 0.2)
    assert sorted(kept, key=lambda name: -kept[name])[:2] == sorted(whole, key=lambda name: -whole[name])[:2]


def test_the_archive_and_its_returning_students_are_held_against_it(honest: dict[str, Fingerprint]) -> None:
    works = [print_ for name, print_ in honest.items() if name != "ada"]
    kept, whole = beside(works, made("zoe", given.RENAMED), archive=[made("old", given.REORDERED), made("emil", given.ADA)])
    assert kept["old"] == pytest.approx(whole["old"], abs=0.05)
    assert kept["emil"] == pytest.approx(whole["emil"], abs=0.05)
    assert min(kept["old"], kept["emil"]) > 0.4


def test_the_same_code_is_one(honest: dict[str, Fingerprint]) -> None:
    kept, _ = beside(list(honest.values()), made("zoe", "# mine\n" + given.ADA))
    assert kept["ada"] == 1
    assert first_of(kept) == "ada"


def test_what_the_template_gives_does_not_count(honest: dict[str, Fingerprint]) -> None:
    kept, _ = beside(list(honest.values()), made("zoe", given.ADA), templates=[made("template", given.ADA)])
    assert max(kept.values()) < 0.1


def test_nobody_is_held_against_himself(honest: dict[str, Fingerprint]) -> None:
    kept, whole = beside(list(honest.values()), made("ada", given.ADA + "\n\nprint(w)\n"))
    assert "ada" not in kept
    assert kept.keys() == whole.keys()
    assert max(kept.values()) < 0.1


def test_the_attempt_that_is_alike_is_named(honest: dict[str, Fingerprint]) -> None:
    tries = [made("yan", given.EMIL.replace("64", "3")), made("yan", given.REORDERED), made("yan", given.REORDERED)]
    works = [*(print_ for name, print_ in honest.items() if name != "ada"), *tries]
    pair = KeptIndex.of(compare(works)).against(made("zoe", given.RENAMED))[0]
    assert (pair.left, pair.right) == ("zoe", "yan")
    assert (pair.left_work, pair.right_work) == (len(works), len(works) - 2)


def test_the_same_comparison_gives_the_same_bytes(honest: dict[str, Fingerprint]) -> None:
    works = list(honest.values())
    kept = KeptIndex.of(compare(works)).to_bytes()
    assert kept == KeptIndex.of(compare(works)).to_bytes()
    assert KeptIndex.from_bytes(kept).to_bytes() == kept


def test_a_work_without_a_feature_is_like_nobodys(honest: dict[str, Fingerprint]) -> None:
    kept = KeptIndex.of(compare(list(honest.values())))
    for code in ("", "x = 1\n", "def ("):
        assert all(pair.similarity == 0 for pair in kept.against(made("zoe", code)))


def test_weights_of_another_version_are_not_used(honest: dict[str, Fingerprint]) -> None:
    head, _, body = zlib.decompress(KeptIndex.of(compare(list(honest.values()))).to_bytes()).partition(b"\n")
    with pytest.raises(OtherVersion):
        KeptIndex.from_bytes(zlib.compress(json.dumps(json.loads(head) | {"version": 0}).encode() + b"\n" + body))
