"""Where the words of this competition come from. Trusted side only: the labels of the test words are in here.

Names of countries, languages and scripts in ten languages, from the Unicode consortium's locale data (CLDR, Unicode License
v3), which Babel brings along. `python data.py` writes data/.
"""

import csv
import hashlib
import json
import random
import string
import unicodedata
from functools import lru_cache
from pathlib import Path

import torch

from grader.checks import Contest

SEED = "7c1e94ab30f2d865"  # another course, another seed: then run this file and `gradus verify final-names --record`
FINGERPRINT = "a5a66fcb0853b869"  # of what this seed makes, lest a new Babel changes the test in the middle of a competition
LANGUAGES = ("cy", "et", "eu", "ga", "hu", "lv", "nl", "sq", "sw", "tr")
SHORTEST, LONGEST, MISREAD, TO_TRAIN = 4, 8, 0.05, 0.55

Word = tuple[str, int]


@lru_cache(maxsize=1)
def contest() -> Contest:
    train, test = made()
    return Contest(
        metric="balanced_accuracy",
        train={"inputs": [word for word, _ in train], "labels": _labels(train)},
        inputs=[word for word, _ in test],
        labels=_labels(test),
        split_seed=SEED,
        classes=len(LANGUAGES),
    )


def made() -> tuple[list[Word], list[Word]]:
    """The words to train on, then those of the test, each with the number of its language."""
    rng = random.Random(SEED)
    script = str.maketrans(string.ascii_lowercase, "".join(rng.sample(string.ascii_lowercase, 26)))
    number = rng.sample(range(len(LANGUAGES)), len(LANGUAGES))
    names = _names()
    rng.shuffle(names)
    words = _unambiguous([(_copied(name, rng).translate(script), number[language]) for name, language in names])
    cut = round(TO_TRAIN * len(words))
    found = hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]
    if found != FINGERPRINT:
        raise RuntimeError(f"this Babel or Python makes other words ({found}) than those that were measured ({FINGERPRINT})")
    return words[:cut], words[cut:]


def _names() -> list[Word]:
    """Letters a to z only, without accents and blanks; without what two languages write alike."""
    from babel import Locale

    found: dict[str, set[int]] = {}
    for number, code in enumerate(LANGUAGES):
        locale = Locale(code)
        for name in (*locale.territories.values(), *locale.languages.values(), *locale.scripts.values()):
            letters = unicodedata.normalize("NFKD", name.casefold())
            plain = "".join(letter for letter in letters if not unicodedata.combining(letter) and letter not in " -'’")
            if len(plain) >= SHORTEST and set(plain) <= set(string.ascii_lowercase):
                found.setdefault(plain, set()).add(number)
    return sorted((name, numbers.pop()) for name, numbers in found.items() if len(numbers) == 1)


def _copied(name: str, rng: random.Random) -> str:
    """Eight letters of it at most, from anywhere, and now and then one is misread."""
    start = rng.randint(0, max(0, len(name) - LONGEST))
    return "".join(
        rng.choice(string.ascii_lowercase) if rng.random() < MISREAD else letter for letter in name[start : start + LONGEST]
    )


def _unambiguous(words: list[Word]) -> list[Word]:
    """Every word once, none in two languages: so none of the test is known from training."""
    languages: dict[str, set[int]] = {}
    for word, language in words:
        languages.setdefault(word, set()).add(language)
    return [(word, min(found)) for word, found in languages.items() if len(found) == 1]


def _labels(words: list[Word]) -> torch.Tensor:
    return torch.tensor([language for _, language in words])


if __name__ == "__main__":
    with (Path(__file__).parent / "data" / "train.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("word", "language"), *made()[0]])
