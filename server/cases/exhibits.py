"""Exhibits: what is taken into a case, how staff see both sides, and what a student may see of his own."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from grader.similarity.evidence import Shade
from server.cases.models import Exhibit, Party
from server.cases.service import NewExhibit, authors_of
from server.settings import Settings
from server.similarity.evidence import content_of, declared_in, texts_of
from server.similarity.models import SimilarPair
from server.similarity.sides import Sides, sides_of
from server.submissions.models import Submission

IN_QUESTION = {Shade.rare.name, Shade.unique.name}  # what nobody or few others have; the rest is no reason to ask anybody
Content = Mapping[str, Any]  # as `server.similarity.evidence.content_of` describes it


@dataclass(frozen=True)
class OwnLine:
    number: int
    text: str
    in_question: bool


@dataclass(frozen=True)
class OwnFile:
    name: str
    lines: tuple[OwnLine, ...]


@dataclass(frozen=True)
class OwnWork:
    """An attempt of a student as it is shown to himself: nothing in it comes from anybody else's work."""

    attempt: int
    files: tuple[OwnFile, ...]


def exhibits_of_pairs(session: Session, *, pairs: Iterable[SimilarPair], settings: Settings) -> list[NewExhibit]:
    return [NewExhibit(pair.left, pair.right, content_of(session, pair=pair, settings=settings)) for pair in pairs]


def exhibit_of_submission(session: Session, *, submission: Submission, settings: Settings) -> NewExhibit:
    """A work by itself, as after a spot check."""
    content = {"similarity": None, "left": side_of(session, submission, settings), "right": None, "evidence": None, "facts": []}
    return NewExhibit(submission, None, content)


def side_of(session: Session, submission: Submission, settings: Settings) -> dict[str, Any]:
    """As in an exhibit of two."""
    texts = texts_of(submission, settings=settings)
    return {
        "student": submission.author_id,
        "login": submission.author.login,
        "name": submission.author.display_name,
        "attempt": submission.attempt,
        "received_at": submission.received_at.isoformat(),
        "archive": None,
        "files": [{"name": name, "lines": text.split("\n")} for name, text in sorted(texts.items())],
        "declared": declared_in(session, [submission.id]).get(submission.id, []),
    }


def view_of(exhibit_id: int, content: Content) -> Sides:
    """Of one of another course, or of a past term, nobody's name may be known: it is called after its archive."""
    works = [content[side] for side in ("left", "right") if content[side] is not None]
    return sides_of(content, names=tuple(work["name"] or work["archive"] for work in works), prefix=f"x{exhibit_id}-")


def own_works(session: Session, *, party: Party, exhibits: Iterable[Exhibit]) -> list[OwnWork]:
    """What a student sees: his own attempts or his team's, each once, with the lines in question of all exhibits."""
    team = authors_of(session, party)
    found: dict[int, dict[str, OwnFile]] = {}
    for side, shades in own_sides([exhibit.content for exhibit in exhibits], team):
        known = found.setdefault(side["attempt"], {})
        for file in side["files"]:
            known[file["name"]] = mark(file, shades.get(file["name"], []), known.get(file["name"]))
    return [OwnWork(attempt, tuple(files.values())) for attempt, files in sorted(found.items())]


def own_sides(contents: Iterable[Content], team: Collection[int]) -> Iterator[tuple[Content, Mapping[str, list[str]]]]:
    for content in contents:
        for name in ("left", "right"):
            side = content[name]
            if side and side["student"] in team:
                yield side, (content["evidence"] or {}).get(name, {})


def mark(file: Content, shades: list[str], known: OwnFile | None) -> OwnFile:
    """A line stays marked if an exhibit before this one has marked it."""
    marked = {number for number, shade in enumerate(shades, start=1) if shade in IN_QUESTION}
    marked |= {line.number for line in known.lines if line.in_question} if known else set()
    lines = enumerate(file["lines"], start=1)
    return OwnFile(file["name"], tuple(OwnLine(number, text, number in marked) for number, text in lines))
