"""Pseudonyms are stable, differ, say nothing without the key, and read well in both languages."""

from server.courses.pseudonyms import ADJECTIVES, ANIMALS, pseudonym


def test_the_same_subject_has_the_same_name_and_others_others() -> None:
    names = [pseudonym(b"key", f"course 1 person {number}").en for number in range(2000)]
    assert pseudonym(b"key", "course 1 person 7").en == names[7]
    assert len(set(names)) > 1990
    assert pseudonym(b"other key", "course 1 person 7").en != names[7]
    assert pseudonym(b"key", "course 2 person 7").en != names[7]


def test_every_word_is_there_once_in_both_languages() -> None:
    for words in (ADJECTIVES, ANIMALS):
        pairs = [word.split(" ") for word in words]
        assert all(len(pair) == 2 and pair[0].isascii() and not pair[1].isascii() for pair in pairs)
        assert len({en for en, _ in pairs}) == len({zh for _, zh in pairs}) == len(pairs) >= 100


def test_both_languages_name_the_same_animal() -> None:
    name = pseudonym(b"key", "x")
    _, animal, number = name.en.split(" ")
    chinese = dict(word.split(" ") for word in ANIMALS)[animal.lower()]
    assert name.zh.endswith(f"{chinese} {number}")
