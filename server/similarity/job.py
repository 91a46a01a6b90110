"""How a comparison is made, step by step. No transaction is open while the engine works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.similarity.fingerprint import Fingerprint
from grader.similarity.storage import VERSION
from server.assignments.models import Assignment
from server.database import session_factory
from server.settings import Settings
from server.similarity import claims, evidence, facts, index_store, population, records, rules
from server.similarity.claims import Claim
from server.similarity.facts import Record
from server.similarity.models import ArchivedWork, Comparison, SimilarPair
from server.similarity.pair_facts import PairFacts
from server.similarity.population import Member, Population
from server.similarity.reading import NOTHING, Reader, Unreadable
from server.submissions.models import Submission

if TYPE_CHECKING:
    from grader.similarity.score import Comparison as Compared
    from grader.similarity.score import Pair

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Works:
    """Everybody's, in the order in which they are compared: the class first."""

    members: tuple[Member, ...]
    prints: tuple[Fingerprint, ...]
    present: int

    @property
    def labels(self) -> dict[int, str]:
        """Who is who, by submission."""
        return {each.attempt.id: each.student for each in self.members if each.attempt}


def make(claim: Claim, *, settings: Settings, tell: Tell) -> None:
    """Read, compare, look beside, gather evidence; then all of it becomes visible at once."""
    with session_factory.begin() as session:
        assignment = session.get_one(Assignment, claim.assignment_id)
        found = population.population_of(session, assignment=assignment)
        templates = evidence.template_works(session, assignment=assignment)
    read(found, templates, settings=settings, tell=tell)
    with session_factory.begin() as session:
        works = load(session, found)
        given_out = evidence.template_prints(session, assignment=assignment, settings=settings)
    tell("comparing", 0, 1)
    compared = compare(works, given_out)
    pairs = rules.kept(compared.ranked(rules.WORTH_KEEPING))
    tell("facts", 0, 1)
    with session_factory.begin() as session:
        known = records.records_of(session, works.labels)
        rows = pairs_of(session, assignment, works, compared, pairs, known, settings)
    add_evidence(assignment, rows, pairs, works, compared, settings=settings, tell=tell)
    with session_factory.begin() as session:
        record(session, claim, found, works, rows, kept=index_store.Kept.of(works.members, compared, known), settings=settings)


def read(found: Population, templates: Sequence[ArchivedWork], *, settings: Settings, tell: Tell) -> None:
    """Make the fingerprints that are missing, each kept at once: a next try goes on from there."""
    with session_factory.begin() as session:
        submissions = population.unread_submissions(session, found.submission_ids)
        archived = population.unread_works(session, [*found.archived_ids, *(work.id for work in templates)])
    total = len(submissions) + len(archived)
    with Reader() as reader:
        for done, id in enumerate(submissions):
            tell("reading", done, total)
            read_submission(reader, id, settings=settings)
        for done, id in enumerate(archived, start=len(submissions)):
            tell("reading", done, total)
            read_archived(reader, id, settings=settings)


def read_submission(reader: Reader, submission_id: int, *, settings: Settings) -> None:
    data = fingerprint_of(reader, submission_id, settings=settings)
    with session_factory.begin() as session:
        population.store_print(session, submission_id, data)


def fingerprint_of(reader: Reader, submission_id: int, *, settings: Settings) -> bytes:
    with session_factory.begin() as session:
        texts = evidence.texts_of(session.get_one(Submission, submission_id), settings=settings)
    return fingerprinted(reader, texts)


def read_archived(reader: Reader, work_id: int, *, settings: Settings) -> None:
    with session_factory.begin() as session:
        work = session.get_one(ArchivedWork, work_id)
        work.data, work.version = fingerprinted(reader, evidence.texts_of(work, settings=settings)), VERSION


def fingerprinted(reader: Reader, texts: dict[str, str]) -> bytes:
    """Of what cannot be read nothing, which becomes a note; the others are compared all the same."""
    try:
        return reader.fingerprint(texts)
    except Unreadable:
        return NOTHING


def load(session: Session, found: Population) -> Works:
    present = population.with_prints(session, found.present)
    both = [*present, *population.with_prints(session, found.past)]
    return Works(tuple(member for member, _ in both), tuple(print_ for _, print_ in both), len(present))


def compare(works: Works, templates: Sequence[Fingerprint]) -> "Compared":
    from grader.similarity.score import compare

    return compare(works.prints[: works.present], archive=works.prints[works.present :], templates=templates)


