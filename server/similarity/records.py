"""What facts are made of, read from reports, measurements, declarations and other comparisons."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, Text, cast, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, undefer

from grader.competition.items import unpack
from server.accounts.models import User
from server.assignments.models import Assignment
from server.grading.models import Measurement, Run
from server.similarity.facts import CURVE_POINTS, CURVE_VALUES, HIGH_ELSEWHERE, SUBSTANCE, TELLING_DIGITS, Curve, Record
from server.similarity.keys import keys
from server.similarity.models import Comparison, ComparisonState, SimilarPair
from server.submissions.models import Submission


def records_of(session: Session, students: Mapping[int, str]) -> dict[int, Record]:
    """By submission, for those that have a run. `students`: who is who, by submission."""
    failed, mistakes, errors = (defaultdict(set) for _ in range(3))
    for row in session.execute(_checks(students)):
        if row.visibility == "hidden" and row.word in SUBSTANCE:
            failed[row.submission_id].add(row.check)
        if row.mistake is not None:
            mistakes[row.submission_id].add((row.check, row.mistake))
        if (error := _error_of(row)) is not None:
            errors[row.submission_id].add((row.check, error))
    curves: defaultdict[int, dict[Curve, int]] = defaultdict(dict)
    for row in session.execute(_curves(students)):
        if row.points >= CURVE_POINTS and row.different >= CURVE_VALUES:
            curves[row.submission_id][row.check, row.name, row.digest] = row.points
    return {
        id: Record(students[id], frozenset(failed[id]), frozenset(mistakes[id]), frozenset(errors[id]), curves[id])
        for id in failed.keys() | mistakes.keys() | errors.keys() | curves.keys()
    }


def _newest_runs(submission_ids: Iterable[int]) -> Select:
    theirs = select(Run.submission_id, Run.report).where(Run.submission_id.in_(list(submission_ids)))
    return theirs.ext(distinct_on(Run.submission_id)).order_by(Run.submission_id, Run.number.desc())


def _checks(submission_ids: Iterable[int]) -> Select:
    """One row for each failed check, without what is large in it."""
    runs = _newest_runs(submission_ids).subquery()
    check = func.jsonb_array_elements(runs.c.report["checks"]).table_valued("value").render_derived()
    value = check.c.value
    return select(
        runs.c.submission_id,
        value.op("->>")("id").label("check"),
        value.op("->>")("visibility").label("visibility"),
        value.op("->>")("word").label("word"),
        func.jsonb_extract_path_text(value, "mistake", "id").label("mistake"),
        func.jsonb_extract_path_text(value, "detail", "largest_error").label("largest"),
        func.jsonb_extract_path_text(value, "detail", "where").label("where"),
        func.jsonb_extract_path_text(value, "detail", "error_map").label("map"),
    ).select_from(runs.join(check, value.op("->>")("outcome") == "failed"))


def _error_of(row: Any) -> str | None:
    """A digest of where and by how much; None where many wrong outputs would have the same one."""
    if row.largest is None or len(str(row.largest).strip("0.").replace(".", "")) < TELLING_DIGITS:
        return None
    return blake2b(f"{row.largest} {row.where} {row.map}".encode(), digest_size=16).hexdigest()


def _curves(submission_ids: Iterable[int]) -> Select:
    """One row for each series that was logged, its values as a digest."""
    runs = _newest_runs(submission_ids).subquery()
    logged = func.jsonb_array_elements(func.coalesce(runs.c.report["training"], cast("[]", Run.report.type)))
    logged = logged.table_valued("value", name="logged").render_derived()
    series = func.jsonb_array_elements(logged.c.value.op("->")("series")).table_valued("value", name="series").render_derived()
    values = series.c.value.op("->")("values")
    each = func.jsonb_array_elements(values).table_valued("value", name="each").render_derived()
    return select(
        runs.c.submission_id,
        logged.c.value.op("->>")("check").label("check"),
        series.c.value.op("->>")("name").label("name"),
        func.md5(cast(series.c.value.op("->")("steps"), Text) + cast(values, Text)).label("digest"),
        func.jsonb_array_length(values).label("points"),
        select(func.count(each.c.value.distinct())).select_from(each).scalar_subquery().label("different"),
    ).select_from(runs.join(logged, true()).join(series, true()))


def wrong_items(session: Session, submission_ids: Iterable[int], *, is_error: bool) -> dict[int, NDArray[np.uint32]]:
    """By submission, of both halves: 0 where an item was right. `is_error`: it says how far off it was; then its bits."""
    theirs = select(Measurement).where(Measurement.submission_id.in_(list(submission_ids)))
    newest = theirs.ext(distinct_on(Measurement.submission_id)).order_by(Measurement.submission_id, Measurement.run_id.desc())
    found = {}
    for one in session.scalars(newest.options(undefer(Measurement.public_items), undefer(Measurement.private_items))):
        items = np.concatenate([unpack(one.public_items), unpack(one.private_items)])
        found[one.submission_id] = items.astype(np.float32).view(np.uint32) if is_error else (items == 0).astype(np.uint32)
    return found


def high_elsewhere(session: Session, *, assignment: Assignment) -> dict[str, list[str]]:
    """By pair key: the other assignments of the course whose newest comparison shows the same two high."""
    newest = (
        select(Comparison.id)
        .join(Assignment, Assignment.id == Comparison.assignment_id)
        .where(Assignment.course_id == assignment.course_id, Assignment.id != assignment.id)
        .where(Comparison.state == ComparisonState.done)
        .ext(distinct_on(Comparison.assignment_id))
        .order_by(Comparison.assignment_id, Comparison.id.desc())
    )
    high = keys().add_columns(Assignment.slug).join(Assignment, Assignment.id == Comparison.assignment_id)
    high = high.where(SimilarPair.comparison_id.in_(newest), SimilarPair.similarity >= HIGH_ELSEWHERE)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in session.execute(high):
        found[row.key].append(row.slug)
    return found


def keys_of(session: Session, pair_ids: Iterable[int]) -> dict[int, str]:
    return {row.id: row.key for row in session.execute(keys().where(SimilarPair.id.in_(list(pair_ids))))}


def names_of(session: Session, submission_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """(login, name) of whoever handed it in, by submission."""
    theirs = select(Submission.id, User.login, User.display_name).join(User, User.id == Submission.author_id)
    rows = session.execute(theirs.where(Submission.id.in_(list(submission_ids))))
    return {row.id: (row.login, row.display_name) for row in rows}
