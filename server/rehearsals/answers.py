"""What a simulated student writes: of the right kind, and as somebody types it, a bit more each time. Never what is right."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

PIXEL = bytes.fromhex(  # a PNG of one grey pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63680000008200"
    "8177cd72b60000000049454e44ae426082"
)
WORDS = ("gradient", "loss", "attention", "layer", "batch", "梯度", "损失", "注意力")


def questions_of(paper: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """As the API gives them, in their order."""
    for part in paper["parts"]:
        for section in part["sections"]:
            yield from section["questions"]


def answer_to(question: Mapping[str, Any], draw: random.Random) -> Any:
    """Of anything that is typed; None where a file is wanted, or nothing."""
    letters = [each["letter"] for each in question["options"]]
    match question["kind"]:
        case "number":
            return f"{draw.uniform(-1000, 1000):.3f}"
        case "matrix":
            return [[str(draw.randrange(100)) for _ in range(question["columns"])] for _ in range(question["rows"])]
        case "choice":
            return draw.choice(letters)
        case "choices":
            return sorted(draw.sample(letters, draw.randint(1, len(letters))))
        case "short":
            return draw.choice(WORDS)
        case "text":
            text = " ".join(draw.choice(WORDS) for _ in range(draw.randint(5, 60)))
            return text[: question["most_characters"] or len(text)].strip()
    return None


def wants_file(question: Mapping[str, Any]) -> bool:
    return question["kind"] == "file"


def more_code(text: str, login: str, line: int) -> str:
    """The starter, and a comment more each time: it can be loaded, and each version is judged anew."""
    return f"{text.rstrip()}\n# line {line} of {login}\n"
