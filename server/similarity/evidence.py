"""Where the two works of a pair are alike, and everything about a pair that a case keeps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from grader.spec import EXAMPLE_SEED
from grader.variants.binding import starter_of as filled_starter
from grader.variants.binding import variant_of_seed
from server.assignments.models import Assignment
from server.assignments.service import folder_of
from server.database import current_time
from server.declarations.queries import newest_of
from server.settings import Settings
from server.similarity import reading
from server.similarity.models import ArchivedWork, ArchiveKind, SimilarPair
from server.similarity.population import archived_prints, list_archives, population_of, stored_prints, with_prints
from server.submissions import blobs
from server.submissions.models import Submission
from server.submissions.service import collected_files

if TYPE_CHECKING:
    from grader.similarity.evidence import Evidence, Gatherer, SharedPart
    from grader.similarity.fingerprint import Fingerprint
    from grader.similarity.score import Comparison

Texts = dict[str, str]  # name → text


def evidence_of(session: Session, *, pair: SimilarPair, settings: Settings) -> dict[str, Any]:
    """As it was gathered with the comparison, else gathered now, which takes seconds in a large class, and kept."""
    if pair.evidence is None:
        assignment = pair.comparison.assignment
        gatherer = gatherer_of(
            session, assignment=assignment, settings=settings, comparison=_class(session, assignment, settings)
        )
        works = works_of(session, pair)
        texts, prints = [texts_of(work, settings=settings) for work in works], [_print(session, work) for work in works]
        pair.evidence = gathered(gatherer, texts, prints)
        session.flush()
    return pair.evidence


def content_of(session: Session, *, pair: SimilarPair, settings: Settings) -> dict[str, Any]:
    """Both sides with names and code: it stands by itself, whatever becomes of the comparison."""
    assignment = pair.comparison.assignment
    right = pair.right if pair.right is not None else pair.archived
    sources = declared_in(session, [each.id for each in (pair.left, pair.right) if each is not None])
    return {
        "similarity": pair.similarity,
        "made_at": current_time(session).isoformat(),
        "left": _side(pair.left, assignment, sources, settings),
        "right": _side(right, assignment, sources, settings),
        "evidence": evidence_of(session, pair=pair, settings=settings),
        "facts": pair.facts,
    }


def _side(
    work: Submission | ArchivedWork, assignment: Assignment, sources: Mapping[int, list[Any]], settings: Settings
) -> dict[str, Any]:
    files = [{"name": name, "lines": text.split("\n")} for name, text in texts_of(work, settings=settings).items()]
    if isinstance(work, ArchivedWork):
        nobody = {"student": None, "login": "", "attempt": None, "received_at": None}
        return nobody | {"name": work.name, "archive": work.archive.name, "files": files, "declared": []}
    attempt = {"attempt": work.attempt, "received_at": work.received_at.isoformat()}
    if work.assignment_id != assignment.id:  # of another course: whoever reads a case need not be staff there
        nobody = {"student": None, "login": "", "name": "", "archive": work.assignment.course.slug}
        return nobody | attempt | {"files": files, "declared": []}
    person = {"student": work.author_id, "login": work.author.login, "name": work.author.display_name, "archive": None}
    return person | attempt | {"files": files, "declared": sources.get(work.id, [])}


def declared_in(session: Session, submission_ids: Iterable[int]) -> dict[int, list[Any]]:
    """The sources of the newest declaration of each."""
    return {id: declaration.sources for id, declaration in newest_of(session, list(submission_ids)).items()}


def texts_of(work: Submission | ArchivedWork, *, settings: Settings) -> Texts:
    if isinstance(work, ArchivedWork):
        return {file["name"]: blobs.read(settings.blob_store, file["sha256"]).decode() for file in work.files}
    return reading.texts_of(collected_files(work, store=settings.blob_store))


def works_of(session: Session, pair: SimilarPair) -> tuple[Submission, Submission | ArchivedWork]:
    """By ids: the pair may not be stored yet."""
    archived = session.get_one(ArchivedWork, pair.archived_id) if pair.right_id is None else None
    return session.get_one(Submission, pair.left_id), archived or session.get_one(Submission, pair.right_id)


def gathered(gatherer: "Gatherer", texts: Sequence[Texts], prints: "Sequence[Fingerprint]") -> dict[str, Any]:
    """Of both sides."""
    return as_json(gatherer.gather(*map(reading.work_of, texts), *prints))


def _print(session: Session, work: Submission | ArchivedWork) -> "Fingerprint":
    found = archived_prints(session, [work.id]) if isinstance(work, ArchivedWork) else stored_prints(session, [work.id])
    return found[work.id]


def as_json(evidence: "Evidence") -> dict[str, Any]:
    return {
        "parts": [_part(part) for part in evidence.parts],
        "matches": [asdict(match) for match in evidence.matches],
        "texts": [
            {"kind": left.kind, "text": left.text, "left": _place(left), "right": _place(right)} for left, right in evidence.texts
        ],
        "left": {name: [shade.name for shade in shades] for name, shades in evidence.left.items()},
        "right": {name: [shade.name for shade in shades] for name, shades in evidence.right.items()},
    }


def _part(part: "SharedPart") -> dict[str, Any]:
    counts = {"shared": part.shared, "few": part.few, "unique": part.unique, "closest": [*part.closest]}
    left, right = asdict(part.left) | {"name": part.left_name}, asdict(part.right) | {"name": part.right_name}
    return {"left": left, "right": right} | counts


def _place(text: Any) -> dict[str, Any]:
    return {"file": text.file, "line": text.line}


def gatherer_of(session: Session, *, assignment: Assignment, settings: Settings, comparison: "Comparison") -> "Gatherer":
    from grader.similarity.evidence import Gatherer
    from grader.similarity.texts import texts_of as rare_texts_of

    texts = [starter_of(assignment, settings=settings)]
    texts += [texts_of(work, settings=settings) for work in template_works(session, assignment=assignment)]
    sources = [source for each in texts for source in reading.work_of(each).sources]
    lines = frozenset(line.strip() for source in sources for line in source.text.split("\n"))
    return Gatherer(comparison, lines, frozenset(text.key for text in rare_texts_of(sources)))


def _class(session: Session, assignment: Assignment, settings: Settings) -> "Comparison":
    """How many have what, without comparing anybody."""
    import numpy as np

    from grader.similarity.index import build_index
    from grader.similarity.score import VIEWS, Comparison
    from grader.similarity.students import students_of

    population = population_of(session, assignment=assignment)
    templates = template_prints(session, assignment=assignment, settings=settings)
    present, past = ([print_ for _, print_ in with_prints(session, side)] for side in (population.present, population.past))
    works, students = (*present, *past), students_of(present, past)
    indices = {name: build_index(works, students, view, templates) for name, view in VIEWS.items()}
    return Comparison(works, students, np.zeros((0, 0), np.float32), indices, {})


def starter_of(assignment: Assignment, *, settings: Settings) -> Texts:
    """Where each has constants of his own, with those of an example: works are compared by what they do with them."""
    path = folder_of(assignment, root=settings.assignments) / "starter.py"
    return {path.name: filled_starter(path.parent, variant_of_seed(path.parent, EXAMPLE_SEED))} if path.is_file() else {}


def template_works(session: Session, *, assignment: Assignment) -> list[ArchivedWork]:
    """Beside the starter: code that was given out, as staff have added it."""
    archives = list_archives(session, assignment=assignment)
    return [work for archive in archives if archive.kind is ArchiveKind.template for work in archive.works]


def template_prints(session: Session, *, assignment: Assignment, settings: Settings) -> "list[Fingerprint]":
    from grader.similarity.fingerprint import fingerprint
    from grader.similarity.sources import Source, Work

    starter = Work("", tuple(Source(*named) for named in starter_of(assignment, settings=settings).items()))
    works = template_works(session, assignment=assignment)
    return [fingerprint(starter), *archived_prints(session, [work.id for work in works]).values()]
