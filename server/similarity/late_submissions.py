"""One submission that came after the comparison, held against it as it stands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.similarity.storage import VERSION, decoded
from server.database import session_factory
from server.settings import Settings
from server.similarity import evidence, index_store, job, population, queries, records, rules
from server.similarity.index_store import Kept
from server.similarity.keys import keys
from server.similarity.models import ArchivedWork, Comparison, SimilarPair, StoredFingerprint
from server.similarity.pair_facts import PairFacts
from server.similarity.population import Member
from server.similarity.reading import Reader
from server.submissions.models import Submission

if TYPE_CHECKING:
    from grader.similarity.score import Pair


READER = Reader()  # of this worker process, kept for the next one; the kernel ends its process with ours


def add(submission_id: int, *, settings: Settings) -> None:
    """Its fingerprint and its pairs come in one transaction; whoever comes second finds the fingerprint and leaves it."""
    READER.start()  # it gets ready while we look things up
    with session_factory.begin() as session:
        comparison = waiting_for(session, submission_id)
        if comparison is None:
            return
        texts = evidence.texts_of(session.get_one(Submission, submission_id), settings=settings)
        kept = index_store.load(comparison, settings=settings)
    data = job.fingerprinted(READER, texts)
    with session_factory.begin() as session:
        submission = session.get_one(Submission, submission_id)
        if is_same(waiting_for(session, submission_id), comparison) and store_first(session, submission_id, data):
            newcomer = member_of(session, submission)
            pairs = first_pairs(session, kept, kept.index.against(replace(decoded(data), student=newcomer.student)))
            add_pairs(session, session.get_one(Comparison, comparison.id), newcomer, kept, pairs, settings)


def waiting_for(session: Session, submission_id: int) -> Comparison | None:
    """The comparison that it is not in; None where it is, or where another one of all is on its way."""
    submission = session.get_one(Submission, submission_id)
    if not population.unread_submissions(session, [submission_id]):
        return None
    comparison = queries.newest(session, assignment=submission.assignment)
    return comparison if comparison is not None and comparison.index_sha256 is not None else None


def is_same(now: Comparison | None, before: Comparison) -> bool:
    return now is not None and now.id == before.id


def store_first(session: Session, submission_id: int, data: bytes) -> bool:
    """Whether it was not there."""
    row = insert(StoredFingerprint).values(submission_id=submission_id, version=VERSION, data=data)
    newer = {"version": VERSION, "data": data}
    stored = row.on_conflict_do_update(
        index_elements=["submission_id"], set_=newer, where=StoredFingerprint.version != VERSION
    ).returning(StoredFingerprint.submission_id)
    return session.scalar(stored) is not None


def member_of(session: Session, submission: Submission) -> Member:
    labels = population.team_labels(session, assignment=submission.assignment)
    (attempt,) = population.attempts_by_id(session, [submission.id])
    return Member(population.label_of(attempt, labels), attempt)


def first_pairs(session: Session, kept: Kept, pairs: "Sequence[Pair]") -> "list[Pair]":
    """Without works of archives that were taken away since."""
    first = [pair for pair in pairs[: rules.OF_ONE_STUDENT] if pair.similarity >= rules.WORTH_KEEPING]
    archived = {kept.places[pair.right_work][1] for pair in first} - {None}
    gone = archived - {*session.scalars(select(ArchivedWork.id).where(ArchivedWork.id.in_(archived)))}
    return [pair for pair in first if kept.places[pair.right_work][1] not in gone]


def add_pairs(
    session: Session, comparison: Comparison, newcomer: Member, kept: Kept, pairs: "Sequence[Pair]", settings: Settings
) -> None:
    assignment, id = comparison.assignment, newcomer.attempt.id
    places = [kept.places[pair.right_work] for pair in pairs]
    ids = [submission_id for submission_id, _ in places if submission_id]
    attempts = {each.id: each for each in population.attempts_by_id(session, ids)}
    others = [Member(pair.right, attempts.get(one), archived) for pair, (one, archived) in zip(pairs, places, strict=True)]
    known = {**kept.records, **records.records_of(session, {id: newcomer.student})}
    beside = PairFacts.read(session, assignment=assignment, records=known, shown=[id, *ids], settings=settings)
    rows = []
    for pair, other in zip(pairs, others, strict=True):
        row = job.row_of(pair.similarity, newcomer, other)
        row.comparison_id, row.added_later, row.facts = comparison.id, True, beside.of(newcomer, other)
        rows.append(row)
    session.add_all(rows)
    session.flush()
    job.add_elsewhere(session, assignment, rows)
    keep_most_similar(session, comparison, rows)


def keep_most_similar(session: Session, comparison: Comparison, rows: Sequence[SimilarPair]) -> None:
    """Two people are one pair: of what was found before and what is found now, the more similar."""
    every = keys().where(SimilarPair.comparison_id == comparison.id).subquery()
    found = records.keys_of(session, [row.id for row in rows])
    same = select(every).where(every.c.key.in_(found.values()))
    by_key: defaultdict[str, list[SimilarPair]] = defaultdict(list)
    for row in session.execute(same):
        by_key[row.key].append(session.get_one(SimilarPair, row.id))
    for pairs in by_key.values():
        best = max(pairs, key=lambda pair: (pair.similarity, -pair.id))
        for pair in pairs:
            if pair is not best:
                session.delete(pair)
