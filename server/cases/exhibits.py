"""Exhibits: what is taken into a case, how staff see both sides, and what a student may see of his own."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from grader.similarity.evidence import Shade
from server.cases.models import Exhibit, Party
from server.cases.service import NewExhibit
from server.settings import Settings
from server.similarity.evidence import content_of, declared_in, texts_of
from server.similarity.models import SimilarPair
from server.submissions.models import Submission
from server.teams.queries import members_of

IN_QUESTION = {Shade.rare.name, Shade.unique.name}  # what nobody or few others have; the rest is no reason to ask anybody
Content = Mapping[str, Any]  # as `server.similarity.evidence.content_of` describes it


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    shade: str


@dataclass(frozen=True)
class CodeFile:
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Side:
    """One work of an exhibit. Of one of another course, or of a past term, nobody's name may be known."""

    login: str
    name: str
    attempt: int | None
    received_at: datetime | None
    archive: str | None
    declared: tuple[Content, ...]
    files: tuple[CodeFile, ...]


@dataclass(frozen=True)
class ExhibitView:
    id: int
    left: Side
    right: Side | None
    parts: tuple[Content, ...]
    texts: tuple[Content, ...]
    facts: tuple[Content, ...]


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


def view_of(exhibit_id: int, content: Content) -> ExhibitView:
    evidence = content["evidence"] or {}
    return ExhibitView(
        id=exhibit_id,
        left=side_view(content["left"], evidence.get("left", {})),
        right=side_view(content["right"], evidence.get("right", {})) if content["right"] else None,
        parts=tuple(evidence.get("parts", ())),
        texts=tuple(evidence.get("texts", ())),
        facts=tuple(content["facts"]),
    )


def side_view(side: Content, shades: Mapping[str, list[str]]) -> Side:
    files = tuple(CodeFile(file["name"], tuple(lines_of(file, shades))) for file in side["files"])
    known = {name: side[name] for name in ("login", "attempt", "archive")}
    known["name"] = side["name"] or side["archive"]
    known["received_at"] = datetime.fromisoformat(side["received_at"]) if side["received_at"] else None
    return Side(**known, declared=tuple(side["declared"]), files=files)


def lines_of(file: Content, shades: Mapping[str, list[str]]) -> Iterator[Line]:
    known = shades.get(file["name"], [])
    for number, text in enumerate(file["lines"], start=1):
        yield Line(number, text, known[number - 1] if number <= len(known) else Shade.nothing.name)


def own_works(session: Session, *, party: Party, exhibits: Iterable[Exhibit]) -> list[OwnWork]:
    """What a student sees: his own attempts or his team's, each once, with the lines in question of all exhibits."""
    team = set(members_of(session, assignment=party.case.assignment, user=party.student))
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