def pairs_of(
    session: Session, assignment: Assignment, works: Works, compared: "Compared", pairs: "Sequence[Pair]",
    known: Mapping[int, Record], settings: Settings,
) -> list[SimilarPair]:  # fmt: skip
    """With their facts; nobody sees them yet."""
    sides = [(works.members[pair.left_work], works.members[pair.right_work]) for pair in pairs]
    shown = {each.attempt.id for both in sides for each in both if each.attempt}
    beside = PairFacts.read(session, assignment=assignment, records=known, shown=shown, settings=settings)
    rows = []
    for pair, (left, right) in zip(pairs, sides, strict=True):
        row = row_of(pair.similarity, left, right)
        row.facts = [*beside.of(left, right), *beside.story(pair.similarity, at_last(compared, pair), left, right)]
        rows.append(row)
    return rows


def at_last(compared: "Compared", pair: "Pair") -> float:
    """How similar the last works of both are."""
    last = compared.places_of(pair.left)[-1], compared.places_of(pair.right)[-1]
    return pair.similarity if last == (pair.left_work, pair.right_work) else compared.similarity_of(*last)


def row_of(similarity: float, left: Member, right: Member) -> SimilarPair:
    right_id = right.attempt.id if right.attempt else None
    return SimilarPair(similarity=similarity, left_id=left.attempt.id, right_id=right_id, archived_id=right.archived_id)


def add_evidence(
    assignment: Assignment, rows: Sequence[SimilarPair], pairs: "Sequence[Pair]", works: Works, compared: "Compared", *,
    settings: Settings, tell: Tell,
) -> None:  # fmt: skip
    """To the first pairs; that of the others is gathered when somebody looks."""
    with session_factory.begin() as session:
        gatherer = evidence.gatherer_of(session, assignment=assignment, settings=settings, comparison=compared)
    first = rows[: rules.WITH_EVIDENCE]
    for done, (row, pair) in enumerate(zip(first, pairs, strict=False)):
        tell("evidence", done, len(first))
        with session_factory.begin() as session:
            texts = [evidence.texts_of(work, settings=settings) for work in evidence.works_of(session, row)]
        row.evidence = evidence.gathered(gatherer, texts, [works.prints[pair.left_work], works.prints[pair.right_work]])


def record(
    session: Session, claim: Claim, found: Population, works: Works, rows: list[SimilarPair], *, kept: "index_store.Kept",
    settings: Settings,
) -> None:  # fmt: skip
    comparison = session.get_one(Comparison, claim.comparison_id)
    for row in rows:
        row.comparison_id = comparison.id
    session.add_all(rows)
    session.flush()
    add_elsewhere(session, comparison.assignment, rows)
    claims.finish(
        session,
        claim=claim,
        students=found.students,
        attempts=works.present,
        archived=len(works.members) - works.present,
        notes=[note.model_dump() for note in notes_of(session, found, works)],
        index_sha256=index_store.keep(session, kept, settings=settings),
    )
    index_store.forget_older(session, comparison=comparison, settings=settings)


def add_elsewhere(session: Session, assignment: Assignment, rows: Sequence[SimilarPair]) -> None:
    """In which other assignments of the course the same two stand high."""
    high = records.high_elsewhere(session, assignment=assignment)
    keys = records.keys_of(session, [row.id for row in rows]) if high else {}
    for row in rows:
        if fact := facts.other_assignments(high.get(keys.get(row.id, ""), ())):
            row.facts = [*row.facts, fact]


def notes_of(session: Session, found: Population, works: Works) -> list[Text]:
    """What could not be read, and what was left out."""
    names = records.names_of(session, [member.attempt.id for member in found.present])
    read = zip(works.members[: works.present], works.prints, strict=False)
    notes = [unread(each, names[each.attempt.id][0]) for each, print_ in read if not print_.parts]
    return [*notes, left_out(found.left_out)] if found.left_out else notes


def unread(member: Member, login: str) -> Text:
    number = member.attempt.number
    return Text(
        en=f"Attempt {number} of {login} could not be read as Python and is not compared.",
        zh=f"{login} 的第 {number} 次提交无法作为 Python 代码读取，未参与比对。",
    )


def left_out(count: int) -> Text:
    return Text(
        en=f"{count} attempts are not compared; of each student the one that counts, the first, the last and some between are.",
        zh=f"有 {count} 次提交未参与比对：每位学生只比对计分的、首次的、最后一次以及其间的若干次。",
    )
